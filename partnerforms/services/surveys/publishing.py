"""Results are frozen when a survey closes: in groups that never get smaller than the minimum n.

Whoever answered after an earlier close is counted in the next publication; what was published stays as it is, also
when a school moves to another district or is erased.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from partnerforms.engine.disclosure import gather, gather_items, roll_up, total
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Paragraph
from partnerforms.engine.tally import ItemTally, Tally, tally
from partnerforms.models import Comment, Organization, Publication, Response, ResultGroup, Survey, SurveyLink

Above = Mapping[uuid.UUID, uuid.UUID | None]
_AT_ONCE = 1000  # answers in memory


@dataclass(frozen=True)
class _Part:
    """The people of one link who are counted together: those whose sheets were mailed, or all others."""

    link: SurveyLink
    mailed: bool
    counted: Tally
    comments: Sequence[tuple[str, str]]


def publish(session: Session, survey: Survey, chance: random.Random, now: datetime) -> Publication:
    """Freeze what has come since the last time. Whoever calls holds the survey and has queued what is mailed."""
    last = session.scalar(select(func.max(Publication.number)).where(Publication.survey_id == survey.id)) or 0
    publication = Publication(survey_id=survey.id, number=last + 1, published_at=now)
    session.add(publication)
    session.flush()
    above = places_above(session, survey)
    parts = _claim(session, publication, survey)
    audiences: dict[str, list[SurveyLink]] = defaultdict(list)
    for link in survey.links:
        audiences[link.audience].append(link)
    waiting = [
        part for links in audiences.values()
        for part in _publish_audience(session, publication, above, links, parts, chance)
    ]  # fmt: skip
    _let_wait(session, publication, waiting)
    session.flush()
    return publication


def places_above(session: Session, survey: Survey) -> dict[uuid.UUID, uuid.UUID | None]:
    """Every place of a survey, and those between, with the one above it; None above the place that opened it.

    A place that has been moved out from under that one stands alone.
    """
    asked = select(SurveyLink.organization_id).where(SurveyLink.survey_id == survey.id)
    columns = Organization.id, Organization.parent_id
    tree = select(*columns).where(Organization.id.in_(asked)).cte("tree", recursive=True)
    higher = aliased(Organization)
    tree = tree.union(select(higher.id, higher.parent_id).where(higher.id == tree.c.parent_id))
    parents = dict(session.execute(select(tree.c.id, tree.c.parent_id)).all())
    above: dict[uuid.UUID, uuid.UUID | None] = {survey.organization_id: None}
    for place in session.scalars(asked.distinct()):
        path = [place]
        while path[-1] not in above and (parent := parents.get(path[-1])) is not None:
            path.append(parent)
        above |= dict(pairwise(path)) if path[-1] in above else {place: None}
    return above


def upward(above: Above, place: uuid.UUID) -> list[uuid.UUID]:
    """A place of a survey and those above it in the survey, the nearest first; nothing when it takes no part."""
    found: list[uuid.UUID] = []
    step: uuid.UUID | None = place if place in above else None
    while step is not None:
        found.append(step)
        step = above[step]
    return found


def downward(above: Above, place: uuid.UUID) -> list[uuid.UUID]:
    """A place of a survey and all below it in the survey."""
    return [here for here in above if place in upward(above, here)]


def minimum(links: Sequence[SurveyLink]) -> int:
    """The minimum n of an audience in a survey: the highest that any of its respondents was told."""
    return max(link.minimum_n for link in links)


def _publish_audience(
    session: Session,
    publication: Publication,
    above: Above,
    links: Sequence[SurveyLink],
    parts: Sequence[_Part],
    chance: random.Random,
) -> list[_Part]:
    """Keep what the places show of an audience; the parts that are too few to be counted now."""
    least, audience, waiting = minimum(links), links[0].audience, list[_Part]()
    shown: dict[uuid.UUID, list[Tally]] = defaultdict(list)
    for mailed in (True, False):
        here = {
            part.link.organization_id: part
            for part in parts
            if part.mailed == mailed and part.link.audience == audience
        }
        # Mailed sheets count where they came from or not yet: as if nothing were above any place.
        where: Above = dict.fromkeys(here) if mailed else above
        members: dict[uuid.UUID | None, list[_Part]] = defaultdict(list)
        for place, holder in gather(where, {place: part.counted.n for place, part in here.items()}, least).items():
            members[holder].append(here[place])
        waiting += members.pop(None, ())
        groups = {place: total(part.counted for part in some) for place, some in members.items() if place}
        for place, items in gather_items(where, groups, least).items():
            shown[place].append(Tally(0, items))
        for place, group in groups.items():
            shown[place].append(Tally(group.n, {}))
            _keep_comments(session, publication, place, members[place], chance)
    views = roll_up(above, {place: total(some) for place, some in shown.items()})
    rows = [
        {
            "publication_id": publication.id,
            "organization_id": place,
            "audience": audience,
            "n": view.n,
            "items": {item_id: _figures(one) for item_id, one in view.items.items()},
        }
        for place, view in views.items()
    ]
    if rows:
        session.execute(insert(ResultGroup), rows)
    return waiting


def _claim(session: Session, publication: Publication, survey: Survey) -> list[_Part]:
    """Count who waits and mark them as counted: who answers in this moment is in both or in neither."""
    by_id = {link.id: link for link in survey.links}
    here = Response.link_id.in_(select(SurveyLink.id).where(SurveyLink.survey_id == survey.id))
    _count_in(session, and_(here, Response.counted_in.is_(None), Response.set_aside.is_(None)), publication.number)
    mailed = Response.batch.is_not(None).label("mailed")
    query = select(Response.link_id, mailed, Response.answers).where(here, Response.counted_in == publication.number)
    rows = session.execute(query.order_by(Response.link_id, mailed).execution_options(yield_per=_AT_ONCE))
    return [
        _part(by_id[link_id], left, [row.answers for row in some])
        for (link_id, left), some in groupby(rows, lambda row: (row.link_id, row.mailed))
    ]


def _part(link: SurveyLink, mailed: bool, answers: Sequence[Mapping[str, Any]]) -> _Part:
    instrument = thaw(link.version.frozen)
    counted = tally(instrument, answers)
    chosen = {item_id: one for item_id, one in counted.items.items() if one.counts}
    written = [item.id for item in instrument.items() if isinstance(item, Paragraph)]
    comments = [(item_id, one[item_id]) for one in answers for item_id in written if one.get(item_id)]
    return _Part(link, mailed, Tally(counted.n, chosen), comments)


def _let_wait(session: Session, publication: Publication, parts: Sequence[_Part]) -> None:
    """Too few to be counted now: perhaps next time."""
    for mailed in {part.mailed for part in parts}:
        links = Response.link_id.in_([part.link.id for part in parts if part.mailed == mailed])
        batch = Response.batch.is_not(None) if mailed else Response.batch.is_(None)
        _count_in(session, and_(links, batch, Response.counted_in == publication.number), None)


def _count_in(session: Session, which: Any, number: int | None) -> None:
    counted = update(Response).where(which).values(counted_in=number)
    session.execute(counted.execution_options(synchronize_session=False))


def _keep_comments(
    session: Session, publication: Publication, place: uuid.UUID, parts: Sequence[_Part], chance: random.Random
) -> None:
    """What was written waits for somebody to read it."""
    for part in parts:
        for item_id, text in part.comments:
            session.add(
                Comment(
                    key=f"{chance.getrandbits(128):032x}",
                    publication_id=publication.id,
                    organization_id=place,
                    audience=part.link.audience,
                    item=item_id,
                    text=text,
                )
            )


def _figures(one: ItemTally) -> dict[str, Any]:
    return {"answered": one.answered, "unsure": one.unsure, "counts": dict(one.counts)}
