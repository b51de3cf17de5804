"""The second factor: set up, asked for after the mailed code, good once, and not to be guessed."""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pyotp
import pytest
from browser import Answer, Browser, on_sqlite
from click.testing import CliRunner
from flask import Flask
from pages import Page
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_signing_in import ask, codes_mailed, let_pass
from world import SECRET, World, address

from partnerforms.cli import cli
from partnerforms.models import AuditEntry, Person, RecoveryCode, SecondFactor, SignInSession
from partnerforms.services.signin import second_factor, sessions
from partnerforms.web.house import KEY

Mails = Callable[[], list[EmailMessage]]
SignedIn = Callable[[str], Browser]
LEADER = address("maple_leader")


class Phone:
    """An authenticator app. What it shows is counted from the moment of set-up, however long the test takes."""

    def __init__(self, key: str) -> None:
        self.app, self.began = pyotp.TOTP(key), datetime.now(UTC)

    def shows(self, steps: int = 0) -> str:
        return self.app.at(self.began + timedelta(seconds=second_factor.STEP * steps))


def prepared(browser: Browser) -> Page:
    """The page with the picture and the key."""
    form = browser.get("/account/second-factor").page.form("/account/second-factor")
    return browser.follow(browser.send(form)).page


def key_on(page: Page) -> str:
    (shown,) = [element for element in page.root.iter("p") if "key" in element.get("class", "").split()]
    return "".join("".join(shown.itertext()).split())


