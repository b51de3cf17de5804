"""Organizations as a tree, the people in them, and how a person is signed in."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key


class Organization(Base):
    """A state, a district or a school. A setting that is None is taken from the organization above."""

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

    parent: Mapped["Organization | None"] = relationship(remote_side="Organization.id")


class Person(Base):
    """An account. `address` is in lower case; mail goes out in `language`."""

    __tablename__ = "people"

    id: Mapped[Key]
    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")

    memberships: Mapped[list["Membership"]] = relationship(back_populates="person")


class Membership(Base):
    """What a person is in an organization: leader (runs it, sees below), member (fills), coordinator (receives)."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("person_id", "organization_id", "role"),
        CheckConstraint("role IN ('leader', 'member', 'coordinator')", name="role"),
    )

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[str]

    person: Mapped[Person] = relationship(back_populates="memberships")
    organization: Mapped[Organization] = relationship()


class SignInCode(Base):
    """A code that was handed out, as a digest. `reusable` codes exist only in a demo."""

    __tablename__ = "sign_in_codes"

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    reusable: Mapped[bool] = mapped_column(default=False)


class SignInSession(Base):
    """Somebody who is signed in. Only the digest of the cookie is kept."""

    __tablename__ = "sign_in_sessions"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
