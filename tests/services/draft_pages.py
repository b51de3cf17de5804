"""Drafts for tests of services: two people, a record, and pages that remember what they have shown."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from partnerforms.engine.model import Paragraph, Repeat, Section, Table, Text
from partnerforms.engine.steps import Step
from partnerforms.models import Organization, Person, Record
from partnerforms.services.access import Reach
from partnerforms.services.records import drafts
from partnerforms.services.records.drafts import Place, Shown

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_STEPS = Table(id="steps", label="Steps", row="Step", most=9, columns=(Paragraph(id="what", label="What"),))
_ITEMS = (Text(id="name", label="Name"), Text(id="place", label="Place"), _STEPS)
PAGE = Place(Step("about", (Section("about", "About", _ITEMS),)))
GOALS = Step("goals", (Section("goals", "Goals", _ITEMS, repeat=Repeat("Goal", 4)),))


def make(session: Session, draft: dict[str, Any] | None = None) -> tuple[Record, list[Reach]]:
    """A record with a draft, and two people who may fill it."""
    school = Organization(level="school", name="Maple School")
    people = [Person(address=f"{name}@example.org", name=name.title()) for name in ("ana", "sam")]
    session.add_all([school, *people])
    session.flush()
    record = Record(
        organization_id=school.id,
        instrument="x",
        title="x",
        draft=draft or {},
        created_by=people[0].id,
        created_at=NOW,
        changed_at=NOW,
    )
    session.add(record)
    session.flush()
    return record, [Reach(person, {school.id: frozenset(("see", "fill"))}) for person in people]


class Open:
    """A page that somebody has open."""

    def __init__(self, session: Session, record: Record, reach: Reach, key: str, place: Place = PAGE) -> None:
        self.session, self.record, self.reach, self.place = session, record, reach, place
        self.shown = Shown(record.draft_version, key)
        self.typed = copy.deepcopy({item.id: place.read(record.draft).get(item.id, "") for item in place.step.items})

    def save(self, minutes: int = 0, **more: Any) -> drafts.Saved:
        """What pressing a button does; ConflictError when it asks."""
        return drafts.save_page(
            self.session,
            self.reach,
            self.record,
            self.place,
            copy.deepcopy(self.typed),
            Shown.from_text(str(self.shown)),
            NOW + timedelta(minutes=minutes),
            **more,
        )

    def autosave(self, minutes: int = 0) -> drafts.Saved:
        """What the script does: the page stays as it is."""
        saved = self.save(minutes, mixing=False)
        self.shown = saved.shown
        return saved
