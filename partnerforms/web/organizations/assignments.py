"""Assignments: what an organization asks those below for, and how far they are."""

import uuid
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, read_date
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance, organizations
from partnerforms.services.organizations import assignments
from partnerforms.web import house, security

assignments_pages = Blueprint("assignments", __name__)
assignments_pages.before_request(security.member_only)

_SOON = timedelta(weeks=6)


@assignments_pages.get("/organizations/<uuid:organization_id>/assignments")
def overview(organization_id: uuid.UUID) -> str:
    """What the organization asks for now, each with how many have submitted."""
    organization = _organization(organization_id)
    found = assignments.of(db.session(), [organization.id])
    return render_template(
        "assignments/overview.html",
        organization=organization,
        assignments=found,
        counts={one.id: assignments.counts(db.session(), one, house.tools()) for one in found},
        titles={one.id: house.instrument(one.instrument).title for one in found},
    )


@assignments_pages.get("/organizations/<uuid:organization_id>/assignments/new")
def new(organization_id: uuid.UUID) -> str:
    organization = _organization(organization_id)
    today = inheritance.day(organization, house.now(), house.tools())
    began = inheritance.school_year_began(organization, today)
    typed = {
        "instrument": request.args.get("instrument", ""),
        "title": f"{began.year}–{began.year + 1}",
        "since": began.isoformat(),
        "due_on": (today + _SOON).isoformat(),
    }
    return _new_page(organization, typed, errors=[])


@assignments_pages.post("/organizations/<uuid:organization_id>/assignments/new")
def create(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    organization = _organization(organization_id)
    typed = {name: clean(request.form.get(name, "")) for name in ("instrument", "title", "since", "due_on")}
    offered = {one.id: one for one in house.library().records_from(organization.level)}
    instrument = offered.get(typed["instrument"])
    since, due_on = read_date(typed["since"]), read_date(typed["due_on"])
    errors = [
        name
        for name, wrong in (
            ("instrument", instrument is None),
            ("title", not 0 < len(typed["title"]) <= 200),
            ("since", since is None or not 2000 <= since.year < 2200),
            ("due_on", _wrong_day(since, due_on)),
        )
        if wrong
    ]
    if errors or instrument is None or since is None or due_on is None:
        return _new_page(organization, typed, errors), 422
    made = assignments.create(
        db.session(), security.reach(), organization, instrument, typed["title"], since, due_on, house.now()
    )
    db.session.commit()
    return redirect(url_for("assignments.page", assignment_id=made.id), 303)


@assignments_pages.get("/assignments/<uuid:assignment_id>")
def page(assignment_id: uuid.UUID) -> str:
    """Who has submitted, who has begun, who has not."""
    assignment = assignments.find(db.session(), security.reach(), assignment_id)
    asked = assignments.asked(db.session(), house.library(), assignment)
    standings = assignments.standings(db.session(), assignment, [one.id for one in asked], house.tools())
    reminded = assignment.reminded_at
    return render_template(
        "assignments/page.html",
        assignment=assignment,
        instrument=house.instrument(assignment.instrument),
        groups=[
            (state, [(one, standings[one.id].record_id) for one in asked if standings[one.id].state == state])
            for state in ("nothing", "draft", "submitted")
        ],
        total=len(asked),
        overdue=assignment.due_on < inheritance.day(assignment.organization, house.now(), house.tools()),
        may_remind=reminded is None or house.now() - reminded >= assignments.REMIND_EVERY,
        runs=security.reach().can("run", assignment.organization_id),
    )


@assignments_pages.post("/assignments/<uuid:assignment_id>/remind")
def remind(assignment_id: uuid.UUID) -> Response:
    assignment = assignments.find(db.session(), security.reach(), assignment_id)
    try:
        count = assignments.remind(db.session(), security.reach(), assignment, house.tools(), house.now())
    except assignments.TooSoonError:
        return redirect(url_for("assignments.page", assignment_id=assignment.id), 303)
    db.session.commit()
    return redirect(url_for("assignments.page", assignment_id=assignment.id, reminded=count), 303)


@assignments_pages.post("/assignments/<uuid:assignment_id>/end")
def end(assignment_id: uuid.UUID) -> Response:
    assignment = assignments.find(db.session(), security.reach(), assignment_id)
    assignments.end(db.session(), security.reach(), assignment, house.now())
    db.session.commit()
    return redirect(url_for("assignments.overview", organization_id=assignment.organization_id), 303)


def _organization(organization_id: uuid.UUID) -> Organization:
    security.reach().require("run", organization_id)
    (found,) = organizations.listed(db.session(), [organization_id])
    return found


def _wrong_day(since: date | None, due_on: date | None) -> bool:
    return due_on is None or bool(since and due_on < since)


def _new_page(organization: Organization, typed: dict[str, str], errors: list[str]) -> str:
    return render_template(
        "assignments/new.html",
        organization=organization,
        instruments=[house.instrument(one.id) for one in house.library().records_from(organization.level)],
        typed=typed,
        errors=errors,
    )
