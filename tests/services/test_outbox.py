"""The outbox on both databases as workers use it: claim, leases, settle, pause."""

import random
import threading
from datetime import timedelta

import pytest
from outbox_helpers import NOW, let_pass, look, put, put_code, writing
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from partnerforms.models import Delivery
from partnerforms.services import deliveries, outbox


class Fixed(random.Random):
    """Chance that always falls the same way."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def claim(engine: Engine) -> outbox.Claimed:
    with writing(engine) as session:
        claimed = outbox.claim(session, NOW)
    assert claimed is not None
    return claimed


def nothing_to_claim(engine: Engine) -> bool:
    with writing(engine) as session:
        return outbox.claim(session, NOW) is None


# --- claiming ---


def test_claimed_in_the_order_they_are_due_each_once(engine: Engine) -> None:
    with writing(engine) as session:
        put(session, "late", now=NOW - timedelta(seconds=1))
        early = put(session, "early", now=NOW - timedelta(minutes=5))
        early.due_at -= timedelta(minutes=5)  # on PostgreSQL the database's clock made them due
    with writing(engine) as session:
        first = outbox.claim(session, NOW)
        second = outbox.claim(session, NOW)
        assert outbox.claim(session, NOW) is None
    assert first is not None
    assert second is not None
    assert first.id == early.id
    assert first.attempts == 1
    assert first.lease_token != second.lease_token


def test_a_sign_in_code_overtakes_a_full_outbox(engine: Engine) -> None:
    with writing(engine) as session:
        for number in range(3):
            put(session, str(number))
        code = put_code(session)
    assert claim(engine).id == code.id


def test_what_is_not_due_is_not_claimed(engine: Engine) -> None:
    with writing(engine) as session:
        put(session).due_at += timedelta(minutes=1)
    assert nothing_to_claim(engine)
    let_pass(engine, timedelta(minutes=2))
    claim(engine)


def test_workers_of_postgresql_do_not_wait_for_each_other(postgres_engine: Engine) -> None:
    with writing(postgres_engine) as session:
        put(session, "1")
        put(session, "2")
    with Session(postgres_engine) as one, Session(postgres_engine) as two:
        first, second = outbox.claim(one, NOW), outbox.claim(two, NOW)
        assert first is not None
        assert second is not None
        assert first.id != second.id
        assert outbox.claim(two, NOW) is None


def test_many_workers_claim_every_row_once(postgres_engine: Engine) -> None:
    with writing(postgres_engine) as session:
        for number in range(40):
            put(session, str(number))
    claimed = []

    def work() -> None:
        while not nothing_left():
            pass

    def nothing_left() -> bool:
        with writing(postgres_engine) as session:
            row = outbox.claim(session, NOW)
        if row is not None:
            claimed.append(row.id)
        return row is None

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(claimed) == len(set(claimed)) == 40


# --- leases ---


def test_postgresql_gives_a_row_away_when_its_lease_is_over_by_the_databases_clock(
    postgres_engine: Engine,
) -> None:
    with writing(postgres_engine) as session:
        put(session)
    old = claim(postgres_engine)
    with writing(postgres_engine) as session:  # a worker whose clock is wrong steals nothing
        assert outbox.claim(session, NOW + timedelta(days=3650)) is None
    let_pass(postgres_engine, timedelta(minutes=3))
    new = claim(postgres_engine)
    assert new.id == old.id
    assert new.message_id == old.message_id
    assert new.attempts == 2
    with writing(postgres_engine) as session:
        assert not outbox.refused(session, old, "too late")
        assert not outbox.later(session, old, "too late", NOW, random.Random(1))
        assert not outbox.pause(session, old, "too late", NOW)
        outbox.resume(session)
        assert outbox.sent(session, new, NOW)
        assert not outbox.sent(session, old, NOW)
    assert look(postgres_engine, old.id).state == "sent"


def test_sqlite_gives_a_row_back_only_to_a_new_mailer(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        put(session)
    old = claim(sqlite_engine)
    with writing(sqlite_engine) as session:
        assert outbox.claim(session, NOW + timedelta(days=3650)) is None
        assert outbox.take_back(session, NOW) == 1
    assert claim(sqlite_engine).id == old.id
    with writing(sqlite_engine) as session:
        assert not outbox.sent(session, old, NOW)


def test_a_letter_that_kills_its_worker_waits_longer_each_time_and_fails_in_the_end(engine: Engine) -> None:
    with writing(engine) as session:
        code = put_code(session)

    def worker_dies() -> None:
        claim(engine)
        let_pass(engine, timedelta(minutes=2, seconds=30))
        with writing(engine) as session:
            assert outbox.take_back(session, NOW) == 1

    worker_dies()
    worker_dies()  # the first time it went back at once
    assert nothing_to_claim(engine)
    let_pass(engine, timedelta(minutes=1))
    worker_dies()
    assert (look(engine, code.id).state, look(engine, code.id).details) == ("queued", code.details)
    let_pass(engine, timedelta(minutes=2))
    worker_dies()
    assert (look(engine, code.id).state, look(engine, code.id).details) == ("failed", {})


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
