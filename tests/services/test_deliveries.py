"""Deliveries on both databases: putting letters in, seeing what became of them, sending again."""

import threading
from datetime import timedelta

import pytest
from outbox_helpers import NOW, let_pass, look, put, put_code, put_school, writing
from sqlalchemy import Engine, func, select

from partnerforms.models import Delivery
from partnerforms.services import deliveries
from partnerforms.services.deliveries import mailed, outbox

# --- putting letters in ---


def test_a_letter_is_queued_with_its_message_id(engine: Engine) -> None:
    with writing(engine) as session:
        delivery = put(session, domain="forms.example.org")
    kept = look(engine, delivery.id)
    assert (kept.state, kept.attempts, kept.created_at) == ("queued", 0, NOW)
    assert kept.message_id == delivery.message_id
    assert kept.message_id.endswith("@forms.example.org>")


def test_the_same_thing_is_queued_once(engine: Engine) -> None:
    with writing(engine) as session:
        first = put(session)
        second = put(session, recipient="other@example.org")
        assert second.id == first.id
        assert second.recipient == "coordinator@example.org"
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_two_transactions_queue_the_same_thing_at_once(engine: Engine) -> None:
    begun = threading.Event()
    found = []

    def second() -> None:
        begun.set()
        with writing(engine) as session:
            found.append(put(session).id)

    thread = threading.Thread(target=second)
    with writing(engine) as session:
        first = put(session).id
        thread.start()
        assert begun.wait(10)
        thread.join(0.3)  # it cannot get on before the commit
        assert thread.is_alive()
    thread.join(10)
    assert found == [first]


@pytest.mark.parametrize(
    "address",
    ["a@example.org", "a.b+c@school.test", "a@localhost.localdomain", "O'Brien@k12.example.us"],
)
def test_plain_addresses_are_taken(address: str) -> None:
    assert deliveries.check_recipient(address) == address


def test_an_address_with_letters_of_another_script_in_its_domain_is_written_for_servers() -> None:
    assert deliveries.check_recipient("ana@españa.example") == "ana@xn--espaa-rta.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "root",
        "root@localhost",
        "a@x.org, b@y.org",
        "a@x.org b@y.org",
        "a@x.org;b@y.org",
        "Ana <a@example.org>",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\n",
        " a@example.org",
        '"a b"@example.org',
        "añá@example.org",
        "a@[127.0.0.1]",
        "a@exam\u202eple.org",
        "a\x00@example.org",
        "a" * 65 + "@example.org",
    ],
)
def test_what_is_not_one_plain_address_is_not_queued(sqlite_engine: Engine, address: str) -> None:
    with writing(sqlite_engine) as session:
        with pytest.raises(ValueError, match=r"."):
            put(session, recipient=address)
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_a_domain_cannot_add_to_the_message_id(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session, pytest.raises(ValueError, match="domain"):
        put(session, domain="x>\r\nBcc: a@example.org")


# --- what people see ---


def test_people_see_the_deliveries_of_their_organizations(engine: Engine) -> None:
    with writing(engine) as session:
        ours, theirs = put_school(session), put_school(session)
        first = put(session, "1", organization_id=ours.id)
        second = put(session, "2", organization_id=ours.id, now=NOW + timedelta(minutes=1))
        foreign = put(session, "3", organization_id=theirs.id)
        put_code(session)
        assert mailed.list_for(session, [ours.id], 10) == [second, first]
        assert mailed.list_for(session, [ours.id], 1, skip=1) == [first]
        assert mailed.list_for(session, [ours.id], 10, state="sent") == []
        assert mailed.list_for(session, [ours.id], 10, recipient="NATOR@ex") == [second, first]
        assert mailed.list_for(session, [ours.id], 10, recipient="c%r") == []
        assert mailed.counts(session, [ours.id]) == {"held": 0, "queued": 2, "sending": 0, "sent": 0, "failed": 0}
        assert mailed.find(session, first.id, [ours.id]) is first
        assert mailed.find(session, foreign.id, [ours.id]) is None
        assert mailed.find(session, foreign.id, []) is None


@pytest.mark.parametrize("end", ["sent", "failed"])
def test_send_again(engine: Engine, end: str) -> None:
    with writing(engine) as session:
        delivery = put(session)
        assert not deliveries.send_again(session, delivery, NOW)  # it waits already
    with writing(engine) as session:
        claimed = outbox.claim(session, NOW)
        assert claimed is not None
        if end == "sent":
            outbox.sent(session, claimed, NOW)
        else:
            outbox.refused(session, claimed, "550 nobody here")
    let_pass(engine, timedelta(days=30))
    with writing(engine) as session:
        kept = session.get_one(Delivery, delivery.id)
        assert deliveries.send_again(session, kept, NOW)
        assert (kept.state, kept.attempts, kept.error, kept.sent_at) == ("queued", 0, None, None)
        assert kept.give_up_at > deliveries.clock(session, NOW) + timedelta(hours=71)
        assert not deliveries.send_again(session, kept, NOW)
    with writing(engine) as session:
        claimed = outbox.claim(session, NOW)
    assert claimed is not None
    assert claimed.message_id == delivery.message_id
