"""Results of a survey as anybody may see them: for each place and audience, what has been published.

The views are fixed: a place of the survey × an audience, over all publications. There are no other filters.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import TooFew, gate, total
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.tally import Tally
from partnerforms.models import Organization, Publication, ResultGroup, Survey, SurveyLink
from partnerforms.services.surveys.publishing import minimum, places_above, tally_of


@dataclass(frozen=True)
class Published:
    """All that a survey shows. `view` passes through the gate; there is no other way to the figures.

    `above` names the place above each place of the survey, None at the top.
    """

    survey: Survey
    above: Mapping[uuid.UUID, uuid.UUID | None]
    groups: Mapping[tuple[uuid.UUID, str], tuple[ResultGroup, ...]]

    def audiences(self) -> list[str]:
        """Who was asked anywhere in this survey."""
        return list(dict.fromkeys(link.audience for link in self.survey.links))

    def minimum(self, audience: str) -> int:
        """The minimum n of an audience in this survey."""
        return minimum([link for link in self.survey.links if link.audience == audience])

    def instrument(self, audience: str, language: str = "en") -> Instrument:
        """What an audience was asked, in a language it was opened with, else in English."""
        link = next(link for link in self.survey.links if link.audience == audience)
        return thaw(link.version.frozen, language)

    def view(self, place: uuid.UUID, audience: str, language: str = "en") -> Tally | TooFew:
        """What an audience of a place and of all below it has said, or that too few have."""
        instrument = self.instrument(audience, language)
        found = [group for here in self._and_below(place) for group in self.groups.get((here, audience), ())]
        return gate(total(tally_of(group, instrument) for group in found), self.minimum(audience))

    def _and_below(self, place: uuid.UUID) -> Iterable[uuid.UUID]:
        for here in self.above:
            step: uuid.UUID | None = here
            while step is not None and step != place:
                step = self.above[step]
            if step == place:
                yield here


def published(session: Session, survey: Survey) -> Published:
    """Everything that has been published of a survey so far."""
    query = select(ResultGroup).join(ResultGroup.publication).where(Publication.survey_id == survey.id)
    groups: dict[tuple[uuid.UUID, str], list[ResultGroup]] = defaultdict(list)
    for group in session.scalars(query):
        groups[group.organization_id, group.audience].append(group)
    return Published(survey, places_above(survey), {key: tuple(found) for key, found in groups.items()})


def places(session: Session, shown: Published, within: Iterable[uuid.UUID]) -> list[Organization]:
    """The places of a survey whose results a reader may open: those in reach, and all above them in the survey."""
    wanted: set[uuid.UUID] = set()
    for place in within:
        step: uuid.UUID | None = place if place in shown.above else None
        while step is not None and step not in wanted:
            wanted.add(step)
            step = shown.above[step]
    found = session.scalars(select(Organization).where(Organization.id.in_(wanted))).all()
    levels = {"state": 0, "district": 1, "school": 2}
    return sorted(found, key=lambda one: (levels[one.level], one.name, one.id))


def link_of(survey: Survey, place: uuid.UUID, audience: str) -> SurveyLink | None:
    """The link of an audience at a place, if it was asked there."""
    return next((link for link in survey.links if link.organization_id == place and link.audience == audience), None)
