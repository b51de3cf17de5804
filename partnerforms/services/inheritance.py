"""Settings that an organization takes from the nearest one above until it sets its own."""

from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from partnerforms.models import Organization
from partnerforms.services.tools import Tools

Clock = Literal["keep_answers", "keep_drafts", "keep_mail", "keep_log"]

SCHOOL_YEAR_START = "08-01"
# Months. Answers: after the survey has closed. Drafts: since they were changed. Mail and log: since then.
KEEP: dict[Clock, int] = {"keep_answers": 24, "keep_drafts": 24, "keep_mail": 24, "keep_log": 84}


def upward(organization: Organization) -> Iterator[Organization]:
    """The organization, the one above it, and so on up to the top."""
    here: Organization | None = organization
    while here is not None:
        yield here
        here = here.parent


def source(organization: Organization, name: str) -> Organization | None:
    """Which organization a setting comes from; None when none above has set it and the program's own holds."""
    return next((here for here in upward(organization) if getattr(here, name)), None)


def setting(organization: Organization, name: str) -> Any:
    """The value of a setting as it holds here, or None."""
    found = source(organization, name)
    return getattr(found, name) if found else None


def logo(organization: Organization) -> bytes | None:
    """The picture of the organization or of the nearest one above that has one."""
    picture: bytes | None = setting(organization, "logo")
    return picture


def minimum_n(organization: Organization) -> int | None:
    """The highest smallest-group size that the organization or any above it has chosen."""
    chosen = [here.minimum_n for here in upward(organization) if here.minimum_n is not None]
    return max(chosen, default=None)


def zone(organization: Organization, tools: Tools) -> tzinfo | None:
    """The time zone of the organization's people."""
    name = setting(organization, "time_zone")
    return ZoneInfo(name) if name else tools.zone


def day(organization: Organization, moment: datetime, tools: Tools) -> date:
    """The day of a moment where the organization's people live."""
    return moment.astimezone(zone(organization, tools)).date()


def school_year_began(organization: Organization, today: date) -> date:
    """The first day of the school year that today is in."""
    month, day_of_month = map(int, (setting(organization, "school_year_start") or SCHOOL_YEAR_START).split("-"))
    this_year = date(today.year, month, day_of_month)
    return this_year if this_year <= today else date(today.year - 1, month, day_of_month)


def keep(organization: Organization, clock: Clock) -> int:
    """For how many months something is kept."""
    months: int = setting(organization, clock) or KEEP[clock]
    return months
