"""Jobs as rows: claimed once, given back, lost, tried three times, forgotten; on both databases."""

import threading
from datetime import timedelta

import pytest
from job_helpers import NOW, claim, file_of, let_leases_end, look, put_job, put_leader
from outbox_helpers import writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.models import Job, JobChunk
from partnerforms.services import jobs
from partnerforms.services.access import NotThereError, Reach

HOUR = timedelta(hours=1)


def take_back(engine: Engine) -> None:
    with writing(engine) as session:
        jobs.take_back(session, NOW)


def test_the_oldest_job_is_claimed_once(engine: Engine) -> None:
    late, early = put_job(engine), put_job(engine, now=NOW - HOUR)
    put_job(engine, now=NOW - 2 * HOUR, preview=True)
    first, second = claim(engine), claim(engine)
    assert first is not None
    assert second is not None
    assert (first.id, second.id) == (early, late)
    assert (first.state, first.attempts) == ("running", 1)
    assert first.lease_token != second.lease_token
    assert claim(engine) is None


def test_what_an_earlier_try_wrote_is_gone(engine: Engine) -> None:
    job_id = put_job(engine)
    claim(engine)
    with writing(engine) as session:
        session.add(JobChunk(job_id=job_id, number=0, content=b"half"))
        session.get_one(Job, job_id).size = 4
    let_leases_end(engine)
    take_back(engine)
    claimed = claim(engine)
    assert claimed is not None
    assert (claimed.attempts, claimed.size, claimed.done) == (2, 0, 0)
    assert file_of(engine, job_id) == b""


def test_a_lease_that_is_over_is_taken_back_and_the_old_worker_finds_out(engine: Engine) -> None:
    put_job(engine)
    old = claim(engine)
    assert old is not None
    assert old.lease_token
    let_leases_end(engine)
    take_back(engine)
    new = claim(engine)
    assert new is not None
    assert new.id == old.id
    for use in (
        lambda session: jobs.report(session, old.id, old.lease_token, NOW, done=1),
        lambda session: jobs.finish(session, old.id, old.lease_token, NOW, {}),
        lambda session: jobs.give_back(session, old.id, old.lease_token, NOW),
    ):
        with writing(engine) as session, pytest.raises(jobs.LostLeaseError):
            use(session)
    assert look(engine, old.id).lease_token == new.lease_token


def test_postgresql_goes_by_its_own_clock_and_gives_away_what_is_over(postgres_engine: Engine) -> None:
    job_id = put_job(postgres_engine)
    claim(postgres_engine)
    assert claim(postgres_engine, NOW + timedelta(days=3650)) is None  # a worker whose clock is wrong steals nothing
    let_leases_end(postgres_engine)
    again = claim(postgres_engine)
    assert again is not None
    assert (again.id, again.attempts) == (job_id, 2)


def test_a_report_keeps_the_lease(postgres_engine: Engine) -> None:
    put_job(postgres_engine)
    job = claim(postgres_engine)
    assert job is not None
    let_leases_end(postgres_engine)
    with writing(postgres_engine) as session:
        jobs.report(session, job.id, job.lease_token or "", NOW, done=3, total=9)
    assert claim(postgres_engine) is None
    assert (look(postgres_engine, job.id).done, look(postgres_engine, job.id).total) == (3, 9)


@pytest.mark.parametrize("how", ["killed", "given back"])
def test_a_job_is_tried_three_times(engine: Engine, how: str) -> None:
    job_id = put_job(engine)
    for _ in range(jobs.MOST_ATTEMPTS):
        job = claim(engine)
        assert job is not None
        if how == "killed":
            let_leases_end(engine)
            take_back(engine)
        else:
            with writing(engine) as session:
                jobs.give_back(session, job.id, job.lease_token or "", NOW)
    assert claim(engine) is None
    failed = look(engine, job_id)
    assert (failed.state, failed.outcome, failed.attempts) == ("failed", {"error": "stopped"}, 3)
    assert failed.finished_at
    assert failed.lease_token is None


