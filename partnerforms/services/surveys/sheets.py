"""Answer sheets to the coordinators, the way the survey's link says: each, in batches, or at close.

A batch never has fewer sheets than the minimum n. What is left over at the end and smaller than that is not mailed,
and not counted in the results of its place: results minus mailed sheets would be those few people.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from babel.dates import format_date
from sqlalchemy import ColumnElement, and_, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from partnerforms.documents import sheets
from partnerforms.documents.fill import fill
from partnerforms.engine.library import thaw
from partnerforms.models import Document, Response, SurveyLink
from partnerforms.services import inheritance, papers, translations
from partnerforms.services.deliveries import enqueue
from partnerforms.services.deliveries.recipients import Recipient, recipients
from partnerforms.services.tools import Tools

# A response whose sheet may still be mailed: it has not been, and it was not counted with those of other places.
WAITING = and_(Response.batch.is_(None), Response.counted_in.is_(None), Response.set_aside.is_(None))
ALONE = 0  # the batch of a sheet that was mailed by itself


def queue_one(session: Session, link: SurveyLink, response: Response, tools: Tools, now: datetime) -> None:
    """Mail one sheet, with nothing on it but the audience and the answers."""
    response.batch = ALONE
    for language, readers in _readers(session, link).items():
        content = one_sheet(link, response, tools, language)
        document = _keep(session, link, link.audience, content, now)
        _enqueue(session, link, readers, "answer_sheet", document, f"sheet:{response.key}", 1, tools, now)


def one_sheet(link: SurveyLink, response: Response, tools: Tools, language: str, reference: str = "") -> bytes:
    """One response as a Word document in a language. Only a respondent's own copy has a reference and the day."""
    organization = link.organization
    library = translations.library_at(organization, tools)
    reader = papers.reader(library, f"survey_{link.audience}", language, blank="no_answer")
    instrument = thaw(link.version.frozen, reader.language.code)
    about = {
        "organization": organization.name,
        "audience": library.catalogues[reader.language.code].audience(link.audience),
        "reference": reference,
        "date": reader.day(response.day.isoformat()) if reference else "",
    }
    return papers.fill_instrument(
        tools.shelf, instrument, response.answers, about, reader, inheritance.logo(organization), organization
    )


def queue_batch(session: Session, link: SurveyLink, tools: Tools, chance: random.Random, now: datetime) -> None:
    """Mail a batch when enough sheets wait for one."""
    # Others who answer now refer to the link: a lock against that too would let two wait for each other for ever.
    session.refresh(link, with_for_update={"key_share": True})
    if number := take_last(session, SurveyLink.id == link.id).get(link.id):
        batch = of_batch(session, link, number)
        files = {
            language: many_sheets(session, link, batch, language, tools, chance)
            for language in _readers(session, link)
        }
        queue_files(session, link, number, files, tools, now)


def take_last(session: Session, which: ColumnElement[bool]) -> dict[uuid.UUID, int]:
    """Make a batch of the sheets of each link that may leave together now; their numbers, none where too few wait."""
    waits = func.count(case((WAITING, 1)))
    query = select(SurveyLink.id, func.max(func.coalesce(Response.batch, 0)))
    query = query.join(Response, Response.link_id == SurveyLink.id).where(which, SurveyLink.delivery != "each")
    rows = session.execute(query.group_by(SurveyLink.id).having(waits >= SurveyLink.minimum_n)).all()
    numbers = {link_id: last + 1 for link_id, last in rows}
    batches = [{"link": link_id, "number": number} for link_id, number in numbers.items()]
    if batches:
        taken = update(Response).where(WAITING, Response.link_id == bindparam("link"))
        session.connection().execute(taken.values(batch=bindparam("number")), batches)
    return numbers


def may_leave(session: Session, link: SurveyLink) -> list[Response]:
    """The responses of a closed link whose sheets have left the house: never a last few who could be told apart."""
    mailed = select(Response).where(Response.link_id == link.id, Response.batch.is_not(None))
    found = list(session.scalars(mailed))
    return found if link.delivery == "each" or len(found) >= link.minimum_n else []


def of_batch(session: Session, link: SurveyLink, number: int) -> list[Response]:
    """The responses whose sheets are a batch."""
    return list(session.scalars(select(Response).where(Response.link_id == link.id, Response.batch == number)))


def many_sheets(
    session: Session,
    link: SurveyLink,
    responses: Sequence[Response],
    language: str,
    tools: Tools,
    chance: random.Random,
) -> bytes:
    """Sheets as one Word document in a language, in no order. LostWords when an answer is not found in it again."""
    survey, organization = link.survey, link.organization
    library = translations.library_for(session, organization, tools)
    reader = papers.reader(library, f"survey_{link.audience}", language, blank="no_answer")
    first, last = (
        format_date(day, "long", locale=reader.language.locale) for day in (survey.opens_on, survey.closes_on)
    )
    texts = sheets.context(
        thaw(link.version.frozen, reader.language.code),
        [response.answers for response in responses],
        {
            "organization": organization.name,
            "survey": survey.title,
            "audience": library.catalogues[reader.language.code].audience(link.audience),
            "dates": f"{first} – {last}",
        },
        reader,
        chance,
    )
    template = tools.shelf.answer_sheets(reader.language, inheritance.logo(organization))
    answers = [row["answer"] for sheet in texts["sheets"] for part in sheet["parts"] for row in part["rows"]]
    return fill(template, texts, [*answers, *(comment["text"] for comment in texts["comments"])])


def queue_files(
    session: Session, link: SurveyLink, number: int, files: Mapping[str, bytes], tools: Tools, now: datetime
) -> None:
    """Mail the documents of a batch, by language. Nothing to a coordinator who came after they were made."""
    count = len(of_batch(session, link, number))
    for language, readers in _readers(session, link).items():
        if language in files:
            document = _keep(session, link, f"{link.audience}-sheets", files[language], now)
            _enqueue(session, link, readers, "answer_sheets", document, batch_name(link, number), count, tools, now)


def batch_name(link: SurveyLink, number: int) -> str:
    """How the names of a batch's mails in the outbox begin."""
    return f"batch:{link.id}:{number}"


def unmailed(session: Session, link: SurveyLink) -> list[Response]:
    """The responses of a link whose sheets may still be mailed."""
    return list(session.scalars(select(Response).where(Response.link_id == link.id, WAITING)))


def _readers(session: Session, link: SurveyLink) -> dict[str, list[Recipient]]:
    """The coordinators by language: each language needs one document."""
    readers: dict[str, list[Recipient]] = {}
    for recipient in recipients(session, link.organization, f"survey_{link.audience}"):
        readers.setdefault(recipient.person.language, []).append(recipient)
    return readers


def _keep(session: Session, link: SurveyLink, what: str, content: bytes, now: datetime) -> Document:
    filename = papers.filename(link.organization.name, link.survey.title, what)
    return papers.keep(session, link.organization_id, filename, content, now, link.survey_id)


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
