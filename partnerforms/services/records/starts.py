"""Where a new record may start: the instrument's own starts, an earlier record, or the stars of the inventory."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.model import Checks, Instrument, Section, Start, Table
from partnerforms.models import Organization, Record, Revision
from partnerforms.services import inheritance

INVENTORY, PLAN = "inventory", "leadership_plan_district"
_STAR = "want"


def offered(session: Session, library: Library, organization: Organization, instrument: Instrument) -> list[Start]:
    """All starts for a new record of an organization, the latest work first.

    The ids of those from records begin with "record-" or "inventory-"; their title is the record's.
    """
    starts = [
        Start(f"record-{record.id}", record.title, revision.answers)
        for record, revision in _latest(session, organization, instrument.id)
    ]
    if instrument.id == PLAN:
        starts += [
            Start(
                f"inventory-{record.id}",
                record.title,
                starred(library.instrument(INVENTORY, terms=inheritance.terms(organization)), revision.answers),
            )
            for record, revision in _latest(session, organization, INVENTORY)
        ]
    return [*starts, *instrument.starts]


def starred(inventory: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """A leadership plan's beginning: a goal for each strategy with stars, an activity for each star."""
    goals = []
    for section in inventory.sections:
        activities = _starred_in(section, answers)
        if activities:
            rows = [{"activity": activity} for activity in activities]
            goals.append({"goal": section.title, "strategies": [section.id], "own_level": rows})
    return {"goals": goals}


def _starred_in(section: Section, answers: dict[str, Any]) -> list[str]:
    """The starred activities of a section: those of the list, then the district's own."""
    found = []
    for item in section.items:
        if isinstance(item, Checks) and _STAR in answers.get(item.id, ()):
            found.append(item.label)
        if isinstance(item, Table):
            found += [row["activity"] for row in answers.get(item.id, ()) if _STAR in row.get("when", ())]
    return found


def _latest(session: Session, organization: Organization, instrument_id: str) -> list[tuple[Record, Revision]]:
    """Submitted records of an instrument with their last revision, the latest first."""
    query = (
        select(Record)
        .where(Record.organization_id == organization.id, Record.instrument == instrument_id)
        .order_by(Record.changed_at.desc())
    )
    return [(record, record.revisions[0]) for record in session.scalars(query) if record.revisions]
