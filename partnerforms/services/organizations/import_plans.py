"""What a file of organizations would do to those that there are: planned row by row, nothing is changed.

A row means the organization with its number, wherever it stands; else the one of its name below the same parent;
else a new one. Rows may stand in any order, so states are planned before districts and those before schools.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from partnerforms.engine.model import LEVELS
from partnerforms.services.organizations import levels_below
from partnerforms.services.organizations.organization_rows import Problem, Row, Table


@dataclass(frozen=True)
class Place:
    """An organization as it is."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    level: str
    name: str
    number: str
    archived: bool = False


@dataclass(frozen=True)
class Step:
    """What a row does: the organization as it will be, and as it was (None: it is new)."""

    row: Row
    after: Place
    before: Place | None

    @property
    def did(self) -> list[str]:
        """new, or any of renamed, numbered, moved; nothing when it is all there already."""
        if self.before is None:
            return ["new"]
        changes = {
            "renamed": self.after.name != self.before.name,
            "numbered": self.after.number != self.before.number,
            "moved": self.after.parent_id != self.before.parent_id,
        }
        return [name for name, changed in changes.items() if changed]

    @property
    def mark(self) -> list[str]:
        """What tells whether the row still does what it did in a preview."""
        return [str(self.before.id) if self.before else "", *self.did]


def plan(
    here: Place, places: Mapping[uuid.UUID, Place], arranged: Collection[uuid.UUID], table: Table
) -> tuple[list[Step], list[Problem]]:
    """The steps in the order of the file, and everything that is wrong with it.

    `places` is the whole tree in which `here` stands, `arranged` what the person may change.
    """
    planning = _Planning(here, places, arranged, table)
    for level in LEVELS:
        for row in table.rows:
            if row.level == level and row.line not in planning.bad:
                planning.settle(row)
    steps = sorted(planning.steps, key=lambda step: step.row.line)
    problems = [*planning.problems, *_same_names(steps, places.values())]
    return steps, sorted(problems, key=lambda problem: problem.line)


