"""Pages for everything that goes wrong: plain words, a way on, never a trace."""

import logging
import traceback
import uuid

from flask import Flask, g, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as SansIoResponse
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.signin import sessions
from partnerforms.web import house, security, signin
from partnerforms.web.signin import carry

log = logging.getLogger(__name__)

_KNOWN = (400, 403, 404, 405, 413, 503)


def register(app: Flask) -> None:
    app.register_error_handler(NotThereError, lambda _error: _page(404))
    app.register_error_handler(NotAllowedError, lambda _error: _page(403))
    app.register_error_handler(401, _sign_in)
    app.register_error_handler(security.EarlierSessionError, carry.once_more)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(TimeoutError, _busy)
    app.register_error_handler(Exception, _unforeseen)


def _sign_in(_error: Exception) -> Response | tuple[dict[str, str], int] | tuple[str, int]:
    """To sign-in, and then back. What was posted on a page of ours is kept; a script is only told."""
    if carry.wants_json():
        return {"error": "signed-out"}, 401
    kept = carry.keep() if request.method == "POST" else ""
    if kept:
        typist = sessions.person(db.session(), carry.typist(kept))
        house.speak(house.library().member_languages(), wanted=typist.language if typist else "", body=False)
        return signin.ended_page(kept, typist.address if typist else ""), 401
    back = request.full_path if request.method == "GET" else url_for("workspace.start")
    return redirect(url_for("signin.ask", next=back.rstrip("?"), lang=request.args.get("lang")), 303)


def _http(error: HTTPException) -> SansIoResponse | tuple[str, int]:
    if error.response is not None:
        return error.response  # a page that a view made itself
    code = error.code or 500
    return _page(code if code in _KNOWN or code >= 500 else 400)


def _busy(error: Exception) -> tuple[str, int]:
    log.error("the database did not answer: %s", type(error).__name__)
    return _page(503)


def _unforeseen(error: Exception) -> tuple[str, int]:
    """The log tells where it was, never what the error says: that may hold an answer or an address."""
    name = uuid.uuid4().hex[:8]
    lines = "".join(traceback.format_tb(error.__traceback__))
    log.error("unforeseen error %s at %s: %s\n%s", name, request.endpoint, type(error).__name__, lines)
    return _page(500, name)


def _page(code: int | None, name: str = "") -> tuple[str, int]:
    if "language" not in g:
        house.speak(house.library().public_languages(), wanted=_member_language(code), body=False)
    return render_template("error.html", code=code, name=name), code or 500


def _member_language(code: int | None) -> str:
    """The language of whoever is signed in, where no page has asked: an address that leads nowhere."""
    row = security.recognize() if code in (404, 405) else None
    return row.person.language if row else ""
