"""People in places from which something of Maple School might be seen, and must not: who they are, and a session of
each.

The small world has the roles of Maple, its district, a sister school and somebody else's district. Here are the rest:
a place below Maple, the states, people who are only invited, people with several roles, and sessions that an
organization's single sign-on has begun.
"""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session
from world import World

from partnerforms.models import Membership, Organization, Person, SignInProvider, SignInSession
from partnerforms.services.signin import sessions

LEADER = {"see", "fill", "run", "deliveries", "arrange"}
ABOVE = {"see", "deliveries", "arrange"}

# Name: what they are (place, role, accepted?), by whose single sign-on they came ("" for a code), and what they may
# do with what belongs to Maple School.
Position = tuple[Iterable[tuple[str, str, bool]], str, set[str]]
POSITIONS: dict[str, Position] = {
    "below_leader": ([("below", "leader", True)], "", set()),
    "below_member": ([("below", "member", True)], "", set()),
    "below_coordinator": ([("below", "coordinator", True)], "", set()),
    "state_member": ([("state", "member", True)], "", set()),
    "state_coordinator": ([("state", "coordinator", True)], "", set()),
    "far_leader": ([("far", "leader", True)], "", set()),
    "far_everything": ([("far", role, True) for role in ("leader", "member", "coordinator")], "", set()),
    "invited_leader": ([("maple", "leader", False)], "", set()),
    "invited_coordinator": ([("maple", "coordinator", False)], "", set()),
    "invited_above": ([("district", "leader", False), ("state", "leader", False)], "", set()),
    "sister_and_invited": ([("oak", "leader", True), ("maple", "leader", False)], "", set()),
    "member_and_more": ([("maple", "member", True), ("district", "coordinator", True)], "", {"see", "fill"}),
    "member_and_far": ([("maple", "member", True), ("far", "leader", True)], "", {"see", "fill"}),
    "both_here": ([("maple", "member", True), ("maple", "coordinator", True)], "", {"see", "fill", "deliveries"}),
    "above_and_here": ([("district", "leader", True), ("maple", "member", True)], "", ABOVE | {"fill"}),
    "by_oak": ([("oak", "leader", True), ("maple", "leader", True)], "oak", set()),
    "by_oak_from_above": ([("oak", "member", True), ("district", "leader", True)], "oak", set()),
    "by_district": ([("maple", "leader", True)], "district", LEADER),
    "by_far": ([("far", "leader", True), ("maple", "leader", True)], "far", set()),
}


def take_positions(session: Session, world: World) -> dict[str, str]:
    """Put them into the database. The token of each one's session."""
    places = dict(world.places)
    far = session.get_one(Organization, places["foreign"]).parent_id
    assert far is not None
    # No page makes such a place, and yet: what lies below sees nothing of what lies above, whatever the level.
    below = Organization(level="school", name="Below Maple", parent_id=places["maple"])
    session.add(below)
    session.flush()
    places |= {"far": far, "below": below.id}
    providers = {place: _provider(session, places[place], place, world.began) for place in ("oak", "district", "far")}
    tokens = {}
    for name, (roles, provider, _) in POSITIONS.items():
        person = Person(address=f"{name}@example.org", name=name.replace("_", " ").title(), language="en")
        person.memberships = [
            Membership(organization_id=places[place], role=role, accepted_at=world.began if accepted else None)
            for place, role, accepted in roles
        ]
        session.add(person)
        session.flush()
        tokens[name] = session_by(session, person, world.began, providers[provider] if provider else None)
    session.commit()
    return tokens


def session_by(session: Session, person: Person, now: datetime, provider: uuid.UUID | None) -> str:
    """A session of a person that a code or a single sign-on has begun."""
    token = secrets.token_urlsafe(32)
    row = SignInSession(token_digest=sessions.digest_of(token), person_id=person.id, created_at=now, seen_at=now)
    row.provider_id = provider
    session.add(row)
    session.flush()
    return token


def _provider(session: Session, place: uuid.UUID, name: str, now: datetime) -> uuid.UUID:
    made = SignInProvider(organization_id=place, issuer=f"https://{name}.example.org", client_id="x", created_at=now)
    made.client_secret, made.domain = "x", f"{name}.example.org"
    session.add(made)
    session.flush()
    return made.id
