"""Single sign-on attacked: forged tokens, strange ways back, providers that are down. Nobody is ever signed in."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser import COOKIE, Browser, on_sqlite
from flask import Flask
from forging import (
    CLIENT,
    KEY,
    Forger,
    answer,
    running,
    sign,
    sign_not_at_all,
    sign_with_another_key,
    sign_with_the_public_key,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from world import SECRET, World, address

from partnerforms.models import Identity, Person, SignInProvider, SignInSession
from partnerforms.services.signin import openid
from partnerforms.services.signin.sealing import seal
from partnerforms.web.house import KEY as HOUSE
from partnerforms.web.signin.throttle import Throttle

pytestmark = on_sqlite


@pytest.fixture
def forger() -> Iterator[Forger]:
    made = Forger()
    with running(made) as made.issuer:
        yield made


@pytest.fixture
def start(forger: Forger, app: Flask, session: Session, world: World) -> str:
    """The address to set out from: Maple School trusts the forger, and a member is connected with it."""
    provider = SignInProvider(
        organization_id=world.places["maple"],
        issuer=forger.issuer,
        client_id=CLIENT,
        client_secret=seal("very s3cret", SECRET),
        domain="example.org",
        created_at=world.began,
    )
    session.add(provider)
    session.flush()
    member = session.scalars(select(Person).where(Person.address == address("maple_member"))).one()
    session.add(Identity(provider_id=provider.id, subject="user-1", person_id=member.id, linked_at=world.began))
    session.commit()
    return f"/sign-in/with/{provider.id}"


def set_out(browser: Browser, start: str, forger: Forger) -> str:
    return forger.visit(browser.get(f"{start}?next=/deliveries", status=303).headers["Location"])


def nobody_is_signed_in(browser: Browser, session: Session) -> None:
    browser.get("/", status=303)
    session.rollback()
    assert [row for row in session.scalars(select(SignInSession)) if row.provider_id] == []


def test_when_all_is_right_it_signs_in(browser: Browser, start: str, forger: Forger) -> None:
    assert browser.get(set_out(browser, start, forger), status=303).location == "/deliveries"
    browser.get("/")
    (seen,) = forger.seen
    assert seen["authorization"].startswith("Basic ")
    assert seen["redirect_uri"] == "http://localhost/sign-in/back"
    assert forger.asked["scope"] == "openid"


def _with(**changes: Any) -> Callable[[dict[str, Any]], str]:
    return lambda claims: sign({n: v for n, v in {**claims, **changes}.items() if v is not None})


@pytest.mark.parametrize(
    "token",
    [
        _with(iss="https://evil.example"), _with(iss=None), _with(iss=["x"]),
        _with(aud="somebody else"), _with(aud=[]), _with(aud=None), _with(aud=[CLIENT, "evil"]),
        _with(aud=[CLIENT, "evil"], azp="evil"), _with(nonce="x"), _with(nonce=None), _with(nonce=["x"]),
        _with(exp=int(time.time()) - 3600), _with(exp=None), _with(exp="never"), _with(exp=float("nan")),
        _with(iat=int(time.time()) + 3600), _with(nbf=int(time.time()) + 3600),
        _with(sub=None), _with(sub=""), _with(sub=" "), _with(sub=5), _with(sub="x" * 300),
        sign_with_another_key, sign_not_at_all, sign_with_the_public_key,
        lambda _: "", lambda _: "x", lambda _: "a.b.c", lambda _: None, lambda claims: sign(claims)[:-4] + "AAAA",
    ],
)  # fmt: skip
def test_a_forged_token_signs_nobody_in(
    token: Callable[[dict[str, Any]], str], browser: Browser, start: str, forger: Forger, session: Session
) -> None:
    forger.token = token
    page = browser.get(set_out(browser, start, forger), status=400).page
    assert page.h1 == "Signing in did not work"
    nobody_is_signed_in(browser, session)


def test_a_token_of_another_provider_s_user_is_another_user(
    browser: Browser, start: str, forger: Forger, session: Session
) -> None:
    forger.subject = address("maple_member")
    page = browser.get(set_out(browser, start, forger)).page
    assert "for the first time" in page.text
    nobody_is_signed_in(browser, session)


def test_google_s_users_must_be_of_the_domain(app: Flask) -> None:
    forger = Forger()
    client = openid.Client("https://accounts.google.com", CLIENT, "x", "example.org", "http://localhost/x")
    forger.issuer, forger.asked = client.issuer, {"nonce": "n"}
    keys = {"keys": [KEY.as_dict(private=False)]}
    now = datetime.now(UTC)
    assert openid.subject_of(sign({**forger.claims(), "hd": "example.org"}), keys, client, "n", now) == "user-1"
    for claims in (forger.claims(), {**forger.claims(), "hd": "evil.example"}):
        with pytest.raises(openid.ForgedError):
            openid.subject_of(sign(claims), keys, client, "n", now)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=a-code&state=x", "?error=access_denied&state=x", "?code=%00&state=é"]
)
def test_who_has_not_set_out_does_not_come_back(query: str, browser: Browser, start: str, session: Session) -> None:
    assert browser.get(f"/sign-in/back{query}", status=400).page.links[-1] == "/sign-in"
    nobody_is_signed_in(browser, session)


def test_another_browser_or_another_state_does_not_come_back(
    browser: Browser, app: Flask, start: str, forger: Forger, session: Session
) -> None:
    back = set_out(browser, start, forger)
    Browser(app).get(back, status=400)
    thief = Browser(app)
    set_out(thief, start, forger)
    thief.get(back, status=400)
    browser.get(back + "x", status=400)
    browser.get(f"{back}&iss=https://evil.example", status=400)
    browser.get(back.replace("code=a-code", "error=access_denied"), status=400)
    assert forger.seen == []  # no code was ever handed to the provider
    browser.request("HEAD", back)
    browser.post(back, {}, status=405)
    assert forger.seen == []
    nobody_is_signed_in(browser, session)


def test_the_way_back_is_open_for_ten_minutes_and_once(browser: Browser, start: str, forger: Forger) -> None:
    back = set_out(browser, start, forger)
    cookie = browser.client.get_cookie(f"{COOKIE}-single")
    assert cookie
    assert cookie.http_only
    assert cookie.max_age == 600
    assert forger.asked["state"] not in cookie.value  # sealed
    browser.get(back, status=303)
    assert browser.client.get_cookie(f"{COOKIE}-single") is None
    browser.get(back, status=400)


def test_a_provider_changed_in_between_signs_nobody_in(
    browser: Browser, start: str, forger: Forger, session: Session, world: World
) -> None:
    back = set_out(browser, start, forger)
    session.scalars(select(SignInProvider)).one().client_id = "another"
    session.commit()
    browser.get(back, status=400)
    nobody_is_signed_in(browser, session)


def test_an_unknown_or_archived_one_does_not_exist(
    browser: Browser, start: str, session: Session, world: World
) -> None:
    provider = session.scalars(select(SignInProvider)).one()
    provider.organization.archived_at = world.began
    session.commit()
    unknown = "/sign-in/with/00000000-0000-4000-8000-000000000000"
    assert browser.get(start, status=404).text == browser.get(unknown, status=404).text
    browser.request("HEAD", start)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    "bad",
    [
        lambda: Response("down", 500),
        lambda: Response("<html>", mimetype="text/html"),
        lambda: answer([1, 2]),
        lambda: answer("x" * 400_000),
        lambda: Response("", 302, headers={"Location": "https://evil.example/"}),
        lambda: answer({"error": "invalid_grant"}),
    ],
    ids=["down", "html", "list", "much", "redirect", "error"],
)
def test_a_provider_that_is_down_gives_a_kind_page(
    path: str, bad: Callable[[], Response], browser: Browser, start: str, forger: Forger, session: Session
) -> None:
    back = set_out(browser, start, forger)
    forger.documents[path] = bad
    answered = browser.request("GET", back)
    assert answered.status in (400, 503)
    assert answered.page.h1 == "Signing in did not work"
    nobody_is_signed_in(browser, session)


def test_a_provider_that_is_not_there_or_slow_gives_a_kind_page(
    browser: Browser, start: str, forger: Forger, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid, "_PATIENCE", 0.2)

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b" "
            time.sleep(0.02)

    for bad in (lambda: (time.sleep(0.6), answer({}))[1], lambda: Response(drip())):
        forger.documents["/.well-known/openid-configuration"] = bad
        began = time.monotonic()
        assert "does not answer" in browser.get(start, status=503).page.text
        assert time.monotonic() - began < 1
    session.scalars(select(SignInProvider)).one().issuer = "http://localhost:9"
    session.commit()
    browser.get(start, status=503)


def test_while_a_provider_takes_its_time_others_write(
    start: str, forger: Forger, app: Flask, session: Session, world: World
) -> None:
    """Setting it up asks the provider, and must not hold the one write lock meanwhile."""
    path = f"/organizations/{world.places['maple']}/sign-in"
    leader, other = Browser(app, world.tokens["maple_leader"]), Browser(app, world.tokens["oak_leader"])
    form, proof = leader.get(path).page.form(path), other.proof
    saved: list[int] = []

    def meanwhile() -> Response:
        saved.append(other.post("/language", {"proof": proof, "language": "es"}).status)
        return answer(forger.discovery())

    forger.documents["/.well-known/openid-configuration"] = meanwhile
    leader.send(form, {"client_secret": "x"})
    assert saved == [303]


def test_one_network_sets_out_often_and_not_without_end(browser: Browser, start: str, app: Flask) -> None:
    house = app.extensions[HOUSE]
    before = house.askers
    object.__setattr__(house, "askers", Throttle(1, timedelta(minutes=30)))
    try:
        browser.get(start, status=303)
        assert browser.get(start, status=429).page.links[-1] == "/sign-in"
    finally:
        object.__setattr__(house, "askers", before)
