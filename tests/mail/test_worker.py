"""The worker: from the outbox to the server and back, whatever goes wrong on the way."""

import fcntl
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from outbox_helpers import NOW, let_pass, look, put, put_code, put_document, put_school, writing
from smtp_server import Mail, Sink, smtp_settings
from sqlalchemy import Engine, create_engine, delete, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.languages import FOLDER, read_catalogue
from partnerforms.mail.transport import FolderTransport, SmtpTransport
from partnerforms.mail.worker import Worker
from partnerforms.models import Document
from partnerforms.services import outbox
from partnerforms.settings import Settings

SECOND = timedelta(seconds=1)


class Letters:
    """As much of a library as the worker needs."""

    catalogues = {"es": read_catalogue(FOLDER / "es")}  # noqa: RUF012


def worker_of(engine: Engine, settings: Settings, **more: Any) -> Worker:
    library: Library = Letters()  # type: ignore[assignment]
    return Worker(engine, settings, library, **{"clock": lambda: NOW, **more})


@pytest.fixture
def worker(engine: Engine, settings: Settings) -> Worker:
    return worker_of(engine, settings)


def test_nothing_to_do(worker: Worker, sink: Sink) -> None:
    assert not worker.run_once(NOW)
    assert sink.taken == []


def test_a_letter_with_its_document_goes_out(engine: Engine, worker: Worker, sink: Sink) -> None:
    with writing(engine) as session:
        document = put_document(session, b"PK\x00\r\n.\r\nword")
        delivery = put(session, document_id=document.id, language="es", domain="forms.example.org")
    assert worker.run_once(NOW)
    [mail] = sink.taken
    assert mail.recipients == ["coordinator@example.org"]
    assert mail.id == delivery.message_id
    assert mail.attachment == document.sha256 == sha256(b"PK\x00\r\n.\r\nword").hexdigest()
    assert "versión 1" in mail.message["Subject"]
    assert mail.message["Date"].datetime == NOW
    kept = look(engine, delivery.id)
    assert (kept.state, kept.sent_at, kept.attempts) == ("sent", NOW, 1)
    assert not worker.run_once(NOW)


def test_an_unknown_language_is_english(engine: Engine, worker: Worker, sink: Sink) -> None:
    with writing(engine) as session:
        put(session, language="tlh")
    worker.run_once(NOW)
    assert "revision 1" in sink.taken[0].message["Subject"]


def test_replies_go_to_the_nearest_organization_with_an_address(engine: Engine, worker: Worker, sink: Sink) -> None:
    with writing(engine) as session:
        district = put_school(session, reply_address="office@district.example.org")
        school = put_school(session, parent_id=district.id)
        put(session, organization_id=school.id)
    worker.run_once(NOW)
    assert sink.taken[0].message["Reply-To"] == "office@district.example.org"


def test_no_transaction_is_open_while_a_letter_is_sent(sqlite_engine: Engine, settings: Settings, sink: Sink) -> None:
    with writing(sqlite_engine) as session:
        delivery = put(session)
    states = []

    def other_transaction(_mail: Mail) -> None:
        with writing(sqlite_engine) as session:  # would wait for the worker's, if it had one
            put(session, "second")
        states.append(look(sqlite_engine, delivery.id).state)

    sink.when_taken = other_transaction
    worker_of(sqlite_engine, settings).run_once(NOW)
    assert states == ["sending"]


# --- failures ---


def test_a_temporary_failure_is_tried_again(engine: Engine, worker: Worker, sink: Sink) -> None:
    with writing(engine) as session:
        delivery = put(session)
    sink.on_data = ["451 wait", "451 wait"]
    for attempt in (1, 2):
        assert worker.run_once(NOW)
        kept = look(engine, delivery.id)
        assert (kept.state, kept.attempts, kept.error) == ("queued", attempt, "451 wait")
        let_pass(engine, timedelta(minutes=31))
    assert worker.run_once(NOW)
    kept = look(engine, delivery.id)
    assert (kept.state, kept.attempts, kept.error) == ("sent", 3, None)
    assert [mail.id for mail in sink.taken] == [delivery.message_id]


def test_a_mail_taken_before_the_connection_broke_repeats_itself_exactly(
    engine: Engine, worker: Worker, sink: Sink
) -> None:
    with writing(engine) as session:
        put(session, document_id=put_document(session).id)
    sink.drop_after_taking = True
    worker.run_once(NOW)
    sink.drop_after_taking = False
    let_pass(engine, timedelta(minutes=31))
    worker.run_once(NOW)
    first, second = sink.taken
    assert (first.id, first.attachment) == (second.id, second.attachment)


@pytest.mark.parametrize(("step", "answer"), [("on_rcpt", "550 nobody here"), ("on_data", "552 too large")])
def test_a_refused_letter_has_failed_and_the_next_one_goes(
    engine: Engine, worker: Worker, sink: Sink, step: str, answer: str
) -> None:
    with writing(engine) as session:
        delivery = put(session)
    setattr(sink, step, [answer])
    assert worker.run_once(NOW)
    assert (look(engine, delivery.id).state, look(engine, delivery.id).error) == ("failed", answer)
    assert not worker.run_once(NOW)
    with writing(engine) as session:
        put(session, "second")
    assert worker.run_once(NOW)
    assert len(sink.taken) == 1


