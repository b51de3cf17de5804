"""Long work that can be left and come back to: asked for, worked on in the background, its file fetched.

A job that was claimed carries a lease token, and whoever reports must show it. On PostgreSQL a lease ends by the
database's clock. On SQLite one process does long work, and `take_back` hands it what a dead one left.
A job is tried three times; then it has failed.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, defer

from partnerforms.models import Job, JobChunk
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.deliveries import clock

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
KEPT = timedelta(hours=24)  # files of jobs that ended, and previews that nobody approved
STATES = ("previewed", "queued", "running", "done", "failed")

# A job's page asks again and again: what was asked for, perhaps thousands of rows, is read by the worker alone.
_LIGHT = (defer(Job.asked, raiseload=True),)


_FREE: dict[str, Any] = {"lease_token": None, "lease_until": None}


class LostLeaseError(Exception):
    """Somebody else has the job now, or it is gone: stop working on it."""


def begin(
    session: Session,
    reach: Reach,
    organization_id: uuid.UUID,
    kind: str,
    asked: dict[str, Any],
    now: datetime,
    *,
    preview: bool = False,
    outcome: dict[str, Any] | None = None,
) -> Job:
    """A new job of the person; with `preview` it waits for `approve`. The caller has checked that it may be."""
    job = Job(
        organization_id=organization_id,
        person_id=reach.person.id,
        kind=kind,
        state="previewed" if preview else "queued",
        asked=asked,
        outcome=outcome or {},
        created_at=now,
    )
    session.add(job)
    session.flush()
    return job


def find(session: Session, reach: Reach, job_id: uuid.UUID) -> Job:
    """A job that the person began, where the person still sees the organization."""
    job = session.get(Job, job_id, options=_LIGHT)
    if job is None or job.person_id != reach.person.id:
        raise NotThereError
    reach.require("see", job.organization_id)
    return job


def of_person(session: Session, reach: Reach, limit: int = 20) -> list[Job]:
    """The jobs that the person began, the latest first, without what was asked and what came of it."""
    query = select(Job).options(*_LIGHT, defer(Job.outcome, raiseload=True))
    query = query.where(Job.person_id == reach.person.id, Job.organization_id.in_(reach.where("see")))
    return list(session.scalars(query.order_by(Job.created_at.desc(), Job.id).limit(limit)))


def approve(session: Session, job: Job) -> bool:
    """Let a previewed job run; False when it does not wait for that (any more)."""
    waiting = update(Job).where(Job.id == job.id, Job.state == "previewed")
    waiting = waiting.values(state="queued").returning(Job.id).execution_options(synchronize_session=False)
    changed = session.execute(waiting).one_or_none()
    session.refresh(job, ["state"])
    return changed is not None


def drop(session: Session, job: Job) -> None:
    """Forget a job and its file. If it runs, its worker finds out when it reports."""
    session.execute(select(Job.id).where(Job.id == job.id).with_for_update())  # its worker cannot add to it now
    session.execute(delete(JobChunk).where(JobChunk.job_id == job.id))
    session.execute(delete(Job).where(Job.id == job.id).execution_options(synchronize_session=False))
    session.expunge(job)


def claim(session: Session, now: datetime) -> Job | None:
    """Take the job that waits longest. What an earlier try wrote is gone."""
    now = clock(session, now)
    if session.get_bind().dialect.name == "postgresql":
        _take_back(session, now)
    first = (
        select(Job.id)
        .where(Job.state == "queued")
        .order_by(Job.created_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=Job)
        .scalar_subquery()
    )
    claimed = session.execute(
        update(Job)
        .where(Job.id == first)
        .values(
            state="running",
            attempts=Job.attempts + 1,
            done=0,
            total=0,
            size=0,
            lease_token=uuid.uuid4().hex,
            lease_until=now + LEASE,
        )
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if claimed is None:
        return None
    session.execute(delete(JobChunk).where(JobChunk.job_id == claimed))
    return session.get_one(Job, claimed, populate_existing=True)


def take_back(session: Session, now: datetime) -> None:
    """Queue again what dead workers left. On SQLite all of it, so only the one worker may."""
    _take_back(session, clock(session, now))


def _take_back(session: Session, now: datetime) -> None:
    left = [Job.state == "running"]
    if session.get_bind().dialect.name == "postgresql":
        left.append(Job.lease_until < now)
    again = update(Job).where(*left, Job.attempts < MOST_ATTEMPTS).values(state="queued", **_FREE)
    session.execute(again.execution_options(synchronize_session=False))
    never = update(Job).where(*left, Job.attempts >= MOST_ATTEMPTS)
    never = never.values(state="failed", outcome={"error": "stopped"}, finished_at=now, asked={}, **_FREE)
    session.execute(never.execution_options(synchronize_session=False))


def give_back(session: Session, job_id: uuid.UUID, lease_token: str, now: datetime) -> None:
    """Let somebody try again at once, unless this was the last try. LostLeaseError when the job is not ours."""
    ours = session.get(Job, job_id, populate_existing=True)
    if ours is not None and ours.attempts >= MOST_ATTEMPTS:
        finish(session, job_id, lease_token, now, {"error": "stopped"}, error=True)
    else:
        _settle(session, job_id, lease_token, {"state": "queued", **_FREE})


def report(session: Session, job_id: uuid.UUID, lease_token: str, now: datetime, **values: Any) -> None:
    """Say how far the job is (`done`, `total`, `size` …) and keep the lease. LostLeaseError when it is not ours."""
    _settle(session, job_id, lease_token, values | {"lease_until": clock(session, now) + LEASE})


def finish(
    session: Session, job_id: uuid.UUID, lease_token: str, now: datetime, outcome: dict[str, Any], error: bool = False
) -> None:
    """The job is done, or has failed for good; what was asked for, perhaps a list of people, goes. In the transaction
    that holds its work, both stand or fall."""
    ended = {"state": "failed" if error else "done", "outcome": outcome, "finished_at": now, "asked": {}}
    _settle(session, job_id, lease_token, ended | _FREE)


def _settle(session: Session, job_id: uuid.UUID, lease_token: str, values: dict[str, Any]) -> None:
    settled = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.lease_token == lease_token)
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if settled.one_or_none() is None:
        raise LostLeaseError


def chunk(session: Session, job_id: uuid.UUID, number: int) -> bytes | None:
    """One piece of a job's file, the first is 0; None after the last."""
    query = select(JobChunk.content).where(JobChunk.job_id == job_id, JobChunk.number == number)
    return session.scalar(query)


def forget_old(session: Session, now: datetime) -> None:
    """Jobs go a day after they ended, previews a day after they were made, and their files with them."""
    ended = func.coalesce(Job.finished_at, Job.created_at)
    old = select(Job.id).where(ended < now - KEPT, Job.state.not_in(("queued", "running")))
    session.execute(delete(JobChunk).where(JobChunk.job_id.in_(old)))
    session.execute(delete(Job).where(Job.id.in_(old)).execution_options(synchronize_session=False))
