"""Signing in with a mailed code: the walk, codes that do not work, addresses of all kinds."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from browser import COOKIE, Answer, Browser
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms.models import Delivery, SignInCode, SignInSession
from partnerforms.services import signin

Mails = Callable[[], list[EmailMessage]]

CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")


def ask(browser: Browser, whom: str, path: str = "/sign-in") -> Answer:
    """Type an address and get the page for the code."""
    return browser.send(browser.get(path).page.form("/sign-in"), {"address": whom}, status=200)


def ask_again(browser: Browser, page: Answer) -> Answer:
    """Press the button of the code's page that sends the code again."""
    (form,) = [form for form in page.page.forms if form.action == "/sign-in"]
    return browser.send(form, press="Send the code again", status=200)


def told(answer: Answer) -> str:
    """A page without the secret of its tab."""
    return re.sub(r'(name="asking" value=")[^"]+', r"\1", answer.text)


def codes_mailed(mails: Mails, whom: str) -> list[str]:
    found = []
    for mail in mails():
        body = mail.get_body()
        if mail["To"] == whom and body is not None:
            found += CODE.findall(body.get_content())
    return found


def let_pass(session: Session, time: timedelta) -> None:
    """Everything that has to do with signing in happened so much earlier."""
    session.rollback()
    for code in session.scalars(select(SignInCode)):
        code.created_at -= time
        code.expires_at -= time
    for one in session.scalars(select(SignInSession)):
        one.created_at -= time
        one.seen_at -= time
    session.commit()


# --- the walk ---


