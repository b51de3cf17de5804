"""Who receives an organization's documents, and that accepting or a rule is never overtaken."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from outbox_helpers import NOW, put, writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.models import Delivery, DeliveryRule, Membership, Organization, Person
from partnerforms.services import deliveries
from partnerforms.services.deliveries.recipients import recipients, serving

Place = Callable[..., Organization]


class Tree:
    """A state, its district, its school, and coordinators who are put where a test needs them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.state = Organization(level="state", name="State")
        self.district = Organization(level="district", name="District", parent=self.state)
        self.school = Organization(level="school", name="School", parent=self.district)
        session.add_all((self.state, self.district, self.school))
        session.flush()

    def coordinator(self, name: str, place: Organization, accepted: bool = True, **more: Any) -> Membership:
        address = f"{name}@example.org"
        person = self.session.scalars(select(Person).where(Person.address == address)).one_or_none()
        membership = Membership(
            person=person or Person(address=address, name=name),
            organization=place,
            role=more.pop("role", "coordinator"),
            accepted_at=NOW if accepted else None,
            **more,
        )
        self.session.add(membership)
        self.session.flush()
        return membership

    def rule(self, membership: Membership, rule: str, instrument: str = "action_plan") -> None:
        self.session.add(DeliveryRule(membership_id=membership.id, instrument=instrument, rule=rule))
        self.session.flush()

    def get(self, place: Organization, instrument: str = "action_plan") -> dict[str, str | None]:
        return {one.person.name: one.held_for for one in recipients(self.session, place, instrument)}


@pytest.fixture
def tree(engine: Engine) -> Any:
    with Session(engine) as session:
        yield Tree(session)


def test_the_own_coordinators_receive_and_nobody_else(tree: Tree) -> None:
    for name, place in (("a", tree.school), ("b", tree.school), ("c", tree.district), ("d", tree.state)):
        tree.coordinator(name, place)
    tree.coordinator("leader", tree.school, role="leader")
    assert tree.get(tree.school) == {"a": None, "b": None}
    assert tree.get(tree.district) == {"c": None}


def test_without_one_the_nearest_above_receive(tree: Tree) -> None:
    tree.coordinator("d", tree.state)
    assert tree.get(tree.school) == {"d": None}
    tree.coordinator("c", tree.district)
    assert tree.get(tree.school) == {"c": None}


def test_nobody_anywhere(tree: Tree) -> None:
    assert tree.get(tree.school) == {}
    assert serving(tree.session, tree.school).organization is None


def test_who_was_invited_counts_and_mail_waits_for_the_yes(tree: Tree) -> None:
    tree.coordinator("c", tree.district)
    tree.coordinator("invited", tree.school, accepted=False)
    assert tree.get(tree.school) == {"invited": "invited"}


def test_from_below_also_what_goes_to_others(tree: Tree) -> None:
    tree.coordinator("a", tree.school)
    tree.coordinator("b", tree.district)
    tree.coordinator("c", tree.district, from_below=True)
    tree.coordinator("d", tree.state, from_below=True)
    assert tree.get(tree.school) == {"a": None, "c": None, "d": None}
    assert tree.get(tree.district) == {"b": None, "c": None, "d": None}


def test_rules_hold_or_drop_one_instrument(tree: Tree) -> None:
    holds, never = tree.coordinator("holds", tree.school), tree.coordinator("never", tree.school)
    tree.rule(holds, "hold")
    tree.rule(never, "never")
    assert tree.get(tree.school) == {"holds": "paused"}
    assert tree.get(tree.school, "survey_families") == {"holds": None, "never": None}
    holds.accepted_at = None
    assert tree.get(tree.school) == {"holds": "paused"}
    assert tree.get(tree.school, "survey_families") == {"holds": "invited", "never": None}


def test_who_wants_nothing_is_still_the_coordinator(tree: Tree) -> None:
    tree.rule(tree.coordinator("never", tree.school), "never")
    tree.coordinator("c", tree.district)
    assert tree.get(tree.school) == {}


@pytest.mark.parametrize(
    ("here", "above", "gets"),
    [
        ("send", "send", {"both": None}),
        ("hold", "send", {"both": None}),
        ("never", "hold", {"both": "paused"}),
        ("hold", "hold", {"both": "paused"}),
        ("never", "never", {}),
    ],
)
def test_nobody_gets_it_twice(tree: Tree, here: str, above: str, gets: dict[str, str | None]) -> None:
    for place, rule, more in ((tree.school, here, {}), (tree.district, above, {"from_below": True})):
        membership = tree.coordinator("both", place, **more)
        if rule != "send":
            tree.rule(membership, rule)
    assert tree.get(tree.school) == gets


def test_people_of_archived_organizations_get_nothing(tree: Tree) -> None:
    tree.coordinator("a", tree.school)
    tree.coordinator("c", tree.district, from_below=True)
    tree.coordinator("d", tree.state)
    tree.district.archived_at = NOW
    assert tree.get(tree.school) == {"a": None}
    tree.school.archived_at = NOW
    assert tree.get(tree.school) == {"d": None}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["mail first", "mail second"])
@pytest.mark.parametrize(
    ("change", "ends"), [("accept", ("queued", None)), ("hold", ("held", "paused")), ("never", None)]
)
def test_a_mail_queued_at_the_same_moment_follows_the_change(
    engine: Engine, order: tuple[int, int], change: str, ends: tuple[str, str | None] | None
) -> None:
    with writing(engine) as session:
        tree = Tree(session)
        membership_id = tree.coordinator("lee", tree.school, accepted=change != "accept").id
        school_id = tree.school.id

    def queue(session: Session) -> None:
        for one in recipients(session, session.get_one(Organization, school_id), "action_plan"):
            put(
                session, recipient=one.person.address, membership_id=one.membership.id, held_for=one.held_for,
                details={"instrument_id": "action_plan"},
            )  # fmt: skip

    def decide(session: Session) -> None:
        membership = session.get_one(Membership, membership_id)
        if change == "accept":
            membership.accepted_at = NOW
            deliveries.release(session, membership, NOW)
        else:
            deliveries.set_rule(session, membership, "action_plan", change, NOW)  # type: ignore[arg-type]

    first, second = ((queue, decide)[place] for place in order)
    begun = threading.Event()

    def other() -> None:
        begun.set()
        with writing(engine) as session:
            second(session)

    thread = threading.Thread(target=other)
    with writing(engine) as session:
        first(session)
        session.flush()
        thread.start()
        assert begun.wait(10)
        thread.join(0.3)
        assert thread.is_alive()  # it waits until the first has committed
    thread.join(10)
    with Session(engine) as session:
        delivery = session.scalars(select(Delivery)).one_or_none()
        assert (delivery and (delivery.state, delivery.held_for)) == ends
