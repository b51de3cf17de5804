"""Being signed in: how a session ends, where it may lead, and forms that others make of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from browser import COOKIE, Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, address, begin_session

from partnerforms.models import Person, SignInSession
from partnerforms.services import signin
from partnerforms.services.signin import sessions

SignedIn = Callable[[str], Browser]


# --- sessions ---


def test_signing_out_ends_the_session_for_whoever_holds_the_token(signed_in: SignedIn, app: Flask) -> None:
    browser = signed_in("maple_leader")
    token = browser.token
    left = browser.send(browser.get("/").page.form("/sign-out"))
    assert left.location == "/sign-in"
    assert browser.token == ""
    Browser(app, token).get("/", status=303)


def test_a_session_ends_when_nothing_is_done_and_after_half_a_day_in_any_case(
    app: Flask, session: Session, world: World
) -> None:
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    now = datetime.now(UTC)
    for begun, seen, lasts in (
        (timedelta(0), timedelta(0), True),
        (sessions.IDLE - timedelta(minutes=1), sessions.IDLE - timedelta(minutes=1), True),
        (sessions.IDLE + timedelta(minutes=1), sessions.IDLE + timedelta(minutes=1), False),
        (sessions.LONGEST - timedelta(minutes=1), timedelta(0), True),
        (sessions.LONGEST + timedelta(minutes=1), timedelta(0), False),
    ):
        token = begin_session(session, person, now)
        row = session.get_one(SignInSession, sessions.digest_of(token))
        row.created_at, row.seen_at = now - begun, now - seen
        session.commit()
        Browser(app, token).get("/", status=200 if lasts else 303)


@on_sqlite
@pytest.mark.parametrize("token", ["x", "é", "A" * 5000, "a b;c", '"', "null"])
def test_a_cookie_that_is_not_ours_is_nobody(token: str, app: Flask) -> None:
    browser = Browser(app)
    browser.get("/", status=303, headers={"Cookie": f"{COOKIE}={token}".encode().decode("latin-1")})


@on_sqlite
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:/evil",
        "https:evil.example",
        " //evil.example",
        "/ /evil.example\\",
        "\x00//evil.example",
        "evil.example",
        "@evil.example",
        "?next=//evil.example",
        "/\u2028/evil.example",
        "/\u3000/evil.example",
        "\u2215\u2215evil.example",
        "/\u200b/evil.example",
        "//localhost@evil.example",
        "/\\\\\\\\\\evil.example",
        "/%0d%0aLocation:%20//evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/%2f/evil.example",
        "/%5cevil.example",
        "",
    ],
)
def test_nobody_is_led_to_another_place_after_signing_in(
    wanted: str, browser: Browser, session: Session, app: Flask, world: World
) -> None:
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    code = signin.issue(session, person, app.config["SECRET_KEY"], datetime.now(UTC), signin.CODE_LIFE)
    session.commit()
    page = browser.get("/sign-in", query_string={"next": wanted}).page
    (after,) = page.form("/sign-in").data()["next"]
    assert after.startswith("/")
    assert not after.startswith(("//", "/\\"))
    data = {"address": address("maple_leader"), "code": code, "next": wanted}
    location = browser.post("/sign-in/code", data).location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert not re.search(r"[\x00-\x20\x7f\\]", location)


# --- forms of other people's pages ---


@on_sqlite
def test_a_form_without_the_right_proof_is_refused(signed_in: SignedIn, session: Session, world: World) -> None:
    leader, other = signed_in("maple_leader"), signed_in("maple_member")
    theirs = other.proof
    own = leader.proof
    paths = (
        "/language",
        "/records/new",
        "/surveys/new",
        f"/surveys/{world.survey}/close",
        "/deliveries/resume",
        "/sign-out",
    )
    for path in paths:
        mark, _, mac = own.rpartition(".")
        mixed = f"{theirs.rpartition('.')[0]}.{mac[:-1]}"
        for proof in (None, "", "x", theirs, mixed, own[1:-1], own.upper(), mac[1:], f"{mark[1:]}.", "é", "\x00"):
            data = {"language": "es", **({} if proof is None else {"proof": proof})}
            answer = leader.post(path, data, status=400)
            assert answer.page.h1 == "That did not work"
    session.rollback()
    assert {person.language for person in session.scalars(select(Person))} == {"en"}
    leader.get("/")


@on_sqlite
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://[::1"}, {"Origin": "localhost"}, {"Origin": "http://evil@localhost"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "nonsense"},
    ],
    ids=str,
)  # fmt: skip
def test_a_form_that_another_site_sent_is_refused_everywhere(
    headers: dict[str, str], signed_in: SignedIn, world: World
) -> None:
    leader = signed_in("maple_leader")
    for path in ("/language", "/sign-in", "/sign-in/code", "/sign-out", f"/s/{world.codes['families']}"):
        leader.post(path, {"proof": leader.proof}, status=403, headers=headers)
    leader.get("/")


@on_sqlite
@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
    ids=str,
)
def test_a_form_of_our_own_is_taken(headers: dict[str, str], signed_in: SignedIn) -> None:
    leader = signed_in("maple_leader")
    leader.post("/language", {"proof": leader.proof, "language": "en"}, headers=headers)
