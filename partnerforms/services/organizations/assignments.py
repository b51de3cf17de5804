"""Assignments: a form that an organization asks itself and those below it to submit by a day.

What is due follows from records and assignments alone; nothing is ticked off by hand. A form counts when it was
submitted on the assignment's first day or later.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from babel.dates import format_date
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from partnerforms.engine.library import Library
from partnerforms.engine.model import LEVELS, Instrument
from partnerforms.models import Assignment, Membership, Organization, Person, Record, Revision
from partnerforms.services import audit, inheritance
from partnerforms.services.access import NotThereError, Reach, below
from partnerforms.services.deliveries import enqueue_all, limits
from partnerforms.services.tools import Tools

State = Literal["submitted", "draft", "nothing"]
REMIND_EVERY = timedelta(days=3)


class TooSoonError(Exception):
    """The people of this assignment were reminded only a short while ago."""


@dataclass(frozen=True)
class Standing:
    """How far an organization is with an assignment; `record_id` is the form that says so."""

    state: State
    record_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Due:
    """Something that an organization has been asked for and has not submitted."""

    assignment: Assignment
    organization: Organization
    standing: Standing
    overdue: bool


def create(
    session: Session,
    reach: Reach,
    organization: Organization,
    instrument: Instrument,
    title: str,
    since: date,
    due_on: date,
    now: datetime,
) -> Assignment:
    """Ask for a form of the organization's level or of one below it (`Library.records_from`); else NotThereError."""
    reach.require("run", organization.id)
    if instrument.use != "record" or LEVELS.index(instrument.level) < LEVELS.index(organization.level):
        raise NotThereError
    assignment = Assignment(
        organization_id=organization.id,
        instrument=instrument.id,
        title=title,
        since=since,
        due_on=due_on,
        created_by=reach.person.id,
        created_at=now,
    )
    session.add(assignment)
    session.flush()
    audit.note(session, "assignment.created", reach.person, organization.id, now, title, form=instrument.id)
    return assignment


