"""Long work: what was asked for, how far it is, and the file that came of it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.organizations import Organization, Person


class Job(Base):
    """One piece of long work: previewed (waits for a yes) → queued → running → done or failed.

    `asked` is what it works on, `outcome` what there is to tell of it. A file it makes is in chunks, in order.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('previewed', 'queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_jobs_state_created_at", "state", "created_at"),
    )

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    state: Mapped[str]
    asked: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any]]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    filename: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()
    person: Mapped[Person] = relationship()


class JobChunk(Base):
    """A piece of the file a job made."""

    __tablename__ = "job_chunks"

    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]
