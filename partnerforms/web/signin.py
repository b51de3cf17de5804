"""Signing in: type the address, then the code that came by mail, in the same tab."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.services import signin
from partnerforms.web import house, security

signin_pages = Blueprint("signin", __name__)


@signin_pages.before_request
def speak() -> None:
    house.speak(house.library().member_languages())


@signin_pages.get("/sign-in")
def ask() -> str:
    return render_template("signin/ask.html", after=_after(), address=_address(), error="")


@signin_pages.post("/sign-in")
def send_code() -> str | tuple[str, int]:
    """Mail a code, and show where to type it, whether or not the address is known."""
    address = _address()
    if "@" not in address:
        return render_template("signin/ask.html", after=_after(), address=address, error="address"), 422
    settings = house.settings()
    signin.ask(db.session(), address, settings.secret_key, settings.domain, house.now())
    db.session.commit()
    return render_template("signin/code.html", after=_after(), address=address, error="")


@signin_pages.post("/sign-in/code")
def redeem() -> Response | tuple[str, int]:
    """Begin a session for the right code."""
    address = _address()
    typed = request.form.get("code", "")[:40]
    token = signin.redeem(db.session(), address, typed, house.settings().secret_key, house.now())
    db.session.commit()
    if token is None:
        return render_template("signin/code.html", after=_after(), address=address, error="code"), 422
    response = redirect(_after(), 303)
    security.set_session(response, token)
    return response


@signin_pages.post("/sign-out")
def sign_out() -> Response:
    security.check_proof()
    signin.end(db.session(), security.session_token())
    db.session.commit()
    response = redirect(url_for("signin.ask"), 303)
    security.drop_session(response)
    return response


def _address() -> str:
    return clean(request.values.get("address", ""))[:254]


def _after() -> str:
    """Where to go after sign-in: a path of ours, else the start page."""
    wanted = request.values.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours and "\\" not in wanted else url_for("workspace.start")
