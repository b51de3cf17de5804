"""Surveys begin and end: open one, close it."""

import uuid
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, read_date
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance, organizations, surveys
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys import opening
from partnerforms.web import house, security

opening_pages = Blueprint("opening", __name__)
opening_pages.before_request(security.member_only)


@opening_pages.get("/surveys/new")
def new() -> str:
    today = inheritance.day(_organization(), house.now(), house.tools())
    typed = {
        "title": "",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(weeks=4)).isoformat(),
    }
    return _new_page(typed, errors=[])


@opening_pages.post("/surveys/new")
def create() -> Response | tuple[str, int]:
    organization = _organization()
    typed = {name: clean(request.form.get(name, "")) for name in ("title", "opens_on", "closes_on")}
    asked = surveys.audiences_for(organization)
    deliveries = {audience: request.form.get(f"delivery-{audience}", "") for audience in asked}
    deliveries = {audience: how for audience, how in deliveries.items() if how in surveys.DELIVERIES}
    opens, closes = read_date(typed["opens_on"]), read_date(typed["closes_on"])
    errors = [
        name
        for name, wrong in (
            ("title", not 0 < len(typed["title"]) <= 200),
            ("opens_on", opens is None),
            ("closes_on", closes is None or bool(opens and closes < opens)),
            ("audiences", not deliveries),
        )
        if wrong
    ]
    if errors or opens is None or closes is None:
        return _new_page(typed, errors), 422
    plan = opening.Plan(typed["title"], opens, closes, deliveries)
    survey = opening.open_survey(
        db.session(), security.reach(), organization, plan, house.tools(), house.CHANCE, house.now()
    )
    db.session.commit()
    return redirect(url_for("surveys.overview", survey_id=survey.id), 303)


@opening_pages.post("/surveys/<uuid:survey_id>/close")
def close(survey_id: uuid.UUID) -> Response:
    survey = surveys.find(db.session(), security.reach(), survey_id)
    security.reach().require("run", survey.organization_id)
    opening.close(db.session(), survey, house.tools(), house.CHANCE, house.now(), security.reach().person)
    db.session.commit()
    return redirect(url_for("surveys.overview", survey_id=survey.id), 303)


def _organization() -> Organization:
    wanted = request.values.get("organization", "")
    for organization in organizations.listed(db.session(), security.reach().where("run")):
        if str(organization.id) == wanted:
            return organization
    raise NotThereError


def _new_page(typed: dict[str, str], errors: list[str]) -> str:
    organization = _organization()
    return render_template(
        "surveys/new.html",
        organization=organization,
        audiences=surveys.audiences_for(organization),
        chosen=request.form,
        typed=typed,
        errors=errors,
    )
