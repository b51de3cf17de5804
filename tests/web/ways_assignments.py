"""What an organization asks those below for. Here Maple asks itself for a plan."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.models import Organization, Person
from partnerforms.services import access
from partnerforms.services.organizations import assignments
from partnerforms.services.tools import Tools

_NEW = {"instrument": "action_plan", "title": "x", "since": "2026-08-01", "due_on": "2026-10-15"}

WAYS = {
    ("assignments.overview", "GET"): Way("GET", "/organizations/{maple}/assignments", "run"),
    ("assignments.new", "GET"): Way("GET", "/organizations/{maple}/assignments/new", "run"),
    ("assignments.create", "POST"): Way("POST", "/organizations/{maple}/assignments/new", "run", _NEW),
    ("assignments.page", "GET"): Way("GET", "/assignments/{assignment}", "see"),
    ("assignments.remind", "POST"): Way("POST", "/assignments/{assignment}/remind", "run"),
    ("assignments.end", "POST"): Way("POST", "/assignments/{assignment}/end", "run", ends=True),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    maple = session.get_one(Organization, world.places["maple"])
    chair = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    today = tools.day(world.began)
    assignment = assignments.create(
        session, access.reach(session, chair), maple, tools.library.instrument("action_plan"),
        "A secret year", today, today + timedelta(days=30), world.began,
    )  # fmt: skip
    return {"assignment": str(assignment.id)}
