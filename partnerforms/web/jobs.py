"""Long work as its person sees it: how far it is, what came of it, its file; approve a preview, or drop it."""

import uuid
from collections.abc import Iterator
from itertools import count

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.services import jobs
from partnerforms.services.access import NotThereError
from partnerforms.web import security
from partnerforms.web.organizations.importing import problems_told

jobs_pages = Blueprint("jobs", __name__)
jobs_pages.before_request(security.member_only)

_A_LIST = 200


@jobs_pages.get("/jobs")
def overview() -> str:
    """What the person began and what became of it."""
    return render_template("jobs/overview.html", jobs=jobs.of_person(db.session(), security.reach()))


@jobs_pages.get("/jobs/<uuid:job_id>")
def page(job_id: uuid.UUID) -> str:
    """How far it is; when it has ended, what `jobs/KIND.html` tells of it."""
    job = jobs.find(db.session(), security.reach(), job_id)
    return render_template(
        "jobs/page.html",
        job=job,
        outcome=job.outcome,
        problems=problems_told(job.outcome.get("problems", [])),
        most=None if "all" in request.args else _A_LIST,
        forgotten=(job.finished_at or job.created_at) + jobs.KEPT,
        arranges=security.reach().can("arrange", job.organization_id),
    )


@jobs_pages.get("/jobs/<uuid:job_id>/file")
def file(job_id: uuid.UUID) -> Response:
    """The file, streamed: each piece is read when the one before it is on its way."""
    job = jobs.find(db.session(), security.reach(), job_id)
    if job.state != "done" or job.filename is None:
        raise NotThereError
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the stream outlives the request
    response = Response(_pieces(app, job.id, job.size), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=job.filename)
    response.content_length = job.size
    return response


def _pieces(app: Flask, job_id: uuid.UUID, size: int) -> Iterator[bytes]:
    """Each piece in a database session of its own: a slow reader holds no connection.

    RuntimeError when the file is removed in the middle: the download must not look as if it were whole.
    """
    for number in count():
        if size <= 0:
            return
        with app.app_context():
            piece = jobs.chunk(db.session(), job_id, number)
        if piece is None:
            raise RuntimeError("the file is gone")
        size -= len(piece)
        yield piece


@jobs_pages.post("/jobs/<uuid:job_id>/approve")
def approve(job_id: uuid.UUID) -> Response:
    """Let a preview become true. Who presses twice gets the same page."""
    job = jobs.find(db.session(), security.reach(), job_id)
    security.reach().require("arrange", job.organization_id)
    jobs.approve(db.session(), job)
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


@jobs_pages.post("/jobs/<uuid:job_id>/drop")
def drop(job_id: uuid.UUID) -> Response:
    job = jobs.find(db.session(), security.reach(), job_id)
    jobs.drop(db.session(), job)
    db.session.commit()
    return redirect(url_for("jobs.overview", dropped=1), 303)
