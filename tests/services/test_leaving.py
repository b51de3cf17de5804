"""Leaving an organization and other roles in it, on both databases: signed out at once, and somebody always leads."""

from datetime import timedelta

import pytest
from outbox_helpers import put, writing
from people_helpers import NEW, NOW, invite, membership_of, person_of, reach_of, sessions_of, small_world
from sqlalchemy import Engine, select
from world import World, address

from partnerforms.models import Delivery, DeliveryRule
from partnerforms.services import people
from partnerforms.services.people.memberships import RefusedError


@pytest.fixture
def world(engine: Engine) -> World:
    return small_world(engine)


def test_who_is_removed_is_signed_out_and_what_hung_on_it_goes(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        left = membership_of(session, "maple_coordinator")
        session.add(DeliveryRule(membership_id=left.id, instrument="action_plan", rule="hold"))
        for dedup, state in (("sent", "sent"), ("held", "held"), ("queued", "queued")):
            delivery = put(session, dedup)
            delivery.membership_id, delivery.state = left.id, state
        assert sessions_of(session, "maple_coordinator") == 1
        people.remove(session, reach_of(session, "district_leader"), left, NOW)
    with writing(engine) as session:
        assert sessions_of(session, "maple_coordinator") == 0
        assert sessions_of(session, "maple_member") == 1
        assert not session.scalars(select(DeliveryRule)).all()
        kept = session.scalars(select(Delivery).where(Delivery.dedup.in_(("sent", "held", "queued")))).all()
        assert [(one.dedup, one.membership_id) for one in kept] == [("sent", None)]
        assert not reach_of(session, "maple_coordinator").abilities


def test_withdrawing_an_invitation_signs_nobody_out(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        asked = invite(session, world, address=address("foreign_leader"))
        people.change_role(session, reach_of(session, "maple_leader"), asked, "coordinator", NOW)
        people.remove(session, reach_of(session, "maple_leader"), asked, NOW)
        assert sessions_of(session, "foreign_leader") == 1


def test_a_new_role_holds_at_once_and_signs_out(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        member = membership_of(session, "maple_member")
        people.change_role(session, reach_of(session, "maple_leader"), member, "leader", NOW + timedelta(days=1))
        assert member.accepted_at == NOW
        assert sessions_of(session, "maple_member") == 0
        assert reach_of(session, "maple_member").can("run", world.places["maple"])
        invited = invite(session, world, address=address("maple_member"), role="member")
        with pytest.raises(RefusedError, match="has_role"):
            people.change_role(session, reach_of(session, "maple_leader"), invited, "leader", NOW)
        with pytest.raises(RefusedError, match="role"):
            people.change_role(session, reach_of(session, "maple_leader"), invited, "king", NOW)


@pytest.mark.parametrize(
    ("leader", "last"), [("state_leader", True), ("foreign_leader", True), ("district_leader", False)]
)
def test_somebody_always_leads(engine: Engine, world: World, leader: str, last: bool) -> None:
    with writing(engine) as session:
        membership = membership_of(session, leader)
        where = {"state_leader": "state", "foreign_leader": "foreign", "district_leader": "district"}[leader]
        invite(session, world, leader, where=where, role="leader")  # an invitation leads nothing
        for deed in (
            lambda: people.change_role(session, reach_of(session, leader), membership, "member", NOW),
            lambda: people.remove(session, reach_of(session, leader), membership, NOW),
        ):
            if last:
                with pytest.raises(RefusedError, match="last_leader"):
                    deed()
                assert reach_of(session, leader).can("run", world.places[where])
        if last:
            people.accept(session, person_of(session, NEW), membership_of(session, NEW).id, NOW)
        people.remove(session, reach_of(session, leader), membership, NOW)
        assert not reach_of(session, leader).abilities
