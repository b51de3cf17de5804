"""Who gets which documents: the coordinators of an organization, and what each of them gets."""

import uuid
from typing import get_args

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.models import Membership, Organization
from partnerforms.services import deliveries, inheritance
from partnerforms.services.deliveries import Rule, recipients, rules
from partnerforms.web import house, security

rules_pages = Blueprint("rules", __name__)
rules_pages.before_request(security.member_only)

_ONE = "/memberships/<uuid:membership_id>/deliveries"
_RULES: dict[str, Rule] = {rule: rule for rule in get_args(Rule)}


@rules_pages.get("/organizations/<uuid:organization_id>/deliveries")
def overview(organization_id: uuid.UUID) -> str:
    security.reach().require("run", organization_id)
    organization = db.session.get_one(Organization, organization_id)
    found = rules.coordinators(db.session(), organization)
    chosen = rules.chosen(db.session(), found)
    return render_template(
        "deliveries/rules.html",
        organization=organization,
        coordinators=[(one, _differing(organization, chosen[one.id])) for one in found],
        serving=recipients.serving(db.session(), organization),
        arranges=security.reach().can("arrange", organization_id),
    )


@rules_pages.get(_ONE)
def edit(membership_id: uuid.UUID) -> str:
    membership = rules.find(db.session(), security.reach(), membership_id)
    return _page(membership, deliveries.rules_of(db.session(), membership), membership.from_below, [])


@rules_pages.post(_ONE)
def save(membership_id: uuid.UUID) -> Response | tuple[str, int]:
    membership = rules.find(db.session(), security.reach(), membership_id)
    forms, surveys = rules.instruments_for(house.library(), membership.organization)
    typed = {one: request.form[one] for one in (*forms, *surveys) if one in request.form}
    wrong = [one for one, rule in typed.items() if rule not in _RULES]
    # A box that is not ticked is not sent: who was not shown it changes nothing.
    from_below = "from_below" in request.form if _may_widen(membership) else None
    if wrong:
        return _page(membership, typed, bool(from_below), wrong), 422
    rules.save(
        db.session(), security.reach(), membership, {one: _RULES[rule] for one, rule in typed.items()}, from_below,
        house.now(),
    )  # fmt: skip
    db.session.commit()
    return redirect(url_for("rules.edit", membership_id=membership.id, saved=1), 303)


def _differing(organization: Organization, chosen: dict[str, str]) -> dict[str, list[str]]:
    """The titles of what is held, and of what is never sent."""
    forms, surveys = rules.instruments_for(house.library(), organization)
    titles = _titles(organization, [*forms, *surveys])
    return {
        rule: [title for instrument, title in titles if chosen.get(instrument) == rule] for rule in ("hold", "never")
    }


def _titles(organization: Organization, instruments: list[str]) -> list[tuple[str, str]]:
    terms = inheritance.terms(organization)
    return [(one, house.instrument(one, terms).title) for one in instruments]


def _may_widen(membership: Membership) -> bool:
    organization = membership.organization
    return organization.level != "school" and security.reach().can("run", organization.id)


def _page(membership: Membership, chosen: dict[str, str], from_below: bool, wrong: list[str]) -> str:
    organization = membership.organization
    forms, surveys = rules.instruments_for(house.library(), organization)
    return render_template(
        "deliveries/rule.html",
        membership=membership,
        organization=organization,
        own=membership.person_id == security.reach().person.id,
        forms_asked=_titles(organization, forms),
        surveys_asked=_titles(organization, surveys),
        chosen=chosen,
        from_below=from_below,
        widens=_may_widen(membership),
        runs=security.reach().can("run", organization.id),
        wrong=wrong,
        saved="saved" in request.args,
    )
