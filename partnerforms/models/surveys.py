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
    """Responsibility instruments opened by one organization from a day to a day, both included.

    `languages` are the codes of those it is offered in, as far as they are complete. `previous_id` is the survey of
    the year before that its results are compared with.
    """

    __tablename__ = "surveys"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="dates"),)

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    title: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    languages: Mapped[list[str]]
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("surveys.id"), index=True)

    organization: Mapped[Organization] = relationship()
    links: Mapped[list["SurveyLink"]] = relationship(back_populates="survey", order_by="SurveyLink.audience")


class SurveyLink(Base):
    """The address of a survey for one audience of one organization: whoever opened it, or one below.

    `delivery` says how answer sheets reach the coordinators there: each as it arrives, in batches of at least the
    minimum n, or at close. `minimum_n` is what respondents were told when the survey was opened; it never goes down.
    `people` is how many were asked, counted in families, students or staff, when somebody has entered it.
    """

    __tablename__ = "survey_links"
    __table_args__ = (
        UniqueConstraint("survey_id", "organization_id", "audience"),
        CheckConstraint("delivery IN ('each', 'batches', 'at_close')", name="delivery"),
        CheckConstraint("minimum_n >= 5", name="minimum_n"),
        CheckConstraint("people > 0", name="people"),
    )

    id: Mapped[Key]
    survey_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveys.id"))
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    audience: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    instrument_digest: Mapped[str] = mapped_column(ForeignKey("instrument_versions.digest"))
    delivery: Mapped[str]
    minimum_n: Mapped[int]
    people: Mapped[int | None]

    survey: Mapped[Survey] = relationship(back_populates="links")
    organization: Mapped[Organization] = relationship()
    version: Mapped[InstrumentVersion] = relationship()


class Response(Base):
    """One respondent's answers. Holds no time finer than the day, no address, and no order of arrival.

    The key is random, and SQLite keeps the table in the order of the key: without `WITHOUT ROWID` a hidden
    row number would tell who answered first. `batch` says with which others its sheet was mailed: 0 with none,
    None not yet. `counted_in` is the number of the publication whose results it is part of, None not yet.
    `set_aside` says why a person should look before it counts; such a response is neither mailed nor counted.
    """

    __tablename__ = "responses"
    __table_args__ = (
        Index("ix_responses_link_id_batch", "link_id", "batch"),
        CheckConstraint("channel IN ('link', 'kiosk', 'paper', 'invitation')", name="channel"),
        CheckConstraint("set_aside IN ('hidden_field', 'too_fast', 'too_many', 'refused')", name="set_aside"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_links.id"), index=True)
    day: Mapped[date]
    language: Mapped[str]
    channel: Mapped[str] = mapped_column(default="link")
    answers: Mapped[dict[str, Any]]
    batch: Mapped[int | None]
    set_aside: Mapped[str | None]
    counted_in: Mapped[int | None]
