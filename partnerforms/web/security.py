"""Headers on every answer, the session cookie, and the proof that a form came from our own page.

Survey pages set no cookie and need no such proof: there is no authority that could be borrowed.
"""

import hashlib
import hmac
import uuid
from datetime import timedelta
from typing import Any

from flask import abort, g, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.models import SignInSession
from partnerforms.services import access
from partnerforms.services.signin import sessions
from partnerforms.web import house

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Pages of people who are signed in may run the program's own scripts; survey and sign-in pages run none.
_POLICY_OF_MEMBERS = f"{_POLICY}; script-src 'self'; connect-src 'self'"


class EarlierSessionError(Exception):
    """The form is of a page of an earlier session of the person who is signed in now."""


def cookie_name(what: str = "") -> str:
    """With TLS the name itself forbids other hosts and paths to set it."""
    prefix = "__Host-" if house.settings().secure_cookies else ""
    return f"{prefix}partnerforms-{what}" if what else f"{prefix}partnerforms"


def add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY_OF_MEMBERS if "reach" in g else _POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if house.settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:
        if response.mimetype != "text/html":
            del headers["Cache-Control"]  # send_file would let everybody keep the document
        headers.setdefault("Cache-Control", "no-store")
    return response


def set_cookie(response: Response, what: str, value: str, life: timedelta | None = None) -> None:
    """A cookie that no script and no other site can use; without `life` it ends with the browser."""
    response.set_cookie(
        cookie_name(what),
        value,
        max_age=life,
        secure=house.settings().secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, what: str) -> None:
    response.delete_cookie(cookie_name(what), secure=house.settings().secure_cookies, httponly=True, samesite="Lax")


def cookie(what: str) -> str:
    return request.cookies.get(cookie_name(what), "")


def set_session(response: Response, token: str) -> None:
    set_cookie(response, "", token)


def drop_session(response: Response) -> None:
    drop_cookie(response, "")


def session_token() -> str:
    """The token of the session: the one that has just begun, else the cookie's."""
    token: str = g.get("begun") or cookie("")
    return token


def signed(purpose: str, value: Any, life: timedelta) -> str:
    """A value that people carry for us and cannot change, readable for so long."""
    until = (house.now() + life).timestamp()
    return URLSafeSerializer(house.settings().secret_key, salt=f"partnerforms {purpose}").dumps([until, value])


def unsigned(purpose: str, text: str) -> Any:
    """The value again; None when it is over, changed, or not ours."""
    try:
        until, value = URLSafeSerializer(house.settings().secret_key, salt=f"partnerforms {purpose}").loads(text)
    except BadData:
        return None
    return value if house.now().timestamp() < until else None


def form_proof() -> str:
    """What a signed-in person's forms carry in the field `proof`; worth nothing in another session.

    It begins with a mark of the person, so that later one can tell whose page it was.
    """
    person_id: uuid.UUID | None = g.get("person_id")
    return (f"{person_id.hex}.{_mac(f'typed by:{person_id.hex}')}." if person_id else "") + _proof()


def proved() -> bool:
    """Does the form come from a page of this very session?"""
    given = request.form.get("proof", "").rpartition(".")[2]
    return hmac.compare_digest(given.encode(), _proof().encode())


def typed_by() -> uuid.UUID | None:
    """On whose page the form was, in whichever session; None when it was on none of ours."""
    person, _, rest = request.form.get("proof", "").partition(".")
    mark, _, _ = rest.partition(".")
    if not hmac.compare_digest(mark.encode(), _mac(f"typed by:{person}").encode()):
        return None
    return uuid.UUID(person)


def check_proof() -> None:
    """Refuse a form that does not come from a page of this very session.

    EarlierSessionError when it comes from one of an earlier session of the same person.
    """
    if proved():
        return
    person_id = typed_by()
    if person_id is None or person_id != g.get("person_id"):
        abort(400)
    raise EarlierSessionError


def _proof() -> str:
    return _mac(f"form:{session_token()}")


def _mac(text: str) -> str:
    return hmac.new(house.settings().secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def refuse_foreign_forms() -> None:
    """Refuse a POST that another site's page sent."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "")
    if site not in ("same-origin", "none") or (origin and origin.partition("://")[2] != request.host):
        abort(403)


def member_only() -> None:
    """Know who is signed in and what they may do; everybody else is sent to sign in."""
    row = recognize()
    if row is None:
        abort(401)
    house.speak(house.library().member_languages(), wanted=row.person.language)
    if request.method == "POST":
        check_proof()
        sessions.seen(db.session(), session_token(), house.now())
    within = row.provider.organization_id if row.provider else None
    g.reach = access.reach(db.session(), row.person, within)


def recognize() -> SignInSession | None:
    """The session of whoever is signed in, None when nobody is."""
    row = sessions.current(db.session(), session_token(), house.now())
    g.sign_in, g.person_id = row, row.person_id if row else None
    return row


def sign_in() -> SignInSession:
    """The session of the person who is signed in."""
    row: SignInSession = g.sign_in
    return row


def reach() -> access.Reach:
    """What the signed-in person may do."""
    found: access.Reach = g.reach
    return found
