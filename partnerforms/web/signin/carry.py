"""What was typed goes through sign-in: a session that ended while somebody typed loses nothing.

The fields of the form that came too late are signed and carried from page to page in a hidden field, and at the end
one button sends them to where they were going. Nothing is ever sent again by itself, and only to the person on whose
page it was typed. Files are not carried.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, current_app, g, make_response, render_template, request
from werkzeug.wrappers import Response

from partnerforms.services.signin.sessions import Begun
from partnerforms.web import security

_LIFE = timedelta(days=1)
_ROOM = 64 * 1024  # for the other fields of a form that carries


@dataclass(frozen=True)
class Carried:
    """Fields of a form, on whose page they were typed, and the path they were going to."""

    path: str
    fields: list[tuple[str, str]]
    person_id: uuid.UUID
    files: bool


def keep() -> str:
    """What this request posted, as a text to be carried; "" when nothing was typed on a page of ours.

    The request ends with 413 when it is more than a form can carry.
    """
    carried = _posted()
    if carried is None or not carried.fields:
        return ""
    value = [carried.path, carried.fields, carried.person_id.hex, carried.files]
    text = security.signed("carry", value, _LIFE)
    if len(text) > current_app.config["MAX_CONTENT_LENGTH"] - _ROOM:
        abort(413)
    return text


def given() -> str:
    """What the form of a sign-in page carries, if it is ours."""
    text = request.form.get("carry", "")
    return text if text and _read(text) else ""


def typist(text: str) -> uuid.UUID | None:
    """On whose page that was typed."""
    carried = _read(text)
    return carried.person_id if carried else None


def go_on(text: str, begun: Begun) -> Response:
    """After signing in: the page with the button that sends what was carried."""
    g.begun, g.person_id = begun.token, begun.person.id
    carried = _read(text)
    own = carried is not None and carried.person_id == begun.person.id
    return make_response(render_template("signin/go_on.html", carried=carried, own=own, earlier=False))


def once_more(_error: Exception) -> Response:
    """The form is of a page of an earlier session, and the same person is signed in again: one press more."""
    if wants_json():
        return make_response({"error": "signed-out"}, 401)
    page = render_template("signin/go_on.html", carried=_posted(), own=True, earlier=True)
    return make_response(page, 409)


def wants_json() -> bool:
    """Does the script ask that saves drafts? It cannot show a page."""
    return request.accept_mimetypes.best == "application/json"


def _posted() -> Carried | None:
    person_id = security.typed_by()
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "proof"]
    if person_id is None:
        return None
    files = any(file.filename for file in request.files.values())
    return Carried(request.full_path.rstrip("?"), fields, person_id, files)


def _read(text: str) -> Carried | None:
    value: Any = security.unsigned("carry", text)
    if value is None:
        return None
    path, fields, person, files = value
    return Carried(path, [(name, one) for name, one in fields], uuid.UUID(person), files)
