"""Organizations as a tree, the people in them, and what they have asked of each other."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key


class Organization(Base):
    """A state, a district or a school. A setting that is None is taken from the organization above.

    `number` is its official one, by which a file of organizations finds it again. `school_year_start` is a month
    and a day (08-01); what begins with `keep_` counts months.
    """

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("level IN ('state', 'district', 'school')", name="level"),
        CheckConstraint("minimum_n IS NULL OR minimum_n >= 5", name="minimum_n"),
    )

    id: Mapped[Key]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    level: Mapped[str]
    name: Mapped[str]
    minimum_n: Mapped[int | None]
    logo: Mapped[bytes | None] = mapped_column(deferred=True)
    reply_address: Mapped[str | None]
    number: Mapped[str | None]
    archived_at: Mapped[datetime | None]
    time_zone: Mapped[str | None]
    school_year_start: Mapped[str | None]
    terms: Mapped[dict[str, Any] | None]
    keep_answers: Mapped[int | None]
    keep_drafts: Mapped[int | None]
    keep_mail: Mapped[int | None]
    keep_log: Mapped[int | None]

    parent: Mapped["Organization | None"] = relationship(remote_side="Organization.id")


class Person(Base):
    """An account. `address` is in lower case; mail goes out in `language`."""

    __tablename__ = "people"

    id: Mapped[Key]
    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")

    signed_in_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", foreign_keys="Membership.person_id"
    )


class Membership(Base):
    """What a person is in an organization: leader (runs it, sees below), member (fills), coordinator (receives).

    It is an invitation until the person accepts it; then the membership that it `replaces_id` ends. A coordinator
    with `from_below` also receives what comes from organizations below that have coordinators of their own.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("person_id", "organization_id", "role"),
        CheckConstraint("role IN ('leader', 'member', 'coordinator')", name="role"),
    )

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[str]
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    invited_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    from_below: Mapped[bool] = mapped_column(default=False)
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("memberships.id"))

    person: Mapped[Person] = relationship(back_populates="memberships", foreign_keys=person_id)
    organization: Mapped[Organization] = relationship()

    @property
    def called(self) -> str:
        """How others may call the person: by the address while invited only, for the name may be known elsewhere."""
        return self.person.name if self.accepted_at else self.person.address


class Assignment(Base):
    """A form that an organization asks those of the form's level at or below it to submit by a day.

    A record of that form counts when it was submitted on `since` or later.
    """

    __tablename__ = "assignments"
    __table_args__ = (CheckConstraint("due_on >= since", name="dates"),)

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    instrument: Mapped[str]
    title: Mapped[str]
    since: Mapped[date]
    due_on: Mapped[date]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()


class AuditEntry(Base):
    """Who did what, when, in which organization. Never an answer, a code or a token.

    The name is kept as it was then, and nothing points to the person's row: an entry outlives an account.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_organization_id_at", "organization_id", "at"),)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    organization_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id"))
    person_id: Mapped[uuid.UUID | None]
    person_name: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
