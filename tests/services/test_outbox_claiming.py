"""Workers claim from the outbox, on both databases: each letter once, and again when a lease is over."""

import random
import threading
from datetime import timedelta

from outbox_helpers import NOW, claim, let_pass, look, nothing_to_claim, put, put_code, writing
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from partnerforms.services.deliveries import outbox

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
