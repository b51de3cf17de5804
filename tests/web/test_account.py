"""One's own account: name and language, where one is signed in, and ending that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from browser import COOKIE, Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, address, begin_session

from partnerforms.models import AuditEntry, Identity, Person, SignInProvider, SignInSession
from partnerforms.services import signin
from partnerforms.services.signin import sessions
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


def person_of(session: Session, name: str) -> Person:
    session.rollback()
    return session.scalars(select(Person).where(Person.address == address(name))).one()


def another_session(session: Session, app: Flask, name: str, provider: SignInProvider | None = None) -> Browser:
    token = begin_session(session, person_of(session, name), datetime.now(UTC))
    session.get_one(SignInSession, sessions.digest_of(token)).provider_id = provider.id if provider else None
    session.commit()
    return Browser(app, token)


def provider_of(session: Session, world: World, place: str) -> SignInProvider:
    found = SignInProvider(
        organization_id=world.places[place],
        issuer="https://provider.example.org",
        client_id="x",
        client_secret="x",
        domain="example.org",
        created_at=world.began,
    )
    session.add(found)
    session.commit()
    return found


def test_name_and_language_are_one_s_own(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("maple_leader")
    form = browser.get("/account").page.form("/account")
    browser.send(form, {"name": "  Zoë O'Neil ", "language": "es"})
    person = person_of(session, "maple_leader")
    assert (person.name, person.language) == ("Zoë O'Neil", "es")
    assert browser.get("/account").page.language == "es"
    assert browser.get("/nowhere", status=404).page.language == "es"
    assert [one.name for one in session.scalars(select(Person).where(Person.name.contains("O'Neil")))]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.account_changed")).one()
    assert entry.person_name == "Maple Leader"


@on_sqlite
@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "x" * 100_000, "a\nb", "\x00"])
def test_a_name_that_is_none_is_said(name: str, signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("maple_leader")
    page = browser.send(browser.get("/account").page.form("/account"), {"name": name}, status=422).page
    assert page.errors[0][0] == "#name"
    assert person_of(session, "maple_leader").name == "Maple Leader"


@on_sqlite
def test_forged_fields_change_nothing_else(signed_in: SignedIn, session: Session) -> None:
    browser = signed_in("maple_leader")
    form = browser.get("/account").page.form("/account")
    browser.send(form, {"language": "xx", "address": "a@b.example", "id": "x", "signed_in_at": "x"})
    person = person_of(session, "maple_leader")
    assert (person.address, person.language) == (address("maple_leader"), "en")


def test_one_sees_one_s_sessions_and_ends_the_others(signed_in: SignedIn, session: Session, app: Flask) -> None:
    here = signed_in("maple_leader")
    there = another_session(session, app, "maple_leader")
    stranger = signed_in("oak_leader")
    there.get("/")
    page = here.get("/account").page
    assert page.text.count("This browser") == 1
    assert page.text.count("Another browser or device") == 1
    here.send(page.form("/account/sessions"))
    there.get("/", status=303)
    stranger.get("/")
    assert "Another browser" not in here.get("/account").page.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.sessions_ended")).one()
    assert entry.details == {"number": 1}


def test_only_sessions_that_last_are_listed(session: Session, world: World) -> None:
    person = person_of(session, "maple_leader")
    now = datetime.now(UTC)
    token = begin_session(session, person, now)
    session.get_one(SignInSession, sessions.digest_of(token)).complete = False
    assert len(sessions.listed(session, person, now)) == 1
    assert sessions.listed(session, person, now + sessions.IDLE + timedelta(minutes=1)) == []
    assert sessions.current(session, token, now) is None
    assert sessions.current(session, "", now) is None


def test_removal_and_a_new_role_end_what_is_open(session: Session, app: Flask, world: World) -> None:
    one, other = (another_session(session, app, "maple_leader") for _ in range(2))
    assert sessions.end_all(session, person_of(session, "maple_leader"), keep_token=one.token) == 2
    session.commit()
    one.get("/")
    other.get("/", status=303)
    assert sessions.end_all(session, person_of(session, "maple_leader")) == 1


def test_signing_in_leaves_its_day_and_a_line_in_the_log(session: Session, app: Flask, tools: Tools) -> None:
    person, now = person_of(session, "oak_member"), datetime.now(UTC)
    code = signin.issue(session, person, tools.secret_key, now, signin.CODE_LIFE)
    session.commit()
    browser = Browser(app)
    browser.client.set_cookie(COOKIE, begin_session(session, person, now))
    session.commit()
    before = browser.token
    browser.post("/sign-in/code", {"address": person.address, "code": code})
    assert browser.token not in ("", before)
    Browser(app, before).get("/", status=303)  # what was open in this browser is closed
    person = person_of(session, "oak_member")
    assert person.signed_in_at
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.signed_in")).one()
    assert (entry.organization_id, entry.person_name, entry.details) == (None, "Oak Member", {"how": "code"})
    assert code not in str(vars(entry))


def test_a_single_sign_on_reaches_its_organization_and_what_lies_below(
    session: Session, app: Flask, world: World
) -> None:
    provider = provider_of(session, world, "maple")
    whole, part = (another_session(session, app, "district_leader", one) for one in (None, provider))
    district, maple, oak = (f"/organizations/{world.places[place]}" for place in ("district", "maple", "oak"))
    for path in (district, oak):
        whole.get(path)
        part.get(path, status=404)
    part.get(maple)


def test_a_single_sign_on_does_not_speak_for_the_account(session: Session, app: Flask, world: World) -> None:
    provider = provider_of(session, world, "district")
    browser = another_session(session, app, "district_leader", provider)
    page = browser.get("/account").page
    assert "by way of Riverside District" in page.text
    assert {form.action for form in page.forms} == {"/sign-out"}
    paths = ("", "/sessions", "/second-factor", "/second-factor/on", "/second-factor/off")
    for path in paths:
        browser.post(f"/account{path}", {"proof": browser.proof, "name": "x", "language": "es"}, status=403)
    browser.get("/account/second-factor")


def test_one_s_own_connection_can_be_ended_and_nobody_else_s(
    signed_in: SignedIn, session: Session, app: Flask, world: World
) -> None:
    provider = provider_of(session, world, "maple")
    for name in ("maple_leader", "maple_member"):
        person = person_of(session, name)
        session.add(Identity(provider_id=provider.id, subject=name, person_id=person.id, linked_at=world.began))
        session.commit()
    browser = signed_in("maple_leader")
    browser.send(browser.get("/account").page.form("/account/connected"))
    session.rollback()
    assert [one.subject for one in session.scalars(select(Identity))] == ["maple_member"]
    other = signed_in("oak_leader")
    other.post(f"/account/connected/{provider.id}/end", {"proof": other.proof}, status=404)
