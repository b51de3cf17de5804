"""How far a survey is: how many have answered of those who were asked. Nothing else is told before it is closed.

Totals are exact. Languages and channels are told in steps of the minimum n: whoever is the only one to answer in a
language stands out neither there nor in what is left when the others are taken from the total.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true
from sqlalchemy.orm import Session, selectinload

from partnerforms.engine.build import AUDIENCES
from partnerforms.models import Organization, Response, Survey, SurveyLink
from partnerforms.services import audit
from partnerforms.services.access import NotAllowedError, Reach

CHANNELS = ("link", "kiosk", "paper", "invitation")
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True)
class Progress:
    """One audience of some places. `people` were asked; None when that is not known everywhere.

    `languages` and `channels` have what enough people used: at least so many, in steps of `least`.
    """

    audience: str
    answered: int
    people: int | None
    least: int
    languages: Mapping[str, int]
    channels: Mapping[str, int]


@dataclass(frozen=True)
class PlaceProgress:
    """A place of a survey: audience to how many have answered, and how many were asked if that is known."""

    id: uuid.UUID
    name: str
    audiences: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)


def in_steps(counted: Mapping[str, int], least: int) -> dict[str, int]:
    """What at least `least` people did, the most frequent first, rounded down to a multiple of it."""
    steps = {name: number - number % least for name, number in counted.items() if number >= least}
    return dict(sorted(steps.items(), key=lambda one: (-one[1], one[0])))


def by_audience(session: Session, survey: Survey, places: Collection[uuid.UUID] | None = None) -> list[Progress]:
    """Each audience of these places together, or of all that take part."""
    here = true() if places is None else SurveyLink.organization_id.in_(places)
    of_places = and_(SurveyLink.survey_id == survey.id, here)
    asked = (
        select(SurveyLink.audience, func.max(SurveyLink.minimum_n), people_asked())
        .where(of_places)
        .group_by(SurveyLink.audience)
    )
    counted = (
        select(SurveyLink.audience, Response.language, Response.channel, func.count())
        .join(Response, Response.link_id == SurveyLink.id)
        .where(of_places, Response.set_aside.is_(None))
        .group_by(SurveyLink.audience, Response.language, Response.channel)
    )
    languages, channels = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    for audience, language, channel, number in session.execute(counted):
        languages[audience][language] += number
        channels[audience][channel] += number
    found = [
        Progress(
            audience,
            languages[audience].total(),
            people,
            least,
            in_steps(languages[audience], least),
            in_steps(channels[audience], least),
        )
        for audience, least, people in session.execute(asked)
    ]
    return sorted(found, key=lambda one: AUDIENCES.index(one.audience))


def people_asked() -> ColumnElement[int | None]:
    """How many were asked over some links together; None when that is not known of all of them."""
    known = func.count(SurveyLink.people) == func.count(SurveyLink.id)
    return case((known, func.sum(SurveyLink.people)))


def count_places(session: Session, survey: Survey, places: Collection[uuid.UUID], words: str = "") -> int:
    """How many of these places take part, with all the words in their name or number."""
    return session.scalar(select(func.count()).select_from(_taking_part(survey, places, words).subquery())) or 0


def by_place(
    session: Session, survey: Survey, places: Collection[uuid.UUID], limit: int, *, words: str = "", skip: int = 0
) -> list[PlaceProgress]:
    """These places, those of higher level first, then by name."""
    order = case({"state": 0, "district": 1, "school": 2}, value=Organization.level)
    query = _taking_part(survey, places, words).order_by(order, Organization.name, Organization.id)
    found = {row.id: PlaceProgress(row.id, row.name, {}) for row in session.execute(query.offset(skip).limit(limit))}
    counted = (
        select(SurveyLink.organization_id, SurveyLink.audience, func.count(Response.key), SurveyLink.people)
        .outerjoin(Response, and_(Response.link_id == SurveyLink.id, Response.set_aside.is_(None)))
        .where(SurveyLink.survey_id == survey.id, SurveyLink.organization_id.in_(found))
        .group_by(SurveyLink.id)
    )
    audiences = defaultdict[uuid.UUID, dict[str, tuple[int, int | None]]](dict)
    rows = sorted(session.execute(counted), key=lambda row: AUDIENCES.index(row.audience))
    for place, audience, answered, people in rows:
        audiences[place][audience] = (answered, people)
    return [PlaceProgress(place.id, place.name, audiences[place.id]) for place in found.values()]


def _taking_part(survey: Survey, places: Collection[uuid.UUID], words: str) -> Select[uuid.UUID, str]:
    asking = select(SurveyLink.organization_id).where(SurveyLink.survey_id == survey.id)
    query = select(Organization.id, Organization.name)
    query = query.where(Organization.id.in_(asking), Organization.id.in_(places))
    for word in words.split():
        named = Organization.name.icontains(word, autoescape=True)
        query = query.where(named | Organization.number.icontains(word, autoescape=True))
    return query


def links_at(session: Session, survey: Survey, place: uuid.UUID) -> list[SurveyLink]:
    """The links of one place, families first."""
    query = select(SurveyLink).where(SurveyLink.survey_id == survey.id, SurveyLink.organization_id == place)
    links = session.scalars(query.options(selectinload(SurveyLink.organization)))
    return sorted(links, key=lambda link: AUDIENCES.index(link.audience))


def read_people(text: str) -> int | None:
    """A number of people as somebody types it; None when it is none."""
    digits = text.replace(",", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MOST_PEOPLE)):
        return None
    number = int(digits)
    return number if 0 < number <= MOST_PEOPLE else None


def may_say_people(reach: Reach, link: SurveyLink) -> bool:
    """May the person say how many were asked: who runs the place, or what opened the survey?"""
    return reach.can("run", link.organization_id) or reach.can("run", link.survey.organization_id)


def say_people(
    session: Session, reach: Reach, links: Collection[SurveyLink], people: Mapping[str, int | None], now: datetime
) -> None:
    """How many people of each audience a place has asked; None when nobody knows."""
    for link in links:
        if not may_say_people(reach, link):
            raise NotAllowedError
        link.people = people.get(link.audience)
    if any(session.is_modified(link) for link in links):
        link = next(iter(links))
        audit.note(
            session, "survey.people_entered", reach.person, link.organization_id, now, link.survey.title,
            survey=str(link.survey_id),
        )  # fmt: skip
    session.flush()
