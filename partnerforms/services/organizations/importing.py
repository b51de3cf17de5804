"""Organizations from a file: planned against those that there are, shown, then done as it was shown or not at all.

`services.jobs.spreadsheets` reads the file, `organization_rows` its columns, `import_plans` says what each row would
do.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partnerforms.engine.model import LEVELS
from partnerforms.models import Delivery, Membership, Organization, Person
from partnerforms.services import access, audit, organizations, people
from partnerforms.services.access import Reach
from partnerforms.services.deliveries import limits
from partnerforms.services.inheritance import upward
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations.import_plans import Place, Step, counts, inside, plan
from partnerforms.services.organizations.organization_rows import COLUMNS, ROLES, Problem, Table, restored
from partnerforms.services.people.memberships import RefusedError, read_address
from partnerforms.services.tools import Tools

MOST_INVITATIONS = 1_000  # by one person's imports in a day


class BadRowsError(Exception):
    """Something is wrong with the file, so nothing of it is done; `problems` names every place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def told(error: BadRowsError) -> dict[str, Any]:
    """The problems, for the outcome of a job."""
    return {"error": "bad_rows", "problems": [asdict(problem) for problem in error.problems]}


@dataclass(frozen=True)
class _Invitation:
    step: Step
    role: str
    name: str
    address: str


@dataclass(frozen=True)
class Plan:
    """What a file would do: a step for each row, and who would be invited."""

    here: Organization
    places: Mapping[uuid.UUID, Place]
    steps: list[Step]
    invitations: list[_Invitation]

    def outcome(self) -> dict[str, Any]:
        """What there is to tell of it, for a page: counts, changes, invitations."""
        names = self.names()
        return {
            "counts": {**counts(self.steps), "invited": len(self.invitations)},
            "changes": [_change(step, names) for step in self.steps if step.did],
            "invitations": [
                {"name": one.name, "address": one.address, "role": one.role, "organization": one.step.after.name}
                for one in self.invitations
            ],
        }

    def names(self) -> dict[uuid.UUID, str]:
        """All organizations as they will be called."""
        now = {place.id: place.name for place in self.places.values()}
        return now | {step.after.id: step.after.name for step in self.steps}

    def marks(self) -> list[list[str]]:
        return [step.mark for step in self.steps]


def prepare(session: Session, reach: Reach, here: Organization, table: Table, now: datetime) -> Plan:
    """What the rows would do below an organization, as things are now. BadRowsError names all that is wrong."""
    reach.require("arrange", here.id)
    places = _places(session, here)
    steps, problems = plan(places[here.id], places, reach.where("arrange"), table)
    if here.archived_at is not None:
        problems = [Problem(0, "", "here_archived", here.name)]
    invitations = _invitations(session, steps)
    problems += _too_many(session, reach, invitations, now)
    if problems:
        raise BadRowsError(sorted(problems, key=lambda problem: problem.line))
    return Plan(here, places, steps, invitations)


def apply(
    session: Session,
    reach: Reach,
    here: Organization,
    table: Table,
    tools: Tools,
    now: datetime,
    previewed: list[list[str]] | None = None,
) -> dict[str, Any]:
    """Do all of it, and tell what was done. With the marks of a preview, only if every row still does what it did.

    BadRowsError when it cannot be done now; nothing may then be committed.
    """
    organizations.hold_still(session, here)
    made = prepare(session, reach, here, table, now)
    if previewed is not None and made.marks() != previewed:
        changed = [step.row for step, mark in zip(made.steps, previewed, strict=False) if step.mark != mark]
        raise BadRowsError([Problem(row.line, "name", "changed", row.name) for row in changed])
    _make(session, reach, made, now)
    _change_found(session, reach, made, now)
    _invite(session, reach, made.invitations, tools, now)
    outcome = made.outcome()
    audit.note(session, "organization.imported", reach.person, here.id, now, here.name, **outcome["counts"])
    session.flush()
    return outcome


def kept(table: Table, made: Plan, filename: str) -> dict[str, Any]:
    """What a job keeps of a preview, for `apply_kept`."""
    return {**table.kept(), "marks": made.marks(), "filename": filename}


def apply_kept(
    session: Session, reach: Reach, here: Organization, asked: Mapping[str, Any], tools: Tools, now: datetime
) -> dict[str, Any]:
    """Do what was previewed."""
    outcome = apply(session, reach, here, restored(asked), tools, now, asked["marks"])
    return outcome | {"filename": asked["filename"]}


def download(session: Session, here: Organization, headings: Mapping[str, str], levels: Mapping[str, str]) -> bytes:
    """What stands below an organization, as a file that changes nothing when it is imported."""
    places = _places(session, here)
    rows = [[headings[column] for column in COLUMNS]]
    found = inside(places[here.id], places).values()
    for place in sorted(found, key=lambda one: (LEVELS.index(one.level), one.name.casefold())):
        if place.id == here.id or place.archived:
            continue
        above = places[place.parent_id] if place.parent_id else None
        called = "" if above is None or above.id == here.id else above.number or above.name
        rows.append([levels[place.level], place.name, place.number, called, "", "", "", ""])
    return spreadsheets.write(rows)


