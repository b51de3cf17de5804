"""Translations that an organization has made or mended: they hold there and below."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partnerforms.models.base import Base, Key


class Translation(Base):
    """One language of one organization. `draft` was uploaded and can be looked at; `published` is in use.

    Both are {key: [English, text]}, with the keys of the file that is downloaded and the English that a text was
    made from. A language that the program does not have brings its own name, direction and the locale that lends it
    dates and amounts. `reviewed_by` is a name and a day.
    """

    __tablename__ = "translations"
    __table_args__ = (
        UniqueConstraint("organization_id", "language"),
        CheckConstraint("direction IN ('ltr', 'rtl')", name="direction"),
    )

    id: Mapped[Key]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    language: Mapped[str]
    name: Mapped[str]
    direction: Mapped[str]
    locale: Mapped[str]
    reviewed_by: Mapped[str] = mapped_column(default="")
    draft: Mapped[dict[str, Any] | None]
    published: Mapped[dict[str, Any] | None]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
