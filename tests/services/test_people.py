"""People on both databases: invited, accepted, changed, removed; who may, and what hangs on it."""

from datetime import timedelta
from typing import Any

import pytest
from outbox_helpers import put, writing
from people_helpers import NEW, NOW, TOOLS, invite, membership_of, person_of, place, reach_of, roles_in, small_world
from sqlalchemy import Engine, func, select
from world import World, address

from partnerforms.models import AuditEntry, Delivery, Membership, Person
from partnerforms.services import people
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.people.memberships import RefusedError


@pytest.fixture
def world(engine: Engine) -> World:
    return small_world(engine)


def everything(session: Any) -> list[int]:
    tables = (Person, Membership, Delivery, AuditEntry)
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


# --- inviting ---


def test_an_invitation_is_a_mail_and_gives_nothing_yet(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        invite(session, world, address="New.Person@Example.ORG", role="leader", language="es")
    with writing(engine) as session:
        person = person_of(session, NEW)
        assert (person.name, person.language) == ("New Person", "es")
        assert not reach_of(session, NEW).abilities
        (mail,) = session.scalars(select(Delivery))
        assert (mail.recipient, mail.letter, mail.language) == (NEW, "invitation_leader", "es")
        assert mail.details["link"] == "https://forms.example.org/sign-in?address=new.person%40example.org"
        assert mail.cause == f"person:{person_of(session, 'maple_leader').id}"
        (asked,) = people.invitations(session, person)
        assert asked.inviter == "Maple Leader"
        people.accept(session, person, asked.membership.id, NOW)
        assert reach_of(session, NEW).can("run", world.places["maple"])


def test_who_has_an_account_keeps_name_and_language_and_may_be_many_things(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        person_of(session, "oak_member").language = "es"
        for role in ("member", "coordinator", "leader"):
            invite(session, world, address=address("oak_member"), name="Somebody Else", role=role)
        person = person_of(session, "oak_member")
        assert (person.name, person.language) == ("Oak Member", "es")
        assert len(people.invitations(session, person)) == 3
        for asked in people.invitations(session, person):
            people.accept(session, person, asked.membership.id, NOW)
        reach = reach_of(session, "oak_member")
        assert reach.can("run", world.places["maple"])
        assert not reach.can("run", world.places["oak"])


def test_invited_twice_is_one_membership_and_pressed_twice_one_mail(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        first = invite(session, world)
        assert invite(session, world, "district_leader").id == first.id
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1
        later = NOW + timedelta(minutes=5)
        assert invite(session, world, "district_leader", now=later).id == first.id
        assert session.scalar(select(func.count()).select_from(Delivery)) == 2
        assert first.invited_by == person_of(session, "district_leader").id
        people.again(session, reach_of(session, "maple_leader"), first, TOOLS, later + timedelta(minutes=5))
        assert session.scalar(select(func.count()).select_from(Delivery)) == 3
        people.accept(session, first.person, first.id, NOW)
        for try_again in (
            lambda: invite(session, world, now=NOW + timedelta(days=3)),
            lambda: people.again(session, reach_of(session, "maple_leader"), first, TOOLS, NOW + timedelta(days=3)),
        ):
            with pytest.raises(RefusedError, match="already"):
                try_again()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": "nobody"}, "address"),
        ({"address": ""}, "address"),
        ({"address": "a@example.org, b@example.org"}, "address"),
        ({"address": "a@example.org\nBcc: b@example.org"}, "address"),
        ({"address": "Ana <a@example.org>"}, "address"),
        ({"address": "a" * 300 + "@example.org"}, "address"),
        ({"address": "a\u202e@example.org"}, "address"),
        ({"name": ""}, "name"),
        ({"name": " \t\n "}, "name"),
        ({"name": "\u202e\u200f\x00"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"role": "owner"}, "role"),
        ({"role": ""}, "role"),
        ({"address": address("maple_member"), "role": "member"}, "already"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    engine: Engine, world: World, changes: dict[str, str], reason: str
) -> None:
    with writing(engine) as session:
        before = everything(session)
        with pytest.raises(RefusedError, match=f"^{reason}$"):
            invite(session, world, **changes)
        assert everything(session) == before


def test_a_hostile_name_is_one_line_that_turns_nothing(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        name = invite(session, world, name="\u202eAna\r\nBcc: x@y.org\x00 <b>{person}</b> %(x)s").person.name
    assert name == "Ana Bcc: x@y.org <b>{person}</b> %(x)s"


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("maple_member", NotAllowedError), ("maple_coordinator", NotAllowedError), ("oak_leader", NotThereError),
        ("foreign_leader", NotThereError), ("stranger", NotThereError), ("district_member", NotThereError),
    ],
)  # fmt: skip
def test_only_who_arranges_an_organization_touches_its_people(
    engine: Engine, world: World, who: str, error: type[Exception]
) -> None:
    with writing(engine) as session:
        reach, member = reach_of(session, who), membership_of(session, "maple_member")
        before = everything(session), roles_in(session, place(session, world, "maple"))
        for deed in (
            lambda: invite(session, world, who),
            lambda: people.find(session, reach, world.places["maple"], member.id),
            lambda: people.again(session, reach, member, TOOLS, NOW),
            lambda: people.change_role(session, reach, member, "leader", NOW),
            lambda: people.remove(session, reach, member, NOW),
        ):
            with pytest.raises(error):
                deed()
        assert (everything(session), roles_in(session, place(session, world, "maple"))) == before


def test_nobody_is_invited_to_what_is_archived(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        waiting = invite(session, world)
        place(session, world, "maple").archived_at = NOW
        with pytest.raises(RefusedError, match="archived"):
            invite(session, world, address="other@example.org")
        with pytest.raises(RefusedError, match="archived"):
            people.again(session, reach_of(session, "maple_leader"), waiting, TOOLS, NOW + timedelta(days=1))


def test_the_name_of_somebody_from_elsewhere_is_not_told(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        known = invite(session, world, address=address("foreign_leader"))
        fresh = invite(session, world)
        reach = reach_of(session, "maple_leader")
        assert people.nameless(session, reach, [known, fresh]) == {known.person_id}
        people.accept(session, known.person, known.id, NOW)
        assert people.nameless(session, reach, [known, fresh]) == set()


# --- answering ---


def test_only_the_invited_person_answers(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        asked = invite(session, world)
        for other in ("maple_leader", "maple_member", "foreign_leader", "stranger"):
            for answer in (people.accept, people.decline):
                with pytest.raises(NotThereError):
                    answer(session, person_of(session, other), asked.id, NOW)
        assert asked.accepted_at is None
        people.decline(session, asked.person, asked.id, NOW)
        assert NEW not in {one for one, _, _ in roles_in(session, place(session, world, "maple"))}
        with pytest.raises(NotThereError):
            people.accept(session, person_of(session, NEW), asked.id, NOW)


def test_accepted_twice_is_accepted_once_and_not_declined_any_more(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        asked = invite(session, world)
        people.accept(session, asked.person, asked.id, NOW)
        people.accept(session, asked.person, asked.id, NOW + timedelta(days=1))
        assert asked.accepted_at == NOW
        with pytest.raises(NotThereError):
            people.decline(session, asked.person, asked.id, NOW)


def test_a_session_of_single_sign_on_answers_only_where_it_reaches(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        asked = invite(session, world, address=address("foreign_member"))
        person, far = asked.person, world.places["foreign"]
        assert people.invitations(session, person, within=far) == []
        for answer in (people.accept, people.decline):
            with pytest.raises(NotThereError):
                answer(session, person, asked.id, NOW, within=far)
        assert len(people.invitations(session, person, within=world.places["district"])) == 1
        people.accept(session, person, asked.id, NOW, within=world.places["district"])


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_documents_wait_for_the_coordinator_to_accept(engine: Engine, world: World, answer: str) -> None:
    with writing(engine) as session:
        asked = invite(session, world, role="coordinator")
        held = put(session, "held", recipient=NEW)
        held.membership_id, held.state, held.held_for = asked.id, "held", "invited"
        getattr(people, answer)(session, asked.person, asked.id, NOW)
    with writing(engine) as session:
        left = session.scalars(select(Delivery).where(Delivery.dedup == "held")).all()
        assert [(one.state, one.held_for) for one in left] == ([("queued", None)] if answer == "accept" else [])


def test_the_log_says_who_did_what(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        asked = invite(session, world)
        people.accept(session, asked.person, asked.id, NOW)
        people.change_role(session, reach_of(session, "maple_leader"), asked, "coordinator", NOW)
        people.remove(session, reach_of(session, "maple_leader"), asked, NOW)
        found = session.scalars(select(AuditEntry).where(AuditEntry.action.like("person.%"))).all()
    assert {(one.person_name, one.action, one.subject) for one in found} >= {
        ("Maple Leader", "person.invited", NEW),
        ("New Person", "person.accepted", "New Person"),
        ("Maple Leader", "person.role_changed", "New Person"),
        ("Maple Leader", "person.removed", "New Person"),
    }
