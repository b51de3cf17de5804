"""What becomes of a claimed letter, on both databases: sent, later, refused; and the pause of the whole outbox."""

import random
from datetime import timedelta

import pytest
from outbox_helpers import NOW, claim, let_pass, look, nothing_to_claim, put, put_code, writing
from sqlalchemy import Engine

from partnerforms.models import Delivery
from partnerforms.services import deliveries
from partnerforms.services.deliveries import outbox


class Fixed(random.Random):
    """Chance that always falls the same way."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


# --- settling ---


def test_sent(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    claimed = claim(engine)
    with writing(engine) as session:
        assert outbox.sent(session, claimed, NOW)
    kept = look(engine, claimed.id)
    assert (kept.state, kept.sent_at, kept.lease_token, kept.error) == ("sent", NOW, None, None)
    assert kept.details["record"] == "Plan 2026"


def test_a_temporary_failure_waits_longer_each_time_but_never_over_half_an_hour(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    waits = []
    for _ in range(9):
        claimed = claim(engine)
        with writing(engine) as session:
            before = deliveries.clock(session, NOW)
            assert outbox.later(session, claimed, "451\r\ntry\x00again", NOW, Fixed(1.0))
        kept = look(engine, claimed.id)
        waits.append(round((kept.due_at - before).total_seconds()))
        assert (kept.state, kept.error) == ("queued", "451 try again")
        assert nothing_to_claim(engine)
        let_pass(engine, timedelta(minutes=31))
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_the_waiting_is_at_random_from_nothing_on(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    claimed = claim(engine)
    with writing(engine) as session:
        assert outbox.later(session, claimed, "451", NOW, Fixed(0.0))
    assert claim(engine).attempts == 2


def test_after_three_days_a_temporary_failure_is_a_failure(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    let_pass(engine, timedelta(hours=73))
    claimed = claim(engine)
    with writing(engine) as session:
        assert outbox.later(session, claimed, "451 still full", NOW, Fixed(1.0))
    assert (look(engine, claimed.id).state, look(engine, claimed.id).error) == ("failed", "451 still full")


def test_refused_is_failed_at_once(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    claimed = claim(engine)
    with writing(engine) as session:
        assert outbox.refused(session, claimed, "550 nobody here")
    assert (look(engine, claimed.id).state, look(engine, claimed.id).error) == ("failed", "550 nobody here")
    assert nothing_to_claim(engine)


@pytest.mark.parametrize("end", ["sent", "refused", "given up"])
def test_a_sign_in_code_is_wiped_when_its_letter_is_settled(engine: Engine, end: str) -> None:
    with writing(engine) as session:
        put_code(session)
    claimed = claim(engine)
    with writing(engine) as session:
        outbox.later(session, claimed, "451", NOW, Fixed(0.0))
    assert look(engine, claimed.id).details["code"] == "ABCD-EFGH"
    claimed = claim(engine)
    if end == "given up":
        let_pass(engine, timedelta(minutes=1))
        with writing(engine) as session:
            outbox.later(session, claimed, "451", NOW, Fixed(0.0))
        let_pass(engine, timedelta(minutes=10))
        claimed = claim(engine)
        assert claimed.too_late
    with writing(engine) as session:
        match end:
            case "sent":
                outbox.sent(session, claimed, NOW)
            case "refused":
                outbox.refused(session, claimed, "550")
            case "given up":
                outbox.later(session, claimed, "451", NOW, Fixed(0.0))
    kept = look(engine, claimed.id)
    assert kept.details == {}
    assert kept.state == ("sent" if end == "sent" else "failed")
    with writing(engine) as session:
        assert not deliveries.send_again(session, session.get_one(Delivery, claimed.id), NOW)


def test_a_document_is_welcome_late(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    let_pass(engine, timedelta(days=4))
    assert not claim(engine).too_late


# --- pausing ---


def test_a_pause_stops_everything_and_grows(engine: Engine) -> None:
    with writing(engine) as session:
        put(session, "1")
        put(session, "2")
    minutes = []
    for _ in range(7):
        claimed = claim(engine)
        assert claimed.attempts == 1  # an attempt that ended in a pause does not count
        with writing(engine) as session:
            before = deliveries.clock(session, NOW)
            assert outbox.pause(session, claimed, "535 login refused", NOW)
            state = outbox.queue_state(session)
        assert state.paused_until is not None
        assert state.reason == "535 login refused"
        assert (state.queued, state.sending) == (2, 0)
        minutes.append(round((state.paused_until - before) / timedelta(minutes=1)))
        assert nothing_to_claim(engine)
        let_pass(engine, timedelta(minutes=31))
    assert minutes == [1, 2, 4, 8, 16, 30, 30]


def test_two_workers_that_find_out_at_once_pause_once(postgres_engine: Engine) -> None:
    with writing(postgres_engine) as session:
        put(session, "1")
        put(session, "2")
    first, second = claim(postgres_engine), claim(postgres_engine)
    with writing(postgres_engine) as session:
        assert outbox.pause(session, first, "535", NOW)
        assert outbox.pause(session, second, "535", NOW)
        assert outbox.queue_state(session).pauses == 1


def test_a_pause_ends_by_hand_or_with_the_next_mail_that_goes_out(engine: Engine) -> None:
    with writing(engine) as session:
        put(session)
    claimed = claim(engine)
    with writing(engine) as session:
        outbox.pause(session, claimed, "535", NOW)
        outbox.resume(session)
        assert outbox.queue_state(session).pauses == 0
    claimed = claim(engine)
    with writing(engine) as session:
        outbox.pause(session, claimed, "535", NOW)
    let_pass(engine, timedelta(minutes=2))
    claimed = claim(engine)
    with writing(engine) as session:
        outbox.sent(session, claimed, NOW)
        state = outbox.queue_state(session)
    assert (state.paused_until, state.pauses, state.reason) == (None, 0, None)


def test_the_state_of_an_empty_queue(engine: Engine) -> None:
    with writing(engine) as session:
        state = outbox.queue_state(session)
    assert (state.paused_until, state.queued, state.oldest_due) == (None, 0, None)