def test_our_own_trouble_pauses_everything_and_fails_nothing(
    engine: Engine, worker: Worker, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    with writing(engine) as session:
        first = put(session, "1")
        put(session, "2")
    sink.on_mail = ["550 not this sender"]
    assert worker.run_once(NOW)
    assert not worker.run_once(NOW)
    kept = look(engine, first.id)
    assert (kept.state, kept.attempts) == ("queued", 0)
    with writing(engine) as session:
        assert outbox.queue_state(session).reason == "550 not this sender"
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    let_pass(engine, timedelta(minutes=2))
    assert worker.run_once(NOW)
    assert worker.run_once(NOW)
    assert len(sink.taken) == 2


@pytest.mark.parametrize(
    "poison",
    [
        {"letter": "no_such_letter"},
        {"details": {"record": "only this"}},
        {"details": {}, "letter": "sign_in_code"},
    ],
    ids=str,
)
def test_a_letter_that_cannot_be_written_has_failed(
    engine: Engine, worker: Worker, sink: Sink, poison: dict[str, Any]
) -> None:
    with writing(engine) as session:
        delivery = put(session, **poison)
    assert worker.run_once(NOW)
    assert not worker.run_once(NOW)
    kept = look(engine, delivery.id)
    assert kept.state == "failed"
    assert kept.error
    assert sink.taken == []


def test_a_letter_whose_document_is_gone_has_failed(sqlite_engine: Engine, settings: Settings) -> None:
    with writing(sqlite_engine) as session:
        delivery = put(session, document_id=put_document(session).id)
    with sqlite_engine.connect() as connection:
        connection.execute(text("COMMIT"))  # foreign keys are switched outside of transactions only
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(delete(Document))
        connection.execute(text("PRAGMA foreign_keys=ON"))
        connection.execute(text("BEGIN"))
    worker_of(sqlite_engine, settings).run_once(NOW)
    kept = look(sqlite_engine, delivery.id)
    assert (kept.state, kept.error) == (
        "failed",
        "The letter cannot be written: The document is no longer there.",
    )


def test_a_sign_in_code_is_not_sent_when_it_is_over(engine: Engine, worker: Worker, sink: Sink) -> None:
    with writing(engine) as session:
        delivery = put_code(session)
    let_pass(engine, timedelta(minutes=11))
    worker.run_once(NOW)
    assert (look(engine, delivery.id).state, look(engine, delivery.id).details) == ("failed", {})
    assert sink.taken == []


class NoCommit:
    """An engine's commits, failing as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing = False
        commit = Session.commit

        def maybe(session: Session) -> None:
            if self.failing:
                raise OperationalError("", {}, Exception("disk full"))
            commit(session)

        monkeypatch.setattr(Session, "commit", maybe)


def test_what_was_sent_is_not_sent_again_when_the_database_was_away_for_a_while(
    engine: Engine, worker: Worker, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = NoCommit(monkeypatch)
    with writing(engine) as session:
        delivery = put(session)

    def goes_away(_mail: Mail) -> None:
        database.failing = True

    sink.when_taken = goes_away
    for _ in range(3):
        with pytest.raises(OperationalError):
            worker.run_once(NOW)
    database.failing = False
    worker.take_back(NOW)  # what `run` does after trouble
    assert not worker.run_once(NOW)
    assert look(engine, delivery.id).state == "sent"
    assert len(sink.taken) == 1


def test_the_log_tells_neither_people_nor_codes(
    engine: Engine, worker: Worker, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="partnerforms")
    sink.on_rcpt = ["550 coordinator@example.org is unknown here"]
    with writing(engine) as session:
        for dedup in ("a", "b"):
            put_code(session, dedup)
        last = put(session, "c")
    while worker.run_once(NOW):
        pass
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("partnerforms")]
    assert len(lines) == 3
    assert sum(str(last.id) in line for line in lines) == 1
    everything = "\n".join(lines)
    for secret in ("coordinator", "example.org", "ABCD", "Ana", "Plan", "Lincoln"):
        assert secret not in everything


# --- running ---


def test_chores_are_done_once_a_minute_and_hurt_no_mail(
    engine: Engine, settings: Settings, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def chores(session: Session, now: datetime) -> None:
        put(session, f"by chores {now}", details={"secret": "x"})
        done.append(now)
        if len(done) == 2:
            raise ValueError("a secret")

    worker = worker_of(engine, settings, chores=chores)
    assert worker.run_chores(NOW)
    assert not worker.run_chores(NOW + 59 * SECOND)
    assert worker.run_chores(NOW + 60 * SECOND)
    assert worker.run_chores(NOW + 120 * SECOND)
    assert done == [NOW, NOW + 60 * SECOND, NOW + 120 * SECOND]
    with writing(engine) as session:  # the chores that failed left nothing
        assert outbox.queue_state(session).queued == 2
    assert "ValueError in chores" in caplog.text
    assert "a secret" not in caplog.text


@pytest.fixture
def running() -> Iterator[Any]:
    """Starts workers in threads; they have ended cleanly at the end of the test. Ask for the engine before."""
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
        assert "another mail worker runs" in caplog.text
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
