"""The people of an organization: the list, invitations, roles, handing over, leaving."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.models import Organization, Person
from partnerforms.services import access, people
from partnerforms.services.tools import Tools

_PEOPLE = "/organizations/{maple}/people"
_SOMEBODY = {"name": "Somebody", "address": "somebody@example.org"}

WAYS = {
    ("people.overview", "GET"): Way("GET", _PEOPLE, "arrange"),
    ("people.invite", "POST"): Way("POST", _PEOPLE, "arrange", {**_SOMEBODY, "role": "member"}),
    ("people.page", "GET"): Way("GET", _PEOPLE + "/{newcomer}", "arrange"),
    ("people.again", "POST"): Way("POST", _PEOPLE + "/{invited}/again", "arrange"),
    ("people.change_role", "POST"): Way("POST", _PEOPLE + "/{newcomer}/role", "arrange", {"role": "coordinator"}),
    ("people.hand_over", "POST"): Way("POST", _PEOPLE + "/{newcomer}/hand-over", "arrange", _SOMEBODY),
    ("people.remove", "POST"): Way("POST", _PEOPLE + "/{newcomer}/remove", "arrange", ends=True),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """Somebody who is invited to Maple, and somebody who was and has accepted."""
    maple = session.get_one(Organization, world.places["maple"])
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    reach = access.reach(session, leader)
    invited, newcomer = (
        people.invite(session, reach, maple, f"{name}@example.org", f"A secret {name}", "member", tools, world.began)
        for name in ("invited", "newcomer")
    )
    people.accept(session, newcomer.person, newcomer.id, world.began)
    return {"invited": str(invited.id), "newcomer": str(newcomer.id)}
