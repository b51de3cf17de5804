"""Surveys: opened, answered by link, closed. A respondent leaves answers, a language and a day, nothing more."""

import hashlib
import logging
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partnerforms.database import insert
from partnerforms.engine import codes
from partnerforms.engine.disclosure import least
from partnerforms.models import Organization, Person, Response, Survey, SurveyLink
from partnerforms.services import audit, inheritance, instruments
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.surveys import arrivals, sheets
from partnerforms.services.tools import Tools

State = Literal["not_yet", "open", "closed"]
DELIVERIES = ("batches", "each", "at_close")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receipt:
    """What became of a press of Send: the kept response, and whether it says what was sent just now."""

    response: Response
    unchanged: bool


def audiences_for(organization: Organization) -> list[str]:
    """Whom an organization of this level can ask, most families first."""
    by_level = {
        "school": ["families", "students", "community", "staff"],
        "district": ["families", "students", "community", "staff", "district"],
        "state": ["families", "students", "community", "staff", "district", "state"],
    }
    return by_level[organization.level]


def open_survey(
    session: Session,
    reach: Reach,
    organization: Organization,
    title: str,
    opens_on: date,
    closes_on: date,
    deliveries: Mapping[str, str],
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> Survey:
    """A new survey with one link an audience; `deliveries` says for each audience how its sheets are mailed."""
    reach.require("run", organization.id)
    survey = Survey(organization_id=organization.id, title=title, opens_on=opens_on, closes_on=closes_on)
    session.add(survey)
    session.flush()
    for audience, delivery in deliveries.items():
        kept = instruments.keep(session, tools.library, f"survey_{audience}")
        session.add(
            SurveyLink(
                survey_id=survey.id,
                audience=audience,
                code=_free_code(session, chance),
                instrument_digest=kept.digest,
                delivery=delivery,
            )
        )
    audit.note(session, "survey.opened", reach.person, organization.id, now, title, survey=str(survey.id))
    session.flush()
    return survey


def _free_code(session: Session, chance: random.Random) -> str:
    """A code that no link has yet."""
    code = codes.make(chance)
    while find_link(session, code) is not None:
        code = codes.make(chance)
    return code


def find_link(session: Session, code: str) -> SurveyLink | None:
    """The link with this code (in the form of `codes.read`), or None."""
    return session.scalar(select(SurveyLink).where(SurveyLink.code == code))


def state(survey: Survey, now: datetime, tools: Tools) -> State:
    """Can it be answered now? Its first and last day are days of the organization's time zone."""
    today = inheritance.day(survey.organization, now, tools)
    if today < survey.opens_on:
        return "not_yet"
    return "closed" if survey.closed_at or today > survey.closes_on else "open"


def smallest_group(link: SurveyLink) -> int:
    """The minimum n of this link's audience in its organization."""
    return least(link.audience, inheritance.minimum_n(link.survey.organization))


def receive(
    session: Session,
    link: SurveyLink,
    nonce: str,
    answers: dict[str, Any],
    language: str,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> Receipt:
    """Keep a response. The nonce of the page makes a second press of Send the same response and no second mail.

    What was sent first stays, also when the second press says something else.
    """
    key = response_key(nonce)
    values = {
        "key": key,
        "link_id": link.id,
        "day": inheritance.day(link.survey.organization, now, tools),
        "language": language,
        "answers": answers,
    }
    added = session.execute(
        insert(session, Response).values(values).on_conflict_do_nothing().returning(Response.key)
    ).scalar()
    response = session.get_one(Response, key)
    if added is None:
        return Receipt(response, response.link_id == link.id and response.answers == answers)
    arrivals.on_arrival(session, link, response, smallest_group(link), tools, chance, now)
    return Receipt(response, True)


def find_response(session: Session, link: SurveyLink, nonce: str) -> Response | None:
    """The response that a page with this nonce sent over this link, or None."""
    response = session.get(Response, response_key(nonce))
    return response if response is not None and response.link_id == link.id else None


def response_key(nonce: str) -> str:
    """The key of a response: nobody who reads the database can make the nonce of a page from it."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def reference(response: Response) -> str:
    """What a respondent may quote to ask about a response, such as "GHTY-3KWM"."""
    return codes.printed(codes.make(random.Random(response.key)))  # noqa: S311  a name, not a secret


def find(session: Session, reach: Reach, survey_id: uuid.UUID) -> Survey:
    """The survey with this id, if the person may see it."""
    survey = session.get(Survey, survey_id)
    if survey is None:
        raise NotThereError
    reach.require("see", survey.organization_id)
    return survey


def counts(session: Session, survey: Survey) -> dict[uuid.UUID, int]:
    """How many answered by each link. Nothing else is told while a survey is open."""
    links = [link.id for link in survey.links]
    query = select(Response.link_id, func.count()).where(Response.link_id.in_(links)).group_by(Response.link_id)
    counted = dict(session.execute(query).all())
    return {link_id: counted.get(link_id, 0) for link_id in links}


def close(
    session: Session,
    survey: Survey,
    tools: Tools,
    chance: random.Random,
    now: datetime,
    person: Person | None = None,
) -> None:
    """End a survey and queue what is mailed at the end. Closing a closed one changes nothing."""
    session.refresh(survey, with_for_update=True)
    if survey.closed_at is not None:
        return
    survey.closed_at = now
    audit.note(session, "survey.closed", person, survey.organization_id, now, survey.title, survey=str(survey.id))
    for link in survey.links:
        if link.delivery == "each":
            arrivals.catch_up(session, link, smallest_group(link), tools, chance, now)
        sheets.queue_at_close(session, link, smallest_group(link), tools, chance, now)
    session.flush()


def close_due(session: Session, tools: Tools, chance: random.Random, now: datetime) -> int:
    """Close every survey whose last day has passed; how many that were. One that cannot be is tried again later."""
    past_somewhere = now.date() + timedelta(days=1)
    candidates = session.scalars(select(Survey).where(Survey.closed_at.is_(None), Survey.closes_on < past_somewhere))
    due = [survey for survey in candidates.all() if state(survey, now, tools) == "closed"]
    closed = 0
    for survey in due:
        try:
            with session.begin_nested():
                close(session, survey, tools, chance, now)
            closed += 1
        except SQLAlchemyError:
            raise
        except Exception as error:  # its text may hold an answer
            log.error("survey %s cannot be closed: %s", survey.id, type(error).__name__)
    return closed


def mail_unmailed(session: Session, tools: Tools, chance: random.Random, now: datetime) -> None:
    """Try again what could not be made into a document when it arrived."""
    waiting = (
        select(SurveyLink, func.count(Response.key))
        .join(SurveyLink.survey)
        .join(Response, and_(Response.link_id == SurveyLink.id, Response.batch.is_(None)))
        .where(Survey.closed_at.is_(None), SurveyLink.delivery.in_(("each", "batches")))
        .group_by(SurveyLink.id)
        .order_by(SurveyLink.id)
    )
    for link, count in session.execute(waiting).all():
        if link.delivery == "each" or count >= smallest_group(link):
            arrivals.catch_up(session, link, smallest_group(link), tools, chance, now)
