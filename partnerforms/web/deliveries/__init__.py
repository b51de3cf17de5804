"""What was mailed: every delivery with its document, what became of it, and send again."""

import uuid

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.mail.letters import write
from partnerforms.models import Delivery
from partnerforms.services import deliveries, organizations
from partnerforms.services.access import NotThereError
from partnerforms.services.deliveries import mailed, outbox
from partnerforms.services.deliveries.limits import LimitError
from partnerforms.web import house, security
from partnerforms.web.public import word_file

deliveries_pages = Blueprint("deliveries", __name__)
deliveries_pages.before_request(security.member_only)

_A_PAGE = 50
_FURTHEST = 1_000_000  # no database counts farther than it can
_LONGEST_WORDS = 200


@deliveries_pages.get("/deliveries")
def overview() -> str:
    session, reach = db.session(), security.reach()
    ids = reach.where("deliveries")
    state = request.args.get("state", "")
    if state and state not in mailed.STATES:
        abort(404)
    words = {name: clean(request.args.get(name, ""))[:_LONGEST_WORDS].strip() for name in ("recipient", "place")}
    skip = min(max(0, request.args.get("skip", 0, type=int)), _FURTHEST)
    found = mailed.list_for(session, ids, _A_PAGE + 1, state=state or None, skip=skip, **words)
    shown = found[:_A_PAGE]
    return render_template(
        "deliveries/overview.html",
        deliveries=shown,
        subjects={one.id: write(one.letter, one.details, house.catalogue())[0] for one in shown},
        places={one.id: one.name for one in organizations.listed(session, _places(shown))},
        opens={one.id for one in shown if mailed.may_open(reach, one)},
        changeable=mailed.changeable(session, reach, shown),
        again=deliveries.may_be_sent,
        gone=deliveries.is_gone,
        paced=mailed.waits_for_room,
        reason=mailed.reason,
        more=skip + _A_PAGE if len(found) > _A_PAGE else None,
        counts=mailed.counts(session, ids, **words),
        state=state,
        words=words,
        own=mailed.own(session, reach),
        queue=outbox.queue_state(session),
        now=house.now(),
        runs=bool(reach.where("run")),
    )


def _places(shown: list[Delivery]) -> set[uuid.UUID]:
    return {one.organization_id for one in shown if one.organization_id is not None}


@deliveries_pages.get("/deliveries/<uuid:delivery_id>/document")
def document(delivery_id: uuid.UUID) -> Response:
    """The document, byte for byte as it was mailed."""
    found = mailed.document_of(db.session(), security.reach(), delivery_id)
    return word_file(found.content, found.filename)


@deliveries_pages.post("/deliveries/<uuid:delivery_id>/again")
def again(delivery_id: uuid.UUID) -> Response | tuple[str, int]:
    found = mailed.find(db.session(), delivery_id, security.reach().where("deliveries"))
    if found is None:
        raise NotThereError
    try:
        deliveries.send_again(db.session(), found, house.now(), person=security.reach().person)
    except LimitError:
        return render_template("deliveries/not_again.html", delivery=found, gone=False), 409
    except deliveries.GoneError:
        return render_template("deliveries/not_again.html", delivery=found, gone=True), 409
    db.session.commit()
    return redirect(url_for("deliveries.overview", _anchor=f"delivery-{found.id}"), 303)


@deliveries_pages.post("/deliveries/resume")
def resume() -> Response:
    """Try our mail server again now instead of when the pause ends."""
    if not security.reach().where("run"):
        abort(403)
    outbox.resume(db.session())
    db.session.commit()
    return redirect(url_for("deliveries.overview"), 303)
