"""Who gets which documents, and the documents that were mailed."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import DeliveryRule, Membership, Person
from partnerforms.services.tools import Tools

_RULES = {"inventory": "hold", "survey_families": "never"}

WAYS = {
    ("rules.overview", "GET"): Way("GET", "/organizations/{maple}/deliveries", "run"),
    ("rules.edit", "GET"): Way("GET", "/memberships/{second}/deliveries", "run"),
    ("rules.save", "POST"): Way("POST", "/memberships/{second}/deliveries", "run", _RULES),
    ("deliveries.document", "GET"): Way("GET", "/deliveries/{delivery}/document", "deliveries", without=404),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """A second coordinator of Maple, who gets no plans. The delivery is that of the plan in `ways_records`."""
    second = Membership(
        person=Person(address="second@example.org", name="Second Coordinator"),
        organization_id=world.places["maple"],
        role="coordinator",
        accepted_at=world.began,
    )
    session.add(second)
    session.flush()
    session.add(DeliveryRule(membership_id=second.id, instrument="action_plan", rule="never"))
    return {"second": str(second.id)}
