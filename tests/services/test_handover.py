"""Handing over on both databases: the successor is invited, the one who leaves goes at once or by and by."""

from typing import Any

import pytest
from outbox_helpers import put, writing
from people_helpers import NOW, TOOLS, membership_of, person_of, place, reach_of, roles_in, sessions_of, small_world
from sqlalchemy import Engine, select
from world import World, address

from partnerforms.models import Delivery, Membership
from partnerforms.services import people
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.deliveries import limits
from partnerforms.services.people import handover
from partnerforms.services.people.memberships import RefusedError

NEXT = "next@example.org"


@pytest.fixture
def world(engine: Engine) -> World:
    """The small world, in which the leader of Maple coordinates it, too."""
    world = small_world(engine)
    with writing(engine) as session:
        leader = person_of(session, "maple_leader")
        more = Membership(organization_id=world.places["maple"], role="coordinator", accepted_at=NOW, from_below=True)
        leader.memberships.append(more)
    return world


def hand_over(session: Any, world: World, at_once: bool, who: str = "maple_leader", **changes: Any) -> None:
    asked = {"leader": "district_leader", "where": "maple", "address": NEXT, "name": "Next One", **changes}
    handover.hand_over(
        session,
        reach_of(session, asked["leader"]),
        place(session, world, asked["where"]),
        person_of(session, who),
        asked["address"],
        asked["name"],
        at_once,
        TOOLS,
        NOW,
    )


def letters(session: Any) -> set[tuple[str, str]]:
    found = session.scalars(select(Delivery).where(Delivery.letter.in_(limits.INVITATIONS)))
    return {(one.recipient, one.letter) for one in found}


def of_maple(session: Any, world: World) -> set[tuple[str, str, bool]]:
    wanted = (NEXT, address("maple_leader"))
    return {one for one in roles_in(session, place(session, world, "maple")) if one[0] in wanted}


OLD_ROLES = {(address("maple_leader"), "leader", True), (address("maple_leader"), "coordinator", True)}


def test_by_and_by_each_role_ends_when_it_is_accepted(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        hand_over(session, world, at_once=False)
        assert of_maple(session, world) == OLD_ROLES | {(NEXT, "leader", False), (NEXT, "coordinator", False)}
        assert letters(session) == {(NEXT, "taking_over"), (address("maple_leader"), "handing_over")}
        assert sessions_of(session, "maple_leader") == 1
        left = membership_of(session, "maple_leader", "leader")
        assert [one.address for one in people.successors(session, left)] == [NEXT]
    with writing(engine) as session:
        heir = membership_of(session, NEXT, "coordinator")
        assert heir.from_below
        people.accept(session, heir.person, heir.id, NOW)
        assert of_maple(session, world) == {
            (address("maple_leader"), "leader", True), (NEXT, "coordinator", True), (NEXT, "leader", False),
        }  # fmt: skip
        assert sessions_of(session, "maple_leader") == 0


def test_at_once_nothing_is_left(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        hand_over(session, world, at_once=True)
        assert of_maple(session, world) == {(NEXT, "leader", False), (NEXT, "coordinator", False)}
        assert letters(session) == {(NEXT, "taking_over"), (address("maple_leader"), "handed_over")}
        assert sessions_of(session, "maple_leader") == 0
        assert not reach_of(session, NEXT).abilities


@pytest.mark.parametrize("at_once", [True, False])
def test_what_waits_for_who_leaves_waits_for_the_successor(engine: Engine, world: World, at_once: bool) -> None:
    with writing(engine) as session:
        held = put(session, "held", recipient=address("maple_leader"))
        held.membership_id = membership_of(session, "maple_leader", "coordinator").id
        held.state, held.held_for = "held", "paused"
        hand_over(session, world, at_once)
        heir = membership_of(session, NEXT, "coordinator")
        people.accept(session, heir.person, heir.id, NOW)
    with writing(engine) as session:
        moved = session.scalars(select(Delivery).where(Delivery.dedup == "held")).one()
        assert (moved.recipient, moved.state, moved.held_for) == (NEXT, "queued", None)
        assert moved.membership_id == membership_of(session, NEXT, "coordinator").id


def test_a_successor_who_is_it_already_has_nothing_to_accept(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        to = address("maple_coordinator")
        hand_over(session, world, at_once=False, address=to)
        assert {one for one in roles_in(session, place(session, world, "maple")) if one[0] == to} == {
            (to, "coordinator", True), (to, "leader", False),
        }  # fmt: skip
        assert of_maple(session, world) == {(address("maple_leader"), "leader", True)}


def test_a_successor_who_declines_changes_nothing(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        hand_over(session, world, at_once=False)
        for asked in people.invitations(session, person_of(session, NEXT)):
            people.decline(session, asked.membership.person, asked.membership.id, NOW)
        assert of_maple(session, world) == OLD_ROLES


def test_who_leaves_before_the_successor_accepts_is_not_missed(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        hand_over(session, world, at_once=False)
        people.remove(
            session, reach_of(session, "district_leader"), membership_of(session, "maple_leader", "leader"), NOW
        )
        heir = membership_of(session, NEXT, "leader")
        people.accept(session, heir.person, heir.id, NOW)
        assert (NEXT, "leader", True) in of_maple(session, world)


def test_another_role_meanwhile_is_not_ended_by_the_successor(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        hand_over(session, world, at_once=False, who="maple_member")
        left = membership_of(session, "maple_member")
        people.change_role(session, reach_of(session, "district_leader"), left, "leader", NOW)
        heir = membership_of(session, NEXT)
        people.accept(session, heir.person, heir.id, NOW)
        assert membership_of(session, "maple_member").role == "leader"


def test_the_only_leader_hands_over_by_and_by_alone(engine: Engine, world: World) -> None:
    only = {"who": "state_leader", "leader": "state_leader", "where": "state"}
    with writing(engine) as session:
        with pytest.raises(RefusedError, match="last_leader"):
            hand_over(session, world, at_once=True, **only)
        assert not letters(session)
        assert len(roles_in(session, place(session, world, "state"))) == 1
        hand_over(session, world, at_once=False, **only)
        heir = membership_of(session, NEXT)
        people.accept(session, heir.person, heir.id, NOW)
        assert roles_in(session, place(session, world, "state")) == {(NEXT, "leader", True)}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"leader": "maple_member"}, NotAllowedError), ({"leader": "oak_leader"}, NotThereError),
        ({"who": "oak_leader"}, NotThereError), ({"address": address("maple_leader").upper()}, RefusedError),
        ({"address": "x"}, RefusedError), ({"name": ""}, RefusedError),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("at_once", [True, False])
def test_what_cannot_be_handed_over_stays(
    engine: Engine, world: World, changes: dict[str, str], error: type[Exception], at_once: bool
) -> None:
    with writing(engine) as session:
        with pytest.raises(error):
            hand_over(session, world, at_once, **changes)
        assert of_maple(session, world) == OLD_ROLES
        assert not letters(session)


def test_handing_over_again_and_again_floods_nobody(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        for number in range(3):
            hand_over(session, world, at_once=False, address=f"next{number}@example.org")
        with pytest.raises(limits.LimitError) as full:
            hand_over(session, world, at_once=False)
        assert full.value.address == address("maple_leader")
