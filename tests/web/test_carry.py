"""A session that ends while somebody types loses nothing: what was typed goes through sign-in and on by one press."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from browser import COOKIE, Answer, Browser, on_sqlite
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from test_second_factor import set_up
from test_signing_in import ask, codes_mailed, let_pass
from world import World, address, begin_session

from partnerforms.models import Person, Record, SignInSession
from partnerforms.services.signin import sessions

Mails = Callable[[], list[EmailMessage]]
SignedIn = Callable[[str], Browser]
Typing = Callable[[], tuple[Browser, str, dict[str, str]]]
LEADER = address("maple_leader")
TYPED = 'Line one\r\nline "two" & <b>three</b>\r\n  家 \u202eend'


@pytest.fixture
def typing(signed_in: SignedIn, session: Session, world: World) -> Typing:
    """Somebody at a page of a plan, with everything typed and not yet sent: the browser, the path, and the fields."""

    def begun() -> tuple[Browser, str, dict[str, str]]:
        browser = signed_in("maple_leader")
        form = browser.get(f"/records/new?organization={world.places['maple']}&instrument=action_plan").page
        home = browser.send(form.form("/records/new"), {"title": "Fall plan"}).location
        page = browser.get(f"{home}/team").page.form(f"{home}/team")
        fields = {name: values[0] for name, values in page.data().items()}
        text = next(name for name in fields if (name.startswith("q-") and "name" in name) or name == "q-school_year")
        return browser, f"{home}/team", {**fields, text: TYPED, "q-odd": "kept too"}

    return begun


def end_session(session: Session) -> None:
    session.rollback()
    session.execute(delete(SignInSession))
    session.commit()


def go_through(browser: Browser, ended: Answer, mails: Mails, whom: str = LEADER) -> Answer:
    """Sign in on the page that says that the session has ended, up to its last page."""
    form = next(form for form in ended.page.forms if form.action == "/sign-in")
    code = browser.send(form, {"address": whom}, status=200)
    return browser.send(code.page.form("/sign-in/code"), {"code": codes_mailed(mails, whom)[-1]}, status=200)


def drafts(session: Session) -> list[dict[str, object]]:
    session.rollback()
    return [record.draft for record in session.scalars(select(Record))]


def test_what_was_typed_goes_through_sign_in_and_on_by_one_press(
    typing: Typing, session: Session, mails: Mails
) -> None:
    browser, path, fields = typing()
    end_session(session)
    ended = browser.post(path, fields, status=401)
    assert ended.page.h1 == "Your session has ended"
    assert "What you typed is kept." in ended.page.text
    last = go_through(browser, ended, mails)
    form = last.page.form(path)
    assert drafts(session) == [{}]  # nothing is sent again by itself
    wanted = {name: value.replace("\r\n", "\n") for name, value in fields.items() if name != "proof"}
    assert {n: v[0].replace("\r\n", "\n") for n, v in form.data().items() if n != "proof"} == wanted
    browser.send(form)
    assert TYPED.split("\r\n")[0] in str(drafts(session))


def test_a_wrong_code_and_a_second_code_lose_nothing_either(typing: Typing, session: Session, mails: Mails) -> None:
    browser, path, fields = typing()
    end_session(session)
    ended = browser.post(path, fields, status=401)
    form = next(form for form in ended.page.forms if form.action == "/sign-in")
    empty = browser.send(form, {"address": ""}, status=422)
    code = browser.send(next(f for f in empty.page.forms if f.action == "/sign-in"), {"address": LEADER}, status=200)
    wrong = browser.send(code.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
    again = browser.send(next(f for f in wrong.page.forms if f.action == "/sign-in"), status=200)
    right = {"code": codes_mailed(mails, LEADER)[-1]}
    last = browser.send(again.page.form("/sign-in/code"), right, status=200)
    browser.send(last.page.form(path))


def test_who_signs_in_in_another_tab_presses_continue(typing: Typing, session: Session, mails: Mails) -> None:
    browser, path, fields = typing()
    end_session(session)
    ended = browser.post(path, fields, status=401)
    other = ask(browser, LEADER)
    browser.send(other.page.form("/sign-in/code"), {"code": codes_mailed(mails, LEADER)[-1]})
    form = next(form for form in ended.page.forms if form.action == "/sign-in")
    browser.send(browser.send(form, status=200).page.form(path))
    assert len(codes_mailed(mails, LEADER)) == 1


def test_a_page_of_an_earlier_session_needs_one_press_more(typing: Typing, session: Session) -> None:
    browser, path, fields = typing()
    person = session.scalars(select(Person).where(Person.address == LEADER)).one()
    token = begin_session(session, person, person.memberships[0].accepted_at or person.signed_in_at)
    session.commit()
    browser.client.set_cookie(COOKIE, token)
    page = browser.post(path, fields, status=409).page
    assert page.h1 == "Press once more"
    assert drafts(session) == [{}]
    browser.send(page.form(path))
    assert TYPED.split("\r\n")[0] in str(drafts(session))
    out = browser.client.post("/sign-out", data={"proof": fields["proof"]})
    assert out.status_code == 303
    browser.get("/", status=303)


def test_somebody_else_is_not_offered_what_another_typed(typing: Typing, session: Session, mails: Mails) -> None:
    browser, path, fields = typing()
    end_session(session)
    ended = browser.post(path, fields, status=401)
    last = go_through(browser, ended, mails, address("maple_member"))
    assert last.page.forms == []
    assert "Line one" not in last.text
    browser.post(path, fields, status=400)  # nor the page itself, which is of another person


@on_sqlite
def test_the_script_that_saves_drafts_is_told_and_shown_nothing(typing: Typing, session: Session) -> None:
    browser, path, fields = typing()
    end_session(session)
    answer = browser.post(path, fields, status=401, headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content.strip() == b'{"error":"signed-out"}'
    person = session.scalars(select(Person).where(Person.address == LEADER)).one()
    browser.client.set_cookie(COOKIE, begin_session(session, person, person.memberships[0].accepted_at))
    session.commit()
    assert browser.post(path, fields, status=401, headers={"Accept": "application/json"}).content == answer.content


@on_sqlite
@pytest.mark.parametrize("changed", ["", "x", "é", "{carry}x", "x{carry}", "A" * 100_000])
def test_what_is_not_ours_is_not_carried(changed: str, typing: Typing, session: Session, mails: Mails) -> None:
    browser, path, fields = typing()
    end_session(session)
    form = next(f for f in browser.post(path, fields, status=401).page.forms if f.action == "/sign-in")
    (carried,) = form.data()["carry"]
    code = browser.send(form, {"carry": changed.format(carry=carried)}, status=200)
    assert "carry" not in code.page.form("/sign-in/code").data()
    browser.send(code.page.form("/sign-in/code"), {"code": codes_mailed(mails, LEADER)[-1]})


@on_sqlite
def test_without_a_page_of_ours_there_is_nothing_to_keep(browser: Browser, world: World) -> None:
    for proof in ({}, {"proof": ""}, {"proof": "x.y.z"}, {"proof": "é.é"}):
        browser.post("/language", {"language": "es", **proof}, status=303)
    foreign = {"Origin": "https://evil.example"}
    browser.post("/language", {"language": "es"}, status=403, headers=foreign)


@on_sqlite
def test_a_file_is_not_carried_and_the_page_says_so(signed_in: SignedIn, session: Session, mails: Mails) -> None:
    browser = signed_in("maple_leader")
    proof = browser.proof
    end_session(session)
    data = {"proof": proof, "language": "es", "file": (BytesIO(b"x"), "plan.docx")}
    response = browser.client.post("/language", data=data, content_type="multipart/form-data")
    last = go_through(browser, Answer(response), mails)
    assert "A file that you had chosen could not be kept" in last.page.text


@on_sqlite
def test_as_much_as_a_form_may_hold_is_carried(typing: Typing, session: Session, mails: Mails) -> None:
    browser, path, fields = typing()
    end_session(session)
    much = "Every family is welcome. 家庭。 " * 30_000
    last = go_through(browser, browser.post(path, {**fields, "q-odd": much}, status=401), mails)
    assert last.page.form(path).data()["q-odd"] == [much]


@on_sqlite
def test_the_address_stands_there_already(typing: Typing, session: Session) -> None:
    browser, path, fields = typing()
    let_pass(session, sessions.IDLE + timedelta(minutes=1))
    ended = browser.post(path, {**fields, "address": "evil@example.org", "next": "/x", "lang": "es"}, status=401)
    form = next(form for form in ended.page.forms if form.action == "/sign-in")
    assert form.data()["address"] == [LEADER]
    assert ended.page.language == "en"


@on_sqlite
def test_what_is_carried_goes_through_the_second_factor(
    typing: Typing, signed_in: SignedIn, session: Session, mails: Mails
) -> None:
    browser, path, fields = typing()
    phone, _ = set_up(signed_in("maple_leader"))
    end_session(session)
    second = go_through(browser, browser.post(path, fields, status=401), mails)
    assert drafts(session) == [{}]
    form = second.page.form("/sign-in/second-factor")
    wrong = browser.send(form, {"code": "000000"}, status=422).page.form("/sign-in/second-factor")
    last = browser.send(wrong, {"code": phone.shows()}, status=200)
    browser.send(last.page.form(path))
    assert TYPED.split("\r\n")[0] in str(drafts(session))


@on_sqlite
def test_a_button_of_a_page_of_an_earlier_session_is_offered_again(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("maple_leader")
    proof = browser.proof
    person = session.scalars(select(Person).where(Person.address == LEADER)).one()
    browser.client.set_cookie(COOKIE, begin_session(session, person, datetime.now(UTC)))
    session.commit()
    page = browser.post("/deliveries/resume", {"proof": proof}, status=409).page
    browser.send(page.form("/deliveries/resume"), press="Go on")
