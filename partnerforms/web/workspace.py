"""The start page of a signed-in person: their organizations, forms, surveys and what was mailed."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.services import deliveries, organizations, outbox, records, surveys
from partnerforms.web import house, security

workspace = Blueprint("workspace", __name__)
workspace.before_request(security.member_only)


@workspace.get("/")
def start() -> str:
    session, reach = db.session(), security.reach()
    return render_template(
        "workspace/start.html",
        person=reach.person,
        fills=[
            (
                organization,
                [house.instrument(one.id) for one in records.instruments_for(house.library(), organization)],
            )
            for organization in organizations.listed(session, reach.where("fill"))
        ],
        runs=organizations.listed(session, reach.where("run")),
        records=records.visible(session, reach.where("see")),
        surveys=surveys.visible(session, reach.where("see")),
        mail=deliveries.counts(session, reach.where("deliveries")) if reach.where("deliveries") else None,
        queue=outbox.queue_state(session),
        languages=house.library().member_languages(),
        titles={one.id: house.instrument(one.id).title for one in house.library().instruments("record")},
    )


@workspace.post("/language")
def choose_language() -> Response:
    """From now on pages, documents and mail of this person are in the chosen language."""
    wanted = request.form.get("language", "")
    if wanted in [offered.code for offered in house.library().member_languages()]:
        security.reach().person.language = wanted
        db.session.commit()
    return redirect(url_for("workspace.start"), 303)
