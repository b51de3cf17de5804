"""The worker: from the outbox to the server and back, whatever goes wrong on the way."""

import logging
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from outbox_helpers import NOW, let_pass, look, put, put_code, put_document, put_school, writing
from smtp_server import Mail, Sink
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import OperationalError
from worker_helpers import NoCommit, worker_of

from partnerforms.mail.worker import Worker
from partnerforms.models import Document
from partnerforms.services.deliveries import outbox
from partnerforms.settings import Settings

SECOND = timedelta(seconds=1)


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
