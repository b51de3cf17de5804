"""A survey as its leaders and coordinators see it. `opening` has the pages on which it begins and ends."""

import uuid

from flask import Blueprint, render_template

from partnerforms.engine import codes
from partnerforms.extensions import db
from partnerforms.services import surveys
from partnerforms.web import house, security

surveys_pages = Blueprint("surveys", __name__)
surveys_pages.before_request(security.member_only)


@surveys_pages.get("/surveys/<uuid:survey_id>")
def overview(survey_id: uuid.UUID) -> str:
    reach = security.reach()
    survey = surveys.find(db.session(), reach, survey_id)
    seen = surveys.links(survey, reach)
    return render_template(
        "surveys/overview.html",
        survey=survey,
        state=surveys.state(survey, house.now(), house.tools()),
        links=seen,
        counts=surveys.counts(db.session(), seen),
        printed=codes.printed,
        base_url=house.settings().base_url,
        runs=reach.can("run", survey.organization_id),
    )
