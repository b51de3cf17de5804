"""The pages of the tree: found, made, changed, moved, archived, brought back."""

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from sqlalchemy import select
from sqlalchemy.orm import Session
from ways_organizations import LOGO
from world import World

from partnerforms.models import AuditEntry, Organization
from partnerforms.services import inheritance

SignedIn = Callable[[str], Browser]


@pytest.fixture
def at(world: World) -> Callable[..., str]:
    return lambda place, more="": f"/organizations/{world.places[place]}{more}"


def organization(session: Session, world: World, place: str) -> Organization:
    session.rollback()
    return session.get_one(Organization, world.places[place], populate_existing=True)


def links(browser: Browser, path: str) -> set[str]:
    """What can be done at an organization: the last word of each link of its page."""
    page = browser.get(path).page
    return {link.removeprefix(f"{path}/") for link in page.links if link.startswith(f"{path}/")}


@on_sqlite
def test_the_overview_shows_what_a_person_sees(signed_in: SignedIn, world: World) -> None:
    for person, sees, not_sees in (
        ("state_leader", ["State of Tests", "Riverside District", "1 district", "2 schools"], ["Far"]),
        ("district_leader", ["Riverside District", "Maple School", "Oak School"], ["State of Tests", "Far"]),
        ("maple_member", ["Maple School"], ["Oak School", "Riverside", "State of Tests"]),
        ("stranger", ["Nothing is here yet."], ["School", "District"]),
    ):
        text = signed_in(person).get("/organizations").page.text
        assert [name for name in sees if name not in text] == [], person
        assert [name for name in not_sees if name in text] == [], person


@on_sqlite
def test_one_of_two_thousand_is_found_by_name_and_number(signed_in: SignedIn, session: Session, world: World) -> None:
    for number in range(190):
        district = Organization(level="district", name=f"District {number}", parent_id=world.places["state"])
        session.add(district)
        session.flush()
        session.add_all(
            Organization(level="school", name=f"Peña {one}", number=f"{number:03}{one:02}", parent_id=district.id)
            for one in range(10)
        )
    session.commit()
    browser = signed_in("state_leader")
    first = browser.get("/organizations")
    assert "191 districts" in first.page.text
    assert "Peña" not in first.page.text
    assert len(first.content) < 120_000
    assert first.text.index("District 9<") < first.text.index("District 10<")
    found = browser.get("/organizations?words=pena+17709").page
    assert "1 found" in found.text
    assert "State of Tests › District 177" in found.text
    every = browser.get("/organizations?show=school")
    (after,) = [link for link in every.page.links if "skip=200" in link]
    assert len(re.findall(r"<li>", browser.get(after).text)) == 200
    browser.get("/organizations?skip=1901&show=school")
    browser.get("/organizations?skip=-1&words=%00%ff&show=planet")
    browser.get(f"/organizations?skip={10**30}")


@on_sqlite
def test_each_sees_the_links_to_what_they_may_do(signed_in: SignedIn, at: Callable[..., str]) -> None:
    run = {"settings", "sign-in", "templates", "deliveries", "assignments"}
    arrange = {"people", "log", "data", "edit", "archive"}
    for person, may in (
        ("maple_leader", run | arrange),
        ("district_leader", arrange),
        ("maple_member", set()),
        ("maple_coordinator", set()),
    ):
        found = links(signed_in(person), at("maple"))
        assert may <= found, (person, may - found)
        assert not (run | arrange) - may & found, person
    assert {"new", "import"} <= links(signed_in("district_leader"), at("district"))


@on_sqlite
def test_every_link_of_a_page_leads_somewhere(signed_in: SignedIn, at: Callable[..., str]) -> None:
    for person, place in (("maple_leader", "maple"), ("district_leader", "district"), ("maple_coordinator", "maple")):
        browser = signed_in(person)
        for link in {link for link in browser.get(at(place)).page.links if link.startswith("/")}:
            browser.get(link)


def test_made_found_changed_and_moved(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str]
) -> None:
    browser = signed_in("state_leader")
    form = browser.get(at("state", "/new")).page.form("/new")
    home = browser.send(form, {"level": "district", "name": "Lake & Hill", "number": "0042"}).location
    assert browser.get(home).page.h1 == "Lake & Hill"
    edit = browser.get(at("maple", "/edit")).page.form("/edit")
    browser.send(edit, {"parent": home.rpartition("/")[2], "name": " Maple  Academy ", "number": "7"})
    maple = organization(session, world, "maple")
    assert (maple.name, maple.number, maple.parent and maple.parent.name) == ("Maple Academy", "7", "Lake & Hill")
    assert "Maple Academy" in browser.get(home).page.text
    signed_in("district_leader").get(at("maple"), status=404)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.action)).all()
    assert [one for one in actions if one.startswith("organization.")] == [
        "organization.created", "organization.moved", "organization.numbered", "organization.renamed",
    ]  # fmt: skip


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"level": ""}, "level", "Choose what it is"),
        ({"level": "state"}, "level", "Choose what it is"),
        ({"name": " \n"}, "name", "at most 200"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"name": "riverside DISTRICT"}, "name", "has this name"),
        ({"number": "9" * 41}, "number", "at most 40"),
        ({"number": "77"}, "number", "has this number"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str],
    typed: dict[str, str], field: str, words: str,
) -> None:  # fmt: skip
    organization(session, world, "oak").number = "77"
    session.commit()
    browser = signed_in("state_leader")
    form = browser.get(at("state", "/new")).page.form("/new")
    data = {"level": "district", "name": "A new one", "number": "1", **typed}
    page = browser.send(form, data, status=422).page
    assert page.title.startswith("Error:")
    assert [href for href, _ in page.errors] == [f"#{field}"]
    assert words in page.text
    again = page.form("/new").data()
    kept = {name: text.strip() for name, text in data.items() if name != "level" or text == "district"}
    assert {name: values[0] for name, values in again.items() if name in kept} == kept
    assert len(session.scalars(select(Organization)).all()) == 6


