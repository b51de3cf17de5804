"""What a new survey may be: the places below that can take part, and an earlier survey a year later."""

import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.model import LEVELS
from partnerforms.models import Organization, Survey, SurveyLink
from partnerforms.services.access import NotThereError, subtree
from partnerforms.services.surveys.opening import Plan, asks

Which = Literal["all", "without", "only"]
WHICH: tuple[Which, ...] = ("all", "without", "only")
A_YEAR = timedelta(weeks=52)  # the days of the week stay
_YEAR = re.compile(r"\b20\d\d\b")


@dataclass(frozen=True)
class Place:
    """An organization that may take part; `above` is the name of the one it belongs to."""

    id: uuid.UUID
    level: str
    name: str
    number: str
    parent_id: uuid.UUID | None
    above: str


@dataclass(frozen=True)
class Unknown:
    """A line that names no place, or more than one."""

    line: str
    several: bool


def places_below(session: Session, organization: Organization) -> list[Place]:
    """All places below an organization that are not archived: each district with its schools behind it."""
    ids = subtree([organization.id])
    lower = LEVELS[LEVELS.index(organization.level) + 1 :]
    query = select(
        Organization.id, Organization.level, Organization.name, Organization.number, Organization.parent_id
    ).where(Organization.id.in_(ids), Organization.archived_at.is_(None), Organization.level.in_(lower))
    rows = session.execute(query).all()
    names = {organization.id: organization.name, **{row.id: row.name for row in rows}}
    found = [
        Place(row.id, row.level, row.name, row.number or "", row.parent_id, names.get(row.parent_id, ""))
        for row in rows
    ]
    return sorted(found, key=lambda place: _order(place, organization.id))


def _order(place: Place, top: uuid.UUID) -> tuple[str, int, str]:
    if place.level == "school":
        return ("" if place.parent_id == top else place.above.casefold(), 1, place.name.casefold())
    return (place.name.casefold(), 0, "")


def choose(places: Sequence[Place], which: Which, text: str) -> tuple[set[uuid.UUID], list[Unknown]]:
    """The places that take part, when a text names one a line, and the lines that nobody understands.

    A line is a name, a number, or "school, district"; a district is meant with its schools. Who takes part without
    being named is the district above a school that does: its own staff may be asked.
    """
    everybody = {place.id for place in places}
    if which == "all":
        return everybody, []
    called: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        for name in {place.name, place.number, f"{place.name}, {place.above}"} - {""}:
            called[_plain(name)].append(place)
    meant = {line: called[_plain(line)] for line in map(str.strip, text.splitlines()) if line}
    unknown = [Unknown(line, len(found) > 1) for line, found in meant.items() if len(found) != 1]
    named = {found[0].id for found in meant.values() if len(found) == 1}
    named |= {place.id for place in places if place.parent_id in named}
    return (everybody - named if which == "without" else with_above(places, named)), unknown


def with_above(places: Sequence[Place], chosen: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the places that are chosen, and the districts above them."""
    above = {place.parent_id for place in places if place.id in chosen}
    return {place.id for place in places if place.id in chosen or place.id in above}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def written(places: Sequence[Place], chosen: Collection[uuid.UUID]) -> tuple[Which, str]:
    """The shortest text from which `choose` reads these schools, and the districts above them, again."""
    taken, having_schools = with_above(places, chosen), {place.parent_id for place in places}
    left_out = [
        place for place in places if place.id not in taken and (place.level == "school" or place.id in having_schools)
    ]
    if not left_out:
        return "all", ""
    without = _lines(places, left_out)
    only = _lines(places, [place for place in places if place.id in taken and place.level == "school"])
    return ("without", "\n".join(without)) if len(without) <= len(only) else ("only", "\n".join(only))


def _lines(places: Sequence[Place], meant: Sequence[Place]) -> list[str]:
    """A line for each place, of a school only where its district does not stand for it."""
    ids = {place.id for place in meant}
    names = Counter(_plain(place.name) for place in places)
    return [
        place.name if names[_plain(place.name)] == 1 else place.number or f"{place.name}, {place.above}"
        for place in meant
        if place.parent_id not in ids
    ]


def nobody_asks(organization: Organization, places: Iterable[Place], audiences: Iterable[str]) -> list[str]:
    """The audiences that no place would ask, when these places take part."""
    levels = {organization.level, *(place.level for place in places)}
    return [audience for audience in audiences if not any(asks(level, audience) for level in levels)]


def earlier(session: Session, organization: Organization, limit: int) -> list[Survey]:
    """The surveys that an organization has opened before, the latest first."""
    query = select(Survey).where(Survey.organization_id == organization.id)
    return list(session.scalars(query.order_by(Survey.opens_on.desc(), Survey.id).limit(limit)))


def find_earlier(session: Session, organization: Organization, survey_id: uuid.UUID) -> Survey:
    """A survey that this very organization has opened; NotThereError for any other."""
    survey = session.get(Survey, survey_id)
    if survey is None or survey.organization_id != organization.id:
        raise NotThereError
    return survey


def a_year_later(session: Session, survey: Survey, today: date) -> Plan:
    """The plan of an earlier survey, as many years later as it takes for it not to be over.

    Years in its name go on too: "Survey 2025–2026" becomes "Survey 2026–2027".
    """
    query = select(SurveyLink.organization_id, SurveyLink.audience, SurveyLink.delivery)
    links = session.execute(query.where(SurveyLink.survey_id == survey.id)).all()
    deliveries = {link.audience: link.delivery for link in links}
    places = {link.organization_id for link in links}
    wide = places != {survey.organization_id}
    years = max(1, -((survey.closes_on - today) // A_YEAR))
    return Plan(
        _YEAR.sub(lambda found: str(int(found[0]) + years), survey.title),
        _add(survey.opens_on, A_YEAR * years),
        _add(survey.closes_on, A_YEAR * years),
        deliveries,
        survey.languages,
        places - {survey.organization_id} if wide else (),
        survey.id,
    )


def _add(day: date, span: timedelta) -> date:
    return day + span if day <= date.max - span else date.max
