"""The form on which a survey is opened: what stands in it at first, what was typed, and the plan it makes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from partnerforms.engine.answers import clean, read_date
from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language
from partnerforms.models import Organization
from partnerforms.services import surveys
from partnerforms.services.surveys import planning
from partnerforms.services.surveys.opening import Plan
from partnerforms.services.surveys.planning import Place, Unknown

LONGEST_TITLE = 200
TICKED = 40  # so many schools are boxes to tick; more are named in a list
TWO_WEEKS, _FOUR_WEEKS = timedelta(weeks=2), timedelta(weeks=4)


@dataclass(frozen=True)
class Choices:
    """What can be chosen for an organization: the places below it, audiences, languages by code."""

    organization: Organization
    places: Sequence[Place]
    audiences: Sequence[str]
    languages: Mapping[str, Language]
    only_for: Mapping[str, Sequence[str]]

    @property
    def boxes(self) -> bool:
        """Are there few enough schools to tick them one by one?"""
        return len(self.schools) <= TICKED

    @property
    def schools(self) -> list[Place]:
        return [place for place in self.places if place.level == "school"]


@dataclass(frozen=True)
class Typed:
    """All fields of the form as they stand there."""

    title: str = ""
    opens_on: str = ""
    closes_on: str = ""
    audiences: Sequence[str] = ()
    deliveries: Mapping[str, str] = field(default_factory=dict)
    languages: Sequence[str] = ()
    where: str = "here"
    which: str = "all"
    listed: str = ""
    schools: Sequence[str] = ()
    earlier: str = ""


def choices(organization: Organization, places: Sequence[Place], library: Library) -> Choices:
    """`library` is the one of the organization: with languages of its own."""
    audiences = surveys.audiences_for(organization)
    complete = {audience: library.languages_of(f"survey_{audience}") for audience in audiences}
    found = {language.code: language for offered in complete.values() for language in offered}
    speaking = {code: [audience for audience in audiences if found[code] in complete[audience]] for code in found}
    partly = {code: those for code, those in speaking.items() if len(those) < len(audiences)}
    return Choices(organization, places, audiences, found, partly)


def at_first(offered: Choices, today: date) -> Typed:
    """Everybody is asked here, in all languages, for four weeks from today; sheets leave in batches."""
    return Typed(
        opens_on=today.isoformat(),
        closes_on=(today + _FOUR_WEEKS).isoformat(),
        audiences=offered.audiences,
        languages=list(offered.languages),
        schools=[str(place.id) for place in offered.schools],
    )


def from_plan(offered: Choices, plan: Plan) -> Typed:
    """An earlier survey's plan, to be looked at and changed."""
    which, listed = planning.written(offered.places, plan.places) if plan.places else ("all", "")
    wanted = plan.places or [place.id for place in offered.places]
    return Typed(
        title=plan.title,
        opens_on=plan.opens_on.isoformat(),
        closes_on=plan.closes_on.isoformat(),
        audiences=[audience for audience in plan.deliveries if audience in offered.audiences],
        deliveries=plan.deliveries,
        languages=[code for code in plan.languages if code in offered.languages] or list(offered.languages),
        where="below" if plan.places else "here",
        which=which,
        listed=listed,
        schools=[str(place.id) for place in offered.schools if place.id in wanted],
        earlier=str(plan.previous_id),
    )


def from_form(form: MultiDict[str, str]) -> Typed:
    """What was sent, as it was sent."""

    def one(name: str) -> str:
        return clean(form.get(name, ""))

    return Typed(
        title=one("title"),
        opens_on=one("opens_on"),
        closes_on=one("closes_on"),
        audiences=form.getlist("audience"),
        deliveries={name.removeprefix("delivery-"): one(name) for name in form if name.startswith("delivery-")},
        languages=form.getlist("language"),
        where=one("where"),
        which=one("which"),
        listed=one("listed"),
        schools=form.getlist("school"),
        earlier=one("earlier"),
    )


@dataclass(frozen=True)
class Checked:
    """The plan, or what keeps it from being one: names of fields; lines and audiences that an error is about."""

    plan: Plan | None
    errors: Sequence[str]
    unknown: Sequence[Unknown] = ()
    unasked: Sequence[str] = ()


def check(offered: Choices, typed: Typed, today: date, previous_id: uuid.UUID | None) -> Checked:
    """Read the form. What is not offered was made up by somebody and is left out."""
    opens, closes = read_date(typed.opens_on), read_date(typed.closes_on)
    audiences = [audience for audience in offered.audiences if audience in typed.audiences]
    deliveries = {audience: _delivery(typed.deliveries.get(audience, "")) for audience in audiences}
    languages = [code for code in offered.languages if code in typed.languages]
    wide = typed.where == "below" and bool(offered.places)
    taken, unknown = _places(offered, typed) if wide else (set[uuid.UUID](), [])
    taking_part = [place for place in offered.places if place.id in taken]
    unasked = planning.nobody_asks(offered.organization, taking_part, audiences) if wide and not unknown else []
    errors = [
        name
        for name, wrong in (
            ("title", not 0 < len(typed.title) <= LONGEST_TITLE),
            ("opens_on", opens is None),
            ("closes_on", wrong_last_day(opens, closes, today)),
            ("audience", not audiences),
            ("language", not languages),
            ("places", bool(unknown or unasked)),
        )
        if wrong
    ]
    if errors or opens is None or closes is None:
        return Checked(None, errors, unknown, unasked)
    return Checked(Plan(typed.title, opens, closes, deliveries, languages, taken, previous_id), [])


def wrong_last_day(opens: date | None, closes: date | None, today: date) -> bool:
    """A last day is not before the first day, and not over already."""
    return closes is None or closes < today or bool(opens and closes < opens)


def _delivery(chosen: str) -> str:
    return chosen if chosen in surveys.DELIVERIES else surveys.DELIVERIES[0]


def _places(offered: Choices, typed: Typed) -> tuple[set[uuid.UUID], list[Unknown]]:
    if offered.boxes:
        ticked = {place.id for place in offered.schools if str(place.id) in typed.schools}
        return planning.with_above(offered.places, ticked), []
    which = next((one for one in planning.WHICH if one == typed.which), planning.WHICH[0])
    return planning.choose(offered.places, which, typed.listed)
