"""Rules of coordinators, and what follows for mail that waits: held, let go, dropped, replaced."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from outbox_helpers import NOW, claim, put, put_document, put_school, writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.models import AuditEntry, Delivery, Membership, Person
from partnerforms.services import access, deliveries
from partnerforms.services.data import removing
from partnerforms.services.deliveries import limits, outbox, rules

PLAN, SURVEY = "action_plan", "survey_families"


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def coordinator(session: Session) -> Membership:
    """A coordinator whom nothing waits for yet."""
    membership = Membership(
        person=Person(address="lee@example.org", name="Lee"),
        organization=put_school(session),
        role="coordinator",
        accepted_at=NOW,
    )
    session.add(membership)
    session.flush()
    return membership


def wait(session: Session, membership: Membership, dedup: str, instrument: str = PLAN, **more: Any) -> Delivery:
    details = {"instrument_id": instrument}
    return put(
        session, dedup, recipient="lee@example.org", details=details, membership_id=membership.id,
        organization_id=membership.organization_id, **more,
    )  # fmt: skip


def states(session: Session) -> dict[str, tuple[str, str | None]]:
    session.expire_all()
    return {one.dedup: (one.state, one.held_for) for one in session.scalars(select(Delivery))}


def test_hold_and_send(session: Session, coordinator: Membership) -> None:
    wait(session, coordinator, "plan")
    wait(session, coordinator, "survey", SURVEY)
    assert deliveries.set_rule(session, coordinator, PLAN, "hold", NOW)
    assert not deliveries.set_rule(session, coordinator, PLAN, "hold", NOW)
    assert states(session) == {"plan": ("held", "paused"), "survey": ("queued", None)}
    session.commit()
    later = NOW + timedelta(days=30)
    assert deliveries.set_rule(session, coordinator, PLAN, "send", later)
    assert states(session) == {"plan": ("queued", None), "survey": ("queued", None)}
    assert deliveries.rules_of(session, coordinator) == {}
    plan = session.scalars(select(Delivery).where(Delivery.dedup == "plan")).one()
    assert plan.give_up_at - plan.due_at == timedelta(hours=72)
    assert plan.give_up_at >= deliveries.clock(session, later) + timedelta(hours=71)


def test_what_is_held_is_not_claimed(engine: Engine, session: Session, coordinator: Membership) -> None:
    wait(session, coordinator, "plan", held_for="paused")
    session.commit()
    with writing(engine) as other:
        assert outbox.claim(other, NOW) is None


def test_never_drops_what_waits_and_nothing_else(engine: Engine, session: Session, coordinator: Membership) -> None:
    wait(session, coordinator, "on its way")
    session.commit()
    claim(engine)
    wait(session, coordinator, "waits")
    wait(session, coordinator, "held", held_for="paused")
    wait(session, coordinator, "survey", SURVEY, held_for="paused")
    deliveries.set_rule(session, coordinator, PLAN, "never", NOW)
    assert states(session) == {"on its way": ("sending", None), "survey": ("held", "paused")}
    assert deliveries.rules_of(session, coordinator) == {PLAN: "never"}


def test_accepting_lets_go_what_no_rule_holds(session: Session, coordinator: Membership) -> None:
    coordinator.accepted_at = None
    for dedup, instrument in (("plan", PLAN), ("survey", SURVEY), ("roles", "roles_state")):
        wait(session, coordinator, dedup, instrument, held_for="invited")
    deliveries.set_rule(session, coordinator, PLAN, "hold", NOW)
    deliveries.set_rule(session, coordinator, "roles_state", "never", NOW)
    assert states(session) == {"plan": ("held", "paused"), "survey": ("held", "invited")}
    deliveries.set_rule(session, coordinator, PLAN, "send", NOW)
    assert states(session)["plan"] == ("held", "invited")
    deliveries.set_rule(session, coordinator, PLAN, "hold", NOW)
    coordinator.accepted_at = NOW
    deliveries.release(session, coordinator, NOW)
    assert states(session) == {"plan": ("held", "paused"), "survey": ("queued", None)}


def test_who_is_no_coordinator_any_more_leaves_nothing_waiting(session: Session, coordinator: Membership) -> None:
    wait(session, coordinator, "held", held_for="paused")
    deliveries.set_rule(session, coordinator, SURVEY, "never", NOW)
    removing.memberships(session, [coordinator.id])
    assert states(session) == {}


def test_a_newer_one_replaces_what_waits_but_not_what_may_be_on_its_way(
    session: Session, coordinator: Membership
) -> None:
    for dedup, more in (
        ("record:1:1:x", {"held_for": "paused"}),
        ("record:1:2:x", {"held_for": "invited"}),
        ("record:1:3:x", {}),
        ("record:1:4:x", {}),
        ("record:1:5:x", {}),
        ("record:11:1:x", {"held_for": "paused"}),
    ):
        wait(session, coordinator, dedup, **more)
    for dedup, tries in (("record:1:4:x", 0), ("record:1:5:x", 1)):
        paced = session.scalars(select(Delivery).where(Delivery.dedup == dedup)).one()
        paced.due_at, paced.attempts = deliveries.clock(session, NOW) + timedelta(hours=1), tries
    session.flush()
    deliveries.replace(session, coordinator.id, "record:1:", NOW)
    assert set(states(session)) == {"record:1:3:x", "record:1:5:x", "record:11:1:x"}


def test_what_is_paused_can_be_sent_all_the_same(session: Session, coordinator: Membership) -> None:
    paused = wait(session, coordinator, "paused", held_for="paused")
    invited = wait(session, coordinator, "invited", held_for="invited")
    assert deliveries.send_again(session, paused, NOW)
    assert not deliveries.send_again(session, invited, NOW)
    assert states(session) == {"paused": ("queued", None), "invited": ("held", "invited")}


def test_a_letter_is_sent_again_three_times_an_hour(
    engine: Engine, session: Session, coordinator: Membership
) -> None:
    delivery = wait(session, coordinator, "plan")
    other = wait(session, coordinator, "other")
    delivery.state = other.state = "sent"
    for minute in range(3):
        assert deliveries.send_again(session, delivery, NOW + timedelta(minutes=minute))
        delivery.state = "sent"
        session.flush()
    with pytest.raises(limits.LimitError, match="again"):
        deliveries.send_again(session, delivery, NOW + timedelta(minutes=59))
    assert deliveries.send_again(session, other, NOW + timedelta(minutes=59))
    assert deliveries.send_again(session, delivery, NOW + timedelta(minutes=61))


def test_a_letter_whose_document_is_gone_is_not_sent_again(session: Session, coordinator: Membership) -> None:
    document = put_document(session)
    delivery = wait(session, coordinator, "plan", document_id=document.id)
    delivery.state = "sent"
    session.flush()
    removing.documents(session, [document.id])
    session.expire_all()
    with pytest.raises(deliveries.GoneError):
        deliveries.send_again(session, delivery, NOW)
    assert states(session) == {"plan": ("sent", None)}


def test_only_who_runs_the_organization_widens_what_a_coordinator_gets(
    session: Session, coordinator: Membership
) -> None:
    mine = access.reach(session, coordinator.person)
    assert rules.save(session, mine, coordinator, {PLAN: "hold"}, None, NOW)
    with pytest.raises(access.NotAllowedError):
        rules.save(session, mine, coordinator, {}, True, NOW)
    session.refresh(coordinator)
    assert not coordinator.from_below
    assert not rules.save(session, mine, coordinator, {PLAN: "hold"}, None, NOW)
    (entry,) = session.scalars(select(AuditEntry))
    assert (entry.action, entry.subject, entry.details["rules"]) == ("delivery_rules.changed", "Lee", {PLAN: "hold"})
