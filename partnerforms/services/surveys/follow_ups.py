"""Back to the people: what a place heard in a survey, and what it will do, at the survey's own address.

A place writes one text in each language. Where a school has published none, the one of the nearest place above it in
the survey is told, with that place's results.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import Share, TooFew
from partnerforms.engine.gaps import ends, priorities
from partnerforms.engine.library import Crossing
from partnerforms.engine.model import Scale
from partnerforms.engine.tally import Tally
from partnerforms.models import FollowUp, Organization, Survey, SurveyLink
from partnerforms.services import audit
from partnerforms.services.access import NotAllowedError, NotThereError, Reach
from partnerforms.services.surveys import results
from partnerforms.services.surveys.publishing import places_above, upward

LONGEST = 2000  # letters; the page must stay light on a phone
_SHOWN = 3


@dataclass(frozen=True)
class Texts:
    """What a place has written, by language, and since when it is shown; None while it is not."""

    by_language: Mapping[str, str]
    published_at: datetime | None

    @property
    def mark(self) -> str:
        """What somebody has seen; another one when the texts change."""
        written = json.dumps(dict(self.by_language), sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()[:20]

    def read_in(self, language: str) -> tuple[str, str]:
        """The text for a reader of a language, and the language it is in: else English, else what there is."""
        for code in (language, "en", *self.by_language):
            if self.by_language.get(code):
                return self.by_language[code], code
        return "", "en"


@dataclass(frozen=True)
class Heard:
    """What an audience of a place has said, in a few lines: names of responsibilities, and of how many in a hundred.

    `best` and `weakest` say how many chose one of the two best answers, `first` how many chose it to work on first.
    """

    n: int
    best: list[tuple[str, Share]]
    weakest: list[tuple[str, Share]]
    first: list[tuple[str, Share]]


@dataclass(frozen=True)
class Told:
    """All that the page says."""

    place: Organization
    texts: Texts
    heard: Heard | TooFew


def places(session: Session, reach: Reach, survey: Survey) -> list[Organization]:
    """The places of a survey for which the person may write themselves, the one that opened it first."""
    within = [place for place in places_above(session, survey) if reach.can("run", place)]
    found = session.scalars(select(Organization).where(Organization.id.in_(within))).all()
    return sorted(found, key=lambda one: (one.id != survey.organization_id, one.name, one.id))


def find_place(session: Session, reach: Reach, survey: Survey, place_id: uuid.UUID) -> Organization:
    """A place of a survey, for somebody who may write for it: who runs it, or runs the survey and sees the place."""
    place = session.get(Organization, place_id)
    if place is None or place_id not in places_above(session, survey) or not reach.can("see", place_id):
        raise NotThereError
    if not (reach.can("run", place_id) or reach.can("run", survey.organization_id)):
        raise NotAllowedError
    return place


def texts(session: Session, survey: Survey, place: uuid.UUID) -> Texts:
    """What a place has written so far."""
    rows = _rows(session, survey, place)
    published = [row.published_at for row in rows.values() if row.published_at]
    by_language = {language: row.text for language, row in rows.items() if row.text}
    return Texts(by_language, min(published, default=None))


def save(
    session: Session,
    reach: Reach,
    survey: Survey,
    place: Organization,
    written: Mapping[str, str],
    seen: str,
    now: datetime,
    publish: bool | None = None,
) -> bool:
    """Keep the texts of a place by language; with `publish` they are shown from now on, or no more.

    False, and nothing is kept, when somebody has changed them since they were `seen`.
    """
    session.refresh(place, with_for_update={"key_share": True})  # two who begin to write at once
    before = texts(session, survey, place.id)
    if before.mark != seen and {**before.by_language} != {code: text for code, text in written.items() if text}:
        return False
    shown = before.published_at if publish is None else (before.published_at or now) if publish else None
    rows = _rows(session, survey, place.id)
    for language, text in written.items():
        row = rows.get(language)
        if row is None and text:
            row = rows[language] = FollowUp(survey_id=survey.id, organization_id=place.id, language=language)
            session.add(row)
        if row is not None and row.text != text:
            row.text, row.changed_at = text, now
    for row in rows.values():
        row.published_at = shown
    done = "saved" if shown == before.published_at else "published" if shown else "taken_back"
    audit.note(session, f"survey.follow_up_{done}", reach.person, place.id, now, survey.title, survey=str(survey.id))
    session.flush()
    return True


def told(session: Session, link: SurveyLink, language: str, crosswalk: Mapping[str, Crossing]) -> Told | None:
    """What is told at the address of a closed link; None when neither its place nor one above has published."""
    if link.survey.closed_at is None:
        return None
    above = places_above(session, link.survey)
    for place in upward(above, link.organization_id):
        if texts(session, link.survey, place).published_at:
            return preview(session, link.survey, place, link.audience, language, crosswalk)
    return None


def preview(
    session: Session,
    survey: Survey,
    place: uuid.UUID,
    audience: str,
    language: str,
    crosswalk: Mapping[str, Crossing],
) -> Told:
    """What an audience of a place would be told, whether it is published or not."""
    seen = results.published(session, survey).view(place, audience, language)
    heard = seen if isinstance(seen, TooFew) else _heard(seen, crosswalk)
    return Told(session.get_one(Organization, place), texts(session, survey, place), heard)


def _heard(counted: Tally, crosswalk: Mapping[str, Crossing]) -> Heard:
    rated = [one.item for one in counted.items.values() if isinstance(one.item, Scale)]
    names = {item.responsibility: item.short for item in rated}
    best, weakest = ([(item.short, good) for item, good in ratings] for ratings in ends(counted, _SHOWN))
    chosen = priorities(counted, crosswalk)[:_SHOWN]
    return Heard(counted.n, best, weakest, [(names[one.responsibility], one.chosen) for one in chosen])


def _rows(session: Session, survey: Survey, place: uuid.UUID) -> dict[str, FollowUp]:
    query = select(FollowUp).where(FollowUp.survey_id == survey.id, FollowUp.organization_id == place)
    return {row.language: row for row in session.scalars(query.order_by(FollowUp.language))}
