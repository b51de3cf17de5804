"""Single sign-on with a real OpenID provider: set up on the page, the first time with a code, then without."""

import re
import warnings
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
import requests
from browser import Answer, Browser, on_sqlite
from flask import Flask
from forging import Forger, answer, running
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_second_factor import set_up
from test_signing_in import codes_mailed
from world import World, address

from partnerforms.models import AuditEntry, Identity, SignInProvider, SignInSession

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider uses what Authlib calls old
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Mails = Callable[[], list[EmailMessage]]
SignedIn = Callable[[str], Browser]
MEMBER = address("maple_member")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider, running."""
    with running(oidc_provider_mock.app(require_nonce=True)) as found:
        yield found


def typed(issuer: str, /, **changes: str) -> dict[str, str]:
    return {"issuer": issuer, "client_id": "pf", "client_secret": "very s3cret", "domain": "example.org", **changes}


def save(browser: Browser, place: str, fields: dict[str, str], status: int = 303) -> Answer:
    path = f"/organizations/{place}/sign-in"
    return browser.send(browser.get(path).page.form(path), fields, status=status)


@pytest.fixture
def provider(issuer: str, signed_in: SignedIn, session: Session, world: World) -> SignInProvider:
    """Maple School's single sign-on, as its leader set it up."""
    save(signed_in("maple_leader"), str(world.places["maple"]), typed(issuer))
    return session.scalars(select(SignInProvider)).one()


def code_page(browser: Browser, whom: str) -> Answer:
    return browser.send(browser.get("/sign-in?next=/deliveries").page.form("/sign-in"), {"address": whom}, status=200)


def come_back(browser: Browser, whom: str, subject: str, status: int) -> Answer:
    """From the code page to the provider, sign in there, and back."""
    (link,) = [one for one in code_page(browser, whom).page.links if "/sign-in/with/" in one]
    there = browser.get(link, status=303).headers["Location"]
    back = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=10).headers["Location"]
    return browser.get(back.removeprefix("http://localhost"), status=status)


def first_time(browser: Browser, whom: str, subject: str, mails: Mails) -> Answer:
    """The walk of somebody whom the provider signs in for the first time."""
    asked = come_back(browser, whom, subject, status=200)
    assert "for the first time" in asked.page.text
    before = set(codes_mailed(mails, whom))
    code = browser.send(asked.page.form("/sign-in"), {"address": whom}, status=200)
    (new,) = set(codes_mailed(mails, whom)) - before
    return browser.send(code.page.form("/sign-in/code"), {"code": new})


def connected(session: Session) -> Identity:
    session.rollback()
    return session.scalars(select(Identity)).one()


def test_the_first_time_with_a_code_and_then_without(
    provider: SignInProvider, app: Flask, session: Session, mails: Mails, world: World
) -> None:
    browser = Browser(app)
    assert first_time(browser, MEMBER, "sub|42", mails).location == "/deliveries"
    browser.get("/")
    identity = connected(session)
    assert (identity.subject, identity.person.address) == ("sub|42", MEMBER)
    other = Browser(app)
    assert come_back(other, MEMBER, "sub|42", status=303).location == "/deliveries"
    other.get("/")
    session.rollback()
    assert len([row for row in session.scalars(select(SignInSession)) if row.provider_id]) == 1
    said = session.scalars(select(AuditEntry.action).where(AuditEntry.organization_id == world.places["maple"])).all()
    assert {"person.connected", "single_sign_on.set"} <= set(said)


def test_the_key_is_the_provider_s_name_for_the_user_and_not_an_address(
    provider: SignInProvider, app: Flask, session: Session, mails: Mails
) -> None:
    browser = Browser(app)
    asked = come_back(browser, MEMBER, address("maple_leader"), status=200)  # its mail address is the leader's
    assert "for the first time" in asked.page.text
    assert browser.get("/", status=303)


def test_who_does_not_belong_there_is_not_connected(
    provider: SignInProvider, app: Flask, session: Session, mails: Mails
) -> None:
    for whom in (address("oak_member"), address("district_leader"), address("stranger")):
        browser = Browser(app)
        first_time(browser, whom, "sub|x", mails)
        browser.get("/")
        assert session.scalars(select(Identity)).all() == []


def test_who_has_left_is_not_signed_in(provider: SignInProvider, app: Flask, session: Session, mails: Mails) -> None:
    first_time(Browser(app), MEMBER, "sub|1", mails)
    person = connected(session).person
    person.memberships[0].accepted_at = None
    session.commit()
    refused = come_back(Browser(app), MEMBER, "sub|1", status=403)
    assert "Maple School" in refused.page.text


def test_the_second_factor_is_asked_for_all_the_same(
    provider: SignInProvider, app: Flask, signed_in: SignedIn, session: Session, mails: Mails
) -> None:
    first_time(Browser(app), MEMBER, "sub|1", mails)
    phone, _ = set_up(signed_in("maple_member"))
    browser = Browser(app)
    back = come_back(browser, MEMBER, "sub|1", status=303)
    browser.get("/", status=303)
    second = browser.follow(back).page.form("/sign-in/second-factor")
    assert browser.send(second, {"code": phone.shows()}).location == "/deliveries"
    session.rollback()
    assert [row.complete for row in session.scalars(select(SignInSession)) if row.provider_id] == [True]


