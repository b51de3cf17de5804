"""Surveys begin and end: open one, change its name and days, close it, open it again."""

import uuid
from contextlib import suppress
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, read_date
from partnerforms.extensions import db
from partnerforms.models import Organization, Survey
from partnerforms.services import inheritance, organizations, surveys, translations
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys import doubts, opening, paper, planning
from partnerforms.web import house, security
from partnerforms.web.surveys import typed
from partnerforms.web.surveys.typed import Checked, Typed

opening_pages = Blueprint("opening", __name__)
opening_pages.before_request(security.member_only)

_EARLIER = 10  # so many surveys are offered to begin from


@opening_pages.get("/surveys/new")
def new() -> str:
    """The form, filled with what is usual, or with an earlier survey a year later."""
    organization = _organization()
    offered, today = _choices(organization), _today(organization)
    earlier = _earlier(organization, request.args.get("earlier", ""))
    if earlier is None:
        return _new_page(offered, typed.at_first(offered, today))
    return _new_page(offered, typed.from_plan(offered, planning.a_year_later(db.session(), earlier, today)))


@opening_pages.post("/surveys/new")
def create() -> Response | tuple[str, int]:
    organization = _organization()
    offered, given = _choices(organization), typed.from_form(request.form)
    earlier = _earlier(organization, given.earlier)
    checked = typed.check(offered, given, _today(organization), earlier.id if earlier else None)
    if checked.plan is None:
        return _new_page(offered, given, checked), 422
    survey = opening.open_survey(
        db.session(), security.reach(), organization, checked.plan, house.tools(), house.CHANCE, house.now()
    )
    db.session.commit()
    return _to(survey)


@opening_pages.get("/surveys/<uuid:survey_id>/dates")
def dates(survey_id: uuid.UUID) -> Response | str:
    """Name and days of a survey that is not closed."""
    survey = _run(survey_id)
    if survey.closed_at is not None:
        return _to(survey)
    return _dates_page(survey, survey.title, survey.opens_on.isoformat(), survey.closes_on.isoformat(), errors=[])


@opening_pages.post("/surveys/<uuid:survey_id>/dates")
def change(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    survey = _run(survey_id)
    title, first, last = (clean(request.form.get(name, "")) for name in ("title", "opens_on", "closes_on"))
    opens, closes = read_date(first), read_date(last)
    errors = [
        name
        for name, wrong in (
            ("title", not 0 < len(title) <= typed.LONGEST_TITLE),
            ("opens_on", opens is None),
            ("closes_on", typed.wrong_last_day(opens, closes, _today(survey.organization))),
        )
        if wrong
    ]
    if errors or opens is None or closes is None:
        return _dates_page(survey, title, first, last, errors), 422
    opening.change(db.session(), security.reach(), survey, title, opens, closes, house.now())
    db.session.commit()
    return _to(survey)


@opening_pages.get("/surveys/<uuid:survey_id>/close")
def ask_close(survey_id: uuid.UUID) -> Response | str:
    """What closing does, before it is done."""
    survey = _run(survey_id)
    if survey.closed_at is not None:
        return _to(survey)
    waiting = doubts.waiting(db.session(), security.reach(), [survey.id]).get(survey.id, 0)
    piles = paper.unfinished(db.session(), survey)
    return render_template("surveys/close.html", survey=survey, waiting=waiting, piles=piles)


@opening_pages.post("/surveys/<uuid:survey_id>/close")
def close(survey_id: uuid.UUID) -> Response:
    survey = _run(survey_id)
    opening.close(db.session(), survey, house.tools(), house.CHANCE, house.now(), security.reach().person)
    db.session.commit()
    return _to(survey)


@opening_pages.get("/surveys/<uuid:survey_id>/reopen")
def ask_reopen(survey_id: uuid.UUID) -> Response | str:
    """What opening a closed survey again does, and until when it shall be open."""
    survey = _run(survey_id)
    if survey.closed_at is None:
        return _to(survey)
    last = max(_today(survey.organization) + typed.TWO_WEEKS, survey.opens_on)
    return render_template("surveys/reopen.html", survey=survey, closes_on=last.isoformat(), error=False)


@opening_pages.post("/surveys/<uuid:survey_id>/reopen")
def reopen(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    survey = _run(survey_id)
    last = clean(request.form.get("closes_on", ""))
    closes = read_date(last)
    if closes is None or typed.wrong_last_day(survey.opens_on, closes, _today(survey.organization)):
        return render_template("surveys/reopen.html", survey=survey, closes_on=last, error=True), 422
    opening.reopen(db.session(), security.reach(), survey, closes, house.now())
    db.session.commit()
    return _to(survey)


def _run(survey_id: uuid.UUID) -> Survey:
    """The survey, for somebody who runs it."""
    survey = surveys.find(db.session(), security.reach(), survey_id)
    security.reach().require("run", survey.organization_id)
    return survey


def _to(survey: Survey) -> Response:
    return redirect(url_for("surveys.overview", survey_id=survey.id), 303)


def _today(organization: Organization) -> date:
    return inheritance.day(organization, house.now(), house.tools())


def _organization() -> Organization:
    wanted = request.values.get("organization", "")
    for organization in organizations.listed(db.session(), security.reach().where("run")):
        if str(organization.id) == wanted:
            return organization
    raise NotThereError


def _earlier(organization: Organization, text: str) -> Survey | None:
    """The survey that the new one begins from, if it begins from one."""
    if not text:
        return None
    with suppress(ValueError):  # no id at all is as unknown as one of somebody else
        return planning.find_earlier(db.session(), organization, uuid.UUID(text))
    raise NotThereError


def _choices(organization: Organization) -> typed.Choices:
    library = translations.library_for(db.session(), organization, house.tools())
    return typed.choices(organization, planning.places_below(db.session(), organization), library)


def _new_page(offered: typed.Choices, given: Typed, checked: Checked | None = None) -> str:
    organization = offered.organization
    return render_template(
        "surveys/new.html",
        organization=organization,
        offered=offered,
        typed=given,
        checked=checked or Checked(None, []),
        earlier=planning.earlier(db.session(), organization, _EARLIER),
        begun_from=_earlier(organization, given.earlier),
    )


def _dates_page(survey: Survey, title: str, opens_on: str, closes_on: str, errors: list[str]) -> str:
    return render_template(
        "surveys/dates.html", survey=survey, title=title, opens_on=opens_on, closes_on=closes_on, errors=errors
    )
