"""Answer sheets to the coordinators, the way the survey's link says: each, in batches, or at close.

A batch never has fewer sheets than the minimum n. What is left over at the end and smaller than that is not mailed,
and not counted in the results of its place: results minus mailed sheets would be those few people.
"""

import random
from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_date
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from partnerforms.documents import sheets
from partnerforms.documents.fill import fill
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.tally import Tally
from partnerforms.engine.terms import Terms
from partnerforms.models import Document, Response, SurveyLink
from partnerforms.services import inheritance, papers
from partnerforms.services.deliveries import enqueue
from partnerforms.services.deliveries.recipients import Recipient, recipients
from partnerforms.services.surveys.results import Published
from partnerforms.services.tools import Tools

# A response whose sheet may still be mailed: it has not been, and it was not counted with those of other places.
WAITING = and_(Response.batch.is_(None), Response.counted_in.is_(None), Response.set_aside.is_(None))
ALONE = 0  # the batch of a sheet that was mailed by itself
_IDEAS_FROM = 3  # responsibilities chosen most often whose activities are suggested


def queue_one(session: Session, link: SurveyLink, response: Response, tools: Tools, now: datetime) -> None:
    """Mail one sheet, with nothing on it but the audience and the answers."""
    response.batch = ALONE
    for language, readers in _readers(session, link).items():
        content = one_sheet(link, response, tools, language)
        document = _keep(session, link, link.audience, content, now, raw=True)
        _enqueue(session, link, readers, "answer_sheet", document, f"sheet:{response.key}", 1, tools, now)


def one_sheet(link: SurveyLink, response: Response, tools: Tools, language: str, reference: str = "") -> bytes:
    """One response as a Word document in a language. Only a respondent's own copy has a reference and the day."""
    organization = link.organization
    reader = papers.reader(tools.library, f"survey_{link.audience}", language, blank="no_answer")
    instrument = thaw(link.version.frozen, reader.language.code)
    about = {
        "organization": organization.name,
        "audience": tools.library.catalogues[reader.language.code].audience(link.audience),
        "reference": reference,
        "date": reader.day(response.day.isoformat()) if reference else "",
    }
    return papers.fill_instrument(
        tools.shelf, instrument, response.answers, about, reader, inheritance.logo(organization), organization
    )


def queue_batch(session: Session, link: SurveyLink, tools: Tools, chance: random.Random, now: datetime) -> None:
    """Mail a batch when enough sheets wait for one."""
    session.refresh(link, with_for_update=True)
    batch = take_last(session, link)
    if batch:
        dedup = f"batch:{link.id}:{batch[0].batch}"
        _queue_many(session, link, batch, None, 0, dedup, tools, chance, now)


def take_last(session: Session, link: SurveyLink) -> list[Response]:
    """The sheets of a link that may leave together now, and from now on are a batch; none where they are too few."""
    waiting = unmailed(session, link)
    if link.delivery == "each" or len(waiting) < link.minimum_n:
        return []
    number = 1 + (session.scalar(select(func.max(Response.batch)).where(Response.link_id == link.id)) or 0)
    for response in waiting:
        response.batch = number
    session.flush()
    return waiting


