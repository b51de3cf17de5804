"""The pages of an organization's people: who is there, inviting, roles, handing over, leaving."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from world import PEOPLE, World, address, begin_session

from partnerforms.models import Delivery, Membership, Person

SignedIn = Callable[[str], Browser]
NEW = {"name": "New Person", "address": "new@example.org", "role": "member", "language": "en"}


def home(world: World, place: str = "maple") -> str:
    return f"/organizations/{world.places[place]}/people"


def of(session: Session, person: str, world: World) -> str:
    """The path of a person's page."""
    session.rollback()
    wanted = person if "@" in person else address(person)
    query = select(Membership).join(Person, Person.id == Membership.person_id).where(Person.address == wanted)
    found = session.scalars(query).one()
    return f"/organizations/{found.organization_id}/people/{found.id}"


def test_everybody_is_listed_with_what_they_are(signed_in: SignedIn, session: Session, world: World) -> None:
    coordinator = session.scalars(select(Person).where(Person.address == address("maple_coordinator"))).one()
    coordinator.signed_in_at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    session.commit()
    leader = signed_in("maple_leader")
    leader.send(leader.get(home(world)).page.form(home(world)), NEW)
    text = leader.get(home(world)).page.text
    for heading in ("Leaders (1)", "Members (2)", "Coordinators (1)"):
        assert heading in text
    assert "Signed in last on March 5, 2026" in text
    assert "no answer yet" in text
    assert "Oak" not in text
    assert text == signed_in("state_leader").get(home(world)).page.text


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "", "address": "", "role": ""}, ["name", "address", "role"]),
        ({"name": "x" * 30_000}, ["name"]),
        ({"name": "\x00\u202e"}, ["name"]),
        ({"address": "not an address"}, ["address"]),
        ({"address": "a@example.org, b@example.org"}, ["address"]),
        ({"address": "\x00\ud7ff" * 500}, ["address"]),
        ({"role": "king"}, ["role"]),
        ({"address": address("maple_member")}, ["address"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    signed_in: SignedIn, session: Session, world: World, changes: dict[str, str], fields: list[str]
) -> None:
    leader = signed_in("maple_leader")
    typed = {**NEW, "name": "O'Brien & <b>Söhne</b>", **changes, "proof": leader.proof}
    page = leader.post(home(world), typed, status=422).page
    assert [to for to, _ in page.errors] == [f"#{field}" for field in fields]
    if "name" not in changes:
        assert page.form(home(world)).data()["name"] == ["O'Brien & <b>Söhne</b>"]
    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


@on_sqlite
@pytest.mark.parametrize("data", [{}, {"name": "x"}, {"address": "a@example.org"}, {"role": ["king", "member"]}])
def test_forms_with_missing_fields_are_refused_and_do_not_break(
    signed_in: SignedIn, session: Session, world: World, data: dict[str, str]
) -> None:
    leader = signed_in("maple_leader")
    one = of(session, "maple_member", world)
    for path in (home(world), f"{one}/hand-over", f"{one}/role"):
        leader.post(path, {**data, "proof": leader.proof}, status=422)


def test_an_odd_language_is_english(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    leader.post(home(world), {**NEW, "language": "xx", "proof": leader.proof})
    assert session.scalars(select(Person.language).where(Person.address == NEW["address"])).one() == "en"


def test_a_flood_is_stopped_with_a_sentence(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    for role in ("leader", "member", "coordinator"):
        leader.send(leader.get(home(world)).page.form(home(world)), {**NEW, "role": role})
    other = signed_in("foreign_leader")
    path = home(world, "foreign")
    page = other.send(other.get(path).page.form(path), NEW, status=422).page
    assert "new@example.org was sent enough invitations" in page.said_at("address")
    session.rollback()
    query = select(func.count()).where(Delivery.recipient == NEW["address"])
    assert session.scalar(query) == 3
    assert "new@example.org" not in other.get(path).text


def test_who_is_removed_is_out_at_once(signed_in: SignedIn, session: Session, world: World, app: Flask) -> None:
    gone = signed_in("maple_member")
    gone.get(f"/organizations/{world.places['maple']}")
    leader = signed_in("maple_leader")
    page = leader.get(of(session, "maple_member", world)).page
    leader.follow(leader.send(page.form("/remove")))
    gone.get("/", status=303)
    gone.get(f"/organizations/{world.places['maple']}", status=303)
    session.rollback()
    person = session.scalars(select(Person).where(Person.address == address("maple_member"))).one()
    token = begin_session(session, person, world.began)
    session.commit()
    anew = Browser(app, token)
    anew.get(f"/organizations/{world.places['maple']}", status=404)
    assert address("maple_member") not in leader.get(home(world)).text


def test_another_role_signs_out_and_holds(signed_in: SignedIn, session: Session, world: World) -> None:
    promoted = signed_in("maple_member")
    leader = signed_in("maple_leader")
    path = of(session, "maple_member", world)
    leader.send(leader.get(path).page.form("/role"), {"role": "coordinator"})
    promoted.get("/", status=303)
    assert "Coordinators (2)" in leader.get(home(world)).page.text
    leader.send(leader.get(path).page.form("/role"), {"role": "king"}, status=422)


def test_who_leaves_alone_ends_at_the_start(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    page = leader.get(of(session, "maple_leader", world)).page
    assert "This is you" in page.text
    assert leader.send(page.form("/remove")).location == "/"
    leader.get("/", status=303)


def test_the_only_leader_is_told_so_and_cannot_go(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("state_leader")
    path = of(session, "state_leader", world)
    page = leader.get(path).page
    assert "Nobody else leads this organization" in page.text
    assert not [form for form in page.forms if form.action.endswith(("/remove", "/role"))]
    for deed, data in (("remove", {}), ("role", {"role": "member"})):
        refused = leader.post(f"{path}/{deed}", {**data, "proof": leader.proof}, status=422).page
        assert [to for to, _ in refused.errors] == ["#alone"]
    successor = {"name": "Next", "address": "next@example.org", "when": "now"}
    refused = leader.send(page.form("/hand-over"), successor, status=422).page
    assert [to for to, _ in refused.errors] == ["#when"]
    assert refused.form("/hand-over").data()["address"] == ["next@example.org"]
    leader.follow(leader.send(page.form("/hand-over"), {**successor, "when": "accepted"}))
    assert "next@example.org has been asked to take over" in leader.get(path).page.text


def test_handing_over_at_once(signed_in: SignedIn, session: Session, world: World) -> None:
    gone = signed_in("maple_coordinator")
    leader = signed_in("maple_leader")
    path = of(session, "maple_coordinator", world)
    form = leader.get(path).page.form("/hand-over")
    wrong = leader.send(form, {"name": "", "address": address("maple_coordinator")}, status=422).page
    assert [to for to, _ in wrong.errors] == ["#name"]
    same = leader.send(form, {"name": "x", "address": address("maple_coordinator")}, status=422).page
    assert [to for to, _ in same.errors] == ["#address"]
    leader.follow(leader.send(form, {"name": "Next", "address": "next@example.org", "when": "now"}))
    gone.get("/", status=303)
    leader.get(path, status=404)
    assert "next@example.org" in leader.get(home(world)).text


def test_handing_over_later_goes_back_to_the_list_that_shows_the_successor(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    leader = signed_in("maple_leader")
    form = leader.get(of(session, "maple_leader", world)).page.form("/hand-over")
    answer = leader.send(form, {"name": "Next", "address": "next@example.org"})
    assert answer.location == home(world)
    assert "next@example.org" in leader.follow(answer).page.text


def test_an_invitation_is_sent_again_and_withdrawn(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    leader.send(leader.get(home(world)).page.form(home(world)), NEW)
    path = of(session, "new@example.org", world)
    page = leader.get(path).page
    sent = leader.follow(leader.send(page.form("/again"))).page
    assert "An invitation is on its way to new@example.org." in sent.text
    assert not [form for form in page.forms if form.action.endswith("/hand-over")]
    hand_over = {"name": "x", "address": "x@example.org", "proof": leader.proof}
    leader.post(f"{path}/hand-over", hand_over, status=404)
    leader.follow(leader.send(page.form("/remove")))
    leader.get(path, status=404)


@on_sqlite
def test_a_person_is_found_in_the_own_organization_alone(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("district_leader")
    elsewhere = of(session, "oak_member", world).rpartition("/")[2]
    unknown = uuid.uuid4()
    for one in (elsewhere, unknown):
        leader.get(f"{home(world)}/{one}", status=404)
        for deed in ("remove", "role", "again", "hand-over"):
            leader.post(f"{home(world)}/{one}/{deed}", {**NEW, "proof": leader.proof}, status=404)


@on_sqlite
def test_names_of_others_never_become_markup(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    for number, name in enumerate(("<script>x</script>", "{{ 7*7 }} %(x)s {person}", "'\"><img src=x>")):
        typed = {**NEW, "name": name, "address": f"a{number}@example.org", "proof": leader.proof}
        leader.post(home(world), typed)
        assert name in leader.get(home(world)).page.text
        assert leader.get(of(session, f"a{number}@example.org", world)).page.h1 == name
        leader.get("/deliveries")


@on_sqlite
def test_who_sees_maple_but_does_not_arrange_it_sees_no_list(signed_in: SignedIn, world: World) -> None:
    for person, (place, role) in PEOPLE.items():
        status = 404
        if place == "maple":
            status = 200 if role == "leader" else 403
        elif place in ("state", "district") and role == "leader":
            status = 200
        signed_in(person).get(home(world), status=status)
