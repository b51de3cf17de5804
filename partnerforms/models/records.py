"""Named forms that members fill, every submission of them, and the instruments as they were asked."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.deliveries import Document
from partnerforms.models.organizations import Organization, Person


class InstrumentVersion(Base):
    """An instrument in all its languages as it was on a day (`engine.library.freeze`). Never changes."""

    __tablename__ = "instrument_versions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str]
    version: Mapped[int]
    frozen: Mapped[str]


class Record(Base):
    """An inventory, a role check or a plan of one organization.

    `draft` is raw input, kept as typed, even where it is not yet right; None when nothing has been changed
    since the last submission. `draft_version` goes up with every save, so that two people see each other.
    """

    __tablename__ = "records"
    __table_args__ = (CheckConstraint("state IN ('draft', 'submitted')", name="state"),)

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    instrument: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    draft: Mapped[dict[str, Any]]
    draft_version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship()
    revisions: Mapped[list["Revision"]] = relationship(back_populates="record", order_by="Revision.number.desc()")


class Revision(Base):
    """One submission of a record: the answers, the instrument they answer, and the document. Stays."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("record_id", "number"),)

    id: Mapped[Key]
    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("records.id"))
    number: Mapped[int]
    instrument_digest: Mapped[str] = mapped_column(ForeignKey("instrument_versions.digest"))
    answers: Mapped[dict[str, Any]]
    submitted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    submitted_at: Mapped[datetime]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id"), index=True)

    record: Mapped[Record] = relationship(back_populates="revisions")
    document: Mapped[Document] = relationship()
    person: Mapped[Person] = relationship()


class DraftChange(Base):
    """What one save changed in a draft: the version it made, and what stood there before.

    `before` has the raw input by item or repeating section, None where there was none. `moved` says that entries
    of a repeating section were moved or removed, so that their numbers mean others than before.
    """

    __tablename__ = "draft_changes"
    __table_args__ = (UniqueConstraint("record_id", "version"),)

    id: Mapped[Key]
    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("records.id"))
    version: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    moved: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()


class OwnTemplate(Base):
    """A Word template that an organization uploaded for an instrument. In use from `used_from` until `used_until`."""

    __tablename__ = "own_templates"

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    instrument: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    uploaded_at: Mapped[datetime]
    used_from: Mapped[datetime | None]
    used_until: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()
    person: Mapped[Person] = relationship()
