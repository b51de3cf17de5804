"""Surveys, their links, and answers that nobody can trace."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partnerforms.models.base import Base, Key
from partnerforms.models.organizations import Organization
from partnerforms.models.records import InstrumentVersion


class Survey(Base):
    """Responsibility instruments opened by one organization from a day to a day, both included."""

    __tablename__ = "surveys"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="dates"),)

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    title: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    closed_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship()
    links: Mapped[list["SurveyLink"]] = relationship(back_populates="survey", order_by="SurveyLink.audience")


class SurveyLink(Base):
    """The address of a survey for one audience. `delivery` says how answer sheets reach coordinators:
    each as it arrives, in batches of at least the minimum n, or at close."""

    __tablename__ = "survey_links"
    __table_args__ = (
        UniqueConstraint("survey_id", "audience"),
        CheckConstraint("delivery IN ('each', 'batches', 'at_close')", name="delivery"),
    )

    id: Mapped[Key]
    survey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveys.id"))
    audience: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    instrument_digest: Mapped[str] = mapped_column(ForeignKey("instrument_versions.digest"))
    delivery: Mapped[str]

    survey: Mapped[Survey] = relationship(back_populates="links")
    version: Mapped[InstrumentVersion] = relationship()


class Response(Base):
    """One respondent's answers. Holds no time finer than the day, no address, and no order of arrival.

    The key is random, and SQLite keeps the table in the order of the key: without `WITHOUT ROWID` a hidden
    row number would tell who answered first. `batch` says with which others its sheet was mailed: 0 with none,
    None not yet.
    """

    __tablename__ = "responses"
    __table_args__ = (
        Index("ix_responses_link_id_batch", "link_id", "batch"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_links.id"), index=True)
    day: Mapped[date]
    language: Mapped[str]
    answers: Mapped[dict[str, Any]]
    batch: Mapped[int | None]
