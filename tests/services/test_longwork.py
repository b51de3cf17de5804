"""The worker of long work: its progress, its file, its transaction, and whatever goes wrong in the middle."""

import threading
from typing import Any

import pytest
from job_helpers import claim, file_of, let_leases_end, look, put_job, worker
from outbox_helpers import writing
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from partnerforms.longwork import CHUNK, CannotBeDoneError, Work
from partnerforms.models import Job, JobChunk, Organization
from partnerforms.services import jobs


def names(engine: Engine) -> set[str]:
    with Session(engine) as session:
        return set(session.scalars(select(Organization.name).where(Organization.name.like("made%"))))


def make(session: Session, name: str) -> None:
    session.add(Organization(level="state", name=f"made {name}"))
    session.flush()


def test_nothing_to_do(engine: Engine) -> None:
    assert not worker(engine).run_once()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_comes_out_as_it_went_in_and_in_pieces(engine: Engine, size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    def write(work: Work) -> None:
        work.report(0, 7)
        for start in range(0, size, 100_000):
            work.write(content[start : start + 100_000])
        work.report(7, 7)
        work.close_file("x.zip")

    job_id = put_job(engine)
    assert worker(engine, x=write).run_once()
    done = look(engine, job_id)
    assert (done.state, done.filename, done.size, done.done, done.total) == ("done", "x.zip", size, 7, 7)
    assert file_of(engine, job_id) == content
    with Session(engine) as session:
        pieces = [len(piece) for piece in session.scalars(select(JobChunk.content))]
        assert jobs.chunk(session, job_id, len(pieces)) is None
    assert max(pieces, default=0) <= CHUNK


def test_changes_and_done_are_one_commit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(work: Work) -> None:
        with work.writing() as session:
            make(session, "it")
            work.finish({"made": 1}, session=session)
            with Session(engine) as other:  # nobody sees the one without the other
                assert other.get_one(Job, work.id).state == "running"

    job_id = put_job(engine)
    worker(engine, x=change).run_once()
    assert (look(engine, job_id).state, look(engine, job_id).outcome) == ("done", {"made": 1})
    assert names(engine) == {"made it"}


def failing(error: Exception) -> Any:
    def fail(work: Work) -> None:
        with work.writing() as session:
            make(session, "half")
            raise error

    return fail


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (CannotBeDoneError(error="rows", bad=[1, 2]), {"error": "rows", "bad": [1, 2]}),
        (ZeroDivisionError("secret words"), {"error": "unforeseen"}),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    error: Exception, outcome: dict[str, Any], engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = put_job(engine)
    assert worker(engine, x=failing(error)).run_once()
    failed = look(engine, job_id)
    assert (failed.state, failed.outcome) == ("failed", outcome)
    assert failed.finished_at
    assert names(engine) == set()
    assert "secret" not in caplog.text


def test_a_kind_that_nobody_knows_fails(engine: Engine) -> None:
    job_id = put_job(engine, "juggling")
    assert worker(engine).run_once()
    assert look(engine, job_id).outcome == {"error": "unforeseen"}


def test_a_database_that_is_away_in_the_middle_means_another_try(engine: Engine) -> None:
    away = OperationalError("", {}, Exception("gone"))
    tries: list[Exception | None] = [away, TimeoutError("no lock"), None]

    def change(work: Work) -> None:
        with work.writing() as session:
            make(session, "once")
            if error := tries.pop(0):
                raise error
            work.finish({}, session=session)

    job_id = put_job(engine)
    for _ in range(2):
        with pytest.raises((OperationalError, TimeoutError)):  # `run` waits a little then
            worker(engine, x=change).run_once()
        assert look(engine, job_id).state == "queued"
    worker(engine, x=change).run_once()
    assert (look(engine, job_id).state, look(engine, job_id).attempts) == ("done", 3)
    assert names(engine) == {"made once"}


def test_a_commit_that_fails_has_not_finished_the_job(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, failing = Session.commit, [True]

    def maybe(session: Session) -> None:
        if failing and session.get_one(Job, job_id).state == "done":
            failing.clear()
            raise OperationalError("", {}, Exception("disk full"))
        commit(session)

    def change(work: Work) -> None:
        with work.writing() as session:
            make(session, "it")
            work.finish({}, session=session)

    job_id = put_job(engine)
    monkeypatch.setattr(Session, "commit", maybe)
    with pytest.raises(OperationalError):
        worker(engine, x=change).run_once()
    assert (look(engine, job_id).state, names(engine)) == ("queued", set())
    worker(engine, x=change).run_once()
    assert (look(engine, job_id).state, names(engine)) == ("done", {"made it"})


@pytest.mark.parametrize("step", ["report", "write", "close", "finish", "fail", "away"])
def test_who_has_lost_the_lease_changes_nothing(engine: Engine, step: str) -> None:
    def lose(work: Work) -> None:
        let_leases_end(engine)
        with writing(engine) as session:
            jobs.take_back(session, work.now())
        other = claim(engine)  # another worker has it, and has written
        with writing(engine) as session:
            session.add(JobChunk(job_id=work.id, number=0, content=b"theirs"))
        assert other is not None
        if step == "report":
            work.report(1, 2)
        elif step == "write":
            work.write(b"x" * CHUNK)
        elif step == "close":
            work.write(b"x")
            work.close_file("x.zip")
        elif step == "finish":
            with work.writing() as session:
                make(session, "twice")
                work.finish({}, session=session)
        elif step == "away":
            raise TimeoutError
        raise ZeroDivisionError

    job_id = put_job(engine)
    assert worker(engine, x=lose).run_once()
    assert (look(engine, job_id).state, look(engine, job_id).attempts) == ("running", 2)
    assert file_of(engine, job_id) == b"theirs"
    assert names(engine) == set()


def test_a_job_dropped_while_it_runs_stops(engine: Engine) -> None:
    def drop(work: Work) -> None:
        with writing(engine) as session:
            jobs.drop(session, session.get_one(Job, work.id))
        work.write(b"x" * CHUNK)
        raise AssertionError("it went on")

    put_job(engine)
    assert worker(engine, x=drop).run_once()
    with Session(engine) as session:
        assert session.scalars(select(Job)).all() == []


def test_a_new_worker_takes_up_what_a_dead_one_left(sqlite_engine: Engine) -> None:
    job_id = put_job(sqlite_engine)
    claim(sqlite_engine)  # by somebody who died
    stop = threading.Event()

    def work(_work: Work) -> None:
        stop.set()

    thread = threading.Thread(target=worker(sqlite_engine, x=work).run, args=(stop,))
    thread.start()
    thread.join(20)
    assert (look(sqlite_engine, job_id).state, look(sqlite_engine, job_id).attempts) == ("done", 2)
