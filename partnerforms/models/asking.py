"""Ways to the people besides an open address: personal invitations, and answers that came on paper."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.surveys import SurveyLink


class Invitation(Base):
    """A one-use address of a survey, mailed to one person. `used` shares no key, order or time with the answers.

    The address is erased when its person says stop, and some time after the survey has closed. The table is kept
    in the order of a random key, for the same reason as responses are. `digest` is of the code in the mail.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("link_id", "address"),
        CheckConstraint("reminders >= 0", name="reminders"),
        {"sqlite_with_rowid": False},
    )

    digest: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_links.id"), index=True)
    address: Mapped[str | None]
    language: Mapped[str]
    sealed_code: Mapped[str | None]
    used: Mapped[bool] = mapped_column(default=False)
    reminders: Mapped[int] = mapped_column(default=0)

    link: Mapped[SurveyLink] = relationship()


class Stop(Base):
    """Somebody who wants no more invitations from an organization or any below it, known by a digest only."""

    __tablename__ = "stops"

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    address_digest: Mapped[str] = mapped_column(index=True)


class PaperBatch(Base):
    """A pile of paper forms, numbered on the paper, that members type in. Finished, its sheets become responses."""

    __tablename__ = "paper_batches"
    __table_args__ = (UniqueConstraint("link_id", "number"),)

    id: Mapped[Key]
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_links.id"))
    number: Mapped[int]
    language: Mapped[str]
    sheets: Mapped[int]
    twice: Mapped[bool]
    started_on: Mapped[date]
    finished_on: Mapped[date | None]

    link: Mapped[SurveyLink] = relationship()


class PaperSheet(Base):
    """One sheet of a pile as somebody typed it: `entry` 1, and 2 where all is typed twice and compared."""

    __tablename__ = "paper_sheets"
    __table_args__ = (
        UniqueConstraint("batch_id", "number", "entry"),
        CheckConstraint("entry IN (1, 2)", name="entry"),
        Index("ix_paper_sheets_person_id", "person_id"),
    )

    id: Mapped[Key]
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("paper_batches.id"))
    number: Mapped[int]
    entry: Mapped[int]
    answers: Mapped[dict[str, Any]]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
