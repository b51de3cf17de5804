"""The documents of an organization and all below it as one ZIP: chosen here, made by a job."""

import uuid
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, read_date
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance, jobs, organizations
from partnerforms.services.jobs import collecting
from partnerforms.web import house, security

collecting_pages = Blueprint("collecting", __name__)
collecting_pages.before_request(security.member_only)


@collecting_pages.get("/organizations/<uuid:organization_id>/documents")
def ask(organization_id: uuid.UUID) -> str:
    """Which documents there are to choose from."""
    organization = _organization(organization_id)
    since = inheritance.school_year_began(organization, _today(organization))
    return _page(organization, {"instrument": "", "since": since.isoformat(), "which": "latest"})


@collecting_pages.post("/organizations/<uuid:organization_id>/documents")
def begin(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    """A job that puts them into one file."""
    session, reach = db.session(), security.reach()
    organization = _organization(organization_id)
    typed = {name: clean(request.form.get(name, "")) for name in ("instrument", "since", "which")}
    ids = collecting.seen(session, reach, organization)
    day = read_date(typed["since"])
    errors = {}
    if typed["instrument"] and typed["instrument"] not in collecting.submitted(session, ids):
        errors["instrument"] = house.gettext("Choose one of these.")
    if typed["since"] and (day is None or not 2000 <= day.year < 2200):
        errors["since"] = house.gettext("Enter a date, or leave it empty.")
    if typed["which"] not in ("latest", "all"):
        errors["which"] = house.gettext("Choose one of these.")
    if errors:
        return _page(organization, typed, errors), 422
    choice = collecting.Choice(
        typed["instrument"],
        inheritance.begins(organization, day, house.tools()) if day else None,
        "all" if typed["which"] == "all" else "latest",
    )
    if not collecting.papers(session, ids, choice):
        errors["since"] = house.gettext("Nothing has been submitted since then.")
        return _page(organization, typed, errors), 422
    asked = {
        **collecting.kept(choice),
        "form": _title(choice.instrument),
        "headings": _headings(),
        "forms": {one.id: house.instrument(one.id).title for one in house.library().instruments("record")},
        "filename": collecting.filename(organization, _title(choice.instrument), _today(organization)),
    }
    job = jobs.begin(session, reach, organization.id, "documents", asked, house.now())
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


def _organization(organization_id: uuid.UUID) -> Organization:
    return organizations.find(db.session(), security.reach(), organization_id)


def _today(organization: Organization) -> date:
    return inheritance.day(organization, house.now(), house.tools())


def _title(instrument: str) -> str:
    return house.instrument(instrument).title if instrument else house.gettext("All forms")


def _headings() -> list[str]:
    """The first row of the list in the ZIP, in the reader's language."""
    return [
        house.gettext("Organization"),
        house.gettext("Number"),
        house.gettext("Form"),
        house.gettext("Title"),
        house.gettext("Revision"),
        house.gettext("Submitted on"),
        house.gettext("Submitted by"),
        house.gettext("SHA-256"),
        house.gettext("File"),
    ]


def _page(organization: Organization, typed: dict[str, str], errors: dict[str, str] | None = None) -> str:
    ids = collecting.seen(db.session(), security.reach(), organization)
    counts = collecting.submitted(db.session(), ids)
    titles = {one: house.instrument(one).title for one in counts if one in house.library().definitions}
    return render_template(
        "collecting/ask.html",
        organization=organization,
        counts=counts,
        titles=dict(sorted(titles.items(), key=lambda one: one[1])),
        typed=typed,
        errors=errors or {},
    )
