"""Records: created, and submitted as revisions, each with its document and its mails.

A draft keeps raw input as it was typed (`services.records.drafts`). Submitting checks all of it, keeps the instrument
as it was asked, fills the Word document, and queues one mail a coordinator, all in the transaction of whoever called.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from partnerforms.documents.context import context
from partnerforms.engine.answers import Problem, parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument, Start
from partnerforms.models import Document, Organization, Record, Revision
from partnerforms.services import audit, deliveries, inheritance, instruments, papers, translations
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.deliveries import limits
from partnerforms.services.deliveries.recipients import recipients
from partnerforms.services.tools import Tools


class IncompleteError(Exception):
    """The draft cannot be submitted yet; `problems` says what and where."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def instruments_for(library: Library, organization: Organization) -> list[Instrument]:
    """The forms that an organization of this level fills."""
    return [one for one in library.instruments("record") if one.level == organization.level]


def create(
    session: Session,
    reach: Reach,
    organization: Organization,
    instrument: Instrument,
    title: str,
    start: Start | None,
    now: datetime,
) -> Record:
    """A new draft, empty or with one of the starts offered. NotThereError for a form of another level."""
    reach.require("fill", organization.id)
    if instrument.use != "record" or instrument.level != organization.level:
        raise NotThereError
    record = Record(
        organization_id=organization.id,
        instrument=instrument.id,
        title=title,
        draft=start.answers if start else {},
        created_by=reach.person.id,
        created_at=now,
        changed_at=now,
    )
    session.add(record)
    session.flush()
    audit.note(session, "record.created", reach.person, organization.id, now, title, record=str(record.id))
    return record


def find(session: Session, reach: Reach, record_id: uuid.UUID, lock: bool = False) -> Record:
    """The record with this id, if the person may see it. `lock` holds it until the transaction ends."""
    record = session.get(Record, record_id, with_for_update=lock)
    if record is None:
        raise NotThereError
    reach.require("see", record.organization_id)
    return record


def submit(session: Session, reach: Reach, record: Record, tools: Tools, now: datetime) -> Revision:
    """Make a revision of the draft: checked, filled, queued. Submitting what is submitted gives its revision again.

    IncompleteError when answers are missing or wrong; nothing is changed then.
    """
    reach.require("fill", record.organization_id)
    if record.state == "submitted":
        return record.revisions[0]
    person, organization = reach.person, record.organization
    library = translations.library_for(session, organization, tools)
    reader = papers.reader(library, record.instrument, person.language)
    terms = inheritance.terms(organization)
    instrument = library.instrument(record.instrument, reader.language.code, terms)
    parsed = parse(instrument, record.draft)
    if parsed.problems:
        raise IncompleteError(parsed.problems)
    number = 1 + (session.scalar(select(func.max(Revision.number)).where(Revision.record_id == record.id)) or 0)
    about = {
        "organization": organization.name,
        "record": record.title,
        "person": person.name,
        "date": reader.day(inheritance.day(organization, now, tools).isoformat()),
        "revision": str(number),
    }
    content = papers.fill_instrument(
        tools.shelf, instrument, parsed.answers, about, reader, inheritance.logo(organization), organization
    )
    filename = papers.filename(organization.name, record.title, f"{number}")
    document = papers.keep(session, organization.id, filename, content, now)
    revision = Revision(
        record_id=record.id,
        number=number,
        instrument_digest=instruments.keep(session, tools.library, record.instrument).digest,
        answers=parsed.answers,
        submitted_by=person.id,
        submitted_at=now,
        document_id=document.id,
    )
    session.add(revision)
    record.state, record.changed_at = "submitted", now
    audit.note(
        session, "record.submitted", person, organization.id, now, record.title, record=str(record.id), number=number
    )
    session.flush()
    session.expire(record, ["revisions"])
    _queue_mails(session, record, revision, document, instrument.title, reach, tools, now)
    return revision


def readable(library: Library, instrument: Instrument, answers: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The answers as people read them, in the shape of `documents.context`."""
    return context(instrument, answers, {}, papers.reader(library, instrument.id, language))


def document_of(session: Session, reach: Reach, record_id: uuid.UUID, number: int) -> Document:
    """The document of one revision, content included, if the person may see it."""
    record = find(session, reach, record_id)
    query = (
        select(Document)
        .join(Revision, Revision.document_id == Document.id)
        .where(Revision.record_id == record.id, Revision.number == number)
        .options(undefer(Document.content))
    )
    document = session.scalar(query)
    if document is None:
        raise NotThereError
    return document


def _queue_mails(
    session: Session,
    record: Record,
    revision: Revision,
    document: Document,
    form: str,
    reach: Reach,
    tools: Tools,
    now: datetime,
) -> None:
    for recipient in recipients(session, record.organization, record.instrument):
        person, letters = recipient.person, f"record:{record.id}:"
        # Nobody wants twelve earlier revisions at the end of a pause.
        deliveries.replace(session, recipient.membership.id, letters, now)
        deliveries.enqueue(
            session,
            recipient=person.address,
            language=person.language,
            letter="record_submitted",
            details={
                "record": record.title,
                "instrument": form,
                "instrument_id": record.instrument,
                "organization": record.organization.name,
                "person": reach.person.name,
                "revision": str(revision.number),
                "link": f"{tools.base_url}/records/{record.id}",
            },
            dedup=f"{letters}{revision.number}:{person.id}",
            now=now,
            domain=tools.domain,
            organization_id=record.organization_id,
            document_id=document.id,
            membership_id=recipient.membership.id,
            cause=limits.caused_by(reach.person),
            held_for=recipient.held_for,
        )
