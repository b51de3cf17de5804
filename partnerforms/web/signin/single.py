"""Single sign-on: to an organization's provider, and back.

Who comes back without having set out here is sent to set out. The way back is a GET that begins a session: what
keeps others from using it is the cookie of the browser that set out, and that a provider's code works once.
"""

import hmac
import json
import uuid
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.models import SignInProvider
from partnerforms.services.signin import openid, providers, sessions
from partnerforms.services.signin.sealing import UnsealError, seal, unseal
from partnerforms.web import house, security, signin

single_pages = Blueprint("single", __name__)
single_pages.before_request(signin.speak)

_LIFE = timedelta(minutes=10)


@single_pages.get("/sign-in/with/<uuid:provider_id>")
def set_out(provider_id: uuid.UUID) -> Response | tuple[str, int]:
    """To the provider, with what only this browser knows in a cookie. It is a link: no form may lead to others."""
    provider = providers.find(db.session(), provider_id)
    if provider is None or request.method == "HEAD":
        abort(404)
    if signin.asks_too_much():
        return _failed(provider_id, 429)
    client = _client(provider)
    db.session.rollback()  # nothing is held while others take their time
    try:
        address, journey = openid.set_out(client)
    except openid.ProviderError:
        return _failed(provider_id, 503)
    response = redirect(address, 303)
    _remember(response, provider_id, journey, signin.where_to())
    return response


@single_pages.get("/sign-in/back")
def come_back() -> Response | str | tuple[str, int]:
    """From the provider: sign in whom it names, if that is proved and the person is connected here."""
    remembered = _remembered()
    if remembered is None or request.method == "HEAD":
        return _failed(None, 400)
    provider_id, journey, after = remembered
    code = request.args.get("code", "")
    provider = providers.find(db.session(), provider_id)
    if provider is None or not code or not _same(request.args.get("state", ""), journey.state):
        return _failed(provider_id, 400)
    client = _client(provider)
    if request.args.get("iss", client.issuer) != client.issuer:
        return _failed(provider_id, 400)
    db.session.rollback()
    try:
        subject = openid.come_back(client, journey, code, house.now())
    except openid.ProviderError:
        return _failed(provider_id, 503)
    except openid.ForgedError:
        return _failed(provider_id, 400)
    return _arrived(provider_id, client, subject, after)


def redirect_uri() -> str:
    """The address that an organization registers with its provider."""
    return house.settings().base_url + url_for("single.come_back")


def _arrived(provider_id: uuid.UUID, client: openid.Client, subject: str, after: str) -> Response | tuple[str, int]:
    begin_writing(db.session)
    session = db.session()
    provider = providers.find(session, provider_id)
    if provider is None or _client(provider) != client:
        return _failed(provider_id, 400)  # it was changed meanwhile
    person = providers.person_of(session, provider, subject)
    if person is not None:
        begun = sessions.begin(session, person, house.now(), "single sign-on", provider)
        response = signin.signed_in(begun, after)
    elif providers.is_connected(session, provider, subject):
        return _failed(provider_id, 403)
    else:
        response = Response(signin.connect_page(provider, subject, after), mimetype="text/html")
    security.drop_cookie(response, "single")
    return response


def _client(provider: SignInProvider) -> openid.Client:
    try:
        secret = unseal(provider.client_secret, house.settings().secret_key)
    except UnsealError:
        secret = ""  # sealed with another key: the provider will refuse, and the leader types it again
    return openid.Client(provider.issuer, provider.client_id, secret, provider.domain, redirect_uri())


def _remember(response: Response, provider_id: uuid.UUID, journey: openid.Journey, after: str) -> None:
    until = (house.now() + _LIFE).timestamp()
    known = [until, provider_id.hex, journey.state, journey.nonce, journey.verifier, after[:1000]]
    security.set_cookie(response, "single", seal(json.dumps(known), house.settings().secret_key), _LIFE)


def _remembered() -> tuple[uuid.UUID, openid.Journey, str] | None:
    try:
        known = json.loads(unseal(security.cookie("single"), house.settings().secret_key))
    except UnsealError:
        return None
    until, provider, state, nonce, verifier, after = known
    if house.now().timestamp() > until:
        return None
    return uuid.UUID(provider), openid.Journey(state, nonce, verifier), after


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _failed(provider_id: uuid.UUID | None, status: int) -> tuple[str, int]:
    """A page that says what to do now: begin again, or sign in with a mailed code."""
    db.session.rollback()
    provider = providers.find(db.session(), provider_id) if provider_id else None
    return render_template("signin/single_failed.html", provider=provider, status=status), status
