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
KILLS_AT = (4, 11, 19, 26)  # counted in letters seen for the first time


class Killed:
    """Runs workers, two at a time, and kills the one that sends when the server has just taken certain letters."""

    def __init__(self, engine: Engine, sink: Sink) -> None:
        url = engine.url.render_as_string(hide_password=False)
        self._command = [
            sys.executable,
            str(Path(__file__).with_name("killed_worker.py")),
            url,
            str(sink.port),
        ]
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._sink = sink
        self._seen: set[str] = set()
        self._workers: list[subprocess.Popen[bytes]] = []
        self.kills = 0
        self.all_there = threading.Event()
        sink.when_taken = self._taken

    def start(self) -> None:
        """One more worker. The first has the lock before the second is started."""
        self._workers.append(subprocess.Popen(self._command, env=self._environment))

    def _taken(self, mail: Mail) -> None:
        """The server has the mail; its answer is not yet out, so the worker does not know."""
        if mail.id not in self._seen:
            self._seen.add(mail.id)
            if len(self._seen) in KILLS_AT:
                self._kill_all()
        if len(self._seen) == LETTERS:
            self.all_there.set()

    def _kill_all(self) -> None:
        """Only one of the two is sending, and only it is hurt; which one that is, nobody outside can tell."""
        for worker in self._workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        self._workers.clear()
        self.kills += 1
        self.start()
        self.start()

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
    workers.start()
    workers.start()
    try:
        assert workers.all_there.wait(30)
    finally:
        codes = workers.stop()
    assert codes == [0, 0]
    assert workers.kills == len(KILLS_AT)

    with Session(sqlite_engine) as session:
        deliveries = session.scalars(select(Delivery)).all()
        wanted = {delivery.message_id: delivery.document.sha256 for delivery in deliveries if delivery.document}
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    # 0 lost: the server has every letter, and every row knows it.
    assert set(wanted) == {mail.id for mail in sink.taken}
    assert {delivery.state for delivery in deliveries} == {"sent"}
    # A repeat is the same mail with the same document, and there are no more of them than kills.
    assert all(mail.attachment == wanted[mail.id] for mail in sink.taken)
    repeats = Counter(mail.id for mail in sink.taken) - Counter(set(wanted))
    assert sum(repeats.values()) == workers.kills
    assert sorted(delivery.attempts for delivery in deliveries)[-workers.kills :] == [2] * workers.kills
