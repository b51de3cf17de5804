"""A person's own account: name, language, where they are signed in, the second factor, connected single sign-ons.

Who came by an organization's single sign-on only looks: that organization does not speak for the whole account.
"""

import uuid
from base64 import b64encode
from io import BytesIO

import pyotp
import segno
from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Person
from partnerforms.services.access import NotThereError
from partnerforms.services.signin import accounts, providers, second_factor, sessions
from partnerforms.web import house, security

account_pages = Blueprint("account", __name__)
account_pages.before_request(security.member_only)


@account_pages.before_request
def own_doing() -> None:
    if request.method == "POST" and security.sign_in().provider_id is not None:
        abort(403)


@account_pages.get("/account")
def page() -> str:
    return _page(_person().name)


@account_pages.post("/account")
def save() -> Response | tuple[str, int]:
    """Change name and language."""
    name, language = clean(request.form.get("name", "")), request.form.get("language", "")
    if not name or len(name) > accounts.LONGEST_NAME or "\n" in name:
        return _page(name[:1000], error="name"), 422
    if language not in [offered.code for offered in house.library().member_languages()]:
        language = _person().language
    accounts.change(db.session(), _person(), name, language, house.now())
    db.session.commit()
    return redirect(url_for("account.page"), 303)


@account_pages.post("/account/sessions")
def end_others() -> Response:
    """Sign out everywhere but here."""
    accounts.end_others(db.session(), _person(), security.session_token(), house.now())
    db.session.commit()
    return redirect(url_for("account.page"), 303)


@account_pages.post("/account/connected/<uuid:provider_id>/end")
def disconnect(provider_id: uuid.UUID) -> Response:
    """A single sign-on does not sign this person in any more."""
    connected = {provider.id: provider for provider in providers.connections(db.session(), _person())}
    if provider_id not in connected:
        raise NotThereError
    providers.disconnect(db.session(), connected[provider_id], _person(), house.now())
    db.session.commit()
    return redirect(url_for("account.page"), 303)


@account_pages.get("/account/second-factor")
def second() -> str:
    return _second_page()


@account_pages.post("/account/second-factor")
def prepare() -> Response:
    """A new secret for the app, to be confirmed by a first code."""
    second_factor.prepare(db.session(), _person(), house.settings().secret_key)
    db.session.commit()
    return redirect(url_for("account.second"), 303)


@account_pages.post("/account/second-factor/on")
def turn_on() -> Response | str | tuple[str, int]:
    """Turn it on by a first code, and show the recovery codes. This page alone shows them, so it is no redirect."""
    typed, key = request.form.get("code", "")[:40], house.settings().secret_key
    if second_factor.prepared(db.session(), _person(), key) is None:
        return redirect(url_for("account.second"), 303)  # it was turned on or off in another tab
    codes = second_factor.confirm(db.session(), _person(), typed, security.session_token(), key, house.now())
    if not codes:
        return _second_page(error="code"), 422
    shown = render_template("account/recovery.html", codes=codes)
    db.session.commit()
    return shown


@account_pages.post("/account/second-factor/off")
def turn_off() -> Response | tuple[str, int]:
    """Turn it off by a code. After five wrong ones the session ends: it may not be the person who tries."""
    session, row = db.session(), security.sign_in()
    if not second_factor.is_on(session, row.person):
        return redirect(url_for("account.second"), 303)
    typed = request.form.get("code", "")[:40]
    if second_factor.try_once(session, row, typed, house.settings().secret_key, house.now()):
        row.tries = 0
        second_factor.turn_off(session, row.person, house.now(), by=row.person)
        session.commit()
        return redirect(url_for("account.second"), 303)
    if row.tries < sessions.TRIES:
        shown = _second_page(error="code")
        session.commit()  # the try is counted
        return shown, 422
    sessions.end(session, security.session_token())
    session.commit()
    return redirect(url_for("signin.ask", over=1), 303)


def _person() -> Person:
    return security.sign_in().person


def _page(name: str, error: str = "") -> str:
    session, person = db.session(), _person()
    return render_template(
        "account/page.html",
        person=person,
        name=name,
        error=error,
        languages=house.library().member_languages(),
        here=security.sign_in(),
        sessions=sessions.listed(session, person, house.now()),
        second=second_factor.is_on(session, person),
        connections=providers.connections(session, person),
    )


def _second_page(error: str = "") -> str:
    session, person = db.session(), _person()
    secret = second_factor.prepared(session, person, house.settings().secret_key)
    return render_template(
        "account/second.html",
        here=security.sign_in(),
        on=second_factor.is_on(session, person),
        left=second_factor.codes_left(session, person),
        picture=_picture(secret, person.address) if secret else "",
        key=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)) if secret else "",
        error=error,
    )


def _picture(secret: str, address: str) -> str:
    """The QR code that an authenticator app reads, as an address of its own."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name="partnerforms")
    drawn = BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", svgclass=None, lineclass=None)
    return "data:image/svg+xml;base64," + b64encode(drawn.getvalue()).decode()
