"""The settings of an organization: each shows what holds now and from where, and an empty one is taken from above."""

import uuid
from collections.abc import Mapping
from datetime import date

from babel.dates import format_skeleton, get_month_names
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance
from partnerforms.services.organizations import find
from partnerforms.services.organizations import organization_settings as settings
from partnerforms.web import house, security

settings_pages = Blueprint("organization_settings", __name__)
settings_pages.before_request(security.member_only)

_A_LEAP_YEAR = 2024
# On the page the first day of the school year is a month and a day.
_START = ("school_year_month", "school_year_day")
_ON_PAGE = (*(name for name in settings.FIELDS if name != "school_year_start"), *_START)


@settings_pages.get("/organizations/<uuid:organization_id>/settings")
def edit(organization_id: uuid.UUID) -> str:
    organization = _run(organization_id)
    typed = {name: one.own for name, one in settings.held(organization).items()}
    typed["school_year_month"], _, typed["school_year_day"] = typed["school_year_start"].partition("-")
    return _settings_page(organization, typed, {})


@settings_pages.post("/organizations/<uuid:organization_id>/settings")
def save(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    organization = _run(organization_id)
    typed = {name: clean(request.form[name]) for name in _ON_PAGE if name in request.form}
    if any(name in typed for name in _START):
        month, day = (typed.get(name, "") for name in _START)
        typed["school_year_start"] = f"{month}-{day}" if month or day else ""
    file = request.files.get("logo")
    logo = file.stream.read(settings.LARGEST_LOGO + 1) if file else b""
    try:
        settings.save(
            db.session(), security.reach(), organization, typed, house.now(), logo, "without_logo" in request.form
        )
    except settings.WrongSettingsError as error:
        return _settings_page(organization, typed, error.problems), 422
    db.session.commit()
    return redirect(url_for("organization_settings.edit", organization_id=organization_id, saved=1), 303)


def _run(organization_id: uuid.UUID) -> Organization:
    return find(db.session(), security.reach(), organization_id, "run")


def _settings_page(organization: Organization, typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    held = settings.held(organization)
    return render_template(
        "organizations/settings.html",
        organization=organization,
        typed=typed,
        problems=problems,
        held=held,
        start=_month_and_day(held["school_year_start"].otherwise),
        months=get_month_names(locale=house.language().locale),
        zones=settings.zones(),
        clocks=settings.CLOCKS,
        least=settings.least_group(organization),
        logo=inheritance.source(organization, "logo"),
    )


def _month_and_day(text: str) -> str:
    """08-01 as people write it, such as August 1."""
    month, _, day = text.partition("-")
    return str(format_skeleton("MMMMd", date(_A_LEAP_YEAR, int(month), int(day)), locale=house.language().locale))
