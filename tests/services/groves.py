"""A small grove of organizations for tests: two trees, and leaders of any of them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing
from partnerforms.models import Membership, Organization, Person
from partnerforms.services import access
from partnerforms.services.access import Reach
from partnerforms.services.organizations import TreeError

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
# Name, level, and the name of the parent.
PLACES = [
    ("State", "state", ""),
    ("River", "district", "State"),
    ("Lake", "district", "State"),
    ("Maple", "school", "River"),
    ("Oak", "school", "River"),
    ("Alone", "school", "State"),
    ("Far", "state", ""),
    ("Hill", "district", "Far"),
]


class Grove:
    """One session in a world of two trees; organizations by name, reaches by where somebody leads."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __getitem__(self, name: str) -> Organization:
        return self.session.scalars(select(Organization).where(Organization.name == name)).one()

    def leader(self, *places: str, role: str = "leader") -> Reach:
        person = Person(address=f"{uuid.uuid4().hex}@example.org", name="Somebody")
        person.memberships = [Membership(organization=self[place], role=role, accepted_at=NOW) for place in places]
        self.session.add(person)
        self.session.flush()
        return access.reach(self.session, person)

    def refused(self, deed: Callable[[], Any]) -> str:
        """The code with which a deed is refused; it has changed nothing."""
        before = self.everything()
        with pytest.raises(TreeError) as caught:
            deed()
        assert self.everything() == before
        return caught.value.code

    def everything(self) -> list[tuple[Any, ...]]:
        self.session.flush()
        columns = (Organization.id, Organization.name, Organization.number, Organization.parent_id)
        return sorted(map(tuple, self.session.execute(select(*columns, Organization.archived_at))), key=str)

    def archived(self) -> set[str]:
        return set(self.session.scalars(select(Organization.name).where(Organization.archived_at.is_not(None))))


@contextmanager
def writing(engine: Engine) -> Iterator[Grove]:
    with Session(engine) as session:
        begin_writing(session)
        yield Grove(session)
        session.commit()


def plant(engine: Engine) -> None:
    """Put the grove into an empty database."""
    with writing(engine) as grove:
        made: dict[str, Organization] = {}
        for name, level, parent in PLACES:
            made[name] = Organization(name=name, level=level, parent=made.get(parent))
        made["Maple"].number = "0130"
        grove.session.add_all(made.values())
