"""What the results of a place tell, as far as may be told: page, CSV, XLSX and Word show these figures, no others."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import Share, TooFew, spread
from partnerforms.engine.gaps import Gap, Priority, favorable, gaps, priorities
from partnerforms.engine.library import Library
from partnerforms.engine.model import Checks, Choice, Choices, Instrument, Item, Scale
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.models import Organization, Survey
from partnerforms.services import surveys
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.surveys import comments, results
from partnerforms.services.surveys.publishing import Above, places_above, upward
from partnerforms.services.surveys.results import Published, published

Counted = Scale | Choice | Choices | Checks


@dataclass(frozen=True)
class Spread:
    """How an item was answered: by how many, and the share of each option, with a scale's "I don't know" last.

    Without shares too few answered it, or nobody did.
    """

    item: Counted
    people: int = 0
    shares: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """What one audience of the place said. `people` is how many were asked, where that is known.

    `best` has for each rating the share of its two highest steps; `before` the same of the earlier survey, and
    `higher` of the places above, by their ids.
    """

    audience: str
    instrument: Instrument
    people: int | None
    least: int
    counted: Tally | TooFew
    spreads: Sequence[Spread]
    priorities: Sequence[Priority]
    best: Mapping[str, Share]
    before: Mapping[str, Share]
    higher: Mapping[uuid.UUID, Mapping[str, Share]]
    comments: Sequence[str]


@dataclass(frozen=True)
class Figures:
    """The results of a place. `above` are those above it in the survey, the nearest first; `below` those right
    below it that the reader may open. `closed` are the moments of publication, none before the first close."""

    survey: Survey
    place: Organization
    above: Sequence[Organization]
    below: Sequence[Organization]
    closed: Sequence[datetime]
    heard: Sequence[Heard]
    gaps: Sequence[Gap]
    earlier: Survey | None


def figures(
    session: Session, reach: Reach, survey: Survey, place_id: uuid.UUID | None, language: str, library: Library
) -> Figures:
    """The results of a place of a survey, or of the highest in the reader's reach. NotThereError for others."""
    above = places_above(session, survey)
    own = [place for place in above if reach.can("see", place)]
    open_to_reader = results.may_open(above, own)
    place_id = place_id or min(own, key=lambda here: (len(upward(above, here)), here), default=None)
    if place_id is None or place_id not in open_to_reader:
        raise NotThereError
    below = [here for here in open_to_reader if above[here] == place_id]
    return _figures(session, survey, above, place_id, below, _earlier(session, reach, survey), language, library)


def of_place(
    session: Session,
    survey: Survey,
    place_id: uuid.UUID,
    language: str,
    library: Library,
    reach: Reach | None = None,
) -> Figures:
    """The results of a place for somebody who may open them; without a reach for those to whom they are mailed.
    `below` is left out."""
    earlier = _earlier(session, reach, survey)
    return _figures(session, survey, places_above(session, survey), place_id, (), earlier, language, library)


def _figures(
    session: Session,
    survey: Survey,
    above: Above,
    place_id: uuid.UUID,
    below: Collection[uuid.UUID],
    earlier: Survey | None,
    language: str,
    library: Library,
) -> Figures:
    path = upward(above, place_id)
    shown = published(session, survey, path, above)
    named = results.in_order(session, [*path, *below])
    by_id = {one.id: one for one in named}
    before = published(session, earlier, [place_id], above) if earlier and shown.closed else None
    asked = results.people(session, survey, place_id) if shown.closed else {}
    heard = [
        _heard(session, shown, before, path, audience, asked[audience], language, library)
        for audience in shown.audiences()
        if audience in asked
    ]
    return Figures(
        survey,
        by_id[place_id],
        [by_id[here] for here in path[1:]],
        [one for one in named if one.id in below],
        shown.closed,
        heard,
        gaps({one.audience: one.counted for one in heard if isinstance(one.counted, Tally)}),
        earlier if any(one.before for one in heard) else None,
    )


def _earlier(session: Session, reach: Reach | None, survey: Survey) -> Survey | None:
    """The survey of the year before, if it is there and the reader sees it."""
    if survey.previous_id is None:
        return None
    if reach is None:
        return session.get(Survey, survey.previous_id)
    try:
        return surveys.find(session, reach, survey.previous_id)
    except NotThereError:
        return None


def _heard(
    session: Session,
    shown: Published,
    before: Published | None,
    path: Sequence[uuid.UUID],
    audience: str,
    people: int | None,
    language: str,
    library: Library,
) -> Heard:
    instrument, counted = shown.instrument(audience, language), shown.view(path[0], audience, language)
    best, then = _best(counted), dict[str, Share]()
    if before is not None and audience in before.audiences():
        then = _same(instrument, before.instrument(audience), _best(before.view(path[0], audience)))
    found = isinstance(counted, Tally)
    return Heard(
        audience,
        instrument,
        people,
        shown.minimum(audience),
        counted,
        spreads(instrument, counted) if isinstance(counted, Tally) else [],
        priorities(counted, library.crosswalk) if isinstance(counted, Tally) else [],
        best,
        then if found else {},
        {higher: _best(shown.view(higher, audience, language)) for higher in path[1:]} if found else {},
        comments.released(session, shown.survey, path[0], audience, shown.above) if found else [],
    )


def spreads(instrument: Instrument, counted: Tally) -> list[Spread]:
    """How each item was answered that has something to count."""
    asked = [item for item in instrument.items() if isinstance(item, Counted)]
    return [_spread(item, counted.items.get(item.id)) for item in asked]


def _spread(item: Counted, one: ItemTally | None) -> Spread:
    return Spread(item, one.answered + one.unsure, spread(one)) if one else Spread(item)


def _best(counted: Tally | TooFew) -> dict[str, Share]:
    if isinstance(counted, TooFew):
        return {}
    found = {item_id: favorable(one) for item_id, one in counted.items.items()}
    return {item_id: good for item_id, good in found.items() if good is not None}


def _same(now: Instrument, then: Instrument, best: Mapping[str, Share]) -> dict[str, Share]:
    """Of these shares those of items that mean the same in both: id, responsibility and steps."""
    earlier = {item.id: _meaning(item) for item in then.items()}
    return {item.id: best[item.id] for item in now.items() if item.id in best and earlier[item.id] == _meaning(item)}


def _meaning(item: Item) -> tuple[str, ...]:
    return (item.responsibility, *(option.id for option in item.options)) if isinstance(item, Scale) else ()