def set_up(browser: Browser) -> tuple[Phone, list[str]]:
    """The phone, and the recovery codes; the step before this one is used up."""
    page = prepared(browser)
    phone = Phone(key_on(page))
    done = browser.send(page.form("/account/second-factor/on"), {"code": phone.shows(-1)}, status=200)
    return phone, re.findall(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", done.page.text)


def first_step(browser: Browser, mails: Mails, path: str = "/sign-in") -> Answer:
    """Type the mailed code; the page that asks for the second one."""
    before = set(codes_mailed(mails, LEADER))
    page = ask(browser, LEADER, path)
    (code,) = set(codes_mailed(mails, LEADER)) - before
    return browser.follow(browser.send(page.page.form("/sign-in/code"), {"code": code}))


def person(session: Session) -> Person:
    session.rollback()
    return session.scalars(select(Person).where(Person.address == LEADER)).one()


def test_set_up_then_asked_for_then_turned_off(
    signed_in: SignedIn, app: Flask, session: Session, mails: Mails, world: World
) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    browser = Browser(app)
    second = first_step(browser, mails, "/sign-in?next=/deliveries")
    assert second.page.h1 == "The code of your app"
    for path in ("/", "/account", "/deliveries"):
        assert browser.get(path, status=303).location.startswith("/sign-in")  # good for nothing else
    half = browser.token
    done = browser.send(second.page.form("/sign-in/second-factor"), {"code": phone.shows()})
    assert done.location == "/deliveries"
    assert browser.token != half
    browser.get("/deliveries")
    Browser(app, half).get("/", status=303)
    off = browser.get("/account/second-factor").page.form("/account/second-factor/off")
    browser.send(off, {"code": phone.shows()}, status=422)  # it was used a moment ago
    browser.send(off, {"code": phone.shows(1)})
    assert first_step(Browser(app), mails).path == "/"
    found = session.scalars(select(AuditEntry.action).where(AuditEntry.person_name == "Maple Leader")).all()
    assert {"person.second_factor_on", "person.second_factor_off", "person.signed_in"} <= set(found)


def test_the_picture_says_what_the_key_says(signed_in: SignedIn) -> None:
    browser = signed_in("maple_leader")
    page = prepared(browser)
    (picture,) = page.root.iter("img")
    kind, _, data = picture.get("src", "").partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert b64decode(data).startswith(b"<?xml")
    assert len(key_on(page)) == 32


def test_before_it_is_confirmed_it_counts_for_nothing(signed_in: SignedIn, app: Flask, mails: Mails) -> None:
    browser = signed_in("maple_leader")
    page = prepared(browser)
    for typed in ("", "000000x", "é" * 6, "١٢٣٤٥٦", "x" * 100_000):
        browser.send(page.form("/account/second-factor/on"), {"code": typed}, status=422)
    assert first_step(Browser(app), mails).path == "/"


def test_a_step_works_once_and_never_an_older_one(signed_in: SignedIn, app: Flask, mails: Mails) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    page = first_step(Browser(app), mails).page
    other = Browser(app)
    page = first_step(other, mails).page
    other.send(page.form("/sign-in/second-factor"), {"code": phone.shows()})
    third = Browser(app)
    page = first_step(third, mails).page
    for steps in (0, -1, 3, -3):
        third.send(page.form("/sign-in/second-factor"), {"code": phone.shows(steps)}, status=422)
    third.send(page.form("/sign-in/second-factor"), {"code": phone.shows(1)})


def test_a_recovery_code_works_once_and_is_kept_as_a_digest(
    signed_in: SignedIn, app: Flask, session: Session, mails: Mails
) -> None:
    _, codes = set_up(signed_in("maple_leader"))
    assert len(set(codes)) == second_factor.CODES
    kept = "".join(session.scalars(select(RecoveryCode.digest)))
    assert codes[0].replace("-", "") not in kept
    for status in (303, 422):
        browser = Browser(app)
        form = first_step(browser, mails).page.form("/sign-in/second-factor")
        browser.send(form, {"code": codes[0].lower().replace("-", " ")}, status=status)
    assert second_factor.codes_left(session, person(session)) == 9


def test_the_key_is_sealed(signed_in: SignedIn, session: Session) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    row = session.scalars(select(SecondFactor)).one()
    assert phone.app.secret not in row.secret
    assert second_factor._secret(row, SECRET) == phone.app.secret
    assert second_factor._secret(row, "x" * 40) is None


def test_turning_it_on_ends_the_other_sessions(signed_in: SignedIn, app: Flask, session: Session) -> None:
    here = signed_in("maple_leader")
    set_up(here)
    here.get("/")
    assert len(sessions.listed(session, person(session), datetime.now(UTC))) == 1


def test_after_five_wrong_ones_one_begins_again(
    signed_in: SignedIn, app: Flask, session: Session, mails: Mails
) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    browser = Browser(app)
    form = first_step(browser, mails).page.form("/sign-in/second-factor")
    for _ in range(sessions.TRIES):
        last = browser.send(form, {"code": "000000"}, status=422)
    assert last.page.h1 == "Sign in"
    browser.send(form, {"code": phone.shows()}, status=422)
    browser.get("/", status=303)


def test_twenty_wrong_ones_are_enough_for_a_day(
    signed_in: SignedIn, app: Flask, session: Session, mails: Mails
) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    leader = person(session)
    now = datetime.now(UTC)
    for number in range(4):
        row = SignInSession(
            token_digest=str(number), person_id=leader.id, created_at=now, seen_at=now, complete=False
        )
        row.tries = 5
        session.add(row)
    session.commit()
    browser = Browser(app)
    form = first_step(browser, mails).page.form("/sign-in/second-factor")
    browser.send(form, {"code": phone.shows()}, status=422)
    let_pass(session, timedelta(days=1))
    other = Browser(app)
    other.send(first_step(other, mails).page.form("/sign-in/second-factor"), {"code": phone.shows()})


def test_ten_minutes_are_enough(signed_in: SignedIn, app: Flask, session: Session, mails: Mails) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    browser = Browser(app)
    form = first_step(browser, mails).page.form("/sign-in/second-factor")
    let_pass(session, sessions.TO_COMPLETE + timedelta(seconds=1))
    late = browser.send(form, {"code": phone.shows()}, status=422)
    assert "took too long" in late.page.text
    assert "took too long" in browser.follow(browser.get("/sign-in/second-factor", status=303)).page.text


def test_turning_off_cannot_be_guessed(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("maple_leader")
    set_up(browser)
    form = browser.get("/account/second-factor").page.form("/account/second-factor/off")
    for number in range(sessions.TRIES):
        browser.send(form, {"code": "000000"}, status=303 if number == sessions.TRIES - 1 else 422)
    browser.get("/", status=303)
    assert session.scalars(select(SecondFactor)).one().confirmed_at


@on_sqlite
@pytest.mark.parametrize("proof", ["", "x"])
def test_the_second_step_takes_a_page_of_its_own(
    proof: str, signed_in: SignedIn, app: Flask, session: Session, mails: Mails
) -> None:
    phone, _ = set_up(signed_in("maple_leader"))
    browser = Browser(app)
    form = first_step(browser, mails).page.form("/sign-in/second-factor")
    browser.send(form, {"code": phone.shows(), "proof": proof}, status=400)
    browser.get("/", status=303)


def test_a_lost_one_is_reset_by_whoever_runs_the_installation(
    signed_in: SignedIn, app: Flask, session: Session, mails: Mails
) -> None:
    browser = signed_in("maple_leader")
    set_up(browser)
    second_factor.turn_off(session, person(session), datetime.now(UTC), by=None)
    session.commit()
    browser.get("/", status=303)
    assert first_step(Browser(app), mails).path == "/"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.second_factor_reset")).one()
    assert (entry.person_id, entry.subject) == (None, "Maple Leader")


def test_the_command_that_resets_it(signed_in: SignedIn, stage: Any, session: Session) -> None:
    set_up(signed_in("maple_leader"))
    settings = stage.app.extensions[KEY].settings
    given = {"PARTNERFORMS_SECRET_KEY": SECRET, "PARTNERFORMS_DATABASE_URL": settings.database_url}
    for whom, code in ((LEADER.upper(), 0), (LEADER, 1), ("nobody@example.org", 1)):
        assert CliRunner(env=given).invoke(cli, ["reset-second-factor", whom]).exit_code == code
    session.rollback()
    assert session.scalars(select(SecondFactor)).all() == session.scalars(select(RecoveryCode)).all() == []
