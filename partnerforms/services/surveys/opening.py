"""Surveys begin and end: opened for one place or all below it, prolonged, closed, opened again."""

import logging
import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload

from partnerforms.engine import codes
from partnerforms.engine.disclosure import least
from partnerforms.models import Organization, Person, Response, Survey, SurveyLink
from partnerforms.services import audit, inheritance, instruments, translations
from partnerforms.services.access import NotThereError, Reach, subtree
from partnerforms.services.surveys import arrivals, audiences_for, publishing, sheets, state
from partnerforms.services.tools import Tools

_CODES_AT_ONCE = 500
OWN_LEVEL = {"district": "district", "state": "state"}  # audiences that only one level has

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What a survey is to be. `deliveries` says for each audience asked how its sheets are mailed.

    `languages` are codes, empty for all that are complete. With `places`, ids of organizations below, each of them
    gets links of its own, and results of the organization are those of its places together.
    """

    title: str
    opens_on: date
    closes_on: date
    deliveries: Mapping[str, str]
    languages: Sequence[str] = ()
    places: Collection[uuid.UUID] = ()
    previous_id: uuid.UUID | None = None


def open_survey(
    session: Session,
    reach: Reach,
    organization: Organization,
    plan: Plan,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> Survey:
    """A new survey with its links."""
    reach.require("run", organization.id)
    library = translations.library_for(session, organization, tools)
    offered = [code for code in library.languages if not plan.languages or code in plan.languages]
    survey = Survey(
        organization_id=organization.id,
        title=plan.title,
        opens_on=plan.opens_on,
        closes_on=plan.closes_on,
        languages=offered,
        previous_id=plan.previous_id,
    )
    session.add(survey)
    session.flush()
    places = _places(session, organization, plan.places)
    asked = {
        audience: [place for place in places if _asks(organization, place, audience, bool(plan.places))]
        for audience in plan.deliveries
    }
    free = iter(free_codes(session, chance, sum(map(len, asked.values()))))
    for audience, delivery in plan.deliveries.items():
        kept = instruments.keep(session, library, f"survey_{audience}")
        smallest = max([least(audience, inheritance.minimum_n(place)) for place in asked[audience]], default=0)
        made = [
            {
                "survey_id": survey.id,
                "organization_id": place.id,
                "audience": audience,
                "code": next(free),
                "instrument_digest": kept.digest,
                "delivery": delivery,
                "minimum_n": smallest,
            }
            for place in asked[audience]
        ]
        if made:
            session.execute(insert(SurveyLink), made)  # thousands, in a state
    audit.note(session, "survey.opened", reach.person, organization.id, now, plan.title, survey=str(survey.id))
    session.flush()
    return survey


def _places(session: Session, organization: Organization, below: Collection[uuid.UUID]) -> list[Organization]:
    """The organization, and those of the places below it that are not archived. NotThereError for any other id."""
    if not below:
        return [organization]
    known = set(session.scalars(subtree([organization.id])))
    if not set(below) <= known:
        raise NotThereError
    query = select(Organization).where(Organization.id.in_(known), Organization.archived_at.is_(None))
    query = query.options(selectinload(Organization.parent, recursion_depth=2))
    return [place for place in session.scalars(query) if place.id in below or place.id == organization.id]


def _asks(organization: Organization, place: Organization, audience: str, wide: bool) -> bool:
    """Is this audience asked at this place? With places below, families are asked by schools, staff of a district
    by districts; without, the organization asks everybody itself."""
    if not wide:
        return place.id == organization.id and audience in audiences_for(organization)
    return asks(place.level, audience)


def asks(level: str, audience: str) -> bool:
    """Is it places of this level that ask an audience, in a survey over many places?"""
    return level == OWN_LEVEL.get(audience, "school")


def free_codes(session: Session, chance: random.Random, number: int) -> list[str]:
    """So many different codes that no link has yet."""
    free: dict[str, None] = {}
    while len(free) < number:
        made = [codes.make(chance) for _ in range(min(_CODES_AT_ONCE, number - len(free)))]
        taken = set(session.scalars(select(SurveyLink.code).where(SurveyLink.code.in_(made))))
        free |= dict.fromkeys(code for code in made if code not in taken)
    return list(free)


def change(
    session: Session, reach: Reach, survey: Survey, title: str, opens_on: date, closes_on: date, now: datetime
) -> None:
    """Another name or other days. A closed survey keeps both: it is opened again first."""
    reach.require("run", survey.organization_id)
    session.refresh(survey, with_for_update=True)
    before = (survey.title, survey.opens_on, survey.closes_on)
    if survey.closed_at is not None or before == (title, opens_on, closes_on):
        return
    survey.title, survey.opens_on, survey.closes_on = title, opens_on, closes_on
    audit.note(
        session, "survey.changed", reach.person, survey.organization_id, now, title,
        survey=str(survey.id), since=opens_on.isoformat(), until=closes_on.isoformat(),
    )  # fmt: skip
    session.flush()


def reopen(session: Session, reach: Reach, survey: Survey, closes_on: date, now: datetime) -> None:
    """Let a closed survey be answered again until a day. What was published stays; who answers from now on is
    counted at the next close, if they are enough."""
    reach.require("run", survey.organization_id)
    session.refresh(survey, with_for_update=True)
    if survey.closed_at is None:
        return
    survey.closed_at, survey.closes_on = None, closes_on
    audit.note(
        session, "survey.reopened", reach.person, survey.organization_id, now, survey.title,
        survey=str(survey.id), until=closes_on.isoformat(),
    )  # fmt: skip
    session.flush()


def close(
    session: Session,
    survey: Survey,
    tools: Tools,
    chance: random.Random,
    now: datetime,
    person: Person | None = None,
) -> None:
    """End a survey and publish its results. Closing a closed one changes nothing.

    What is mailed at the end is made afterwards, place by place (`services.surveys.mailing`).
    """
    session.refresh(survey, with_for_update=True)
    if survey.closed_at is not None:
        return
    survey.closed_at = now
    audit.note(session, "survey.closed", person, survey.organization_id, now, survey.title, survey=str(survey.id))
    # Whoever is making a batch of the sheets of a link has finished, or begins after us.
    session.execute(select(SurveyLink.id).where(SurveyLink.survey_id == survey.id).with_for_update())
    sheets.take_last(session, SurveyLink.survey_id == survey.id)
    for link, _ in _waiting(session, SurveyLink.survey_id == survey.id, SurveyLink.delivery == "each"):
        arrivals.catch_up(session, link, tools, chance, now)
    publishing.publish(session, survey, chance, now)


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
    for link, count in _waiting(session, Survey.closed_at.is_(None), SurveyLink.delivery.in_(("each", "batches"))):
        if link.delivery == "each" or count >= link.minimum_n:
            arrivals.catch_up(session, link, tools, chance, now)


def _waiting(session: Session, *which: ColumnElement[bool]) -> Sequence[Row[SurveyLink, int]]:
    """The links with sheets that may still be mailed, and how many these are."""
    waits = and_(Response.link_id == SurveyLink.id, sheets.WAITING)
    query = select(SurveyLink, func.count(Response.key)).join(SurveyLink.survey).join(Response, waits)
    return session.execute(query.where(*which).group_by(SurveyLink.id).order_by(SurveyLink.id)).all()
