"""How many invitations an address gets and a person sends, counted from the outbox; and two who ask at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from outbox_helpers import put, writing
from people_helpers import NOW, TOOLS, membership_of, person_of, place, reach_of, roles_in, small_world
from sqlalchemy import Engine, func, select
from world import World

from partnerforms.models import Delivery, Membership, Person
from partnerforms.services import deliveries, people
from partnerforms.services.access import NotThereError
from partnerforms.services.deliveries import limits
from partnerforms.services.people.memberships import RefusedError

VICTIM = "victim@example.org"


@pytest.fixture
def world(engine: Engine) -> World:
    return small_world(engine)


def invite(session: Any, world: World, leader: str, where: str, role: str, **changes: Any) -> Membership:
    asked = {"address": VICTIM, "name": "Victim", "now": NOW, **changes}
    return people.invite(
        session, reach_of(session, leader), place(session, world, where), role=role, tools=TOOLS, **asked
    )


def mails_to(session: Any, recipient: str) -> int:
    query = select(func.count()).where(Delivery.recipient == recipient, Delivery.letter != "sign_in_code")
    return int(session.scalar(query))


def test_nobody_s_mailbox_is_flooded_by_many_together(engine: Engine, world: World) -> None:
    ways = [
        (leader, where, role)
        for leader, where in (("maple_leader", "maple"), ("foreign_leader", "foreign"), ("state_leader", "oak"))
        for role in ("leader", "member", "coordinator")
    ]
    with writing(engine) as session:
        for leader, where, role in ways[:3]:
            invite(session, world, leader, where, role)
        for leader, where, role in ways[3:]:
            with pytest.raises(limits.LimitError) as full:
                invite(session, world, leader, where, role)
            assert (full.value.reason, full.value.address) == ("full_address", VICTIM)
        assert mails_to(session, VICTIM) == 3
        assert len(people.invitations(session, person_of(session, VICTIM))) == 3
        asked = membership_of(session, VICTIM, "leader")
        with pytest.raises(limits.LimitError):
            people.again(session, reach_of(session, "maple_leader"), asked, TOOLS, NOW + timedelta(hours=23))
        people.again(session, reach_of(session, "maple_leader"), asked, TOOLS, NOW + timedelta(hours=24))


def test_inviting_and_removing_in_a_circle_does_not_start_anew(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        for _ in range(3):
            asked = invite(session, world, "maple_leader", "maple", "member")
            people.remove(session, reach_of(session, "maple_leader"), asked, NOW)
        with pytest.raises(limits.LimitError):
            invite(session, world, "maple_leader", "maple", "member")


def test_sending_again_from_the_list_of_mail_counts(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        invite(session, world, "maple_leader", "maple", "member")
        mail = session.scalars(select(Delivery).where(Delivery.recipient == VICTIM)).one()
        for _ in range(2):
            mail.state = "sent"
            assert deliveries.send_again(session, mail, NOW)
        mail.state = "sent"
        with pytest.raises(limits.LimitError, match="full_address"):
            deliveries.send_again(session, mail, NOW)
        with pytest.raises(limits.LimitError, match="full_address"):
            invite(session, world, "foreign_leader", "foreign", "member")


def test_one_person_sends_so_many_by_hand_and_an_import_has_its_own_budget(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        cause = limits.caused_by(person_of(session, "maple_leader"))
        for number in range(limits.INVITATIONS_BY_HAND - 1):
            put(session, str(number), recipient=f"a{number}@example.org", letter="invitation_member").cause = cause
        invite(session, world, "maple_leader", "maple", "member")
        with pytest.raises(limits.LimitError, match="full_person"):
            invite(session, world, "maple_leader", "maple", "leader", address="one.more@example.org")
        assert session.scalar(select(Person.id).where(Person.address == "one.more@example.org")) is None
        invite(session, world, "district_leader", "maple", "leader", address="one.more@example.org")
        imported = {"cause": "import:1", "budget": 1}
        invite(session, world, "maple_leader", "maple", "leader", address="by.file@example.org", **imported)
        with pytest.raises(limits.LimitError, match="full_person"):
            invite(session, world, "maple_leader", "maple", "leader", address="too.many@example.org", **imported)


def test_counting(engine: Engine) -> None:
    with writing(engine) as session:
        for number, (recipient, cause, letter) in enumerate(
            [("a@x.org", "p:1", "reminder"), ("a@x.org", "p:2", "reminder"), ("b@x.org", "p:1", "record_submitted")]
        ):
            put(session, str(number), recipient=recipient, letter=letter, now=NOW).cause = cause
        session.flush()
        since, both = NOW - timedelta(seconds=1), ("reminder", "record_submitted")
        assert limits.count(session, both, since) == 3
        assert limits.count(session, both, since, recipient="a@x.org") == 2
        assert limits.count(session, both, since, cause="p:1") == 2
        assert limits.count(session, ("reminder",), since, recipient="a@x.org", cause="p:1") == 1
        assert limits.count(session, both, NOW) == 0
        assert limits.count(session, (), since) == 0


# --- two at once ---


def at_once(engine: Engine, *deeds: Callable[[Any], object]) -> list[str]:
    """Each deed in a transaction of its own, all begun at the same moment; the refusals there were."""
    ready, refused = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[Any], object]) -> None:
        ready.wait(10)
        try:
            with writing(engine) as session:
                deed(session)
        except (RefusedError, limits.LimitError, NotThereError) as error:
            refused.append(str(error))
        except BaseException as error:
            refused.append(repr(error))

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(refused)


def test_two_leaders_invite_the_same_address_at_once(engine: Engine, world: World) -> None:
    refused = at_once(
        engine,
        lambda session: invite(session, world, "maple_leader", "maple", "member"),
        lambda session: invite(session, world, "district_leader", "maple", "member"),
    )
    with writing(engine) as session:
        assert refused == []
        assert mails_to(session, VICTIM) == 1
        assert len(people.invitations(session, person_of(session, VICTIM))) == 1


def test_many_who_invite_one_address_at_once_find_no_gap_in_the_limit(engine: Engine, world: World) -> None:
    ways = [("maple_leader", "maple"), ("foreign_leader", "foreign"), ("state_leader", "state")]
    refused = at_once(
        engine,
        *[
            lambda session, leader=leader, where=where, role=role: invite(session, world, leader, where, role)
            for leader, where in ways
            for role in ("leader", "coordinator")
        ],
    )
    with writing(engine) as session:
        assert refused == ["full_address"] * 3
        assert mails_to(session, VICTIM) == 3


def test_two_who_invite_each_other_do_not_wait_for_each_other(engine: Engine, world: World) -> None:
    pairs = [("maple_leader", "maple", "oak_leader"), ("oak_leader", "oak", "maple_leader")]
    refused = at_once(
        engine,
        *[
            lambda session, leader=leader, where=where, other=other: invite(
                session, world, leader, where, "member", address=f"{other}@example.org"
            )
            for leader, where, other in pairs
        ],
    )
    assert refused == []


def test_two_last_leaders_who_remove_each_other_leave_one(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        second = invite(session, world, "state_leader", "state", "leader")
        people.accept(session, second.person, second.id, NOW)
        members = [membership_of(session, "state_leader").id, second.id]
        reaches = [reach_of(session, VICTIM), reach_of(session, "state_leader")]

    refused = at_once(
        engine,
        *[
            lambda session, reach=reach, member=member: people.remove(
                session, reach, session.get_one(Membership, member), NOW
            )
            for reach, member in zip(reaches, members, strict=True)
        ],
    )
    with writing(engine) as session:
        assert refused == ["last_leader"]
        assert len({one for one in roles_in(session, place(session, world, "state")) if one[1] == "leader"}) == 1


def test_removed_twice_at_once_is_removed_once(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        member, reach = membership_of(session, "maple_member").id, reach_of(session, "maple_leader")
        place(session, world, "maple")
    both = [lambda session: people.remove(session, reach, session.get_one(Membership, member), NOW)] * 2
    refused = at_once(engine, *both)
    assert len(refused) == 1
    with writing(engine) as session:
        assert session.get(Membership, member) is None
