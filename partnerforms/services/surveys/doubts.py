"""Answers that were set aside because something about them was odd, until a person decides whether they count.

Whoever decides sees signs, not answers: a family that only answered quickly was promised that nobody reads a sheet
by itself, and keeps that promise. Nothing is deleted; what was refused can still be let in.
"""

import random
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from partnerforms.engine.library import thaw
from partnerforms.engine.model import Instrument, Paragraph, Scale
from partnerforms.models import Response, Survey, SurveyLink
from partnerforms.services import audit
from partnerforms.services.access import NotAllowedError, Reach
from partnerforms.services.surveys import arrivals
from partnerforms.services.tools import Tools

REASONS = ("hidden_field", "too_fast", "too_many")
REFUSED = "refused"
WAITING = Response.set_aside.in_(REASONS)
Chosen = ColumnElement[bool]  # which responses a decision is about: `these`, or `all_of`
_ADDRESS = re.compile(r"https?:|www\.|\w\.(com|net|org|info|ru|xyz|top)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Signs:
    """One response by what it looks like. `twins` are others of its group that say exactly the same."""

    key: str
    channel: str
    given: int
    asked: int
    same: bool
    words: int
    addresses: bool
    twins: int


@dataclass(frozen=True)
class Group:
    """What was set aside of one link for one reason: how many in all, and the signs of some of them."""

    link: SurveyLink
    reason: str
    total: int
    some: Sequence[Signs]


def require(session: Session, reach: Reach, survey: Survey) -> None:
    """NotAllowedError for somebody who decides about nothing in this survey."""
    query = select(SurveyLink.id).join(SurveyLink.survey).where(SurveyLink.survey_id == survey.id, _decides(reach))
    if session.scalar(query.limit(1)) is None:
        raise NotAllowedError


def _decides(reach: Reach) -> ColumnElement[bool]:
    """A link whose answers the person decides about: of a place they run, or in reach, of a survey they run."""
    runs, sees = reach.where("run"), reach.where("see")
    run_from_above = and_(Survey.organization_id.in_(runs), SurveyLink.organization_id.in_(sees))
    return or_(SurveyLink.organization_id.in_(runs), run_from_above)


def waiting(session: Session, reach: Reach, survey_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many responses of each survey wait for the person's decision; surveys without any are left out."""
    query = select(SurveyLink.survey_id, func.count(Response.key)).join(SurveyLink.survey)
    query = query.join(Response, Response.link_id == SurveyLink.id)
    query = query.where(SurveyLink.survey_id.in_(survey_ids), WAITING, _decides(reach))
    return dict(session.execute(query.group_by(SurveyLink.survey_id)).all())


def any_refused(session: Session, reach: Reach, survey: Survey) -> bool:
    """Has anything been refused that the person may decide about?"""
    query = select(Response.key).join(SurveyLink, SurveyLink.id == Response.link_id).join(SurveyLink.survey)
    query = query.where(SurveyLink.survey_id == survey.id, _decides(reach), Response.set_aside == REFUSED)
    return session.scalar(query.limit(1)) is not None


def groups(session: Session, reach: Reach, survey: Survey, most: int, *, refused: bool = False) -> list[Group]:
    """What waits for the person's decision, or what was refused; in each group the signs of at most `most`."""
    of_survey = and_(
        SurveyLink.survey_id == survey.id, _decides(reach), Response.set_aside == REFUSED if refused else WAITING
    )
    totals = (
        select(Response.link_id, func.coalesce(Response.set_aside, ""), func.count())
        .join(SurveyLink, SurveyLink.id == Response.link_id)
        .join(SurveyLink.survey)
        .where(of_survey)
        .group_by(Response.link_id, Response.set_aside)
    )
    found = session.execute(totals).all()
    numbered = func.row_number().over(partition_by=(Response.link_id, Response.set_aside), order_by=Response.key)
    first = select(Response.key, numbered.label("row")).join(SurveyLink, SurveyLink.id == Response.link_id)
    some = first.join(SurveyLink.survey).where(of_survey).subquery()
    responses = session.scalars(select(Response).join(some, some.c.key == Response.key).where(some.c.row <= most))
    members: dict[tuple[uuid.UUID, str], list[Response]] = defaultdict(list)
    for response in sorted(responses, key=lambda one: one.key):
        members[response.link_id, response.set_aside or ""].append(response)
    query = select(SurveyLink).where(SurveyLink.id.in_({link_id for link_id, _, _ in found}))
    query = query.options(joinedload(SurveyLink.organization), joinedload(SurveyLink.version))
    links = {link.id: link for link in session.scalars(query)}
    made = [
        Group(links[link_id], reason, total, _signs(links[link_id], members[link_id, reason]))
        for link_id, reason, total in found
    ]
    return sorted(made, key=lambda one: (one.link.organization.name, one.link.audience, one.reason, one.link.id))


def _signs(link: SurveyLink, responses: Sequence[Response]) -> list[Signs]:
    instrument = thaw(link.version.frozen)
    alike = Counter(repr(sorted(response.answers.items())) for response in responses)
    return [_sign(instrument, response, alike[repr(sorted(response.answers.items()))] - 1) for response in responses]


def _sign(instrument: Instrument, response: Response, twins: int) -> Signs:
    answers: Mapping[str, Any] = response.answers
    items = list(instrument.items())
    rated = [answers[item.id] for item in items if isinstance(item, Scale) and answers.get(item.id)]
    texts = [str(answers[item.id]) for item in items if isinstance(item, Paragraph) and answers.get(item.id)]
    return Signs(
        key=response.key,
        channel=response.channel,
        given=sum(bool(answers.get(item.id)) for item in items),
        asked=len(items),
        same=len(rated) > 2 and len(set(rated)) == 1,
        words=sum(len(text.split()) for text in texts),
        addresses=any(_ADDRESS.search(text) for text in texts),
        twins=twins,
    )


def decide(
    session: Session,
    reach: Reach,
    survey: Survey,
    chosen: Chosen,
    counts: bool,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> int:
    """Let responses count, or refuse them; how many that were.

    What counts is from now on like any other: its sheet is mailed, and the next close counts it. After the close it
    waits until the survey is opened again. What has been decided meanwhile stays as it is.
    """
    require(session, reach, survey)
    session.refresh(survey, with_for_update=True)
    open_to = or_(WAITING, Response.set_aside == REFUSED) if counts else WAITING
    found = session.execute(
        select(SurveyLink, func.count())
        .join(Response, Response.link_id == SurveyLink.id)
        .join(SurveyLink.survey)
        .where(SurveyLink.survey_id == survey.id, _decides(reach), chosen, open_to)
        .group_by(SurveyLink.id)
    ).all()
    for link, number in found:
        moved = update(Response).where(Response.link_id == link.id, chosen, open_to)
        session.execute(moved.values(set_aside=None if counts else REFUSED))
        audit.note(
            session, "survey.let_count" if counts else "survey.refused", reach.person, link.organization_id, now,
            survey.title, survey=str(survey.id), audience=link.audience, count=number,
        )  # fmt: skip
        if counts and survey.closed_at is None:
            arrivals.catch_up(session, link, tools, chance, now)
    session.flush()
    return sum(number for _, number in found)


def these(keys: Collection[str]) -> Chosen:
    """Chosen: the responses with these keys."""
    return Response.key.in_(keys)


def all_of(link_id: uuid.UUID, reason: str) -> Chosen:
    """Chosen: everything of one link that was set aside for a reason."""
    return and_(Response.link_id == link_id, Response.set_aside == reason)
