"""An organization's single sign-on: which provider it trusts. Its secret is typed here and never shown."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.database import begin_writing
from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import SignInProvider
from partnerforms.services import organizations
from partnerforms.services.deliveries import check_recipient
from partnerforms.services.signin import openid, providers
from partnerforms.web import house, security
from partnerforms.web.signin import single

provider_pages = Blueprint("providers", __name__)
provider_pages.before_request(security.member_only)

_LONGEST = 500


@provider_pages.get("/organizations/<uuid:organization_id>/sign-in")
def edit(organization_id: uuid.UUID) -> str:
    security.reach().require("run", organization_id)
    found = providers.of_organization(db.session(), organization_id)
    typed = {"issuer": found.issuer, "client_id": found.client_id, "domain": found.domain} if found else {}
    return _page(organization_id, found, {"domain": providers.domain_of(_address()), **typed}, {})


@provider_pages.post("/organizations/<uuid:organization_id>/sign-in")
def save(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask the provider who it is, and keep it when it is who it should be."""
    organizations.find(db.session(), security.reach(), organization_id, "run")
    typed = {name: clean(request.form.get(name, ""))[:_LONGEST] for name in ("issuer", "client_id", "domain")}
    typed["domain"] = typed["domain"].lower().removeprefix("@")
    secret = clean(request.form.get("client_secret", ""))[:_LONGEST]
    found = providers.of_organization(db.session(), organization_id)
    wrong = _wrong(found, typed, secret)
    if not wrong:
        db.session.rollback()  # others may write while the provider takes its time
        try:
            openid.discover(typed["issuer"])
        except openid.ProviderError as error:
            wrong = {"issuer": "other" if str(error) == "issuer" else "silent"}
        begin_writing(db.session)
        security.member_only()  # what this person may do can have changed meanwhile
    if not wrong:
        try:
            _keep(organization_id, typed, secret)
        except providers.TakenError:
            wrong = {"domain": "taken"}
    if wrong:
        found = providers.of_organization(db.session(), organization_id)
        return _page(organization_id, found, typed, wrong), 422
    db.session.commit()
    return redirect(url_for("providers.edit", organization_id=organization_id), 303)


@provider_pages.post("/organizations/<uuid:organization_id>/sign-in/remove")
def remove(organization_id: uuid.UUID) -> Response:
    """No single sign-on any more; who came by it is signed out."""
    security.reach().require("run", organization_id)
    found = providers.of_organization(db.session(), organization_id)
    if found is not None:
        providers.remove(db.session(), security.reach(), found, house.now())
    db.session.commit()
    return redirect(url_for("providers.edit", organization_id=organization_id), 303)


def _keep(organization_id: uuid.UUID, typed: dict[str, str], secret: str) -> None:
    organization = organizations.find(db.session(), security.reach(), organization_id, "run")
    providers.save(
        db.session(),
        security.reach(),
        organization,
        typed["issuer"],
        typed["client_id"],
        secret,
        typed["domain"],
        house.settings().secret_key,
        house.now(),
    )


def _wrong(found: SignInProvider | None, typed: dict[str, str], secret: str) -> dict[str, str]:
    """Field to what is wrong with it."""
    wrong = {}
    if not openid.check_issuer(typed["issuer"], loopback=not house.settings().secure_cookies):
        wrong["issuer"] = "address"
    if not typed["client_id"] or not typed["client_id"].isprintable():
        wrong["client_id"] = "missing"
    kept = found is not None and (found.issuer, found.client_id) == (typed["issuer"], typed["client_id"])
    if not secret and not kept:
        wrong["client_secret"] = "missing"  # noqa: S105  # what is wrong with the field
    if domain_problem := _domain_problem(typed["domain"]):
        wrong["domain"] = domain_problem
    return wrong


def _domain_problem(domain: str) -> str:
    """Nobody speaks for a domain in which they have no address themselves, or in which everybody may have one."""
    try:
        check_recipient(f"somebody@{domain}")
    except ValueError:
        return "address"
    if domain in providers.PUBLIC_DOMAINS:
        return "public"
    return "" if domain == providers.domain_of(_address()) else "foreign"


def _address() -> str:
    return security.reach().person.address


def _page(
    organization_id: uuid.UUID, found: SignInProvider | None, typed: dict[str, str], wrong: dict[str, str]
) -> str:
    return render_template(
        "providers/edit.html",
        organization=organizations.find(db.session(), security.reach(), organization_id, "run"),
        provider=found,
        typed=typed,
        wrong=wrong,
        redirect_uri=single.redirect_uri(),
        own_domain=providers.domain_of(_address()),
    )
