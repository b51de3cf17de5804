"""The outbox: documents as they were mailed, and one row for each mail to each recipient."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key


class Document(Base):
    """A Word file as it was made, byte for byte."""

    __tablename__ = "documents"

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    filename: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One mail to one recipient: queued → sending → sent, or failed.

    The letter is written when it is sent, in `language`, from `letter` (its name) and `details`. `dedup` makes
    a second queueing of the same thing impossible; `message_id` is fixed here, so a repeat is seen as one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="state"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
    )

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    dedup: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[str]
    recipient: Mapped[str]
    language: Mapped[str]
    letter: Mapped[str]
    details: Mapped[dict[str, Any]]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id"))
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    document: Mapped[Document | None] = relationship()


class MailQueue(Base):
    """One row: is the whole queue paused, because our own mail server does not take us? Until when, and why."""

    __tablename__ = "mail_queue"

    id: Mapped[int] = mapped_column(primary_key=True)
    paused_until: Mapped[datetime | None]
    pauses: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
