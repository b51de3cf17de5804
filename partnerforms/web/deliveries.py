"""What was mailed: every delivery with its state, the server's words when it failed, and send again."""

import uuid

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.mail.letters import write
from partnerforms.services import deliveries, outbox
from partnerforms.services.access import NotThereError
from partnerforms.web import house, security

deliveries_pages = Blueprint("deliveries", __name__)
deliveries_pages.before_request(security.member_only)

_A_PAGE = 50
_FURTHEST = 1_000_000  # no database counts farther than it can


@deliveries_pages.get("/deliveries")
def overview() -> str:
    ids = security.reach().where("deliveries")
    state = request.args.get("state", "")
    if state and state not in deliveries.STATES:
        abort(404)
    skip = min(max(0, request.args.get("skip", 0, type=int)), _FURTHEST)
    found = deliveries.list_for(db.session(), ids, _A_PAGE + 1, state=state or None, skip=skip)
    return render_template(
        "deliveries/overview.html",
        deliveries=found[:_A_PAGE],
        subjects={one.id: write(one.letter, one.details, house.catalogue())[0] for one in found},
        more=skip + _A_PAGE if len(found) > _A_PAGE else None,
        counts=deliveries.counts(db.session(), ids),
        state=state,
        queue=outbox.queue_state(db.session()),
        now=house.now(),
        runs=bool(security.reach().where("run")),
    )


@deliveries_pages.post("/deliveries/<uuid:delivery_id>/again")
def again(delivery_id: uuid.UUID) -> Response:
    found = deliveries.find(db.session(), delivery_id, security.reach().where("deliveries"))
    if found is None:
        raise NotThereError
    deliveries.send_again(db.session(), found, house.now(), person=security.reach().person)
    db.session.commit()
    return redirect(url_for("deliveries.overview"), 303)


@deliveries_pages.post("/deliveries/resume")
def resume() -> Response:
    """Try our mail server again now instead of when the pause ends."""
    if not security.reach().where("run"):
        abort(403)
    outbox.resume(db.session())
    db.session.commit()
    return redirect(url_for("deliveries.overview"), 303)