def find(session: Session, reach: Reach, assignment_id: uuid.UUID) -> Assignment:
    """The assignment with this id, if the person may see the organization that asked."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None:
        raise NotThereError
    reach.require("see", assignment.organization_id)
    return assignment


def of(session: Session, organization_ids: Collection[uuid.UUID]) -> list[Assignment]:
    """What these organizations ask for now, the next day first."""
    query = select(Assignment).where(Assignment.organization_id.in_(organization_ids), Assignment.ended_at.is_(None))
    query = query.options(joinedload(Assignment.organization))
    return list(session.scalars(query.order_by(Assignment.due_on, Assignment.id)))


def end(session: Session, reach: Reach, assignment: Assignment, now: datetime) -> None:
    """Stop asking. What was submitted stays."""
    reach.require("run", assignment.organization_id)
    if assignment.ended_at is None:
        assignment.ended_at = now
        audit.note(session, "assignment.ended", reach.person, assignment.organization_id, now, assignment.title)


def asked(session: Session, library: Library, assignment: Assignment) -> list[Organization]:
    """The organizations that it asks, by name, each with the one above it; archived ones are not asked."""
    query = select(Organization).where(_is_asked(session, library, assignment))
    found = session.scalars(query.options(selectinload(Organization.parent)))
    return sorted(found, key=lambda organization: organization.name.casefold())


def _is_asked(session: Session, library: Library, assignment: Assignment) -> ColumnElement[bool]:
    return and_(
        Organization.id.in_(below(session, [assignment.organization_id])),
        Organization.level == library.instrument(assignment.instrument).level,
        Organization.archived_at.is_(None),
    )


def standings(
    session: Session, assignment: Assignment, organization_ids: Collection[uuid.UUID], tools: Tools
) -> Mapping[uuid.UUID, Standing]:
    """How far each of these organizations is."""
    began = inheritance.begins(assignment.organization, assignment.since, tools)
    records = select(Record).where(
        Record.organization_id.in_(organization_ids), Record.instrument == assignment.instrument
    )
    submitted = (
        records.join(Revision, Revision.record_id == Record.id)
        .with_only_columns(Record.organization_id, Record.id)
        .where(Revision.submitted_at >= began)
    )
    drafts = records.with_only_columns(Record.organization_id, Record.id).where(
        Record.state == "draft", Record.changed_at >= began
    )
    found = dict.fromkeys(organization_ids, Standing("nothing"))
    for organization_id, record_id in session.execute(drafts.order_by(Record.changed_at)):
        found[organization_id] = Standing("draft", record_id)
    for organization_id, record_id in session.execute(submitted.order_by(Revision.submitted_at)):
        found[organization_id] = Standing("submitted", record_id)
    return found


def due(session: Session, organizations: Iterable[Organization], tools: Tools, now: datetime) -> list[Due]:
    """What these organizations have been asked for and have not submitted, the next day first."""
    found = []
    for organization in organizations:
        for assignment in of(session, [here.id for here in inheritance.upward(organization)]):
            if tools.library.instrument(assignment.instrument).level != organization.level:
                continue
            standing = standings(session, assignment, [organization.id], tools)[organization.id]
            if standing.state != "submitted":
                overdue = assignment.due_on < inheritance.day(organization, now, tools)
                found.append(Due(assignment, organization, standing, overdue))
    return sorted(found, key=lambda one: (one.assignment.due_on, one.organization.name.casefold()))


def counts(session: Session, assignment: Assignment, tools: Tools) -> Mapping[State, int]:
    """How many of the organizations asked are how far."""
    ids = session.scalars(select(Organization.id).where(_is_asked(session, tools.library, assignment))).all()
    found: dict[State, int] = {"submitted": 0, "draft": 0, "nothing": 0}
    for standing in standings(session, assignment, ids, tools).values():
        found[standing.state] += 1
    return found


def remind(session: Session, reach: Reach, assignment: Assignment, tools: Tools, now: datetime) -> int:
    """Mail everybody who fills forms in an organization that has not submitted; gives how many mails that are.

    TooSoonError when it was done within the last three days. Where nobody can be reminded yet, nothing is done.
    """
    reach.require("run", assignment.organization_id)
    session.refresh(assignment, with_for_update=True)
    if assignment.reminded_at is not None and now - assignment.reminded_at < REMIND_EVERY:
        raise TooSoonError
    organizations = {one.id: one for one in asked(session, tools.library, assignment)}
    waiting = [
        organization_id
        for organization_id, standing in standings(session, assignment, list(organizations), tools).items()
        if standing.state != "submitted"
    ]
    fillers = _fillers(session, waiting)
    if not fillers:
        return 0
    letters = [_letter(assignment, person, organizations[where], tools, now) for person, where in fillers]
    cause = limits.caused_by(reach.person)
    enqueue_all(session, letters, now=now, domain=tools.domain, cause=cause)
    assignment.reminded_at, count = now, len(fillers)
    audit.note(
        session, "assignment.reminded", reach.person, assignment.organization_id, now, assignment.title, count=count
    )
    return count


def _fillers(session: Session, organization_ids: Collection[uuid.UUID]) -> list[tuple[Person, uuid.UUID]]:
    query = (
        select(Person, Membership.organization_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organization_id.in_(organization_ids),
            Membership.role.in_(("leader", "member")),
            Membership.accepted_at.is_not(None),
        )
        .order_by(Person.address)
    )
    return list(dict.fromkeys((person, organization_id) for person, organization_id in session.execute(query)))


def _letter(
    assignment: Assignment, person: Person, organization: Organization, tools: Tools, now: datetime
) -> dict[str, Any]:
    reader = tools.library.languages.get(person.language, tools.library.languages["en"])
    return {
        "recipient": person.address,
        "language": person.language,
        "letter": "reminder",
        "details": {
            "form": tools.library.instrument(assignment.instrument).title,
            "title": assignment.title,
            "organization": organization.name,
            "asking": assignment.organization.name,
            "day": str(format_date(assignment.due_on, "long", locale=reader.locale)),
            "link": f"{tools.base_url}/",
        },
        "dedup": f"reminder:{assignment.id}:{organization.id}:{person.id}:{now.isoformat()}",
        "organization_id": assignment.organization_id,
    }