def test_many_workers_of_postgresql_claim_every_job_once(postgres_engine: Engine) -> None:
    wanted = {put_job(postgres_engine) for _ in range(30)}
    claimed = []

    def work() -> None:
        while (job := claim(postgres_engine)) is not None or len(claimed) < len(wanted):
            if job is not None:
                claimed.append(job.id)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(claimed) == len(wanted)
    assert set(claimed) == wanted


def test_two_workers_of_postgresql_do_not_wait_for_each_other(postgres_engine: Engine) -> None:
    put_job(postgres_engine)
    put_job(postgres_engine)
    with Session(postgres_engine) as one, Session(postgres_engine) as two:
        first, second = jobs.claim(one, NOW), jobs.claim(two, NOW)
        assert first is not None
        assert second is not None
        assert first.id != second.id
        assert jobs.claim(two, NOW) is None


def test_a_preview_is_approved_once(engine: Engine) -> None:
    job_id = put_job(engine, preview=True)
    with writing(engine) as session:
        job = session.get_one(Job, job_id)
        assert jobs.approve(session, job)
        assert job.state == "queued"
        assert not jobs.approve(session, job)
    claim(engine)
    with writing(engine) as session:
        assert not jobs.approve(session, session.get_one(Job, job_id))
    assert look(engine, job_id).state == "running"


def test_only_who_began_a_job_finds_it_and_only_while_the_organization_is_seen(engine: Engine) -> None:
    with writing(engine) as session:
        ours, theirs = put_leader(session, "one"), put_leader(session, "two")
        job = jobs.begin(session, ours, ours.where("see")[0], "x", {"much": "text"}, NOW)
        blind = Reach(ours.person, {})
    with Session(engine) as session:
        assert jobs.find(session, ours, job.id).id == job.id
        assert [one.id for one in jobs.of_person(session, ours)] == [job.id]
        for reach in (theirs, blind):
            assert jobs.of_person(session, reach) == []
            with pytest.raises(NotThereError):
                jobs.find(session, reach, job.id)


def test_a_dropped_job_is_gone_and_its_worker_finds_out(engine: Engine) -> None:
    job_id = put_job(engine)
    claimed = claim(engine)
    assert claimed is not None
    with writing(engine) as session:
        session.add(JobChunk(job_id=job_id, number=0, content=b"half"))
    with writing(engine) as session:
        jobs.drop(session, session.get_one(Job, job_id))
    with writing(engine) as session, pytest.raises(jobs.LostLeaseError):
        jobs.report(session, job_id, claimed.lease_token or "", NOW, done=1)
    with Session(engine) as session:
        assert session.scalars(select(Job)).all() == []
        assert session.scalars(select(JobChunk)).all() == []


@pytest.mark.parametrize(
    ("state", "began", "ended", "stays"),
    [
        ("done", 30, 25, False), ("done", 30, 23, True), ("failed", 30, 25, False), ("failed", 48, 1, True),
        ("previewed", 25, None, False), ("previewed", 23, None, True),
        ("queued", 200, None, True), ("running", 200, None, True),
    ],
)  # fmt: skip
def test_old_jobs_and_their_files_are_forgotten(
    state: str, began: int, ended: int | None, stays: bool, engine: Engine
) -> None:
    job_id = put_job(engine, now=NOW - began * HOUR)
    with writing(engine) as session:
        job = session.get_one(Job, job_id)
        job.state, job.finished_at = state, NOW - ended * HOUR if ended else None
        session.add(JobChunk(job_id=job_id, number=0, content=b"PK"))
    with writing(engine) as session:
        jobs.forget_old(session, NOW)
    with Session(engine) as session:
        assert len(session.scalars(select(Job)).all()) == stays
        assert len(session.scalars(select(JobChunk)).all()) == stays