def test_a_change_is_made_as_a_whole_or_not_at_all(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str]
) -> None:
    organization(session, world, "oak").number = "77"
    session.commit()
    browser = signed_in("state_leader")
    form = browser.get(at("maple", "/edit")).page.form("/edit")
    changes = {"name": "Another name", "number": "77", "parent": str(world.places["state"])}
    page = browser.send(form, changes, status=422).page
    assert [href for href, _ in page.errors] == ["#number"]
    assert {name: values[0] for name, values in page.form("/edit").data().items() if name in changes} == changes
    maple = organization(session, world, "maple")
    assert (maple.name, maple.number, maple.parent_id) == ("Maple School", None, world.places["district"])
    assert not [one for one in session.scalars(select(AuditEntry.action)) if one.startswith("organization.")]


@on_sqlite
@pytest.mark.parametrize("parent", ["oak", "foreign", "unknown", "maple", "nonsense"])
def test_a_forged_place_is_no_place(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str], parent: str
) -> None:
    browser = signed_in("state_leader")
    place = str(world.places.get(parent, uuid.uuid4())) if parent != "nonsense" else "'; DROP"
    data = {"proof": browser.proof, "name": "Maple School", "number": "", "parent": place}
    browser.post(at("maple", "/edit"), data, status=404)
    assert organization(session, world, "maple").parent_id == world.places["district"]


@on_sqlite
def test_who_arranges_only_the_school_cannot_move_it(signed_in: SignedIn, at: Callable[..., str]) -> None:
    page = signed_in("maple_leader").get(at("maple", "/edit")).page
    assert "parent" not in page.form("/edit").data()
    assert "Only leaders of both places can move it" in page.text


@on_sqlite
@pytest.mark.parametrize("text", [typed for typed, _ in HOSTILE.values()], ids=HOSTILE)
def test_hostile_names_are_names(signed_in: SignedIn, at: Callable[..., str], text: str) -> None:
    browser = signed_in("district_leader")
    made = browser.send(browser.get(at("district", "/new")).page.form("/new"), {"name": text, "number": text[:40]})
    browser.follow(made)
    browser.get("/organizations", query_string={"words": text})
    browser.get(f"{made.location}/edit")
    browser.get(f"{made.location}/archive")


def test_nobody_is_invited_to_what_is_archived(signed_in: SignedIn, at: Callable[..., str]) -> None:
    browser = signed_in("district_leader")
    school = browser.send(browser.get(at("district", "/new")).page.form("/new"), {"name": "Elm School"}).location
    assert "Invite somebody" in browser.get(school).page.text
    browser.send(browser.get(f"{school}/archive").page.form("/archive"))
    assert "Invite somebody" not in browser.get(school).page.text


def test_archiving_is_asked_about_and_can_be_taken_back(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str]
) -> None:
    browser = signed_in("district_leader")
    ask = browser.get(at("district", "/archive")).page
    assert "2 schools" in ask.text
    assert "1 survey is open" in ask.text
    assert organization(session, world, "district").archived_at is None
    browser.send(ask.form("/archive"))
    page = browser.get(at("district")).page
    assert "Archived on" in page.text
    assert "2 archived" not in browser.get("/organizations").page.text
    assert "3 archived" in browser.get("/organizations").page.text
    assert "Maple School" in browser.get("/organizations?show=archived&words=maple").page.text
    signed_in("maple_leader").get(f"/records/new?organization={world.places['maple']}&instrument=action_plan", 404)
    school = signed_in("maple_leader").get(at("maple")).page
    answer = signed_in("maple_leader").send(school.form("/restore"), status=422)
    assert "Bring that back first" in answer.page.text
    signed_in("maple_member").post(at("maple", "/archive"), {"proof": signed_in("maple_member").proof}, status=403)
    browser.send(page.form("/archive") if "archive" in page.links else ask.form("/archive"), status=422)
    browser.send(page.form("/restore"))
    assert organization(session, world, "maple").archived_at is None
    signed_in("maple_leader").get(f"/records/new?organization={world.places['maple']}&instrument=action_plan")


@on_sqlite
def test_the_logo_is_the_one_from_above(
    signed_in: SignedIn, session: Session, world: World, at: Callable[..., str]
) -> None:
    signed_in("maple_member").get(at("maple", "/logo"), status=404)
    organization(session, world, "state").logo = LOGO
    session.commit()
    answer = signed_in("maple_member").get(at("maple", "/logo"))
    assert (answer.headers["Content-Type"], answer.content) == ("image/png", LOGO)
    assert at("maple", "/logo") in signed_in("maple_member").get(at("maple")).text
    signed_in("maple_member").get(at("state", "/logo"), status=404)


@on_sqlite
def test_a_school_year_that_begins_on_29_february(session: Session, world: World) -> None:
    school = organization(session, world, "maple")
    organization(session, world, "state").school_year_start = "02-29"
    found: list[Any] = [
        inheritance.school_year_began(school, day)
        for day in (date(2027, 2, 27), date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29))
    ]
    assert found == [date(2026, 2, 28), date(2027, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]