class _Planning:
    """The rows that are settled so far, and by which names and numbers rows may call a parent."""

    def __init__(
        self, here: Place, places: Mapping[uuid.UUID, Place], arranged: Collection[uuid.UUID], table: Table
    ) -> None:
        self.here, self.places, self.arranged, self.table = here, places, arranged, table
        self.steps: list[Step] = []
        self.problems = list(table.problems)
        self.bad = {problem.line for problem in table.problems}
        self._by_number = {place.number: place for place in places.values() if place.number}
        self._claimed = {self._by_number[row.number].id for row in table.rows if row.number in self._by_number}
        self._children: dict[tuple[uuid.UUID | None, str], Place] = {
            (place.parent_id, key(place.name)): place for place in places.values()
        }
        # Parents: what is here and below, and the rows themselves. Of bad rows only that they are called so.
        self._inside = inside(here, places)
        self._numbered: dict[str, Place] = {}
        self._named: dict[str, dict[uuid.UUID, Place]] = defaultdict(dict)
        self._doubtful: set[str] = set()
        for row in table.rows:
            if row.line in self.bad:
                self._doubt(row)
        for place in self._inside.values():
            self._may_be_called(place)

    def settle(self, row: Row) -> None:
        """Add the step of a row, or the problem that keeps it from being one."""
        found = self._by_number.get(row.number) if row.number else None
        if found is not None and (found.id not in self.arranged or not self._reachable(found)):
            return self._wrong(row, "number", "number_elsewhere")
        if found == self.here or (found is None and self._means_here(row)):
            return self._settle_here(row)
        if found is not None and not self.table.has_parents and found.parent_id is not None:
            parent: Place | None = self.places[found.parent_id]
        else:
            parent = self._parent(row)
        if parent is None:
            return None
        if row.level not in levels_below(parent.level):
            return self._wrong(row, "level", "level_below", parent.name)
        if found is None:
            found = self._namesake(row, parent)
        if found is None:
            return self._settle_new(row, parent)
        return self._settle_found(row, parent, found)

    def _settle_here(self, row: Row) -> None:
        """The file may name the organization that it is imported into, but not change it."""
        here = self.here
        if (row.level, row.name, row.number or here.number) != (here.level, here.name, here.number):
            return self._wrong(row, "name", "is_here", here.name)
        return self._add(Step(row, here, here))

    def _settle_new(self, row: Row, parent: Place) -> None:
        if parent.archived:
            return self._wrong(row, "parent", "parent_archived", parent.name)
        return self._add(Step(row, Place(uuid.uuid4(), parent.id, row.level, row.name, row.number), None))

    def _settle_found(self, row: Row, parent: Place, found: Place) -> None:
        if found.level != row.level:
            return self._wrong(row, "level", "other_level", found.level)
        if row.number and found.number and row.number != found.number:
            return self._wrong(row, "number", "other_number", found.number)
        if found.archived:
            return self._wrong(row, "name", "archived")
        if found.parent_id != parent.id:
            if found.parent_id not in self.arranged:
                return self._wrong(row, "number", "number_elsewhere")
            if parent.archived:
                return self._wrong(row, "parent", "parent_archived", parent.name)
        after = Place(found.id, parent.id, found.level, row.name, row.number or found.number)
        return self._add(Step(row, after, found))

    def _parent(self, row: Row) -> Place | None:
        """Where the row says that its organization belongs; None with the problem told."""
        if not row.parent:
            return self.here
        if numbered := self._numbered.get(row.parent):
            return numbered
        named = list(self._named.get(key(row.parent), {}).values())
        fitting = [place for place in named if row.level in levels_below(place.level)]
        if len(fitting) == 1 or (named and not fitting):
            return (fitting or named)[0]
        if fitting:
            self._wrong(row, "parent", "parent_twice")
        elif not self._doubtful & {row.parent, key(row.parent)}:
            self._wrong(row, "parent", "parent_unknown")
        return None

    def _namesake(self, row: Row, parent: Place) -> Place | None:
        """The organization of this name below the parent, unless another row means it by its number."""
        found = self._children.get((parent.id, key(row.name)))
        return found if found is not None and found.id not in self._claimed else None

    def _means_here(self, row: Row) -> bool:
        return not row.parent and row.level == self.here.level and key(row.name) == key(self.here.name)

    def _reachable(self, place: Place) -> bool:
        """A file without parents says nothing of organizations elsewhere."""
        return self.table.has_parents or place.id in self._inside

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self._may_be_called(step.after)

    def _may_be_called(self, place: Place) -> None:
        self._named[key(place.name)][place.id] = place
        if place.number:
            self._numbered[place.number] = place

    def _wrong(self, row: Row, column: str, code: str, more: str = "") -> None:
        self.problems.append(Problem(row.line, column, code, str(getattr(row, column)), more))
        self.bad.add(row.line)
        self._doubt(row)

    def _doubt(self, row: Row) -> None:
        """Rows that call a bad one their parent are not bad for that."""
        self._doubtful |= {key(row.name), row.number} - {""}


def inside(here: Place, places: Mapping[uuid.UUID, Place]) -> dict[uuid.UUID, Place]:
    """This organization and all below it."""
    children = defaultdict(list)
    for place in places.values():
        children[place.parent_id].append(place)
    found, waiting = {}, [here]
    while waiting:
        place = waiting.pop()
        found[place.id] = place
        waiting += children[place.id]
    return found


def key(name: str) -> str:
    """Names that differ in capitals alone are the same."""
    return name.casefold()


def counts(steps: Iterable[Step]) -> dict[str, int]:
    """How many rows do what; one may do two things."""
    return dict(Counter(done for step in steps for done in step.did or ["unchanged"]))


def _same_names(steps: list[Step], places: Iterable[Place]) -> list[Problem]:
    """Two of one name below one parent, when all is done."""
    moved: set[Any] = {step.after.id for step in steps}
    taken = {(place.parent_id, key(place.name)): 0 for place in places if place.id not in moved}
    problems = []
    for step in steps:
        line = taken.setdefault((step.after.parent_id, key(step.after.name)), step.row.line)
        if line != step.row.line:
            code = "same_name_in_file" if line else "same_name"
            problems.append(Problem(step.row.line, "name", code, step.row.name, str(line or "")))
    return problems
