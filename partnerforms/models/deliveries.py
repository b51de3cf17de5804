"""The outbox: documents as they were mailed, and one row for each mail to each recipient."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key


class Document(Base):
    """A Word file as it was made, byte for byte. With `survey_id` it holds raw answers, and goes when they go."""

    __tablename__ = "documents"

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    survey_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("surveys.id"), index=True)
    filename: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One mail to one recipient: queued → sending → sent, or failed; held while it must not go out yet.

    The letter is written when it is sent, in `language`, from `letter` (its name) and `details`. `dedup` makes
    a second queueing of the same thing impossible; `message_id` is fixed here, so a repeat is seen as one.
    `held_for` is "invited" until the recipient accepts the membership, "paused" until somebody ends the pause.
    `cause` is whose doing it is, a person or a survey link: nobody can flood another's mailbox.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'queued', 'sending', 'sent', 'failed')", name="state"),
        CheckConstraint("held_for IN ('invited', 'paused')", name="held_for"),
        Index("ix_deliveries_recipient_created_at", "recipient", "created_at"),
        Index("ix_deliveries_cause_created_at", "cause", "created_at"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
        Index("ix_deliveries_organization_id_state", "organization_id", "state"),
    )

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id"))
    dedup: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[str]
    recipient: Mapped[str]
    language: Mapped[str]
    letter: Mapped[str]
    details: Mapped[dict[str, Any]]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id"), index=True)
    membership_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("memberships.id"), index=True)
    cause: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="queued")
    held_for: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    document: Mapped[Document | None] = relationship()


class DeliveryRule(Base):
    """What a coordinator does not want as it comes: documents of an instrument are held, or never sent."""

    __tablename__ = "delivery_rules"
    __table_args__ = (
        UniqueConstraint("membership_id", "instrument"),
        CheckConstraint("rule IN ('hold', 'never')", name="rule"),
    )

    id: Mapped[Key]
    membership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("memberships.id"))
    instrument: Mapped[str]
    rule: Mapped[str]


class MailQueue(Base):
    """One row: is the whole queue paused, because our own mail server does not take us? Until when, and why."""

    __tablename__ = "mail_queue"

    id: Mapped[int] = mapped_column(primary_key=True)
    paused_until: Mapped[datetime | None]
    pauses: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