def queue_at_close(
    session: Session,
    link: SurveyLink,
    last: Sequence[Response],
    shown: Published,
    number: int,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> None:
    """Mail the results of a closed link's place, with the sheets that leave now. `number` is the publication's."""
    left_out = link.minimum_n if link.delivery != "each" and _too_few_waited(session, link, number) else 0
    results = shown.view(link.organization_id, link.audience)
    _queue_many(session, link, last, results, left_out, f"close:{link.id}:{number}", tools, chance, now)


def may_leave(session: Session, link: SurveyLink) -> list[Response]:
    """The responses of a closed link whose sheets have left the house: never a last few who could be told apart."""
    mailed = select(Response).where(Response.link_id == link.id, Response.batch.is_not(None))
    found = list(session.scalars(mailed))
    return found if link.delivery == "each" or len(found) >= link.minimum_n else []


def _too_few_waited(session: Session, link: SurveyLink, number: int) -> bool:
    """Are there answers whose sheets stay in the house, because they were fewer than the minimum n?"""
    stays = select(Response.key).where(
        Response.link_id == link.id, Response.batch.is_(None), Response.set_aside.is_(None)
    )
    new = or_(Response.counted_in.is_(None), Response.counted_in == number)
    return session.scalars(stays.where(new).limit(1)).first() is not None


def _queue_many(
    session: Session,
    link: SurveyLink,
    responses: Sequence[Response],
    results: Tally | TooFew | None,
    left_out: int,
    dedup: str,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> None:
    survey, organization = link.survey, link.organization
    for language, readers in _readers(session, link).items():
        reader = papers.reader(tools.library, f"survey_{link.audience}", language, blank="no_answer")
        instrument = thaw(link.version.frozen, reader.language.code)
        first, last = (
            format_date(day, "long", locale=reader.language.locale) for day in (survey.opens_on, survey.closes_on)
        )
        texts = sheets.context(
            instrument,
            [response.answers for response in responses],
            results,
            {
                "organization": organization.name,
                "survey": survey.title,
                "audience": tools.library.catalogues[reader.language.code].audience(link.audience),
                "dates": f"{first} – {last}",
            },
            reader,
            chance,
            _ideas(tools, instrument, results, inheritance.terms(organization)) if isinstance(results, Tally) else (),
            left_out,
        )
        template = tools.shelf.answer_sheets(reader.language, inheritance.logo(organization))
        answers = [row["answer"] for sheet in texts["sheets"] for part in sheet["parts"] for row in part["rows"]]
        content = fill(template, texts, [*answers, *(comment["text"] for comment in texts["comments"])])
        document = _keep(session, link, f"{link.audience}-sheets", content, now, raw=bool(responses))
        letter = "survey_closed" if results else "answer_sheets"
        _enqueue(session, link, readers, letter, document, dedup, len(responses), tools, now)


def _ideas(tools: Tools, instrument: Instrument, counted: Tally, terms: Terms) -> list[str]:
    """Inventory activities that answer the responsibilities chosen most often as "work on first"."""
    chosen = counted.items.get("first_choices")
    if chosen is None:
        return []
    often = sorted(chosen.counts, key=lambda item_id: -chosen.counts[item_id])[:_IDEAS_FROM]
    inventory = tools.library.instrument("inventory", terms=terms)
    activities = {item.id: item.label for item in inventory.items()}
    crossed = [
        tools.library.crosswalk.get(_responsibility(instrument, item_id))
        for item_id in often
        if chosen.counts[item_id]
    ]
    wanted = dict.fromkeys(activity for crossing in crossed if crossing for activity in crossing.activities)
    return [activities[activity] for activity in wanted if activity in activities]


def _responsibility(instrument: Instrument, item_id: str) -> str:
    return next((getattr(item, "responsibility", "") for item in instrument.items() if item.id == item_id), "")


def unmailed(session: Session, link: SurveyLink) -> list[Response]:
    """The responses of a link whose sheets may still be mailed."""
    return list(session.scalars(select(Response).where(Response.link_id == link.id, WAITING)))


def _readers(session: Session, link: SurveyLink) -> dict[str, list[Recipient]]:
    """The coordinators by language: each language needs one document."""
    readers: dict[str, list[Recipient]] = {}
    for recipient in recipients(session, link.organization, f"survey_{link.audience}"):
        readers.setdefault(recipient.person.language, []).append(recipient)
    return readers


def _keep(session: Session, link: SurveyLink, what: str, content: bytes, now: datetime, raw: bool) -> Document:
    filename = papers.filename(link.organization.name, link.survey.title, what)
    survey_id = link.survey_id if raw else None
    return papers.keep(session, link.organization_id, filename, content, now, survey_id)


def _enqueue(
    session: Session,
    link: SurveyLink,
    readers: Sequence[Recipient],
    letter: str,
    document: Document,
    dedup: str,
    count: int,
    tools: Tools,
    now: datetime,
) -> None:
    for recipient in readers:
        person = recipient.person
        enqueue(
            session,
            recipient=person.address,
            language=person.language,
            letter=letter,
            details={
                "survey": link.survey.title,
                "instrument_id": f"survey_{link.audience}",
                "audience": tools.library.catalogues.get(person.language, tools.library.catalogues["en"]).audience(
                    link.audience
                ),
                "organization": link.organization.name,
                "count": str(count),
                "link": f"{tools.base_url}/surveys/{link.survey_id}",
            },
            dedup=f"{dedup}:{person.id}",
            now=now,
            domain=tools.domain,
            organization_id=link.organization_id,
            document_id=document.id,
            membership_id=recipient.membership.id,
            cause=f"link:{link.id}",
            held_for=recipient.held_for,
        )
