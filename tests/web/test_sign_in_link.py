"""What keeps others out of one's sign-in: the tab that asked, the link in its browser, and limits."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from threading import Barrier, Thread

import pytest
from browser import COOKIE, Browser, on_sqlite
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session
from test_signing_in import ask, codes_mailed, let_pass, wrong
from world import address

from partnerforms.database import begin_writing
from partnerforms.models import Person, SignInCode, SignInSession
from partnerforms.services import signin
from partnerforms.services.tools import Tools
from partnerforms.web.house import KEY
from partnerforms.web.signin.throttle import Throttle

Mails = Callable[[], list[EmailMessage]]
LEADER = address("maple_leader")
LINK = re.compile(r"http://localhost(/sign-in/link/\S+)")


def links_mailed(mails: Mails, whom: str) -> list[str]:
    bodies = [mail.get_body() for mail in mails() if mail["To"] == whom]
    return [found for body in bodies if body for found in LINK.findall(body.get_content())]


def state(session: Session) -> tuple[int, list[tuple[int, bool]]]:
    """How many sessions there are, and what became of every code."""
    session.rollback()
    codes = session.scalars(select(SignInCode).order_by(SignInCode.id))
    return len(session.scalars(select(SignInSession)).all()), [(one.tries, one.used_at is None) for one in codes]


def sign_in(browser: Browser, mails: Mails) -> None:
    before = set(codes_mailed(mails, LEADER))
    page = ask(browser, LEADER)
    (code,) = set(codes_mailed(mails, LEADER)) - before
    browser.send(page.page.form("/sign-in/code"), {"code": code})
    browser.get("/")


# --- the tab ---


def test_a_code_works_only_in_the_tab_that_asked(browser: Browser, app: Flask, mails: Mails) -> None:
    page = ask(browser, LEADER)
    (code,) = codes_mailed(mails, LEADER)
    thief = Browser(app)
    other = ask(thief, LEADER)
    for asking in (other.page.form("/sign-in/code").data()["asking"][0], "", "x"):
        data = {"address": LEADER, "code": code, "asking": asking}
        assert "Set-Cookie" not in thief.post("/sign-in/code", data, status=422).headers
    browser.send(page.page.form("/sign-in/code"), {"code": code})


def test_who_asks_for_my_address_neither_ends_nor_uses_up_my_code(
    browser: Browser, app: Flask, session: Session, mails: Mails
) -> None:
    page = ask(browser, LEADER)
    (code,) = codes_mailed(mails, LEADER)
    for _ in range(20):
        other = ask(Browser(app), LEADER)
        Browser(app).send(other.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
    browser.send(page.page.form("/sign-in/code"), {"code": code})


def test_who_asks_for_my_address_does_not_lock_me_out_where_i_have_signed_in_before(
    browser: Browser, app: Flask, session: Session, mails: Mails
) -> None:
    sign_in(browser, mails)
    browser.send(browser.get("/").page.form("/sign-out"))
    for _ in range(signin.ASKS + 5):
        ask(Browser(app), LEADER)
    assert len(codes_mailed(mails, LEADER)) == signin.ASKS  # a stranger's browser gets no more
    sign_in(browser, mails)
    assert len(codes_mailed(mails, LEADER)) == signin.ASKS + 1


def test_the_mark_of_a_known_browser_is_of_one_person_and_ours(
    browser: Browser, app: Flask, session: Session, mails: Mails
) -> None:
    sign_in(browser, mails)
    known = browser.client.get_cookie(f"{COOKIE}-known")
    assert known
    assert known.max_age
    assert known.http_only
    assert known.same_site == "Lax"
    for _ in range(signin.ASKS):
        ask(Browser(app), address("oak_leader"))
    ask(browser, address("oak_leader"))
    forger = Browser(app)
    forger.client.set_cookie(f"{COOKIE}-known", known.value[:-2])
    for _ in range(signin.ASKS):
        ask(forger, LEADER)
    assert len(codes_mailed(mails, address("oak_leader"))) == signin.ASKS
    assert len(codes_mailed(mails, LEADER)) == signin.ASKS


@on_sqlite
def test_one_network_may_ask_often_and_not_without_end(browser: Browser, app: Flask) -> None:
    house = app.extensions[KEY]
    before = house.askers
    object.__setattr__(house, "askers", Throttle(2, timedelta(minutes=30)))
    try:
        ask(browser, "a@example.org")
        ask(browser, LEADER)
        form = browser.get("/sign-in").page.form("/sign-in")
        for whom in ("b@example.org", LEADER):
            page = browser.send(form, {"address": whom}, status=429).page
            assert "half an hour" in page.errors[0][1]
    finally:
        object.__setattr__(house, "askers", before)


def test_a_throttle_counts_networks_and_forgets() -> None:
    now, throttle = datetime.now(UTC), Throttle(2, timedelta(minutes=30))
    assert [throttle.allow("192.0.2.1", now) for _ in range(3)] == [True, True, False]
    assert throttle.allow("192.0.2.2", now)
    assert [throttle.allow(f"2001:db8::{one}", now) for one in range(3)] == [True, True, False]
    assert throttle.allow("192.0.2.1", now + timedelta(minutes=31))
    assert "192.0.2.1" not in repr(vars(throttle))


def test_for_an_unknown_address_as_much_is_written_as_for_a_known_one(
    browser: Browser, session: Session, app: Flask
) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    written: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *event: written.append(event[2].partition("(")[0].strip()))
    ask(browser, LEADER)
    known, written[:] = list(written), []
    ask(browser, "nobody@example.org")
    letter = "INSERT INTO deliveries"
    assert sum(one.startswith(letter) for one in known) == sum(one.startswith(letter) for one in written) == 1
    session.rollback()
    assert state(session)[1] == [(0, True)]


def test_many_tries_at_once_are_no_more_than_five(session: Session, tools: Tools) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    now = datetime.now(UTC)
    signin.ask(session, LEADER, signin.Asking("tab"), tools, now)
    session.commit()
    together = Barrier(12)

    def guess() -> None:
        with Session(engine) as one:
            begin_writing(one)
            together.wait() if engine.dialect.name == "postgresql" else None
            assert signin.redeem(one, LEADER, "AAAA-AAAA", "tab", tools.secret_key, now) is None
            one.commit()

    threads = [Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(session)[1] == [(signin.TRIES, True)]


# --- the link ---


def test_the_link_signs_in_the_browser_that_asked_by_its_button(
    browser: Browser, session: Session, mails: Mails
) -> None:
    ask(browser, LEADER, "/sign-in?next=/deliveries")
    (link,) = links_mailed(mails, LEADER)
    before = state(session)
    page = browser.get(link).page
    browser.request("HEAD", link)
    assert state(session) == before
    assert LEADER in page.text
    assert browser.send(page.form(link)).location == "/deliveries"
    browser.get("/deliveries")
    assert browser.get(link).page.forms == []  # it worked once


def test_the_link_of_another_browser_has_nothing_to_press(
    browser: Browser, app: Flask, session: Session, mails: Mails
) -> None:
    page = ask(browser, LEADER)
    (link,) = links_mailed(mails, LEADER)
    before = state(session)
    scanner = Browser(app)
    ask(scanner, "nobody@example.org")  # it has asked for something itself
    for one in (scanner, Browser(app)):
        for method in ("HEAD", "GET", "OPTIONS", "POST", "POST"):
            answer = one.request(method, link, data={} if method == "POST" else None)
            assert "Set-Cookie" not in answer.headers
        assert one.get(link).page.forms == []
        assert LEADER not in one.get(link).text
        assert one.get(link).text == one.get("/sign-in/link/nothing").text
    assert state(session) == before
    browser.send(page.page.form("/sign-in/code"), {"code": codes_mailed(mails, LEADER)[0]})


@pytest.mark.parametrize("late", [timedelta(minutes=11), timedelta(0)])
def test_a_link_ends_with_its_code(late: timedelta, browser: Browser, session: Session, mails: Mails) -> None:
    page = ask(browser, LEADER)
    (link,) = links_mailed(mails, LEADER)
    form = browser.get(link).page.form(link)
    if late:
        let_pass(session, late)
    else:
        browser.send(page.page.form("/sign-in/code"), {"code": codes_mailed(mails, LEADER)[0]})
    browser.send(form, status=422)
    assert browser.get(link).page.forms == []


@on_sqlite
@pytest.mark.parametrize("token", ["x" * 5000, "é", "%00", "a b", "%ED%A0%80"])
def test_odd_links_lead_to_the_same_page(token: str, browser: Browser) -> None:
    ask(browser, LEADER)
    assert browser.get(f"/sign-in/link/{token}").page.h1 == "Type your code"
    browser.post(f"/sign-in/link/{token}", {}, status=422)


@on_sqlite
@pytest.mark.parametrize("name", ["asking", "known", "single"])
def test_odd_cookies_are_none(name: str, browser: Browser) -> None:
    for value in ("x", "é", "A" * 4000, "null", ".", "W10.x", "a.b.c"):
        browser.client.set_cookie(f"{COOKIE}-{name}", value)
        browser.get("/sign-in/link/x")
        browser.get("/sign-in/back?code=x&state=y", status=400)
        ask(browser, LEADER)


def test_a_code_that_was_handed_out_works_once_in_any_tab_and_nobody_burns_it(
    browser: Browser, app: Flask, session: Session, tools: Tools
) -> None:
    person = session.scalars(select(Person).where(Person.address == LEADER)).one()
    code = signin.issue(session, person, tools.secret_key, datetime.now(UTC), signin.CODE_LIFE)
    session.commit()
    page = ask(browser, LEADER)
    for _ in range(signin.TRIES + 1):
        Browser(app).post("/sign-in/code", {"address": LEADER, "code": "AAAA-AAAA"}, status=422)
    browser.send(page.page.form("/sign-in/code"), {"code": code})
    wrong(Browser(app), page, code)


@on_sqlite
def test_the_language_that_was_asked_for_stays(browser: Browser, mails: Mails) -> None:
    page = ask(browser, LEADER, "/sign-in?lang=es")
    assert page.page.language == "es"
    again = browser.send(page.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
    assert again.page.language == "es"
    assert "lang=es" in browser.get("/deliveries?lang=es", status=303).location
