"""What a survey has shown: counts that stay as they were published, comments, and what was told to the people."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.surveys import Survey


class Publication(Base):
    """One time that results of a survey were frozen: at each close. What it counted is never counted again.

    `mailed_at` is None until its reports and the sheets that left with it have been queued for every place.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("survey_id", "number"),)

    id: Mapped[Key]
    survey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveys.id"))
    number: Mapped[int]
    published_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]

    survey: Mapped[Survey] = relationship()


class ResultGroup(Base):
    """What a place shows of an audience in a publication: the sum of groups that never get smaller than the minimum n
    (`engine.disclosure`), of those that count there and of those below.

    `n` is how many people it is; `items` has for each item {"answered": int, "unsure": int, "counts": {option: int}},
    and only items whose own groups are large enough.
    """

    __tablename__ = "result_groups"
    __table_args__ = (
        UniqueConstraint("publication_id", "organization_id", "audience"),
        Index("ix_result_groups_organization_id", "organization_id"),
    )

    id: Mapped[Key]
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    audience: Mapped[str]
    n: Mapped[int]
    items: Mapped[dict[str, Any]]

    publication: Mapped[Publication] = relationship()


class Comment(Base):
    """What somebody of a group wrote, apart from everything else they said. A person reads it before it is shown.

    The key is random and orders the table, so nothing tells which comments came from one person or came first.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_publication_id", "publication_id"),
        CheckConstraint("state IN ('waiting', 'released', 'withheld')", name="state"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publications.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    audience: Mapped[str]
    item: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")


class FollowUp(Base):
    """What an organization tells the people after a survey: what it will do, in one language."""

    __tablename__ = "follow_ups"
    __table_args__ = (UniqueConstraint("survey_id", "organization_id", "language"),)

    id: Mapped[Key]
    survey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveys.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    language: Mapped[str]
    text: Mapped[str]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
