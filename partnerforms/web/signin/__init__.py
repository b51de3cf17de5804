"""Signing in: type the address, then the code that came by mail, in the same tab; or open the mail's link.

What one page hands to the next stands in hidden fields: the tab's secret, where to go, the language, and what was
typed before a session ended (`web.signin.carry`). A mail's link signs in only where the secret is in a cookie.
"""

import secrets
import uuid
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import SignInProvider
from partnerforms.services import signin
from partnerforms.services.signin import providers, second_factor, sessions
from partnerforms.services.signin.sessions import Begun
from partnerforms.web import house, security
from partnerforms.web.signin import carry

signin_pages = Blueprint("signin", __name__)

_KNOWN_FOR = timedelta(days=180)
_CONNECT_FOR = timedelta(minutes=30)
_LONGEST_NEXT = 1500  # it goes into a cookie


@signin_pages.before_request
def speak() -> None:
    house.speak(house.library().member_languages())


@signin_pages.get("/sign-in")
def ask() -> str:
    return _again(over="over" in request.args)


@signin_pages.post("/sign-in")
def send_code() -> Response | str | tuple[str, int]:
    """Mail a code, and show where to type it, whether or not the address is known."""
    if signed_in := _signed_in_meanwhile():
        return signed_in
    address = _address()
    if "@" not in address:
        return _again(error="address"), 422
    if asks_too_much():
        return _again(error="many"), 429
    asking = _asking() or secrets.token_urlsafe(24)
    signin.ask(db.session(), address, signin.Asking(asking, _known()), house.tools(), house.now())
    page = _code_page(address, asking)
    db.session.commit()
    response = make_response(page)
    value = security.signed("asking", [asking, where_to()[:_LONGEST_NEXT]], signin.CODE_LIFE)
    security.set_cookie(response, "asking", value, signin.CODE_LIFE)
    return response


@signin_pages.post("/sign-in/code")
def redeem() -> Response | tuple[str, int]:
    """Begin a session for the right code."""
    address, asking = _address(), _asking()
    typed = request.form.get("code", "")[:40]
    begun = signin.redeem(db.session(), address, typed, asking, house.settings().secret_key, house.now())
    if begun is None:
        db.session.commit()  # the try is counted
        return _signed_in_meanwhile() or (_code_page(address, asking, error="code"), 422)
    return signed_in(begun, where_to())


@signin_pages.get("/sign-in/link/<token>")
def link(token: str) -> str:
    """What the mail's link opens: a button in the browser that asked, and nothing to press in any other."""
    asking, _ = _asked_here()
    person = signin.waits(db.session(), token, asking, house.now())
    return render_template("signin/link.html", token=token, person=person)


@signin_pages.post("/sign-in/link/<token>")
def redeem_link(token: str) -> Response | tuple[str, int]:
    """Begin a session, in the browser that asked."""
    asking, after = _asked_here()
    begun = signin.redeem_link(db.session(), token, asking, house.now())
    if begun is None:
        return render_template("signin/link.html", token=token, person=None), 422
    return signed_in(begun, after)


@signin_pages.get("/sign-in/second-factor")
def ask_second() -> Response | str:
    row = sessions.to_complete(db.session(), security.session_token(), house.now())
    if row is None:
        return redirect(url_for("signin.ask", over=1, next=where_to(), lang=_lang() or None), 303)
    return _second_page(where_to())


@signin_pages.post("/sign-in/second-factor")
def check_second() -> Response | tuple[str, int]:
    """The session is complete after a right code of the authenticator app, or one for the day the phone is gone."""
    session, now = db.session(), house.now()
    row = sessions.to_complete(session, security.session_token(), now)
    if row is None:
        return _signed_in_meanwhile() or (_again(over=True), 422)
    security.check_proof()
    typed = request.form.get("code", "")[:40]
    if second_factor.try_once(session, row, typed, house.settings().secret_key, now):
        return signed_in(sessions.completed(session, row, now), where_to())
    page = _second_page(where_to(), error="code") if row.tries < sessions.TRIES else _again(over=True)
    session.commit()  # the try is counted
    return page, 422


@signin_pages.post("/sign-out")
def sign_out() -> Response:
    security.recognize()
    with suppress(security.EarlierSessionError):  # the same person pressed it, on a page of an earlier session
        security.check_proof()
    sessions.end(db.session(), security.session_token())
    db.session.commit()
    response = redirect(url_for("signin.ask"), 303)
    security.drop_session(response)
    return response


def ended_page(kept: str, address: str) -> str:
    """The page for somebody whose session ended while typing: what was typed is kept, and goes with the sign-in."""
    return _ask_page({"carry": kept}, address, kept=True)


