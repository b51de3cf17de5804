"""Results are frozen when a survey closes: in groups that never get smaller than the minimum n.

Whoever answered after an earlier close is counted in the next publication; what was published stays as it is.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true, update
from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import gather, gather_items, total
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Instrument, Paragraph
from partnerforms.engine.tally import ItemTally, Tally, tally
from partnerforms.models import Comment, Publication, Response, ResultGroup, Survey, SurveyLink
from partnerforms.services import inheritance

Above = Mapping[uuid.UUID, uuid.UUID | None]


@dataclass(frozen=True)
class _Part:
    """The people of one link who are counted together. `chosen` finds their responses again."""

    link: SurveyLink
    chosen: ColumnElement[bool]
    counted: Tally
    comments: Sequence[tuple[str, str]]


def publish(session: Session, survey: Survey, chance: random.Random, now: datetime) -> Publication:
    """Freeze what has come since the last time. Whoever calls holds the survey and has queued what is mailed."""
    last = session.scalar(select(func.max(Publication.number)).where(Publication.survey_id == survey.id)) or 0
    publication = Publication(survey_id=survey.id, number=last + 1, published_at=now)
    session.add(publication)
    session.flush()
    above = places_above(survey)
    audiences: dict[str, list[SurveyLink]] = defaultdict(list)
    for link in survey.links:
        audiences[link.audience].append(link)
    for links in audiences.values():
        _publish_audience(session, publication, above, links, chance)
    session.flush()
    return publication


def places_above(survey: Survey) -> dict[uuid.UUID, uuid.UUID | None]:
    """Every place of a survey, and those between, with the one above it; None above the place that opened it."""
    above: dict[uuid.UUID, uuid.UUID | None] = {survey.organization_id: None}
    for link in survey.links:
        for here in inheritance.upward(link.organization):
            if here.id in above:
                break
            above[here.id] = here.parent_id
    return {place: parent if parent in above else None for place, parent in above.items()}


def minimum(links: Sequence[SurveyLink]) -> int:
    """The minimum n of an audience in a survey: the highest that any of its respondents was told."""
    return max(link.minimum_n for link in links)


def _publish_audience(
    session: Session, publication: Publication, above: Above, links: Sequence[SurveyLink], chance: random.Random
) -> None:
    least, instrument = minimum(links), thaw(links[0].version.frozen)
    members: dict[uuid.UUID, list[_Part]] = defaultdict(list)
    rest: dict[uuid.UUID, _Part] = {}
    for link in links:
        whole, few = _parts(session, link, instrument, least)
        if whole is not None:
            members[link.organization_id].append(whole)
        if few is not None:
            rest[link.organization_id] = few
    for place, holder in gather(above, {place: few.counted.n for place, few in rest.items()}, least).items():
        if holder is not None:
            members[holder].append(rest[place])
    groups = {place: total(part.counted for part in parts) for place, parts in members.items()}
    items = gather_items(above, groups, least)
    for place in {**groups, **items}:
        session.add(
            ResultGroup(
                publication_id=publication.id,
                organization_id=place,
                audience=links[0].audience,
                n=groups[place].n if place in groups else 0,
                items={item_id: _figures(one) for item_id, one in items.get(place, {}).items()},
            )
        )
    for place, parts in members.items():
        for part in parts:
            _settle(session, publication, place, part, chance)


def _parts(
    session: Session, link: SurveyLink, instrument: Instrument, least: int
) -> tuple[_Part | None, _Part | None]:
    """Who waits at a link: those who stay together there, and the few who may be counted further up.

    Sheets that were mailed together count together where they came from: results minus sheets are no small group.
    Sheets mailed one by one are known to their readers, so a few of them never count with those of others.
    """
    if link.delivery == "each":
        alone = _part(session, link, instrument, true())
        return (alone if alone and alone.counted.n >= least else None), None
    return (
        _part(session, link, instrument, Response.batch.is_not(None)),
        _part(session, link, instrument, Response.batch.is_(None)),
    )


def _part(session: Session, link: SurveyLink, instrument: Instrument, which: ColumnElement[bool]) -> _Part | None:
    chosen = and_(Response.link_id == link.id, Response.counted_in.is_(None), Response.set_aside.is_(None), which)
    answers = session.scalars(select(Response.answers).where(chosen)).all()
    if not answers:
        return None
    written = [item.id for item in instrument.items() if isinstance(item, Paragraph)]
    comments = [(item_id, one[item_id]) for one in answers for item_id in written if one.get(item_id)]
    return _Part(link, chosen, tally(instrument, answers), comments)


def _settle(session: Session, publication: Publication, place: uuid.UUID, part: _Part, chance: random.Random) -> None:
    """Those who were counted are never counted again; what they wrote waits for somebody to read it."""
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
    counted = update(Response).where(part.chosen).values(counted_in=publication.number)
    session.execute(counted.execution_options(synchronize_session=False))


def _figures(one: ItemTally) -> dict[str, Any]:
    return {"answered": one.answered, "unsure": one.unsure, "counts": dict(one.counts)}


def tally_of(group: ResultGroup, instrument: Instrument) -> Tally:
    """A group as it was counted, with the instrument's items; what the instrument does not have is passed over."""
    items = {
        item.id: ItemTally(item, figures["answered"], figures["counts"], figures["unsure"])
        for item in instrument.items()
        if (figures := group.items.get(item.id)) is not None
    }
    return Tally(group.n, items)
