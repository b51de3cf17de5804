"""One cause sends one recipient twelve mails an hour: nothing more goes out, and nothing is lost."""

import threading
from datetime import datetime, timedelta

import pytest
from outbox_helpers import NOW, put, put_code, writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.models import Delivery
from partnerforms.services import deliveries
from partnerforms.services.deliveries import outbox, pacing

HOUR = timedelta(hours=1)


def put_many(engine: Engine, count: int, cause: str = "link:1", first: str = "", **more: str) -> None:
    with writing(engine) as session:
        for number in range(count):
            put(session, f"{first}{number:04}", cause=cause, **more)


def turns(engine: Engine) -> list[int]:
    """In which hour from now each mail is due, in the order in which they were queued."""
    with Session(engine) as session:
        now = deliveries.clock(session, NOW)
        found = session.scalars(select(Delivery).order_by(Delivery.dedup))
        return [round((one.due_at - now) / HOUR) for one in found]


def send_all(engine: Engine, now: datetime) -> int:
    """What the worker would: everything that may go out now."""
    count = 0
    while True:
        with writing(engine) as session:
            claimed = outbox.claim(session, now)
            if claimed is None:
                return count
            outbox.sent(session, claimed, deliveries.clock(session, now))
        count += 1


def test_the_thirteenth_waits_an_hour_and_the_twenty_fifth_two(engine: Engine) -> None:
    put_many(engine, 30)
    assert turns(engine) == [0] * 12 + [1] * 12 + [2] * 6
    with Session(engine) as session:
        for one in session.scalars(select(Delivery)):
            assert one.give_up_at - one.due_at == timedelta(hours=72)


def test_others_do_not_wait_for_it(engine: Engine) -> None:
    put_many(engine, 13)
    with writing(engine) as session:
        put(session, "x other cause", cause="link:2")
        put(session, "x other recipient", recipient="other@example.org", cause="link:1")
        put(session, "x no cause")
        put_code(session, "x code", cause="link:1")
    assert turns(engine) == [0] * 12 + [1, -24, 0, 0, 0]


def test_what_is_held_takes_nobody_s_turn(engine: Engine) -> None:
    with writing(engine) as session:
        for number in range(20):
            put(session, f"held {number}", cause="link:1", held_for="paused")
    put_many(engine, 12)
    assert turns(engine)[:12] == [0] * 12


def test_never_more_than_twelve_go_out_in_any_hour_and_all_go(sqlite_engine: Engine) -> None:
    put_many(sqlite_engine, 40)
    gone: list[datetime] = []
    for minute in range(0, 300, 5):
        if minute == 30:
            put_many(sqlite_engine, 5, first="later ")
        now = NOW + timedelta(minutes=minute)
        gone += [now] * send_all(sqlite_engine, now)
    assert len(gone) == 45
    assert max(sum(one <= other < one + HOUR for other in gone) for one in gone) == pacing.MOST


def test_after_a_time_without_a_mail_server_they_do_not_go_out_all_at_once(sqlite_engine: Engine) -> None:
    put_many(sqlite_engine, 200)
    back = NOW + timedelta(days=3)
    gone = []
    for hour in range(20):
        gone.append(send_all(sqlite_engine, back + hour * HOUR) + send_all(sqlite_engine, back + hour * HOUR))
    assert gone == [12] * 16 + [8, 0, 0, 0]
    with Session(sqlite_engine) as session:  # being put off is no attempt, and gives more time
        assert all(one.attempts == 1 for one in session.scalars(select(Delivery)))


def test_what_is_put_off_is_not_given_up(sqlite_engine: Engine) -> None:
    put_many(sqlite_engine, 13)
    back = NOW + timedelta(days=3)
    send_all(sqlite_engine, back)
    with Session(sqlite_engine) as session:
        (last,) = session.scalars(select(Delivery).where(Delivery.state == "queued"))
        assert last.due_at > back + timedelta(minutes=59)
        assert last.give_up_at > last.due_at + timedelta(minutes=30)


def test_a_failed_one_makes_room(sqlite_engine: Engine) -> None:
    put_many(sqlite_engine, 12)
    with writing(sqlite_engine) as session:
        claimed = outbox.claim(session, NOW)
        assert claimed is not None
        outbox.refused(session, claimed, "550 nobody here")
        assert put(session, "next", cause="link:1").due_at == NOW


@pytest.mark.parametrize("workers", [4])
def test_many_workers_together_send_twelve(postgres_engine: Engine, workers: int) -> None:
    put_many(postgres_engine, 40)
    with writing(postgres_engine) as session:  # as after a long pause: everything is due
        for one in session.scalars(select(Delivery)):
            one.due_at = deliveries.clock(session, NOW) - HOUR
    sent: list[int] = []
    barrier = threading.Barrier(workers)

    def work() -> None:
        barrier.wait(10)
        sent.append(sum(send_all(postgres_engine, NOW) for _ in range(15)))

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(sent) == workers
    assert sum(sent) == pacing.MOST
