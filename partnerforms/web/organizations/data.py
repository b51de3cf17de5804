"""An organization's data: how long it is kept, all of it as one file, and its end."""

import uuid
from collections import Counter
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.database import forget_deleted
from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import access, audit, inheritance, jobs, organizations
from partnerforms.services.data import erasing, retention
from partnerforms.web import house, security

data_pages = Blueprint("data", __name__)
data_pages.before_request(security.member_only)
erased_pages = Blueprint("erased", __name__)

_SOON = timedelta(days=30)


class _Clock:
    """How long something is kept, which organization says so, whether its settings may be opened, what goes soon."""

    def __init__(self, organization: Organization, name: inheritance.Clock, soon: Counter[str]) -> None:
        self.name = name
        self.months = inheritance.keep(organization, name)
        self.source = inheritance.source(organization, name)
        self.settings = self.source is not None and security.reach().can("run", self.source.id)
        self.soon = {rule.name: soon[rule.name] for rule in retention.RULES if rule.kept == name and soon[rule.name]}


@data_pages.get("/organizations/<uuid:organization_id>/data")
def page(organization_id: uuid.UUID) -> str:
    organization = organizations.find(db.session(), security.reach(), organization_id, "arrange")
    reach = security.reach()
    soon = retention.due(db.session(), house.now() + _SOON, access.subtree([organization_id]))
    return render_template(
        "data/page.html",
        organization=organization,
        clocks=[_Clock(organization, clock, soon) for clock in inheritance.KEEP],
        runs=reach.can("run", organization_id),
        erases=erasing.may(reach, organization),
    )


@data_pages.post("/organizations/<uuid:organization_id>/data/export")
def export(organization_id: uuid.UUID) -> Response:
    reach, now = security.reach(), house.now()
    organization = organizations.find(db.session(), reach, organization_id, "run")
    job = jobs.begin(db.session(), reach, organization_id, "export", {}, now)
    audit.note(db.session(), "organization.exported", reach.person, organization_id, now, organization.name)
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


@data_pages.get("/organizations/<uuid:organization_id>/erase")
def ask_erase(organization_id: uuid.UUID) -> str:
    return _erase_page(_to_erase(organization_id))


@data_pages.post("/organizations/<uuid:organization_id>/erase")
def erase(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    organization = _to_erase(organization_id)
    typed = clean(request.form.get("name", ""))
    if not erasing.same_name(typed, organization):
        return _erase_page(organization, typed, wrong=True), 422
    entry_id = erasing.erase(db.session(), organization, security.reach().person, house.now()).id
    db.session.commit()
    forget_deleted(db.engine, thorough=True)
    return redirect(url_for("erased.told", entry_id=entry_id), 303)


@erased_pages.get("/erased/<uuid:entry_id>")
def told(entry_id: uuid.UUID) -> str:
    """What was removed, for whoever did it: perhaps that was somebody whose account is gone too."""
    house.speak(house.library().member_languages())
    return render_template("data/erased.html", entry=erasing.told(db.session(), entry_id, house.now()))


def _to_erase(organization_id: uuid.UUID) -> Organization:
    organization = organizations.find(db.session(), security.reach(), organization_id)
    erasing.require(security.reach(), organization)
    return organization


def _erase_page(organization: Organization, typed: str = "", wrong: bool = False) -> str:
    ids = access.below(db.session(), [organization.id])
    return render_template(
        "data/erase.html",
        organization=organization,
        below=[one for one in organizations.listed(db.session(), ids) if one.id != organization.id],
        counts=erasing.counts(db.session(), organization),
        runs=security.reach().can("run", organization.id),
        typed=typed,
        wrong=wrong,
    )
