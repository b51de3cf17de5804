"""What one person's data must not tell another: names of accounts elsewhere, logs, days that break pages."""

import logging
from collections.abc import Callable, Iterator

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms import create_app
from partnerforms.engine.library import Library
from partnerforms.extensions import db
from partnerforms.models import AuditEntry, Membership, Organization, Person, Survey, SurveyLink
from partnerforms.services.data import export_tables
from partnerforms.web.house import KEY

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
FAR_NAME = "Foreign Coordinator"
SAID = "what somebody answered, or their address"  # the log may show this name, and never the text


def test_who_invites_an_address_does_not_learn_whose_it_is(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    """Somebody with an account elsewhere is invited, gets other rules and another role, and is let go again."""
    leader, maple = signed_in("maple_leader"), world.places["maple"]
    home = f"/organizations/{maple}"
    invited = {"name": "Somebody", "address": address("foreign_coordinator"), "role": "coordinator"}
    leader.post(f"{home}/people", {**invited, "proof": leader.proof})
    one = session.scalars(
        select(Membership).join(Membership.person).where(
            Membership.organization_id == maple, Person.address == address("foreign_coordinator")
        )
    ).one()  # fmt: skip
    rules, page = f"/memberships/{one.id}/deliveries", f"{home}/people/{one.id}"
    leader.post(rules, {"action_plan": "hold", "proof": leader.proof})
    shown = [leader.get(path).text for path in (f"{home}/people", page, f"{home}/deliveries", rules, home)]
    assert all(FAR_NAME not in text for text in shown)
    assert address("foreign_coordinator") in shown[2]
    exported = [dict(row) for kind in export_tables.KINDS for row in export_tables.rows(session, kind, [maple])]
    assert FAR_NAME not in str(exported)
    assert address("foreign_coordinator") in str(exported)
    leader.post(f"{page}/role", {"role": "member", "proof": leader.proof})
    leader.post(f"{page}/remove", {"proof": leader.proof})
    session.rollback()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.organization_id == maple)).all()
    assert len(entries) > 3
    assert FAR_NAME not in str([(entry.subject, entry.person_name, entry.details) for entry in entries])
    assert FAR_NAME not in leader.get(f"{home}/log").text


def test_a_day_before_all_calendars_breaks_no_page(signed_in: SignedIn, session: Session, world: World) -> None:
    session.get_one(Organization, world.places["maple"]).time_zone = "Asia/Tokyo"
    session.commit()
    leader, home = signed_in("maple_leader"), f"/organizations/{world.places['maple']}/assignments"
    new = {"instrument": "action_plan", "title": "x", "due_on": "9999-12-31", "proof": leader.proof}
    for since in ("0001-01-01", "9999-12-31"):
        leader.post(f"{home}/new", {**new, "since": since}, status=422)
    leader.post(f"{home}/new", {**new, "since": "2026-08-01"})
    for person in ("maple_leader", "maple_member", "district_leader"):
        signed_in(person).get("/")
    leader.get(home)


@pytest.fixture
def breaking(app: Flask, library: Library) -> Iterator[Flask]:
    made = create_app(app.extensions[KEY].settings, library)
    yield made
    with made.app_context():
        db.engine.dispose()


def test_the_log_does_not_say_what_an_error_says(breaking: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """An error's text may hold an answer, and that of the database the whole row; the log says where it was."""

    def broken() -> str:
        try:
            raise ValueError(SAID)
        except ValueError as error:
            raise RuntimeError(SAID) from error

    def database() -> str:
        link = db.session.scalars(select(SurveyLink)).first()
        db.session.add(Survey(title=SAID, organization_id=link and link.id))
        db.session.flush()
        return ""

    breaking.add_url_rule("/broken", view_func=broken)
    breaking.add_url_rule("/database", view_func=database)
    with caplog.at_level(logging.DEBUG):
        for path in ("/broken", "/database"):
            page = Browser(breaking).get(path, status=500).page
            assert page.text.rpartition("say ")[2] in caplog.text
    assert "somebody" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "IntegrityError" in caplog.text
    assert "in broken" in caplog.text


def test_signing_in_leaves_no_code_and_no_address_in_the_log(
    browser: Browser, mails: Callable[[], list[object]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = browser.get("/sign-in").page
        answer = browser.send(page.form("/sign-in"), {"address": address("maple_leader")}, status=200)
        mail = str(mails()[-1])
        code = mail.partition("to sign in is: ")[2][:9]
        browser.send(answer.page.form("/sign-in/code"), {"code": "AAAA-AAAA"}, status=422)
        browser.send(answer.page.form("/sign-in/code"), {"code": code})
    assert code not in caplog.text
    assert "@example.org" not in caplog.text
    assert "/sign-in/link/" not in caplog.text


def test_a_field_without_a_name_is_refused(browser: Browser, signed_in: SignedIn, world: World) -> None:
    body = b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--\r\n"
    for one, path in ((browser, f"/s/{world.codes['staff']}"), (signed_in("maple_leader"), "/account")):
        one.post(path, body, status=400, content_type="multipart/form-data; boundary=a")


def test_what_is_archived_tells_so_at_a_place_that_is_there(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    maple = world.places["maple"]
    session.get_one(Organization, maple).archived_at = world.began
    member = session.scalars(select(Membership.id).where(Membership.organization_id == maple)).first()
    session.commit()
    leader = signed_in("maple_leader")
    somebody = {"name": "Somebody", "address": "somebody@example.org", "role": "member", "proof": leader.proof}
    for path in (f"/organizations/{maple}/people", f"/organizations/{maple}/people/{member}/hand-over"):
        page = leader.post(path, somebody, status=422).page
        assert "is archived. Bring it back" in page.text


def test_a_first_code_without_a_secret_leads_to_the_page(signed_in: SignedIn) -> None:
    leader = signed_in("maple_leader")
    answer = leader.post("/account/second-factor/on", {"code": "123456", "proof": leader.proof})
    assert answer.location == "/account/second-factor"
