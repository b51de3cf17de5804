"""Jobs for tests: somebody who begins them, workers that do them, and leases that end without waiting."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from outbox_helpers import writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.longwork import Kind, LongWork
from partnerforms.models import Job, JobChunk, Membership, Organization, Person
from partnerforms.services import access, jobs
from partnerforms.services.tools import Tools

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def put_leader(session: Session, name: str = "chair") -> access.Reach:
    """The leader of a school."""
    school = Organization(level="school", name=f"School of {name}")
    person = Person(address=f"{name}@example.org", name=name, language="en")
    person.memberships = [Membership(organization=school, role="leader", accepted_at=NOW)]
    session.add(person)
    session.flush()
    return access.reach(session, person)


def put_job(engine: Engine, kind: str = "x", name: str = "", now: datetime = NOW, **more: Any) -> uuid.UUID:
    """A job of somebody new."""
    with writing(engine) as session:
        reach = put_leader(session, name or uuid.uuid4().hex)
        asked = more.pop("asked", {})
        return jobs.begin(session, reach, reach.where("run")[0], kind, asked, now, **more).id


def look(engine: Engine, job_id: uuid.UUID) -> Job:
    """The job as it is in the database now."""
    with Session(engine, expire_on_commit=False) as session:
        return session.get_one(Job, job_id)


def file_of(engine: Engine, job_id: uuid.UUID) -> bytes:
    with Session(engine) as session:
        query = select(JobChunk.content).where(JobChunk.job_id == job_id).order_by(JobChunk.number)
        return b"".join(session.scalars(query))


def claim(engine: Engine, now: datetime = NOW) -> Job | None:
    with writing(engine) as session:
        return jobs.claim(session, now)


def let_leases_end(engine: Engine) -> None:
    """Works with the database's clock too."""
    with writing(engine) as session:
        for job in session.scalars(select(Job)):
            if job.lease_until:
                job.lease_until -= timedelta(minutes=3)


def worker(engine: Engine, **kinds: Kind) -> LongWork:
    """A worker whose clock stands still."""
    tools: Tools = None  # type: ignore[assignment]  # these kinds need none
    return LongWork(engine, tools, kinds, clock=lambda: NOW)
