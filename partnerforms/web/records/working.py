"""What pages say of the people who work on a draft: who saved it last, who is at it now, who changed the same."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime, format_time
from flask import request

from partnerforms.documents.readings import reading, row_readings
from partnerforms.engine.merging import condensed
from partnerforms.engine.model import Table
from partnerforms.extensions import db
from partnerforms.models import DraftChange, Record
from partnerforms.services import inheritance, papers
from partnerforms.services.records import drafts
from partnerforms.services.records.drafts import ConflictError, Saved
from partnerforms.web import forms, house, security


@dataclass(frozen=True)
class Choice:
    """A question that two people answered differently: who did what, and what stands there now, a text or rows.

    `version` is that of the other's change, 0 when nobody knows it any more.
    """

    item: str
    version: int
    label: str
    said: str
    text: str
    rows: list[tuple[str, list[tuple[str, str]]]]


def last_saved(record: Record) -> str:
    """When the draft was saved last, and by whom."""
    change = drafts.last_change(db.session(), record)
    if change is None:
        return ""
    if _is_today(record, change.changed_at):
        said = house.gettext("Last saved at %(time)s by %(name)s.")
    else:
        said = house.gettext("Last saved on %(time)s by %(name)s.")
    return said % {"time": _when(record, change.changed_at), "name": change.person.name}


def others(record: Record) -> str:
    """Who else is working on the draft."""
    people = drafts.at_work(db.session(), record, security.reach().person, house.now())
    if not people:
        return ""
    said = house.gettext(
        "%(names)s changed this form in the last 5 minutes. "
        "You can both go on: if you change the same answer, you will be asked which one to keep."
    )
    return said % {"names": ", ".join(person.name for person in people)}


def also_changed(record: Record) -> str:
    """Of the page that was saved just now: who else changed something on it."""
    version = request.args.get("also", type=int)
    change = drafts.change(db.session(), record, version) if version and 0 < version <= record.draft_version else None
    if change is None:
        return ""
    said = house.gettext("Your page is saved. %(name)s changed other answers on it meanwhile; both are kept.")
    return said % {"name": change.person.name}


def saved_now(record: Record, saved: Saved) -> str:
    """What the script shows when it has saved."""
    said = house.gettext("Saved at %(time)s.")
    if saved.other or saved.shown.behind:
        said = house.gettext(
            "Saved at %(time)s. Somebody else changed other answers here; press “Save and go on” to see them."
        )
    return said % {"time": _when(record, house.now())}


def changed_meanwhile(conflict: ConflictError) -> str:
    """What the script shows when somebody else changed the same answers."""
    names = dict.fromkeys(one.change.person.name for one in conflict.conflicts.values() if one.change)
    if not names:
        return house.gettext(
            "Not saved. This page was changed meanwhile. Press “Save and go on” to choose what to keep."
        )
    said = house.gettext(
        "Not saved. %(names)s changed this page meanwhile. Press “Save and go on” to choose what to keep."
    )
    return said % {"names": ", ".join(names)}


def conflicts(record: Record, page: forms.AnswerPage, conflict: ConflictError | None) -> dict[str, Choice]:
    """What there is to choose, by item."""
    if conflict is None:
        return {}
    reader = papers.reader(house.library(), record.instrument, house.language().code)
    found = {}
    for item in (item for section in page.sections for item in section.items if item.id in conflict.conflicts):
        one = conflict.conflicts[item.id]
        rows, text = [], ""
        if isinstance(item, Table):
            mine, theirs = (condensed(value) or [] for value in (conflict.values.get(item.id), one.theirs))
            rows = [
                (f"{item.row} {number}", row_readings(item, row, reader))
                for number, row in enumerate(theirs, 1)
                if len(mine) != len(theirs) or row != mine[number - 1]  # of as many rows only those that differ
            ]
        else:
            text = reading(item, one.theirs, reader)
        change = one.change or _asked_before(record, item.id)
        version = change.version if change else 0
        found[item.id] = Choice(item.id, version, item.label, _said(record, change), text, rows)
    return found


def asked() -> dict[str, str]:
    """What the page asked to choose, by item: the version of the other's change."""
    return {item: version for item, _, version in (one.partition(":") for one in request.form.getlist("asked"))}


def _asked_before(record: Record, item: str) -> DraftChange | None:
    version = asked().get(item, "")
    known = version.isascii() and version.isdecimal() and len(version) < 10
    return drafts.change(db.session(), record, int(version)) if known else None


def _said(record: Record, change: DraftChange | None) -> str:
    if change is None:
        return house.gettext("This answer was changed meanwhile.")
    if _is_today(record, change.changed_at):
        said = house.gettext("%(name)s changed this answer at %(time)s.")
    else:
        said = house.gettext("%(name)s changed this answer on %(time)s.")
    return said % {"name": change.person.name, "time": _when(record, change.changed_at)}


def _is_today(record: Record, moment: datetime) -> bool:
    zone = inheritance.zone(record.organization, house.tools())
    return moment.astimezone(zone).date() == house.now().astimezone(zone).date()


def _when(record: Record, moment: datetime) -> str:
    """The time of a moment of today, else day and time, where the organization's people live."""
    there = moment.astimezone(inheritance.zone(record.organization, house.tools()))
    if _is_today(record, moment):
        return str(format_time(there, "short", locale=house.language().locale))
    return str(format_datetime(there, "short", locale=house.language().locale))
