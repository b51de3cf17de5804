"""Does long work in the background: claims a job, lets its kind's function work on it, says what became of it.

A function of a kind gets a `Work`. It reads with `reading()`, reports how far it is, writes a file piece by piece,
and ends with `finish`, or finishes inside the transaction (`writing()`) that makes its changes, so that changes and
"done" are one commit. When the process dies, or the database is away, the job is done again from its beginning.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing, only_one
from partnerforms.mail.worker import whereabouts
from partnerforms.models import Job, JobChunk
from partnerforms.services import jobs
from partnerforms.services.tools import Tools

POLL_SECONDS = 0.5
TROUBLE_SECONDS = 5.0
CHUNK = 512 * 1024
_REPORT_EVERY = timedelta(seconds=1)

log = logging.getLogger(__name__)


class CannotBeDoneError(Exception):
    """The job cannot be done as it was asked; `outcome` says why, in the form its page knows."""

    def __init__(self, **outcome: Any) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Work:
    """A claimed job in the hands of the function that does it."""

    def __init__(self, engine: Engine, tools: Tools, job: Job, clock: Callable[[], datetime]) -> None:
        self.id = job.id
        self.organization_id = job.organization_id
        self.person_id = job.person_id
        self.asked: Mapping[str, Any] = job.asked
        self.tools = tools
        self.now = clock
        self.finished = False
        self._token = job.lease_token or ""
        self._engine = engine
        self._waiting = bytearray()
        self._chunks = 0
        self._size = 0

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The database as it is now, for a while: on SQLite all that is read in here is of one moment."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at its end. Do not report or write inside it: SQLite has one writer."""
        with Session(self._engine, expire_on_commit=False) as session:
            begin_writing(session)
            yield session
            session.commit()

    def report(self, done: int, total: int) -> None:
        """How far the work is; also keeps the lease, so say it every few seconds."""
        with self.writing() as session:
            jobs.report(session, self.id, self._token, self.now(), done=done, total=total)

    def follow(self, steps: Iterable[int], total: int) -> int:
        """Go through work that says after each part how many are done, and tell it now and then; how many in all."""
        done, told = 0, self.now()
        self.report(0, total)
        for done in steps:
            if self.now() - told > _REPORT_EVERY:
                told = self.now()
                self.report(done, total)
        return done

    def write(self, content: bytes) -> None:
        """Append to the job's file."""
        self._waiting += content
        while len(self._waiting) >= CHUNK:
            self._keep(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]

    def close_file(self, filename: str) -> None:
        """The file is whole, and is called this."""
        if self._waiting:
            self._keep(bytes(self._waiting))
            self._waiting.clear()
        with self.writing() as session:
            jobs.report(session, self.id, self._token, self.now(), filename=filename, size=self._size)

    def finish(self, outcome: dict[str, Any], session: Session | None = None, error: bool = False) -> None:
        """Done, or failed for good. Give the session of `writing()` when the work itself is in it."""
        if session is not None:
            jobs.finish(session, self.id, self._token, self.now(), outcome, error)
        else:
            with self.writing() as own:
                jobs.finish(own, self.id, self._token, self.now(), outcome, error)
        self.finished = True

    def give_back(self) -> None:
        """Let it be tried again."""
        with self.writing() as session:
            jobs.give_back(session, self.id, self._token, self.now())

    def _keep(self, content: bytes) -> None:
        with self.writing() as session:
            size = self._size + len(content)
            jobs.report(session, self.id, self._token, self.now(), size=size)  # first: is the job still ours?
            session.add(JobChunk(job_id=self.id, number=self._chunks, content=content))
        self._size, self._chunks = size, self._chunks + 1


Kind = Callable[[Work], None]
Step = Callable[[datetime], bool]  # does a little, in transactions of its own; False when there was nothing to do


def _now() -> datetime:
    return datetime.now(UTC)


class LongWork:
    """One worker, for one thread; `kinds` has the function for each kind of job, `steps` what else is done, a little
    at a time, when no job waits."""

    def __init__(
        self,
        engine: Engine,
        tools: Tools,
        kinds: Mapping[str, Kind],
        clock: Callable[[], datetime] = _now,
        steps: Sequence[Step] = (),
    ) -> None:
        self._engine, self._tools, self._kinds, self._clock = engine, tools, kinds, clock
        self._steps = steps

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the job at hand is finished first."""
        with only_one(self._engine, "longwork", stop) as allowed:
            must_take_back = True
            while allowed and not stop.is_set():
                try:
                    if must_take_back:
                        self.take_back()
                        must_take_back = False
                    if not self.run_once() and not any(step(self._clock()) for step in self._steps):
                        stop.wait(POLL_SECONDS)
                except Exception as error:  # a database that is away comes back
                    log.error("long work in trouble: %s", whereabouts(error))
                    must_take_back = True
                    stop.wait(TROUBLE_SECONDS)

    def take_back(self) -> None:
        """Queue again what dead workers left. With SQLite only for the one that holds the file lock."""
        with Session(self._engine) as session:
            begin_writing(session)
            jobs.take_back(session, self._clock())
            session.commit()

    def run_once(self) -> bool:
        """Do one job; False when there is none."""
        with Session(self._engine, expire_on_commit=False) as session:
            begin_writing(session)
            job = jobs.claim(session, self._clock())
            session.commit()
        if job is None:
            return False
        self._do(Work(self._engine, self._tools, job, self._clock), job.kind)
        return True

    def _do(self, work: Work, kind: str) -> None:
        try:
            self._work(work, kind)
        except jobs.LostLeaseError:
            log.warning("job %s (%s): somebody else has it", work.id, kind)

    def _work(self, work: Work, kind: str) -> None:
        """Let the kind's function work; whatever becomes of it, the job ends, or waits for another try."""
        try:
            self._kinds[kind](work)
            if not work.finished:
                work.finish({})
            log.info("job %s (%s): done", work.id, kind)
        except jobs.LostLeaseError:
            raise
        except CannotBeDoneError as error:
            work.finish(error.outcome, error=True)
            log.info("job %s (%s): cannot be done", work.id, kind)
        except (OperationalError, TimeoutError) as error:  # the database is away, or too busy: it comes back
            log.warning("job %s (%s): %s; another try", work.id, kind, whereabouts(error))
            work.give_back()
            raise
        except Exception as error:
            log.error("job %s (%s): %s", work.id, kind, whereabouts(error))
            work.finish({"error": "unforeseen"}, error=True)
