"""Comments of a survey that has ended: whoever runs it reads them, and says which may be shown."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Survey
from partnerforms.services import surveys
from partnerforms.services.access import NotAllowedError
from partnerforms.services.surveys import comments
from partnerforms.web import house, security

comments_pages = Blueprint("comments", __name__)
comments_pages.before_request(security.member_only)


@comments_pages.get("/surveys/<uuid:survey_id>/comments")
def page(survey_id: uuid.UUID) -> str:
    """The comments in one state, some at a time."""
    return _page(_survey(survey_id))


@comments_pages.post("/surveys/<uuid:survey_id>/comments")
def decide(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    """Release or withhold all that are ticked."""
    survey = _survey(survey_id)
    keys = [clean(key) for key in request.form.getlist("comment")][: comments.PAGE]
    verdict: comments.Verdict = "released" if request.form.get("to") == "released" else "withheld"
    if not keys:
        return _page(survey, nothing=True), 422
    number = comments.decide(db.session(), security.reach(), survey, keys, verdict, house.now())
    db.session.commit()
    here = url_for("comments.page", survey_id=survey.id, show=_state("show"), done=verdict, number=number)
    return redirect(here, 303)


def _survey(survey_id: uuid.UUID) -> Survey:
    survey = surveys.find(db.session(), security.reach(), survey_id)
    if not security.reach().can("run", survey.organization_id):
        raise NotAllowedError
    return survey


def _state(name: str) -> comments.State:
    wanted = request.values.get(name, "")
    return next((state for state in comments.STATES if state == wanted), "waiting")


def _page(survey: Survey, nothing: bool = False) -> str:
    show, counts = _state("show"), comments.counts(db.session(), survey)
    asked = request.values.get("skip", "")
    skip = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return render_template(
        "surveys/comments.html",
        survey=survey,
        show=show,
        counts=counts,
        heaps=comments.heaps(db.session(), security.reach(), survey, show, skip),
        skip=skip,
        step=comments.PAGE,
        ticked=request.form.getlist("comment"),
        nothing=nothing,
        done=_state("done"),
        number=request.args.get("number", "")[:6],
    )
