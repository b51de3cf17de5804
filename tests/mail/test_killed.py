"""Workers killed in the middle of sending: nothing is lost, and what is sent twice is the same mail."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from outbox_helpers import put, put_document, writing
from smtp_server import Mail, Sink
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from partnerforms.models import Delivery

LETTERS = 30
KILLED_BEFORE = {3, 15}  # the server was told the recipient so many times
KILLED_AFTER = {8, 20, 27}  # the server has so many mails, and its answer is not out: the worker does not know


class Killed:
    """Keeps two workers running, one of them sending, and kills both when the server is at certain points."""

    def __init__(self, engine: Engine, sink: Sink) -> None:
        url = engine.url.render_as_string(hide_password=False)
        self._command = [sys.executable, str(Path(__file__).with_name("killed_worker.py")), url, str(sink.port)]
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._sink = sink
        self._asked = 0
        self._workers: list[subprocess.Popen[bytes]] = []
        self.done = threading.Event()
        sink.when_asked, sink.when_taken = self._on_asked, self._on_taken
        self._start()

    def _start(self) -> None:
        self._workers = [subprocess.Popen(self._command, env=self._environment) for _ in range(2)]

    def _on_asked(self) -> None:
        self._asked += 1
        if self._asked in KILLED_BEFORE:
            self._kill()

    def _on_taken(self, _mail: Mail) -> None:
        if len(self._sink.taken) in KILLED_AFTER:
            self._kill()
        if len(self._sink.taken) == LETTERS + len(KILLED_AFTER):
            self.done.set()

    def _kill(self) -> None:
        for worker in self._workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        self._start()

    def stop(self) -> list[int]:
        """The exit codes of those that live."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        return [worker.wait(10) for worker in self._workers]


def test_nothing_is_lost_when_workers_are_killed_while_they_send(sqlite_engine: Engine, sink: Sink) -> None:
    now = datetime.now(UTC)
    with writing(sqlite_engine) as session:
        for number in range(LETTERS):
            document = put_document(session, f"PK document {number}".encode())
            put(session, str(number), now=now, document_id=document.id)
    workers = Killed(sqlite_engine, sink)
    try:
        assert workers.done.wait(30)
    finally:
        codes = workers.stop()
    assert 0 in codes  # the one that was sending ended cleanly; the other may hardly have begun

    with Session(sqlite_engine) as session:
        deliveries = session.scalars(select(Delivery)).all()
        wanted = {delivery.message_id: delivery.document.sha256 for delivery in deliveries if delivery.document}
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    # 0 lost: the server has every letter, and every row knows it.
    assert set(wanted) == {mail.id for mail in sink.taken}
    assert {delivery.state for delivery in deliveries} == {"sent"}
    # A repeat is the same mail with the same document, and only where a worker could not know.
    assert all(mail.attachment == wanted[mail.id] for mail in sink.taken)
    assert len(sink.taken) == LETTERS + len(KILLED_AFTER)
    tries = Counter(delivery.attempts for delivery in deliveries)
    kills = len(KILLED_BEFORE) + len(KILLED_AFTER)
    assert tries == {1: LETTERS - kills, 2: kills}
