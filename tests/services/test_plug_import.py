"""The plug is pulled in the middle of an import of 2,000 rows: it is done wholly and once, or not yet at all."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from importing_helpers import table_of
from job_helpers import let_leases_end, look
from outbox_helpers import writing
from people_helpers import NOW, place, reach_of, small_world
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from partnerforms.models import AuditEntry, Base, Delivery, Job, Membership, Organization
from partnerforms.services import jobs
from partnerforms.services.organizations import importing

ROWS, DISTRICTS, INVITED = 2_000, 20, 40
CHANCE = random.Random(3)
FILE = "level,name,number,parent,leader,leader address\n" + "".join(
    [f"school,School {n},S{n},D{n % DISTRICTS},{f'L{n},l{n}@example.org' if n < INVITED else ','}\n"
     for n in range(ROWS - DISTRICTS)]
    + [f"district,District {n},D{n},,,\n" for n in range(DISTRICTS)]
)  # fmt: skip


class Nursery:
    """Starts workers one after the other, each in a process of its own."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("plug_nursery.py")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, str(script)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, engine: Engine) -> int:
        """A worker that has begun the import; its process."""
        assert self._process.stdin
        self._process.stdin.write(engine.url.render_as_string(hide_password=False) + "\n")
        self._process.stdin.flush()
        word, process = self._line().split()
        assert word == "begun"
        return int(process)

    def ended(self) -> None:
        assert self._line() == "ended\n"

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery()
    yield found
    found.close()


def begin(engine: Engine) -> uuid.UUID:
    """A database with the small world and an import that was approved; nothing else."""
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    world = small_world(engine)
    with writing(engine) as session:
        reach, here = reach_of(session, "state_leader"), place(session, world, "state")
        table = table_of(FILE)
        asked = importing.kept(table, importing.prepare(session, reach, here, table, NOW), "x.csv")
        return jobs.begin(session, reach, here.id, "import", asked, NOW).id


def check(engine: Engine, job_id: uuid.UUID) -> str:
    """The state of the job; what there is fits to it, down to the last row."""
    with Session(engine) as session:
        state = session.get_one(Job, job_id).state
        made = session.scalar(select(func.count()).where(Organization.number.is_not(None)))
        invited = session.scalar(select(func.count()).select_from(Membership).where(Membership.accepted_at.is_(None)))
        mails = session.scalar(select(func.count()).where(Delivery.letter == "invitation_leader"))
        noted = session.scalar(select(func.count()).where(AuditEntry.action == "organization.created"))
        whole = session.scalar(select(func.count()).where(AuditEntry.action == "organization.imported"))
        if engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    expected = (ROWS, INVITED, INVITED, ROWS, 1) if state == "done" else (0, 0, 0, 0, 0)
    assert (made, invited, mails, noted, whole) == expected, state
    return state


@pytest.mark.parametrize(
    ("which", "kills"), [("sqlite_engine", 20), ("postgres_engine", 4)], ids=["sqlite", "postgresql"]
)
def test_an_import_is_done_once_or_not_at_all(
    which: str, kills: int, nursery: Nursery, request: pytest.FixtureRequest
) -> None:
    engine: Engine = request.getfixturevalue(which)
    job_id = begin(engine)
    nursery.begin(engine)
    start = time.monotonic()
    nursery.ended()
    takes = time.monotonic() - start
    assert check(engine, job_id) == "done"
    killed = in_the_middle = 0
    while killed < kills:
        job_id = begin(engine)
        for _ in range(5):
            worker = nursery.begin(engine)
            time.sleep(CHANCE.uniform(0, takes))
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(worker, signal.SIGKILL)
                killed += 1
            nursery.ended()
            if check(engine, job_id) == "done":
                break
            in_the_middle += 1
            forgive(engine, job_id)
        if check(engine, job_id) != "done":
            nursery.begin(engine)
            nursery.ended()
        assert check(engine, job_id) == "done"
    assert in_the_middle >= kills / 2


def forgive(engine: Engine, job_id: uuid.UUID) -> None:
    """On PostgreSQL the dead worker's lease ends; and a job that is killed this often has tries left."""
    let_leases_end(engine)
    with writing(engine) as session:
        session.get_one(Job, job_id).attempts = 1


def test_an_import_that_kills_its_worker_every_time_has_failed_and_done_nothing(
    sqlite_engine: Engine, nursery: Nursery
) -> None:
    job_id = begin(sqlite_engine)
    for _ in range(jobs.MOST_ATTEMPTS):
        os.kill(nursery.begin(sqlite_engine), signal.SIGKILL)
        nursery.ended()
    with writing(sqlite_engine) as session:
        jobs.take_back(session, NOW)
    assert check(sqlite_engine, job_id) == "failed"
    assert look(sqlite_engine, job_id).outcome == {"error": "stopped"}
