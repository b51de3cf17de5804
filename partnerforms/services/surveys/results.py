"""Results of a survey as anybody may see them: for each place and audience, what has been published.

The views are fixed: a place of the survey × an audience, over all publications. There are no other filters.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partnerforms.engine.build import AUDIENCES
from partnerforms.engine.disclosure import TooFew, gate, total
from partnerforms.engine.library import thaw
from partnerforms.engine.model import LEVELS, Instrument
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.models import InstrumentVersion, Organization, Publication, ResultGroup, Survey, SurveyLink
from partnerforms.services.access import subtree
from partnerforms.services.surveys.progress import people_asked
from partnerforms.services.surveys.publishing import Above, places_above, upward


@dataclass(frozen=True)
class _Asked:
    """What an audience was asked, and the minimum n: the highest that any of its respondents was told."""

    frozen: str
    minimum: int


class _Group(NamedTuple):
    """What a place shows of a publication, as `ResultGroup` keeps it."""

    n: int
    items: Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """All that a survey shows. `view` passes through the gate; there is no other way to the figures.

    `above` names the place above each place of the survey, None at the top. `closed` are the moments of publication.
    """

    survey: Survey
    above: Above
    closed: tuple[datetime, ...]
    asked: Mapping[str, _Asked]
    groups: Mapping[tuple[uuid.UUID, str], Sequence[_Group]]

    def audiences(self) -> list[str]:
        """Who was asked anywhere in this survey."""
        return list(self.asked)

    def minimum(self, audience: str) -> int:
        """The minimum n of an audience in this survey."""
        return self.asked[audience].minimum

    def instrument(self, audience: str, language: str = "en") -> Instrument:
        """What an audience was asked, in a language it was opened with, else in English."""
        return thaw(self.asked[audience].frozen, language)

    def view(self, place: uuid.UUID, audience: str, language: str = "en") -> Tally | TooFew:
        """What an audience of a place and of all below it has said, or that too few have."""
        instrument = self.instrument(audience, language)
        found = [_tally_of(group, instrument) for group in self.groups.get((place, audience), ())]
        return gate(total(found), self.minimum(audience))


def published(
    session: Session, survey: Survey, only: Collection[uuid.UUID] | None = None, above: Above | None = None
) -> Published:
    """Everything that has been published of a survey so far, or that of some places only.

    `above` is `places_above`, if it is known already.
    """
    closed = select(Publication.published_at).where(Publication.survey_id == survey.id)
    query = select(ResultGroup.organization_id, ResultGroup.audience, ResultGroup.n, ResultGroup.items)
    query = query.join(ResultGroup.publication).where(Publication.survey_id == survey.id)
    if only is not None:
        query = query.where(ResultGroup.organization_id.in_(only))
    groups: dict[tuple[uuid.UUID, str], list[_Group]] = defaultdict(list)
    for place, audience, n, items in session.execute(query.order_by(Publication.number)):
        groups[place, audience].append(_Group(n, items))
    return Published(
        survey,
        places_above(session, survey) if above is None else above,
        tuple(session.scalars(closed.order_by(Publication.number))),
        _asked(session, survey),
        groups,
    )


def _asked(session: Session, survey: Survey) -> dict[str, _Asked]:
    """All links of an audience ask the same."""
    link = SurveyLink
    each = (
        select(
            link.audience, func.max(link.minimum_n).label("least"), func.min(link.instrument_digest).label("digest")
        )
        .where(link.survey_id == survey.id)
        .group_by(link.audience)
        .subquery()
    )
    query = select(each.c.audience, InstrumentVersion.frozen, each.c.least)
    rows = session.execute(query.join(InstrumentVersion, InstrumentVersion.digest == each.c.digest)).all()
    found = {audience: _Asked(frozen, least) for audience, frozen, least in rows}
    return {audience: found[audience] for audience in AUDIENCES if audience in found}


def _tally_of(group: _Group, instrument: Instrument) -> Tally:
    """What was counted, with the instrument's items; what the instrument does not have is passed over."""
    items = {
        item.id: ItemTally(item, figures["answered"], figures["counts"], figures["unsure"])
        for item in instrument.items()
        if (figures := group.items.get(item.id)) is not None
    }
    return Tally(group.n, items)


def may_open(above: Above, within: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """The places of a survey whose results a reader may open: those in reach, and all above them in the survey."""
    return {here for place in within if place in above for here in upward(above, place)}


def in_order(session: Session, ids: Collection[uuid.UUID]) -> list[Organization]:
    """These organizations, the highest level first, then by name."""
    found = session.scalars(select(Organization).where(Organization.id.in_(ids))).all()
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.name.casefold(), one.id))


def people(session: Session, survey: Survey, place: uuid.UUID) -> dict[str, int | None]:
    """The audiences that were asked at a place and below, and how many people, where that is known of all of it."""
    here = SurveyLink.organization_id.in_(subtree([place]))
    query = select(SurveyLink.audience, people_asked()).where(SurveyLink.survey_id == survey.id, here)
    return dict(session.execute(query.group_by(SurveyLink.audience)).all())
