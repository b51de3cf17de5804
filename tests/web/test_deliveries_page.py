"""What became of the mail: states, the server's words, send again, and a queue that is paused."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.database import begin_writing
from partnerforms.models import Delivery
from partnerforms.services import deliveries
from partnerforms.services.deliveries import outbox

SignedIn = Callable[[str], Browser]
Put = Callable[..., uuid.UUID]

WORDS = ("record", "instrument", "organization", "person", "revision", "link")


@pytest.fixture
def put(session: Session, world: World) -> Put:
    """Puts a letter of Maple School into the outbox."""

    def one(record: str = "Our plan", place: str = "maple", when: timedelta = timedelta(0)) -> uuid.UUID:
        delivery = deliveries.enqueue(
            session,
            recipient="lee@example.org",
            language="en",
            letter="record_submitted",
            details={**dict.fromkeys(WORDS, "x"), "record": record},
            dedup=str(uuid.uuid4()),
            now=world.began + when,
            organization_id=world.places[place],
        )
        session.commit()
        return delivery.id

    return one


def settle(session: Session, how: Callable[[outbox.Claimed], object]) -> None:
    """Do with the next letter what the worker would."""
    session.rollback()
    begin_writing(session)
    claimed = outbox.claim(session, datetime.now(UTC))
    assert claimed is not None
    how(claimed)
    session.commit()


def states(session: Session) -> list[str]:
    session.rollback()
    return sorted(session.scalars(select(Delivery.state)))


def test_nothing_was_mailed_yet(signed_in: SignedIn) -> None:
    assert "Nothing is here yet." in signed_in("maple_coordinator").get("/deliveries").page.text


def test_every_state_is_said_and_can_be_looked_at_alone(signed_in: SignedIn, session: Session, put: Put) -> None:
    now = datetime.now(UTC)
    put("is sent")
    settle(session, lambda claimed: outbox.sent(session, claimed, now))
    put("has failed")
    settle(session, lambda claimed: outbox.refused(session, claimed, "550 no such user"))
    put("is on its way")
    settle(session, lambda claimed: None)
    put("waits")
    coordinator = signed_in("maple_coordinator")
    page = coordinator.get("/deliveries").page
    for words in (
        "is sent",
        "has failed",
        "is on its way",
        "waits",
        "Waiting (1)",
        "Being sent (1)",
        "Sent (1)",
        "Failed (1)",
    ):
        assert words in page.text
    for state, words in (
        ("sent", "is sent"),
        ("failed", "has failed"),
        ("sending", "is on its way"),
        ("queued", "waits"),
    ):
        text = coordinator.get(f"/deliveries?state={state}").page.text
        assert [said for said in ("is sent", "has failed", "is on its way", "waits") if said in text] == [words]
    assert "1 sent, 2 waiting, 1 failed" in coordinator.get("/").page.text
    assert "One mail could not be delivered." in coordinator.get("/").page.text


def test_a_letter_that_failed_shows_the_servers_words_and_can_be_sent_again(
    signed_in: SignedIn, session: Session, put: Put, mails: Callable[[], list[EmailMessage]]
) -> None:
    delivery = put()
    message_id = session.get_one(Delivery, delivery).message_id
    settle(session, lambda claimed: outbox.refused(session, claimed, "550 <b>no such user</b> {{7*7}}"))
    coordinator = signed_in("maple_coordinator")
    page = coordinator.get("/deliveries?state=failed").page
    assert "550 <b>no such user</b> {{7*7}}" in page.text
    again = coordinator.follow(coordinator.send(page.form("/again"))).page
    assert "Waiting (1)" in again.text
    assert "550" not in again.text
    (mail,) = mails()
    assert mail["Message-ID"] == message_id
    assert states(session) == ["sent"]
    coordinator.send(coordinator.get("/deliveries").page.form("/again"))  # what was sent can be sent once more, too
    mails()
    assert states(session) == ["sent"]


def test_what_waits_cannot_be_sent_again(signed_in: SignedIn, session: Session, put: Put) -> None:
    delivery = put()
    leader = signed_in("maple_leader")
    assert not [form for form in leader.get("/deliveries").page.forms if "/again" in form.action]
    leader.post(f"/deliveries/{delivery}/again", {"proof": leader.proof})
    assert states(session) == ["queued"]
    leader.post(f"/deliveries/{uuid.uuid4()}/again", {"proof": leader.proof}, status=404)


@on_sqlite
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_subjects_are_shown_as_they_are_and_in_one_line(kind: str, signed_in: SignedIn, put: Put) -> None:
    _, words = HOSTILE[kind]
    put(words)
    shown = signed_in("maple_coordinator").get("/deliveries").page.text
    assert (f"x: {words} (revision x)" in shown) == (kind != "bidi")


def test_many_letters_come_page_by_page_newest_first(signed_in: SignedIn, put: Put) -> None:
    for number in range(120):
        put(f"letter {number}.", when=timedelta(seconds=number))
    leader = signed_in("maple_leader")
    seen: list[int] = []
    path = "/deliveries?state=queued"
    while path:
        page = leader.get(path).page
        seen += [n for n in range(119, -1, -1) if f"letter {n}." in page.text]
        path = next((link for link in page.links if "skip=" in link), "")
    assert seen == list(range(119, -1, -1))


@pytest.mark.parametrize("skip", ["-1", "x", "", "1e3", "99999999999999999999999999999", "\x00", "٣"])
def test_a_page_number_that_makes_no_sense_breaks_nothing(skip: str, signed_in: SignedIn, put: Put) -> None:
    put()
    signed_in("maple_leader").get("/deliveries", query_string={"skip": skip})


def test_a_paused_queue_says_why_and_until_when_and_a_leader_tries_again(
    signed_in: SignedIn, session: Session, put: Put, mails: Callable[[], list[EmailMessage]]
) -> None:
    put()
    now = datetime.now(UTC)
    settle(session, lambda claimed: outbox.pause(session, claimed, "535 wrong <password>", now))
    assert mails() == []
    for person in ("maple_leader", "maple_coordinator"):
        page = signed_in(person).get("/deliveries").page
        assert "535 wrong <password>" in page.text
        assert "The next try is at" in page.text
        assert bool([form for form in page.forms if "/resume" in form.action]) == (person == "maple_leader")
        start = signed_in(person).get("/").page.text
        assert ("535 wrong <password>" in start) == (person == "maple_leader")
    leader = signed_in("maple_leader")
    page = leader.follow(leader.send(leader.get("/deliveries").page.form("/resume"))).page
    assert "535" not in page.text
    assert len(mails()) == 1


def test_a_letter_that_waits_for_a_better_time_says_why(signed_in: SignedIn, session: Session, put: Put) -> None:
    put()
    now = datetime.now(UTC)
    settle(session, lambda claimed: outbox.later(session, claimed, "451 try later", now, random.Random(1)))
    page = signed_in("maple_coordinator").get("/deliveries").page
    assert "451 try later" in page.text
    assert "Waiting (1)" in page.text


def test_sign_in_codes_are_on_nobody_s_list(signed_in: SignedIn, browser: Browser, session: Session) -> None:
    browser.send(browser.get("/sign-in").page.form("/sign-in"), {"address": "maple_leader@example.org"}, status=200)
    assert states(session) == ["queued"]
    for person in ("maple_leader", "district_leader", "state_leader"):
        assert "Nothing is here yet." in signed_in(person).get("/deliveries").page.text
