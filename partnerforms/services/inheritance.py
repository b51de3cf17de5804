"""Settings that an organization takes from the nearest one above until it sets its own."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import QueryableAttribute, selectinload
from sqlalchemy.orm.interfaces import LoaderOption

from partnerforms.engine.terms import TERMS, Terms
from partnerforms.models import Organization
from partnerforms.services.tools import Tools

Clock = Literal["keep_answers", "keep_drafts", "keep_mail", "keep_log"]

SCHOOL_YEAR_START = "08-01"
# Months. Answers: after the survey has closed. Drafts: since they were changed. Mail and log: since then.
KEEP: dict[Clock, int] = {"keep_answers": 24, "keep_drafts": 24, "keep_mail": 24, "keep_log": 84}


def with_all_above(place: QueryableAttribute[Organization]) -> LoaderOption:
    """Of a query: take along the organization of each row and all above it, which else are asked for one by one."""
    return selectinload(place).selectinload(Organization.parent, recursion_depth=2)


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


def terms(organization: Organization) -> Terms:
    """What the place calls its teams, word by word from the nearest organization that has chosen one."""
    chosen: dict[str, str] = {}
    for here in upward(organization):
        chosen = {**(here.terms or {}), **chosen}
    return tuple((name, chosen[name]) for name in TERMS if chosen.get(name))


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


def begins(organization: Organization, day: date, tools: Tools) -> datetime:
    """The first moment of a day where the organization's people live."""
    midnight = datetime.combine(day, time(), zone(organization, tools))
    return midnight.astimezone(UTC)


def school_year_began(organization: Organization, today: date) -> date:
    """The first day of the school year that today is in."""
    month, day_of_month = map(int, (setting(organization, "school_year_start") or SCHOOL_YEAR_START).split("-"))

    def first_day(year: int) -> date:
        return date(year, month, min(day_of_month, monthrange(year, month)[1]))  # 29 February is not in every year

    this_year = first_day(today.year)
    return this_year if this_year <= today else first_day(today.year - 1)


def keep(organization: Organization, clock: Clock) -> int:
    """For how many months something is kept."""
    months: int = setting(organization, clock) or KEEP[clock]
    return months
