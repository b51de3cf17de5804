"""Headers on every answer, the session cookie, and the proof that a form came from our own page.

Survey pages set no cookie and need no such proof: there is no authority that could be borrowed.
"""

import hashlib
import hmac

from flask import abort, g, request
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.services import access, signin
from partnerforms.web import house

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def cookie_name() -> str:
    """With TLS the name itself forbids other hosts and paths to set it."""
    return "__Host-partnerforms" if house.settings().secure_cookies else "partnerforms"


def add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if house.settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:
        if response.mimetype != "text/html":
            del headers["Cache-Control"]  # send_file would let everybody keep the document
        headers.setdefault("Cache-Control", "no-store")
    return response


def set_session(response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(), token, secure=house.settings().secure_cookies, httponly=True, samesite="Lax", path="/"
    )


def drop_session(response: Response) -> None:
    response.delete_cookie(cookie_name(), secure=house.settings().secure_cookies, httponly=True, samesite="Lax")


def session_token() -> str:
    return request.cookies.get(cookie_name(), "")


def form_proof() -> str:
    """What a signed-in person's forms carry in the field `proof`; worth nothing in another session."""
    secret = house.settings().secret_key.encode()
    return hmac.new(secret, f"form:{session_token()}".encode(), hashlib.sha256).hexdigest()


def check_proof() -> None:
    """Refuse a form that does not come from a page of this very session."""
    given = request.form.get("proof", "")
    if not hmac.compare_digest(given.encode(), form_proof().encode()):
        abort(400)


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
    token = session_token()
    person = signin.whose(db.session(), token, house.now()) if token else None
    if person is None:
        abort(401)
    if request.method == "POST":
        check_proof()
        signin.seen(db.session(), token, house.now())
    g.reach = access.reach(db.session(), person)
    house.speak(house.library().member_languages(), wanted=person.language)


def reach() -> access.Reach:
    """What the signed-in person may do."""
    found: access.Reach = g.reach
    return found
