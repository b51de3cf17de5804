"""What coordinators are mailed when a survey has closed: the report of their place, and sheets that leave with it.

A report tells what is published and is no raw answer; sheets are, and stand in documents of their own.
Each is queued once for every publication, whatever is tried how often.
"""

import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.build import AUDIENCES
from partnerforms.models import Delivery, Document, Organization, Publication, Response, SurveyLink
from partnerforms.services import papers, translations
from partnerforms.services.deliveries import enqueue
from partnerforms.services.deliveries.recipients import Recipient, recipients
from partnerforms.services.surveys import reports, results, sheets
from partnerforms.services.surveys.publishing import places_above
from partnerforms.services.tools import Tools

Files = Mapping[str, bytes]  # a document by the language it is in


@dataclass(frozen=True)
class Made:
    """What is ready to be mailed to a place: a report of these audiences, or sheets by link and number of batch."""

    report: Files = field(default_factory=dict)
    audiences: Sequence[str] = ()
    batches: Mapping[tuple[uuid.UUID, int], Files] = field(default_factory=dict)


def next_waiting(session: Session, later: Collection[uuid.UUID]) -> Publication | None:
    """A publication whose mail is not all queued, the oldest first; not one of those that wait for `later`."""
    query = select(Publication).where(Publication.mailed_at.is_(None), Publication.id.not_in(later))
    return session.scalars(query.order_by(Publication.published_at, Publication.id).limit(1)).first()


def places(session: Session, publication: Publication) -> list[uuid.UUID]:
    """The places that get a report: all that take part, and those above them in the survey."""
    return sorted(places_above(session, publication.survey))


def make_report(
    session: Session,
    publication_id: uuid.UUID,
    place_id: uuid.UUID,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> Made:
    """The report of a place in the languages of its coordinators; nothing when it has been queued."""
    publication, place = session.get_one(Publication, publication_id), session.get_one(Organization, place_id)
    if _queued(session, place, _report_name(publication, place)):
        return Made()
    survey = publication.survey
    asked = results.people(session, survey, place.id)
    audiences = [audience for audience in AUDIENCES if audience in asked]
    languages = {reader.person.language for reader, _ in _readers(session, audiences, place)}
    files = {
        language: reports.make_report(session, survey, place, language, tools, now) for language in sorted(languages)
    }
    return Made(files, audiences)


def make_sheets(
    session: Session,
    publication_id: uuid.UUID,
    place_id: uuid.UUID,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> Made:
    """The sheets of a place that leave at close, in the languages of their readers; nothing that has been queued."""
    publication, place = session.get_one(Publication, publication_id), session.get_one(Organization, place_id)
    batches = {}
    for link, number in _batches(session, publication, place):
        if not _queued(session, place, sheets.batch_name(link, number)):
            responses = sheets.of_batch(session, link, number)
            languages = {one.person.language for one in recipients(session, place, f"survey_{link.audience}")}
            batches[link.id, number] = {
                language: sheets.many_sheets(session, link, responses, language, tools, chance)
                for language in sorted(languages)
            }
    return Made(batches=batches)


def queue(
    session: Session, publication_id: uuid.UUID, place_id: uuid.UUID, made: Made, tools: Tools, now: datetime
) -> None:
    """Put the mail of a place in the outbox. Whoever does the same at the same time waits, and does nothing."""
    publication = session.get_one(Publication, publication_id, with_for_update=True)
    place = session.get_one(Organization, place_id)
    name = _report_name(publication, place)
    if made.report and not _queued(session, place, name):
        _queue_report(session, publication, place, made, name, tools, now)
    for (link_id, number), files in made.batches.items():
        link = session.get_one(SurveyLink, link_id)
        if not _queued(session, place, sheets.batch_name(link, number)):
            sheets.queue_files(session, link, number, files, tools, now)


def finish(session: Session, publication_id: uuid.UUID, now: datetime) -> None:
    """All mail of a publication is queued."""
    session.get_one(Publication, publication_id).mailed_at = now


def _queue_report(
    session: Session,
    publication: Publication,
    place: Organization,
    made: Made,
    name: str,
    tools: Tools,
    now: datetime,
) -> None:
    survey = publication.survey
    filename = papers.filename(place.name, survey.title, "report")
    files, kept = made.report, dict[str, Document]()
    for reader, audiences in _readers(session, made.audiences, place):
        person = reader.person
        language = person.language if person.language in files else next(iter(files))
        if language not in kept:
            kept[language] = papers.keep(session, place.id, filename, files[language], now)
        catalogues = translations.library_for(session, place, tools).catalogues
        catalogue = catalogues.get(person.language, catalogues["en"])
        enqueue(
            session,
            recipient=person.address,
            language=person.language,
            letter="survey_closed",
            details={
                "survey": survey.title,
                "instrument_id": f"survey_{audiences[0]}",
                "audience": ", ".join(catalogue.audience(audience) for audience in audiences),
                "organization": place.name,
                "link": f"{tools.base_url}/surveys/{survey.id}",
            },
            dedup=f"{name}:{person.id}",
            now=now,
            domain=tools.domain,
            organization_id=place.id,
            document_id=kept[language].id,
            membership_id=reader.membership.id,
            cause=f"survey:{survey.id}",
            held_for=reader.held_for,
        )


def _readers(session: Session, audiences: Sequence[str], place: Organization) -> list[tuple[Recipient, list[str]]]:
    """Who gets the report of a place, with the audiences whose documents they want.

    Where the documents of one of them go out at once, so does the report.
    """
    found: dict[uuid.UUID, tuple[Recipient, list[str]]] = {}
    for audience in audiences:
        for reader in recipients(session, place, f"survey_{audience}"):
            before, named = found.get(reader.person.id, (reader, []))
            waits = before.held_for is not None and reader.held_for is None
            found[reader.person.id] = (reader, [audience, *named]) if waits else (before, [*named, audience])
    return list(found.values())


def _batches(session: Session, publication: Publication, place: Organization) -> list[tuple[SurveyLink, int]]:
    """The batches of a place's links that were counted in a publication; most were mailed when they came."""
    query = select(SurveyLink, Response.batch).join(Response, Response.link_id == SurveyLink.id)
    of_place = SurveyLink.survey_id == publication.survey_id, SurveyLink.organization_id == place.id
    counted = Response.counted_in == publication.number, Response.batch > sheets.ALONE
    rows = session.execute(query.where(*of_place, *counted, SurveyLink.delivery != "each").distinct()).all()
    return [(link, number) for link, number in rows if number]


def _report_name(publication: Publication, place: Organization) -> str:
    return f"report:{publication.id}:{place.id}"


def _queued(session: Session, place: Organization, name: str) -> bool:
    """Was mail of a place put in the outbox under a name that begins so?"""
    query = select(Delivery.id).where(Delivery.organization_id == place.id)
    return session.scalar(query.where(Delivery.dedup.startswith(f"{name}:", autoescape=True)).limit(1)) is not None