def connect_page(provider: SignInProvider, subject: str, after: str) -> str:
    """The page for somebody whom a provider signs in for the first time: this once a mailed code as well."""
    value = security.signed("connect", [provider.id.hex, subject], _CONNECT_FOR)
    return _ask_page({"next": after, "connect": value}, "", provider=provider)


def signed_in(begun: Begun, after: str) -> Response:
    """Hand out the cookie of a session that has begun and lead on; the session that was here before ends."""
    sessions.end(db.session(), security.session_token())
    g.begun = begun.token
    hidden = _hidden()
    if begun.complete:
        _connect(begun)
        response = carry.go_on(hidden["carry"], begun) if hidden["carry"] else redirect(after, 303)
        security.set_session(response, begun.token)
        security.set_cookie(response, "known", security.signed("known", begun.person.id.hex, _KNOWN_FOR), _KNOWN_FOR)
    else:
        here = hidden["carry"] or hidden["connect"]  # too much for an address
        there = url_for("signin.ask_second", next=after, lang=_lang() or None)
        response = make_response(_second_page(after)) if here else redirect(there, 303)
        security.set_session(response, begun.token)
    security.drop_cookie(response, "asking")
    db.session.commit()
    return response


def _again(error: str = "", over: bool = False) -> str:
    return _ask_page(_hidden(), _address(), error=error, over=over)


def _ask_page(
    hidden: dict[str, str],
    address: str,
    error: str = "",
    over: bool = False,
    kept: bool = False,
    provider: SignInProvider | None = None,
) -> str:
    tells = hidden.get("carry") or hidden.get("connect")  # a link to another language would lose it
    return render_template(
        "signin/ask.html",
        hidden=hidden,
        address=address,
        error=error,
        over=over,
        kept=kept,
        provider=provider,
        languages=[] if tells else house.library().member_languages(),
    )


def _code_page(address: str, asking: str, error: str = "") -> str:
    connecting = _connecting()
    return render_template(
        "signin/code.html",
        hidden={**_hidden(), "address": address, "asking": asking},
        address=address,
        error=error,
        connecting=connecting[0] if connecting else None,
        provider=None if connecting else providers.for_address(db.session(), address),
    )


def _second_page(after: str, error: str = "") -> str:
    return render_template("signin/second.html", hidden={**_hidden(), "next": after}, error=error)


def _connecting() -> tuple[SignInProvider, str] | None:
    """The provider that has signed somebody in for the first time in this tab, and its name for them."""
    given = security.unsigned("connect", request.form.get("connect", ""))
    provider = providers.find(db.session(), uuid.UUID(given[0])) if given else None
    return (provider, given[1]) if provider else None


def _connect(begun: Begun) -> None:
    connecting = _connecting()
    if connecting:
        providers.connect(db.session(), *connecting, begun.person, house.now())


def _signed_in_meanwhile() -> Response | None:
    """The end of the walk for somebody who carries what was typed and has signed in in another tab."""
    carried = carry.given()
    row = security.recognize() if carried else None
    if row is None or carry.typist(carried) != row.person_id:
        return None
    return carry.go_on(carried, Begun(security.session_token(), row.person, complete=True))


def asks_too_much() -> bool:
    """Has this network asked too often just now, and is the browser none in which somebody has signed in before?"""
    return _known() is None and not house.house().askers.allow(request.remote_addr or "", house.now())


def _known() -> uuid.UUID | None:
    """The person who has signed in in this browser before."""
    known = security.unsigned("known", security.cookie("known"))
    return uuid.UUID(known) if known else None


def _asked_here() -> tuple[str, str]:
    """The secret of the tab of this browser that asked last, and where it wanted to go."""
    asking, after = security.unsigned("asking", security.cookie("asking")) or ("", "")
    return asking, _ours(after)


def _hidden() -> dict[str, str]:
    """What the next page must be told."""
    connect = request.form.get("connect", "")[:2000]
    ours = connect if security.unsigned("connect", connect) else ""
    return {"next": where_to(), "lang": _lang(), "carry": carry.given(), "connect": ours}


def _address() -> str:
    return clean(request.values.get("address", ""))[:254]


def _asking() -> str:
    """The secret of the tab."""
    return clean(request.form.get("asking", ""))[:100]


def _lang() -> str:
    """The language that was asked for in so many words."""
    asked = request.values.get("lang", "")
    return asked if asked == house.language().code else ""


def where_to() -> str:
    """Where the page that is asked for wants to lead after sign-in."""
    return _ours(request.values.get("next", ""))


def _ours(wanted: str) -> str:
    """Where to go after sign-in: a path of ours, else the start page."""
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours and "\\" not in wanted else url_for("workspace.start")
