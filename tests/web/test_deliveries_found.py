"""Deliveries found by recipient and organization, their documents, why they failed, and how often they go again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from recording import filled_plan, submit
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from surveying import answers, send
from word_reading import attachment
from world import World

from partnerforms.engine.library import Library
from partnerforms.models import Delivery, Document
from partnerforms.services import deliveries
from partnerforms.services.deliveries import mailed, pacing

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]

WORDS = dict.fromkeys(("record", "instrument", "organization", "person", "revision", "link"), "x")


def put(session: Session, world: World, record: str, place: str, recipient: str, **more: object) -> Delivery:
    delivery = deliveries.enqueue(
        session,
        recipient=recipient,
        language="en",
        letter="record_submitted",
        details={**WORDS, "record": record},
        dedup=record,
        now=datetime.now(UTC),
        organization_id=world.places[place],
    )
    for name, value in more.items():
        setattr(delivery, name, value)
    session.commit()
    return delivery


def test_by_recipient_and_by_organization(signed_in: SignedIn, session: Session, world: World) -> None:
    put(session, world, "plan 1", "maple", "lee@example.org")
    put(session, world, "plan 2", "oak", "Lee_Tran@example.org")
    put(session, world, "plan 3", "oak", "kim@example.org", state="failed", error="550 no")
    put(session, world, "plan 4", "foreign", "lee@example.org")
    leader = signed_in("district_leader")

    def found(query: str) -> list[int]:
        text = leader.get(f"/deliveries?{query}").page.text
        return [number for number in range(1, 5) if f"plan {number}" in text]

    assert found("") == [1, 2, 3]
    assert found("recipient=LEE") == [1, 2]
    assert found("recipient=lee_") == [2]
    assert found("recipient=%25") == []
    assert found("place=oak") == [2, 3]
    assert found("place=oak&state=failed") == [3]
    assert found("place=Far") == []
    assert found("recipient=lee&place=Maple") == [1]
    page = leader.get("/deliveries?place=oak").page
    assert "Waiting (1)" in page.text
    assert "Failed (1)" in page.text
    (form,) = [form for form in page.forms if "place" in form.data()]
    assert form.data()["place"] == ["oak"]
    assert "Nothing was found." in leader.get("/deliveries?recipient=nobody").page.text


@on_sqlite
@pytest.mark.parametrize(
    "words", ["\x00", "%ED%A0%80", "x" * 5000, "'%22%3E%3Cb%3E", "%5C", "%F0%9F%98%80", "%E2%80%AE"]
)
def test_odd_words_find_nothing_and_break_nothing(words: str, signed_in: SignedIn) -> None:
    signed_in("maple_leader").get(f"/deliveries?recipient={words}&place={words}&state=&skip=")


def test_the_document_is_the_one_that_was_mailed(
    signed_in: SignedIn, world: World, session: Session, mails: Mails
) -> None:
    leader = signed_in("maple_leader")
    submit(leader, filled_plan(leader, world))
    (mail,) = mails()
    for person in ("maple_leader", "maple_coordinator", "district_leader", "state_leader"):
        browser = signed_in(person)
        link = next(link for link in browser.get("/deliveries").page.links if link.endswith("/document"))
        answer = browser.get(link)
        assert answer.content == attachment(mail)
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
    for person in ("maple_member", "oak_leader", "district_coordinator", "foreign_leader"):
        signed_in(person).get(link, status=404)


def test_answer_sheets_are_for_who_runs_the_survey_and_for_whom_they_were_mailed_to(
    signed_in: SignedIn, browser: Browser, world: World, session: Session, library: Library
) -> None:
    send(browser, world.codes["community"], answers(library, "community"))
    (document,) = session.scalars(select(Document))
    assert document.survey_id == world.survey
    path = f"/deliveries/{session.scalars(select(Delivery.id)).one()}/document"
    for person, may in (
        ("maple_leader", True), ("maple_coordinator", True), ("district_leader", False), ("state_leader", False),
        ("maple_member", False), ("oak_leader", False),
    ):  # fmt: skip
        signed_in(person).get(path, status=200 if may else 404)
        assert (path in signed_in(person).get("/deliveries").page.links) == may


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("550 5.1.1 <x@example.org>: user unknown", "no_address"),
        ("550 nobody here", "no_address"),
        ("5.2.2 mailbox full", "full"),
        ("552 5.2.3 too big", "too_large"),
        ("552 over quota", "full"),
        ("554 5.7.1 blocked", "unwanted"),
        ("554 spam", "unwanted"),
        ("4.4.1 connection timed out", "unreachable"),
        ("The mail server did not answer in time", "unreachable"),
        ("The letter cannot be written: The document is no longer there.", "document_gone"),
        ("The letter cannot be written: KeyError", "not_written"),
        ("The mail worker stopped each time it tried to send this.", "not_written"),
        ("something else", "other"),
        ("", "other"),
        ("5.99.99 strange", "other"),
    ],
)
def test_why_it_failed_in_one_word(error: str, name: str) -> None:
    assert mailed.reason(error) == name


def test_why_it_failed_in_plain_words(signed_in: SignedIn, session: Session, world: World) -> None:
    put(session, world, "plan", "maple", "lee@example.org", state="failed", error="550 5.1.1 unknown")
    put(session, world, "late", "maple", "lee@example.org", state="sent", error="4.4.1 later")
    text = signed_in("maple_coordinator").get("/deliveries").page.text
    assert "There is no such address" in text
    assert "The mail server said: 550 5.1.1 unknown" in text
    assert "It has not arrived yet." in text


def test_mail_that_waits_its_turn_says_when(signed_in: SignedIn, session: Session, world: World) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    put(session, world, "plan", "maple", "lee@example.org", due_at=soon)
    assert f"more than {pacing.MOST} mails an hour" in signed_in("maple_leader").get("/deliveries").page.text


def test_send_again_ends_after_three_times_in_an_hour(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    put(session, world, "plan", "maple", "lee@example.org")
    coordinator = signed_in("maple_coordinator")
    for _ in range(3):
        mails()
        coordinator.send(coordinator.get("/deliveries").page.form("/again"))
    mails()
    refused = coordinator.send(coordinator.get("/deliveries").page.form("/again"), status=409)
    assert "It was sent again three times within the last hour. Ask lee@example.org" in refused.page.text
    assert "Sent (1)" in coordinator.get("/deliveries").page.text


def test_what_has_no_document_any_more_is_not_sent_again(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    leader = signed_in("maple_leader")
    submit(leader, filled_plan(leader, world))
    mails()
    form = leader.get("/deliveries").page.form("/again")
    session.execute(update(Delivery).values(document_id=None))  # as retention does
    session.commit()
    page = leader.get("/deliveries").page
    assert "Its document was deleted" in page.text
    assert not [form for form in page.forms if "/again" in form.action]
    assert "there is nothing left to send" in leader.send(form, status=409).page.text
    leader.get(f"/deliveries/{session.scalars(select(Delivery.id)).one()}/document", status=404)
    assert len(mails()) == 1
