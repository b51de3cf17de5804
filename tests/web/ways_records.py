"""Records, their drafts and documents."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.models import Delivery, Organization, Person
from partnerforms.services import access, records
from partnerforms.services.records import drafts
from partnerforms.services.tools import Tools

_NEW = {"organization": "{maple}", "instrument": "action_plan", "title": "x"}
_GOAL = {"version": "2", "q-goal_kind": "climate", "q-goal": "A secret goal", "q-results": "x"}

WAYS = {
    ("records.new", "GET"): Way(
        "GET", "/records/new?organization={maple}&instrument=action_plan", "fill", without=404
    ),
    ("records.create", "POST"): Way("POST", "/records/new", "fill", _NEW, without=404),
    ("records.overview", "GET"): Way("GET", "/records/{record}", "see"),
    ("drafts.edit", "GET"): Way("GET", "/records/{record}/team", "fill", without=303),
    ("drafts.edit entry", "GET"): Way("GET", "/records/{record}/goals/0", "fill", without=303),
    ("records.check", "GET"): Way("GET", "/records/{record}/check", "see"),
    ("records.document", "GET"): Way("GET", "/records/{submitted}/revisions/1.docx", "see"),
    ("drafts.save", "POST"): Way("POST", "/records/{record}/team", "fill", {"version": "2"}),
    ("drafts.save entry", "POST"): Way("POST", "/records/{record}/goals/0", "fill", _GOAL),
    ("drafts.entries", "POST"): Way(
        "POST", "/records/{record}/entries/goals", "fill", {"version": "2", "do": "add:goals"}
    ),
    ("records.submit", "POST"): Way("POST", "/records/{record}/submit", "fill"),
    ("deliveries.again", "POST"): Way("POST", "/deliveries/{delivery}/again", "deliveries", without=404),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """A draft, a submitted plan, and the mail of it, which has failed."""
    maple = session.get_one(Organization, world.places["maple"])
    chair = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    reach = access.reach(session, chair)
    plan = tools.library.instrument("action_plan")
    answers = {"school_year": "2026", "goals": [{"goal_kind": "climate", "goal": "A secret goal"}]}
    made = []
    for title in ("A secret draft", "A secret plan"):
        record = records.create(session, reach, maple, plan, title, None, world.began)
        drafts.keep(session, reach, record, answers, world.began)
        made.append(record)
    records.submit(session, reach, made[1], tools, world.began)
    delivery = session.scalars(select(Delivery).where(Delivery.letter == "record_submitted")).one()
    delivery.state = "failed"
    return {"record": str(made[0].id), "submitted": str(made[1].id), "delivery": str(delivery.id)}