def test_from_address_to_code_to_start_page(browser: Browser, mails: Mails) -> None:
    page = ask(browser, "  Maple_Leader@Example.ORG ")
    (code,) = codes_mailed(mails, address("maple_leader"))
    browser.follow(browser.send(page.page.form("/sign-in/code"), {"code": code}))
    account = browser.get("/account").page.form("/account")
    assert account.data()["name"] == ["Maple Leader"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    cookie = browser.send(page.page.form("/sign-in/code"), {"code": code}).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Expires" not in cookie


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:4]} {code[5:]} "]
)
def test_a_code_may_be_typed_in_any_manner(change: Callable[[str], str], browser: Browser, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    browser.send(page.page.form("/sign-in/code"), {"code": change(code)})
    browser.get("/")


def test_after_signing_in_one_is_where_one_wanted_to_go(browser: Browser, mails: Mails, world: World) -> None:
    there = f"/surveys/{world.survey}?x=1"
    sign_in = browser.get(there, status=303).location
    page = ask(browser, address("maple_leader"), sign_in)
    (code,) = codes_mailed(mails, address("maple_leader"))
    assert browser.send(page.page.form("/sign-in/code"), {"code": code}).location == there


# --- codes that do not work ---


def wrong(browser: Browser, page: Answer, code: str) -> None:
    answer = browser.send(page.page.form("/sign-in/code"), {"code": code}, status=422)
    assert answer.page.title.startswith("Error:")
    assert "Set-Cookie" not in answer.headers
    browser.get("/", status=303)


@pytest.mark.parametrize(
    "typed", ["", "AAAA-AAAA", "\x00", "é" * 8, "x" * 1_000_000, "{{7*7}}", "١٢٣٤٥٦٧٨", "%s' OR 1=1"]
)
def test_a_wrong_code_does_not_sign_in(typed: str, browser: Browser) -> None:
    wrong(browser, ask(browser, address("maple_leader")), typed)


def test_a_code_works_once(browser: Browser, app: Flask, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    browser.send(page.page.form("/sign-in/code"), {"code": code})
    wrong(Browser(app), page, code)


def test_a_code_works_for_ten_minutes(browser: Browser, app: Flask, session: Session, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    let_pass(session, signin.CODE_LIFE + timedelta(seconds=1))
    wrong(browser, page, code)


def test_the_tab_that_asks_again_gets_the_same_code_again(browser: Browser, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    again = ask_again(browser, page)
    first, second = codes_mailed(mails, address("maple_leader"))
    assert first == second
    browser.send(again.page.form("/sign-in/code"), {"code": first})


def test_a_tab_that_asks_when_its_code_is_nearly_over_gets_a_new_one(
    browser: Browser, session: Session, mails: Mails
) -> None:
    page = ask(browser, address("maple_leader"))
    (old,) = codes_mailed(mails, address("maple_leader"))
    let_pass(session, timedelta(minutes=7))
    again = ask_again(browser, page)
    (new,) = set(codes_mailed(mails, address("maple_leader"))) - {old}
    wrong(browser, again, old)
    browser.send(again.page.form("/sign-in/code"), {"code": new})


def test_after_five_wrong_ones_the_right_one_does_not_work_either(browser: Browser, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    for _ in range(signin.TRIES):
        wrong(browser, page, "AAAA-AAAA")
    wrong(browser, page, code)


def test_a_code_is_of_one_person(browser: Browser, mails: Mails) -> None:
    page = ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    form = page.page.form("/sign-in/code")
    browser.send(form, {"address": address("foreign_leader"), "code": code}, status=422)
    browser.send(form, {"code": code})


def test_so_many_codes_in_half_an_hour_are_mailed_and_no_more(
    browser: Browser, session: Session, mails: Mails
) -> None:
    let_pass(session, timedelta(hours=1))
    pages = [told(ask(browser, address("maple_leader"))) for _ in range(signin.ASKS + 3)]
    assert len(set(pages)) == 1
    assert len(codes_mailed(mails, address("maple_leader"))) == signin.ASKS
    let_pass(session, signin.ASK_SPAN)
    ask(browser, address("maple_leader"))
    assert len(codes_mailed(mails, address("maple_leader"))) == signin.ASKS + 1


def test_a_code_is_wiped_when_it_was_sent_and_nowhere_kept_as_it_is(
    browser: Browser, session: Session, mails: Mails
) -> None:
    ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    session.rollback()
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, delivery.details, delivery.organization_id) == ("sent", {}, None)
    digests = [one.digest for one in session.scalars(select(SignInCode))]
    assert code.replace("-", "") not in "".join(digests)


# --- addresses ---


def test_an_unknown_address_looks_like_a_known_one(browser: Browser, session: Session, mails: Mails) -> None:
    known = ask(browser, address("maple_leader"))
    unknown = ask(browser, "nobody@example.org")
    assert told(unknown) == told(known).replace(address("maple_leader"), "nobody@example.org")
    assert {name for name, _ in known.headers} == {name for name, _ in unknown.headers}
    form = unknown.page.form("/sign-in/code")
    strange = browser.send(form, {"code": "AAAA-AAAA"}, status=422)
    familiar = browser.send(known.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
    assert told(strange) == told(familiar).replace(address("maple_leader"), "nobody@example.org")
    assert {mail["To"] for mail in mails()} == {address("maple_leader")}


@pytest.mark.parametrize("typed", ["", "nobody", "\x00", " \u2028 "])
def test_what_is_no_address_is_said(typed: str, browser: Browser) -> None:
    page = browser.send(browser.get("/sign-in").page.form("/sign-in"), {"address": typed}, status=422).page
    assert page.errors[0][0] == "#address"


@pytest.mark.parametrize(
    "typed",
    [
        "a\x00b@example.org",
        "@",
        "x@" + "y" * 1_000_000,
        "a@b\r\nBcc: c@d",
        "{{7*7}}@x",
        "<b>@x",
        "\u202e@x",
        "%@'\"; --",
    ],
)
def test_hostile_addresses_break_nothing(typed: str, browser: Browser, session: Session) -> None:
    answer = ask(browser, typed)
    browser.send(answer.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
    assert session.scalars(select(Delivery)).all() == []
    browser.get("/sign-in", query_string={"address": typed[:2000], "next": typed[:2000]})


def test_no_get_ever_signs_anybody_in(browser: Browser, session: Session, mails: Mails) -> None:
    ask(browser, address("maple_leader"))
    (code,) = codes_mailed(mails, address("maple_leader"))
    before = len(session.scalars(select(SignInSession)).all())
    query = {"address": address("maple_leader"), "code": code, "next": "/"}
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in ("/sign-in", "/sign-in/code", "/"):
            answer = browser.request(method, path, query_string=query)
            assert "Set-Cookie" not in answer.headers
    session.rollback()
    assert len(session.scalars(select(SignInSession)).all()) == before
