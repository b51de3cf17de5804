"""What people type into a draft, and what each save changed: two people in one draft do not overwrite each other.

Every save that changes something notes what stood there before (`DraftChange`), so the draft can be rebuilt as a page
was shown with it. What was typed there is put together with what others have changed since (`engine.merging`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from partnerforms.engine import rows
from partnerforms.engine.answers import is_blank
from partnerforms.engine.merging import merge, same
from partnerforms.engine.steps import Step, raw_of
from partnerforms.models import DraftChange, Person, Record
from partnerforms.services.access import Reach

# Longer than any page stays signed in. What a page showed that is older is not known any more, so its owner is asked.
KEPT = timedelta(days=2)
_RECENT = timedelta(minutes=5)
_THEIRS = "theirs"


@dataclass(frozen=True)
class Place:
    """A page of a form, or of one entry of a repeating section."""

    step: Step
    entry: int | None = None

    def read(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        """What of a draft stands here."""
        return raw_of(self.step, self.entry, draft)

    def exists(self, draft: Mapping[str, Any]) -> bool:
        """Is it there, or is it an entry that the draft does not have?"""
        return self.entry is None or self.entry < len(draft.get(self.step.id) or [])

    def write(self, draft: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """The changes of a draft that put these values here. An entry that is gone comes back as the last one."""
        if self.entry is None:
            return values
        if is_blank(values) and not self.exists(draft):
            return {}
        return {self.step.id: rows.replaced(draft.get(self.step.id) or [], self.entry, values)}


@dataclass(frozen=True)
class Shown:
    """What a page was shown with: a version of the draft. `key` names the page, so it knows its own saves again.

    `behind` has the version of each item in which somebody else changed something that the page does not show yet.
    """

    version: int
    key: str = ""
    behind: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> "Shown":
        """What a form sent. Whatever cannot be read is version 0, of which nothing is known."""
        version, _, rest = text[:10_000].partition(" ")
        key, *pairs = rest.split(" ")
        behind = {item: _number(number) for item, _, number in (pair.partition(":") for pair in pairs)}
        return cls(_number(version), key[:40], behind)

    def __str__(self) -> str:
        return " ".join([str(self.version), self.key, *(f"{item}:{number}" for item, number in self.behind.items())])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@dataclass(frozen=True)
class Saved:
    """The page as it stands now, where, what it is then shown with, and who else changed something on it meanwhile.

    There is no place when the entry was removed and nobody wants it back.
    """

    values: dict[str, Any]
    place: Place | None
    shown: Shown
    other: DraftChange | None


@dataclass(frozen=True)
class Conflict:
    """An item that two people changed differently: what stands there now, and the change that put it there."""

    theirs: Any
    change: DraftChange | None


class ConflictError(Exception):
    """Somebody else changed the same items. Nothing was saved; `values` is the page with what was typed."""

    def __init__(self, conflicts: Mapping[str, Conflict], values: dict[str, Any]) -> None:
        super().__init__(f"{len(conflicts)} conflicts")
        self.conflicts, self.values = conflicts, values


class ChangedError(Exception):
    """Somebody else changed the entries of this section since they were shown."""


def keep(
    session: Session,
    reach: Reach,
    record: Record,
    changes: Mapping[str, Any],
    now: datetime,
    moved: bool = False,
    key: str = "",
) -> None:
    """Put raw input into the draft and note what stood there before. Saving what is there already changes nothing."""
    reach.require("fill", record.organization_id)
    different = {name: value for name, value in changes.items() if _differs(record.draft, name, value)}
    if not different:
        return
    version = record.draft_version + 1
    session.add(
        DraftChange(
            id=_change_id(record, reach.person, key, version) if key else uuid.uuid4(),
            record_id=record.id,
            version=version,
            person_id=reach.person.id,
            changed_at=now,
            before={name: record.draft.get(name) for name in different},
            moved=moved,
        )
    )
    record.draft, record.state = {**record.draft, **different}, "draft"
    record.changed_at, record.draft_version = now, version
    session.execute(
        delete(DraftChange).where(DraftChange.record_id == record.id, DraftChange.changed_at < now - KEPT)
    )
    session.flush()


def save_page(
    session: Session,
    reach: Reach,
    record: Record,
    place: Place,
    typed: dict[str, Any],
    shown: Shown,
    now: datetime,
    *,
    choices: Mapping[str, str] | None = None,
    add_to: str = "",
    mixing: bool = True,
) -> Saved:
    """Keep what was typed on a page, together with what others changed there; ConflictError when that cannot be.

    `choices` settle conflicts of before, by item: "mine", "theirs", or "" for not yet. `add_to` names a table that
    gets one more row. Call it with the record locked.
    """
    reach.require("fill", record.organization_id)
    choices = choices or {}
    history = _History(session, record, place, shown, reach.person)
    now_there = place.read(record.draft)
    mine = {name: now_there.get(name) if choices.get(name) == _THEIRS else raw for name, raw in typed.items()}
    items = place.step.items
    merged = merge(items, history.base(list(mine)), mine, now_there, mixing)
    undecided = [
        name for name, choice in choices.items() if not choice and not same(mine.get(name), now_there.get(name))
    ]
    open_items = [item.id for item in items if item.id in (*merged.conflicts, *undecided)]
    if open_items:
        conflicts = {name: Conflict(now_there.get(name), history.last(name)) for name in open_items}
        raise ConflictError(conflicts, merged.values)
    values = {name: value for name, value in merged.values.items() if value is not None}
    if add_to:
        values[add_to] = [*(values.get(add_to) or []), {}]
    keep(session, reach, record, place.write(record.draft, values), now, key=shown.key)
    if place.entry is not None:
        place = replace(place, entry=min(place.entry, len(record.draft.get(place.step.id) or []) - 1))
    behind = {name: history.stands(name) for name in merged.others}
    other = max((found for name in merged.others if (found := history.last(name))), key=_version, default=None)
    return Saved(
        values,
        place if place.entry != -1 else None,
        replace(shown, version=record.draft_version, behind=behind),
        other,
    )


def change_entries(
    session: Session, reach: Reach, record: Record, step: Step, action: rows.Action, shown: Shown, now: datetime
) -> int:
    """Add, move or remove an entry of a repeating section; how many there are then.

    ChangedError when somebody changed the section meanwhile: the numbers may mean other entries. Adding needs none.
    """
    reach.require("fill", record.organization_id)
    entries = record.draft.get(step.id) or []
    repeat = step.sections[0].repeat
    if action.verb != "add":
        since = _changes_since(session, record, shown.version)
        if since is None or any(step.id in change.before for change in since):
            raise ChangedError
    kept = rows.apply(action, entries)[: repeat.most if repeat else 0]
    keep(session, reach, record, {step.id: kept}, now, moved=action.verb != "add")
    return len(kept)


def last_change(session: Session, record: Record) -> DraftChange | None:
    """The last save that changed something, if it is not long ago."""
    query = select(DraftChange).where(DraftChange.record_id == record.id).order_by(DraftChange.version.desc())
    return session.scalars(query.limit(1)).first()


def change(session: Session, record: Record, version: int) -> DraftChange | None:
    """The save that made a version of the draft, if it is not long ago."""
    return session.scalars(
        select(DraftChange).where(DraftChange.record_id == record.id, DraftChange.version == version)
    ).first()


def at_work(session: Session, record: Record, person: Person, now: datetime) -> list[Person]:
    """Who else has worked on the draft in the last minutes."""
    recent = select(DraftChange.person_id).where(
        DraftChange.record_id == record.id, DraftChange.changed_at > now - _RECENT, DraftChange.person_id != person.id
    )
    return list(session.scalars(select(Person).where(Person.id.in_(recent)).order_by(Person.name)))


class _History:
    """A page of a draft as it was in each version since it was shown; empty when that is not known any more."""

    def __init__(self, session: Session, record: Record, place: Place, shown: Shown, person: Person) -> None:
        self.shown = shown
        wanted = [shown.version, *shown.behind.values()]
        changes = _changes_since(session, record, min(wanted)) or []
        self.changes = {one.version: one for one in changes}
        self.own = {one.version for one in changes if one.id == _change_id(record, person, shown.key, one.version)}
        self.at = {record.draft_version: place.read(record.draft)}
        draft: Mapping[str, Any] = record.draft
        for one in changes:
            draft = {**draft, **one.before}
            self.at[one.version - 1] = place.read(draft)
        moved = any(one.moved and place.step.id in one.before for one in changes)
        self.known = not moved and all(version in self.at for version in wanted)

    def base(self, names: list[str]) -> dict[str, Any] | None:
        """What each item was when the page last agreed with the draft, or None when nobody can tell."""
        return {name: self.at[self.stands(name)].get(name) for name in names} if self.known else None

    def stands(self, name: str) -> int:
        """The version whose text of an item stands on the page: of its own last save of it, else as it was shown."""
        shown = self.shown.behind.get(name, self.shown.version)
        return max(
            (version for version in self.own if version > shown and self._changed(name, version)), default=shown
        )

    def last(self, name: str) -> DraftChange | None:
        """The last change of an item."""
        return next((one for version, one in self.changes.items() if self._changed(name, version)), None)

    def _changed(self, name: str, version: int) -> bool:
        return not same(self.at[version].get(name), self.at[version - 1].get(name))


def _changes_since(session: Session, record: Record, version: int) -> list[DraftChange] | None:
    """All changes after a version, the last first; None when they are not all kept any more."""
    if not 0 < version <= record.draft_version:
        return None
    query = select(DraftChange).where(DraftChange.record_id == record.id, DraftChange.version > version)
    found = list(session.scalars(query.order_by(DraftChange.version.desc())))
    return found if len(found) == record.draft_version - version else None


def _differs(draft: Mapping[str, Any], name: str, value: Any) -> bool:
    """Is it something else than what stands there? An answer that was never given and is empty is not."""
    return bool(value != draft.get(name)) and (name in draft or value not in ("", []))


def _change_id(record: Record, person: Person, key: str, version: int) -> uuid.UUID:
    """The id of the change that a page makes as this version: nobody else can make the same."""
    return uuid.uuid5(record.id, f"{person.id} {key} {version}")


def _version(one: DraftChange) -> int:
    return one.version