def test_the_offer_depends_on_the_domain_alone(provider: SignInProvider, browser: Browser) -> None:
    for whom in (MEMBER, "nobody@example.org", "NOBODY@EXAMPLE.ORG"):
        assert "Continue with Maple School (localhost)" in code_page(browser, whom).page.text
    for whom in ("a@sub.example.org", "a@example.com", "example.org@x.y", "@"):
        assert "Continue with" not in code_page(browser, whom).page.text


def test_removing_it_ends_its_sessions_and_forgets_its_users(
    provider: SignInProvider, app: Flask, session: Session, signed_in: SignedIn, mails: Mails, world: World
) -> None:
    first_time(Browser(app), MEMBER, "sub|1", mails)
    browser = Browser(app)
    come_back(browser, MEMBER, "sub|1", status=303)
    leader, path = signed_in("maple_leader"), f"/organizations/{world.places['maple']}/sign-in"
    leader.send(leader.get(path).page.form(f"{path}/remove"))
    browser.get("/", status=303)
    session.rollback()
    assert session.scalars(select(SignInProvider)).all() == session.scalars(select(Identity)).all() == []
    leader.get("/")


def test_another_client_or_issuer_means_other_people(
    provider: SignInProvider, app: Flask, session: Session, signed_in: SignedIn, mails: Mails, world: World
) -> None:
    first_time(Browser(app), MEMBER, "sub|1", mails)
    leader, place = signed_in("maple_leader"), str(world.places["maple"])
    sealed = provider.client_secret
    save(leader, place, typed(provider.issuer, client_secret=""))  # nothing changed: the secret stays
    assert (connected(session).subject, provider.client_secret) == ("sub|1", sealed)
    save(leader, place, typed(provider.issuer, client_id="other", client_secret=""), status=422)
    save(leader, place, typed(provider.issuer, client_id="other"))
    session.rollback()
    assert session.scalars(select(Identity)).all() == []


def test_the_secret_is_sealed_and_never_shown(
    provider: SignInProvider, signed_in: SignedIn, session: Session, world: World
) -> None:
    assert "s3cret" not in provider.client_secret
    page = signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/sign-in")
    assert "s3cret" not in page.text
    assert "http://localhost/sign-in/back" in page.text
    assert "s3cret" not in str([vars(entry) for entry in session.scalars(select(AuditEntry))])


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", ""), ("issuer", "nowhere"), ("issuer", "http://evil.example"), ("issuer", "file:///etc/passwd"),
        ("issuer", "https://a@evil.example"), ("issuer", "https://x/?y"), ("issuer", "http://127.0.0.1.evil.example"),
        ("issuer", "https://[::1"), ("issuer", "https://x:99999999"), ("issuer", "gopher://localhost"),
        ("issuer", "https://é.example"), ("client_id", ""), ("client_secret", ""), ("domain", ""),
        ("domain", "gmail.com"), ("domain", "example.com"), ("domain", "x" * 5000), ("domain", "a b"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(field: str, value: str, signed_in: SignedIn, session: Session, world: World) -> None:
    fields = typed("http://localhost:9/x", **{field: value})
    page = save(signed_in("maple_leader"), str(world.places["maple"]), fields, status=422).page
    assert f"#{field}" in [where for where, _ in page.errors]
    assert session.scalars(select(SignInProvider)).all() == []


def test_a_domain_is_of_one_organization(provider: SignInProvider, signed_in: SignedIn, world: World) -> None:
    page = save(signed_in("oak_leader"), str(world.places["oak"]), typed(provider.issuer), status=422).page
    assert page.errors[0][0] == "#domain"


def _other_issuer(forger: Forger) -> object:
    return {**forger.discovery(), "issuer": "https://evil.example"}


@on_sqlite
@pytest.mark.parametrize("made", [
    _other_issuer, lambda one: [], lambda one: {}, lambda one: {"issuer": one.issuer}, lambda one: "x" * 500_000,
    lambda one: {**one.discovery(), "token_endpoint": "https://evil.example/token"},
    lambda one: {**one.discovery(), "jwks_uri": 5},
    lambda one: {**one.discovery(), "issuer": one.issuer + "/"},
])  # fmt: skip
def test_a_provider_that_is_not_what_it_should_be_is_not_kept(
    made: Callable[[Forger], object], signed_in: SignedIn, session: Session, world: World
) -> None:
    forger = Forger()
    with running(forger) as forger.issuer:
        forger.documents["/.well-known/openid-configuration"] = lambda: answer(made(forger))
        page = save(signed_in("maple_leader"), str(world.places["maple"]), typed(forger.issuer), status=422).page
    assert page.errors[0][0] == "#issuer"
    assert re.search("calls itself|No OpenID", page.errors[0][1])
    assert session.scalars(select(SignInProvider)).all() == []
