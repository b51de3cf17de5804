"""The small world in a database of its own, and short ways to its people."""

from datetime import UTC, datetime
from typing import Any

from outbox_helpers import writing
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from world import SECRET, World, address, build_world

from partnerforms.documents.shelf import Shelf
from partnerforms.languages import read_library
from partnerforms.models import Membership, Organization, Person, SignInSession
from partnerforms.services import access, people
from partnerforms.services.tools import Tools
from partnerforms.settings import checkout

NEW = "new.person@example.org"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOOLS = Tools(
    library=read_library(),
    shelf=Shelf(checkout() / "docx_templates"),
    base_url="https://forms.example.org",
    domain="forms.example.org",
    secret_key=SECRET,
)


def small_world(engine: Engine) -> World:
    with writing(engine) as session:
        return build_world(session, TOOLS, NOW)


def person_of(session: Session, name: str) -> Person:
    """A person by the name in the small world, or by address."""
    wanted = name if "@" in name else address(name)
    return session.scalars(select(Person).where(Person.address == wanted)).one()


def reach_of(session: Session, name: str) -> access.Reach:
    return access.reach(session, person_of(session, name))


def place(session: Session, world: World, name: str) -> Organization:
    return session.get_one(Organization, world.places[name])


def membership_of(session: Session, name: str, role: str = "") -> Membership:
    """The person's membership; the one with this role when there are several."""
    query = select(Membership).where(Membership.person_id == person_of(session, name).id)
    return session.scalars(query.where(Membership.role == role) if role else query).one()


def roles_in(session: Session, organization: Organization) -> set[tuple[str, str, bool]]:
    """Address, role, and whether it was accepted, of everybody in an organization."""
    found = session.scalars(select(Membership).where(Membership.organization_id == organization.id))
    return {(one.person.address, one.role, one.accepted_at is not None) for one in found}


def invite(session: Session, world: World, leader: str = "maple_leader", **changes: Any) -> Membership:
    """Invite somebody new to be a member of Maple, or as the changes say."""
    asked = {"address": NEW, "name": "New Person", "role": "member", "now": NOW, **changes}
    where = place(session, world, asked.pop("where", "maple"))
    return people.invite(session, reach_of(session, leader), where, tools=TOOLS, **asked)


def sessions_of(session: Session, name: str) -> int:
    """In how many browsers a person is signed in."""
    query = select(func.count()).where(SignInSession.person_id == person_of(session, name).id)
    return int(session.scalar(query))
