"""What people find on their start page and in the lists of forms and surveys, by what they may see."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, contains_eager, defer, joinedload

from partnerforms.engine.build import AUDIENCES
from partnerforms.models import Organization, Record, Response, Revision, Survey, SurveyLink
from partnerforms.services import inheritance, surveys
from partnerforms.services.tools import Tools


@dataclass(frozen=True)
class Running:
    """A survey that can be answered now, and how many have answered, by audience."""

    survey: Survey
    counts: Mapping[str, int]


def drafts(session: Session, organization_ids: Collection[uuid.UUID], limit: int) -> list[Record]:
    """Forms that wait to be submitted, changed last first."""
    query = select(Record).where(Record.organization_id.in_(organization_ids), Record.state == "draft")
    query = query.options(joinedload(Record.organization), defer(Record.draft))
    return list(session.scalars(query.order_by(Record.changed_at.desc(), Record.id).limit(limit)))


def arrived(session: Session, organization_ids: Collection[uuid.UUID], limit: int) -> list[Revision]:
    """Submissions, the latest first."""
    query = (
        select(Revision)
        .join(Revision.record)
        .options(
            contains_eager(Revision.record).joinedload(Record.organization),
            contains_eager(Revision.record).defer(Record.draft),
            defer(Revision.answers),
        )
        .where(Record.organization_id.in_(organization_ids))
        .order_by(Revision.submitted_at.desc(), Revision.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def running(
    session: Session, organization_ids: Collection[uuid.UUID], tools: Tools, now: datetime, limit: int
) -> list[Running]:
    """Open surveys that these organizations opened or take part in, the one that ends next first; with the answers
    of these organizations alone."""
    yesterday_somewhere = now.date() - timedelta(days=1)
    query = select(Survey).where(
        _concerns(organization_ids), Survey.closed_at.is_(None), Survey.closes_on >= yesterday_somewhere
    )
    query = query.options(inheritance.with_all_above(Survey.organization))
    candidates = session.scalars(query.order_by(Survey.closes_on, Survey.id))
    found = [survey for survey in candidates if surveys.state(survey, now, tools) == "open"][:limit]
    counted: dict[uuid.UUID, dict[str, int]] = {survey.id: {} for survey in found}
    by_audience = (
        select(SurveyLink.survey_id, SurveyLink.audience, func.count(Response.key))
        .outerjoin(Response, and_(Response.link_id == SurveyLink.id, Response.set_aside.is_(None)))
        .where(SurveyLink.survey_id.in_(counted), SurveyLink.organization_id.in_(organization_ids))
        .group_by(SurveyLink.survey_id, SurveyLink.audience)
    )
    rows = sorted(session.execute(by_audience), key=lambda row: AUDIENCES.index(row.audience))
    for survey_id, audience, count in rows:
        counted[survey_id][audience] = count
    return [Running(survey, counted[survey.id]) for survey in found]


def _concerns(places: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """A survey that one of these places opened or takes part in."""
    taking_part = select(SurveyLink.survey_id).where(SurveyLink.organization_id.in_(places))
    return or_(Survey.organization_id.in_(places), Survey.id.in_(taking_part))


def forms(
    session: Session,
    organization_ids: Collection[uuid.UUID],
    limit: int,
    *,
    words: str = "",
    instrument: str = "",
    state: str = "",
    skip: int = 0,
) -> list[Record]:
    """All forms, changed last first; those whose name or organization holds `words`, of one kind, in one state."""
    query = select(Record).join(Record.organization).where(Record.organization_id.in_(organization_ids))
    if instrument:
        query = query.where(Record.instrument == instrument)
    if state:
        query = query.where(Record.state == state)
    query = query.where(_holds(words, Record.title))
    query = query.options(contains_eager(Record.organization), defer(Record.draft))
    return list(session.scalars(query.order_by(Record.changed_at.desc(), Record.id).offset(skip).limit(limit)))


def all_surveys(
    session: Session, organization_ids: Collection[uuid.UUID], limit: int, *, words: str = "", skip: int = 0
) -> list[Survey]:
    """All surveys that these organizations opened or take part in, the latest first.

    Those whose name holds `words`, or the name of who opened them or of one of these that takes part.
    """
    query = select(Survey).join(Survey.organization).where(_concerns(organization_ids))
    place = aliased(Organization)
    named = select(SurveyLink.survey_id).join(place, place.id == SurveyLink.organization_id)
    named = named.where(place.id.in_(organization_ids))
    for word in words.split():
        there = Survey.id.in_(named.where(place.name.icontains(word, autoescape=True)))
        query = query.where(or_(_holds(word, Survey.title), there))
    query = query.options(contains_eager(Survey.organization))
    return list(session.scalars(query.order_by(Survey.opens_on.desc(), Survey.id).offset(skip).limit(limit)))


def _holds(words: str, title: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Each of the words is in the title or in the organization's name; upper and lower case are the same."""
    return and_(
        true(),
        *(
            or_(title.icontains(word, autoescape=True), Organization.name.icontains(word, autoescape=True))
            for word in words.split()
        ),
    )
