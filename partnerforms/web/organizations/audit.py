"""The log of an organization: who did what, and when."""

import uuid

from flask import Blueprint, render_template, request

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.services import access, audit, inheritance, organizations
from partnerforms.web import house, security

audit_pages = Blueprint("audit", __name__)
audit_pages.before_request(security.member_only)

_A_PAGE = 50
_FURTHEST = 1_000_000  # no database counts farther than it can


@audit_pages.get("/organizations/<uuid:organization_id>/log")
def overview(organization_id: uuid.UUID) -> str:
    organization = organizations.find(db.session(), security.reach(), organization_id, "arrange")
    filters = {name: clean(request.args.get(name, "")) for name in ("below", "person", "kind")}
    tree = access.below(db.session(), [organization_id])
    ids = [one for one in tree if one == organization_id or filters["below"]]
    skip = min(max(0, request.args.get("skip", 0, type=int)), _FURTHEST)
    found = list(
        audit.entries(db.session(), ids, _A_PAGE + 1, skip=skip, person=filters["person"], kind=filters["kind"])
    )
    places = organizations.listed(db.session(), {entry.organization_id for entry in found if entry.organization_id})
    return render_template(
        "audit/overview.html",
        organization=organization,
        entries=found[:_A_PAGE],
        places={place.id: place.name for place in places},
        kinds=audit.kinds(),
        has_below=len(tree) > 1,
        filters=filters,
        newer=max(0, skip - _A_PAGE) if skip else None,
        older=skip + _A_PAGE if len(found) > _A_PAGE else None,
        zone=inheritance.zone(organization, house.tools()),
    )