def _places(session: Session, here: Organization) -> dict[uuid.UUID, Place]:
    """The whole tree in which an organization stands, as it is in the database."""
    *_, top = upward(here)
    of = Organization
    query = select(of.id, of.parent_id, of.level, of.name, of.number, of.archived_at)
    ids = access.below(session, [top.id])
    return {
        row.id: Place(row.id, row.parent_id, row.level, row.name, row.number or "", row.archived_at is not None)
        for row in session.execute(query.where(of.id.in_(ids)))
    }


def _invitations(session: Session, steps: Iterable[Step]) -> list[_Invitation]:
    """Whom the file names and who is not asked yet."""
    wanted = [
        _Invitation(step, role, name, read_address(address))
        for step in steps
        for role in ROLES
        for name, address in [step.row.person(role)]
        if address
    ]
    there = {one.step.before.id for one in wanted if one.step.before is not None}
    query = (
        select(Membership.organization_id, Membership.role, Person.address)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organization_id.in_(there))
    )
    members = {tuple(row) for row in session.execute(query)}
    return [one for one in wanted if (one.step.after.id, one.role, one.address) not in members]


def _too_many(session: Session, reach: Reach, invitations: list[_Invitation], now: datetime) -> list[Problem]:
    """Where a mailbox would get more invitations than one may in a day, and whether all of them are too many."""
    recent = (Delivery.letter.in_(limits.INVITATIONS), Delivery.created_at > now - limits.SPAN)
    query = select(Delivery.recipient, func.count()).where(*recent).group_by(Delivery.recipient)
    had: Counter[str] = Counter(dict(session.execute(query).all()))
    problems = []
    for one in invitations:
        had[one.address] += 1
        if had[one.address] > limits.INVITATIONS_TO_ONE:
            column, most = f"{one.role}_address", str(limits.INVITATIONS_TO_ONE)
            problems.append(Problem(one.step.row.line, column, "address_full", one.address, most))
    sent = limits.count(session, limits.INVITATIONS, now - limits.SPAN, cause=_cause(reach))
    if sent + len(invitations) > MOST_INVITATIONS:
        problems.append(Problem(0, "", "too_many_invitations", str(sent + len(invitations)), str(MOST_INVITATIONS)))
    return problems


def _make(session: Session, reach: Reach, made: Plan, now: datetime) -> None:
    """The new ones, level by level: a parent is there before what stands below it."""
    new, names = [step for step in made.steps if step.before is None], made.names()
    for level in LEVELS:
        places = [step.after for step in new if step.after.level == level]
        session.add_all(
            Organization(
                id=place.id, parent_id=place.parent_id, level=level, name=place.name, number=place.number or None
            )
            for place in places
        )
        session.flush()
        for place in places:
            audit.note(
                session, "organization.created", reach.person, place.id, now, place.name,
                level=level, parent=names[place.parent_id] if place.parent_id else "",
            )  # fmt: skip
    session.flush()


def _change_found(session: Session, reach: Reach, made: Plan, now: datetime) -> None:
    """Names, numbers and places of those that were there."""
    steps = {step.after.id: step for step in made.steps if step.before is not None and step.did}
    names = made.names()
    for organization in session.scalars(select(Organization).where(Organization.id.in_(steps))):
        step = steps[organization.id]
        before, after = step.before, step.after
        if before is None or after.parent_id is None:
            continue  # new ones and the top of a tree never come here
        organization.name, organization.parent_id = after.name, after.parent_id
        organization.number = after.number or None
        above = names[before.parent_id] if before.parent_id else ""
        said: dict[str, dict[str, str]] = {
            "renamed": {"before": before.name},
            "numbered": {"number": after.number, "before": before.number},
            "moved": {"before": above, "parent": names[after.parent_id]},
        }
        for done in step.did:
            audit.note(session, f"organization.{done}", reach.person, organization.id, now, after.name, **said[done])
    session.flush()


def _invite(session: Session, reach: Reach, invitations: list[_Invitation], tools: Tools, now: datetime) -> None:
    reach = access.reach(session, reach.person)  # what was made just now is in it
    for one in invitations:
        organization = session.get_one(Organization, one.step.after.id)
        try:
            people.invite(
                session, reach, organization, one.address, one.name, one.role, tools, now, reach.person.language,
                cause=_cause(reach), budget=MOST_INVITATIONS,
            )  # fmt: skip
        except limits.LimitError as error:
            code = "address_full" if error.reason == "full_address" else "too_many_invitations"
            place = Problem(one.step.row.line, f"{one.role}_address", code, one.address, str(MOST_INVITATIONS))
            raise BadRowsError([place]) from None
        except RefusedError as error:
            if error.reason != "already":  # accepted while we planned: all the better
                raise


def _cause(reach: Reach) -> str:
    return f"import:{reach.person.id}"


def _change(step: Step, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """A step for a page: as it will be, and what it was where that differs."""
    was = asdict(step.before) if step.before else {}
    parent = names.get(step.after.parent_id, "") if step.after.parent_id else ""
    return {
        "line": step.row.line,
        "did": step.did,
        "level": step.after.level,
        "name": step.after.name,
        "number": step.after.number,
        "parent": parent,
        "was": {
            "name": was.get("name", ""),
            "number": was.get("number", ""),
            "parent": names.get(was["parent_id"], "") if was.get("parent_id") else "",
        },
    }
