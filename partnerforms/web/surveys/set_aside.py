"""Answers that were set aside: a leader looks at the signs and says whether they count."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.models import Survey
from partnerforms.services import surveys
from partnerforms.services.surveys import doubts
from partnerforms.web import house, security

set_aside_pages = Blueprint("set_aside", __name__)
set_aside_pages.before_request(security.member_only)

_SHOWN = 20  # of each group


@set_aside_pages.get("/surveys/<uuid:survey_id>/set-aside")
def page(survey_id: uuid.UUID) -> str:
    """What waits for a decision, or what was refused."""
    return _page(_survey(survey_id), "refused" in request.args)


@set_aside_pages.post("/surveys/<uuid:survey_id>/set-aside")
def decide(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    """Let those that are ticked count, or refuse them; or everything of one group."""
    survey = _survey(survey_id)
    what, _, group = request.form.get("do", "").partition(":")
    keys = request.form.getlist("key")
    chosen = _whole(group) if group else doubts.these(keys)
    if what not in ("count", "refuse") or chosen is None or not (group or keys):
        return _page(survey, refused=False, nothing=True), 422
    doubts.decide(
        db.session(),
        security.reach(),
        survey,
        chosen,
        what == "count",
        house.tools(),
        house.CHANCE,
        house.now(),
    )
    db.session.commit()
    return redirect(url_for("set_aside.page", survey_id=survey.id, done=what), 303)


def _whole(group: str) -> doubts.Chosen | None:
    """What the name of a group means, "link:reason"; None when it is the name of none."""
    link_id, _, reason = group.partition(":")
    try:
        return doubts.all_of(uuid.UUID(link_id), reason)
    except ValueError:
        return None


def _survey(survey_id: uuid.UUID) -> Survey:
    survey = surveys.find(db.session(), security.reach(), survey_id)
    doubts.require(db.session(), security.reach(), survey)
    return survey


def _page(survey: Survey, refused: bool, nothing: bool = False) -> str:
    session, reach = db.session(), security.reach()
    return render_template(
        "surveys/set_aside.html",
        survey=survey,
        groups=doubts.groups(session, reach, survey, _SHOWN, refused=refused),
        refused=refused,
        others=doubts.any_refused(session, reach, survey),
        nothing=nothing,
        done=request.args.get("done", ""),
    )
