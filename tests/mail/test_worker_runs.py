"""The worker as it runs: chores, the file lock, trouble and its end, many at once."""

import fcntl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from outbox_helpers import NOW, let_pass, put, writing
from smtp_server import Sink, smtp_settings
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from worker_helpers import NoCommit, worker_of

from partnerforms.mail.transport import FolderTransport, SmtpTransport
from partnerforms.mail.worker import Worker
from partnerforms.services.deliveries import outbox
from partnerforms.settings import Settings

SECOND = timedelta(seconds=1)


def test_chores_are_done_once_a_minute_and_hurt_no_mail(
    engine: Engine, settings: Settings, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def chores(session: Session, now: datetime) -> None:
        put(session, f"by chores {now}", details={"secret": "x"})
        done.append(now)
        if len(done) == 2:
            raise ValueError("a secret")

    after = []
    worker = worker_of(engine, settings, chores=[chores, lambda _session, now: after.append(now)])
    assert worker.run_chores(NOW)
    assert not worker.run_chores(NOW + 59 * SECOND)
    assert worker.run_chores(NOW + 60 * SECOND)
    assert worker.run_chores(NOW + 120 * SECOND)
    assert done == after == [NOW, NOW + 60 * SECOND, NOW + 120 * SECOND]
    with writing(engine) as session:  # the chores that failed left nothing
        assert outbox.queue_state(session).queued == 2
    assert "ValueError in chores" in caplog.text
    assert "a secret" not in caplog.text


@pytest.fixture
def running() -> Iterator[Any]:
    """Starts workers in threads; they have ended when the test ends. Ask for the engine first."""
    stop = threading.Event()
    threads = []

    def start(worker: Worker) -> threading.Thread:
        threads.append(threading.Thread(target=worker.run, args=(stop,)))
        threads[-1].start()
        return threads[-1]

    yield start
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_it_runs_until_it_is_stopped_and_takes_back_first(
    engine: Engine, settings: Settings, sink: Sink, running: Any
) -> None:
    sent = threading.Semaphore(0)
    sink.when_taken = lambda _mail: sent.release()
    with writing(engine) as session:
        put(session, "left by a dead worker")
        put(session, "new")
    with writing(engine) as session:
        assert outbox.claim(session, NOW)
    let_pass(engine, timedelta(minutes=6))
    running(worker_of(engine, settings))
    assert sent.acquire(timeout=10)
    assert sent.acquire(timeout=10)


def test_it_goes_on_after_trouble(
    sqlite_engine: Engine,
    settings: Settings,
    sink: Sink,
    running: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("partnerforms.mail.worker.TROUBLE_SECONDS", 0.01)
    sent = threading.Event()
    database = NoCommit(monkeypatch)
    tried = threading.Event()

    def clock() -> datetime:
        if database.failing and "in trouble: OperationalError" in caplog.text:
            database.failing = False
            tried.set()
        return NOW

    sink.when_taken = lambda _mail: sent.set()
    with writing(sqlite_engine) as session:
        put(session)
    database.failing = True
    running(worker_of(sqlite_engine, settings, clock=clock))
    assert tried.wait(10)
    assert sent.wait(10)


def test_a_second_mailer_on_sqlite_waits_for_the_first_to_end(
    sqlite_engine: Engine, settings: Settings, sink: Sink, running: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sent = threading.Event()
    sink.when_taken = lambda _mail: sent.set()
    with writing(sqlite_engine) as session:
        put(session)
    with Path(f"{sqlite_engine.url.database}-mailer").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running(worker_of(sqlite_engine, settings))
        assert not sent.wait(0.3)
        assert "another mailer runs" in caplog.text
    assert sent.wait(10)


def test_it_can_be_stopped_while_it_waits(sqlite_engine: Engine, settings: Settings, sink: Sink) -> None:
    with Path(f"{sqlite_engine.url.database}-mailer").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stop = threading.Event()
        thread = threading.Thread(target=worker_of(sqlite_engine, settings).run, args=(stop,))
        thread.start()
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_many_workers_on_postgresql_send_everything_once(
    postgres_engine: Engine, settings: Settings, sink: Sink, running: Any
) -> None:
    sent = threading.Semaphore(0)
    sink.when_taken = lambda _mail: sent.release()
    with writing(postgres_engine) as session:
        ids = {put(session, str(number)).message_id for number in range(30)}
    for _ in range(3):
        running(worker_of(postgres_engine, settings))
    for _ in ids:
        assert sent.acquire(timeout=10)
    assert {mail.id for mail in sink.taken} == ids
    assert len(sink.taken) == 30


def test_the_settings_choose_where_mail_goes(sqlite_engine: Engine, tmp_path: Path) -> None:
    folder = replace(smtp_settings(25), smtp_host="", outbox_folder=tmp_path / "outbox")
    with writing(sqlite_engine) as session:
        delivery = put(session)
    worker_of(sqlite_engine, folder).run_once(NOW)
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == [f"20261123T090000-{delivery.id}.eml"]
    assert isinstance(worker_of(sqlite_engine, folder)._transport, FolderTransport)
    assert isinstance(worker_of(sqlite_engine, smtp_settings(25))._transport, SmtpTransport)


def test_a_database_in_memory_needs_no_lock(settings: Settings) -> None:
    engine = create_engine("sqlite://")
    stop = threading.Event()
    stop.set()
    worker_of(engine, settings).run(stop)
    engine.dispose()
