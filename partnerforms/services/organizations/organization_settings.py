"""What an organization sets for itself and those below it: shown with where it comes from, checked, kept, logged.

Settings go by field names: those of `Organization`, and term_NAME for each word of `engine.terms`. An empty one is
taken from above. The smallest group only ever goes up.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, get_args
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from partnerforms.documents.templates.logo import read_picture
from partnerforms.engine.answers import clean
from partnerforms.engine.disclosure import FLOOR
from partnerforms.engine.terms import TERMS
from partnerforms.models import Organization
from partnerforms.services import audit, inheritance
from partnerforms.services.access import Reach
from partnerforms.services.deliveries import check_recipient

CLOCKS: tuple[inheritance.Clock, ...] = get_args(inheritance.Clock)
FIELDS = (
    *(f"term_{name}" for name in TERMS),
    "school_year_start",
    "time_zone",
    "minimum_n",
    "reply_address",
    *CLOCKS,
)

LONGEST_TERM = 80
MOST_MONTHS = 120
GREATEST_GROUP = 1000
LARGEST_LOGO = 500_000  # bytes
LOGO_SIDES = (16, 4000)  # pixels
_A_LEAP_YEAR = 2024
_MONTH_AND_DAY = re.compile("([0-9]{1,2})-([0-9]{1,2})")


class WrongSettingsError(Exception):
    """Nothing is changed; `problems` has a code for each field that is wrong.

    too_long, not_a_day, not_a_zone, not_a_number, out_of_range, too_low, not_an_address; of the logo not_a_picture,
    too_large, wrong_size.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems.items()))
        self.problems = problems


@dataclass(frozen=True)
class Held:
    """A setting: the organization's `own` value as text, and what holds without it, from which place ("" for the
    program's own)."""

    own: str
    otherwise: str
    source: str


def held(organization: Organization) -> dict[str, Held]:
    """Every setting of FIELDS."""
    return {name: Held(_text(_own(organization, name)), *_otherwise(organization, name)) for name in FIELDS}


def least_group(organization: Organization) -> int:
    """The smallest value that the smallest group may take: nothing above or before may be undercut."""
    return max(FLOOR, inheritance.minimum_n(organization) or 0)


@cache
def zones() -> tuple[str, ...]:
    """The time zones there are to choose from."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def save(
    session: Session,
    reach: Reach,
    organization: Organization,
    typed: Mapping[str, str],
    now: datetime,
    logo: bytes = b"",
    without_logo: bool = False,
) -> None:
    """Keep what was typed for fields of FIELDS, and a new logo if there is one; a field that is not there stays.

    WrongSettingsError when anything is wrong; nothing is changed then.
    """
    reach.require("run", organization.id)
    session.refresh(organization, with_for_update={"key_share": True})
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in FIELDS:
        own = _own(organization, name)
        text = clean(typed.get(name, _text(own)))
        try:
            values[name] = own if text == _text(own) else _checked(organization, name, text)
        except ValueError as error:
            problems[name] = str(error)
    if logo and not without_logo and (wrong := _wrong_with(logo)):
        problems["logo"] = wrong
    if problems:
        raise WrongSettingsError(problems)
    changed = {name: _text(value) for name, value in values.items() if value != _own(organization, name)}
    for name in changed:
        if not name.startswith("term_"):
            setattr(organization, name, values[name])
    organization.terms = {name: word for name in TERMS if (word := values[f"term_{name}"])} or None
    if without_logo and organization.logo:
        organization.logo, changed["logo"] = None, ""
    elif logo and not without_logo:
        organization.logo, changed["logo"] = logo, "new"
    if changed:
        audit.note(
            session, "organization.settings_changed", reach.person, organization.id, now, organization.name, **changed
        )
    session.flush()


def _own(organization: Organization, name: str) -> Any:
    if name.startswith("term_"):
        return (organization.terms or {}).get(name.removeprefix("term_"))
    return getattr(organization, name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _otherwise(organization: Organization, name: str) -> tuple[str, str]:
    """What holds when the organization sets nothing, and the name of the place it comes from."""
    above = list(inheritance.upward(organization))[1:]
    having = [one for one in above if _own(one, name)]
    if not having:
        return _text(_shipped(name)), ""
    source = max(having, key=lambda one: one.minimum_n or 0) if name == "minimum_n" else having[0]
    return _text(_own(source, name)), source.name


def _shipped(name: str) -> Any:
    """What the program itself has for a setting; None where the page says it in words."""
    if name.startswith("term_"):
        return TERMS[name.removeprefix("term_")]
    if name == "school_year_start":
        return inheritance.SCHOOL_YEAR_START
    return inheritance.KEEP.get(name)  # type: ignore[call-overload]  # None for what is no clock


def _checked(organization: Organization, name: str, text: str) -> Any:
    """The value to keep, None for an empty text; ValueError with the code of what is wrong."""
    if name == "minimum_n":
        return _group(organization, text)
    if not text:
        return None
    if name.startswith("term_"):
        return _term(text)
    if name == "school_year_start":
        return _day(text)
    if name == "time_zone":
        return _zone(text)
    if name == "reply_address":
        return _address(text)
    return _whole(text, 1, MOST_MONTHS)


def _group(organization: Organization, text: str) -> int | None:
    chosen = _whole(text, 0, GREATEST_GROUP) if text else None
    above = inheritance.minimum_n(organization.parent) if organization.parent else None
    if chosen is None and (organization.minimum_n or 0) > (above or 0):
        raise ValueError("too_low")
    if chosen is not None and chosen < least_group(organization):
        raise ValueError("too_low")
    return chosen


def _term(text: str) -> str:
    term = " ".join(text.split())
    if len(term) > LONGEST_TERM:
        raise ValueError("too_long")
    return term


def _day(text: str) -> str:
    """A month and a day, kept as 08-01."""
    found = _MONTH_AND_DAY.fullmatch(text)
    with suppress(ValueError):
        if found:
            return date(_A_LEAP_YEAR, int(found[1]), int(found[2])).strftime("%m-%d")
    raise ValueError("not_a_day")


def _zone(text: str) -> str:
    if text not in zones():
        raise ValueError("not_a_zone")
    return text


def _address(text: str) -> str:
    try:
        return check_recipient(text)
    except ValueError:
        raise ValueError("not_an_address") from None


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError("not_a_number")
    if not least <= int(text) <= most:
        raise ValueError("out_of_range")
    return int(text)


def _wrong_with(logo: bytes) -> str:
    """What keeps a picture from being a logo, or ""."""
    if len(logo) > LARGEST_LOGO:
        return "too_large"
    try:
        picture = read_picture(logo)
    except ValueError:
        return "not_a_picture"
    least, most = LOGO_SIDES
    return "" if all(least <= side <= most for side in (picture.width, picture.height)) else "wrong_size"
