"""The rest of the matrix: every way, from every position in the tree, and ids of one place used in another."""

import uuid
from collections.abc import Callable, Mapping

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from positions import POSITIONS, take_positions
from snapshots import snapshot
from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import MAY, Way, all_ways, ask, make_all
from world import World, address

from partnerforms.models import Membership, Organization, Person, Record
from partnerforms.services import access, people
from partnerforms.services.tools import Tools

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
SEEN = ("sign_in_sessions.seen_at",)
ALLOWED = {200, 303, 409, 422}


@pytest.fixture
def things(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """What belongs to Maple School."""
    return make_all(session, tools, world)


@pytest.fixture
def positions(session: Session, world: World, things: dict[str, str]) -> dict[str, str]:
    return take_positions(session, world)


def unknown(things: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(things, str(uuid.uuid4()))


def does_not_exist(browser: Browser, things: Mapping[str, str], who: str) -> None:
    """Every way to these things is answered as if there were none."""
    for endpoint, way in all_ways().items():
        if endpoint[0] == "account.disconnect" and who.startswith("by_"):
            continue  # 403 for all ids: who came by a single sign-on only looks at the account
        foreign, nothing = ask(browser, way, things), ask(browser, way, unknown(things))
        assert foreign.status == nothing.status == 404, (who, endpoint, foreign.status)
        assert foreign.content == nothing.content, (who, endpoint)
    for path in ("/", "/records", "/surveys", "/organizations", "/jobs", "/deliveries", "/account"):
        page = browser.get(path).text
        if who.startswith("below"):
            page = page.replace("A secret year", "").replace(
                "A+secret+year", ""
            )  # what Maple asks them for, they see
        assert "secret" not in page, (who, path)
        assert "How we share the work" not in page, (who, path)
        assert not [name for name, thing in things.items() if thing in page and name not in ("maple", "provider")]


@pytest.mark.parametrize("who", [who for who, (_, _, may) in POSITIONS.items() if not may])
def test_from_nowhere_else_in_the_tree_is_maple_seen(
    who: str, app: Flask, session: Session, things: dict[str, str], positions: dict[str, str]
) -> None:
    before = snapshot(session, SEEN)
    does_not_exist(Browser(app, positions[who]), things, who)
    assert snapshot(session, SEEN) == before


@pytest.mark.parametrize("who", [who for who, (_, _, may) in POSITIONS.items() if may])
def test_several_roles_allow_what_each_of_them_does_and_no_more(
    who: str, app: Flask, things: dict[str, str], positions: dict[str, str]
) -> None:
    browser, may = Browser(app, positions[who]), POSITIONS[who][2]
    for endpoint, way in all_ways().items():
        if endpoint[0] == "account.disconnect" and who.startswith("by_"):
            continue
        answer = ask(browser, way, things)
        wanted = ALLOWED if way.takes in may else {way.without}
        assert answer.status in wanted, (endpoint, answer.status)


@pytest.mark.parametrize("person", MAY)
def test_what_is_archived_is_looked_at_and_arranged_only(
    person: str, signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    session.get_one(Organization, world.places["maple"]).archived_at = world.began
    session.commit()
    browser = signed_in(person)
    for endpoint, way in all_ways().items():
        may = MAY[person] & {"see", "arrange"}
        if endpoint[0] == "organizations.restore" and "arrange" in may:
            continue
        if endpoint[0] in ("data.ask_erase", "data.erase") and person == "maple_leader":
            may = may - {"arrange"}  # to be erased it is brought back first, or somebody above does it
        answer = ask(browser, way, things)
        wanted = ALLOWED if way.takes in may else {way.without}
        assert answer.status in wanted, (endpoint, answer.status)


def test_what_is_archived_does_not_exist_for_others(
    signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    session.get_one(Organization, world.places["maple"]).archived_at = world.began
    session.commit()
    for person in ("oak_leader", "foreign_leader", "stranger"):
        does_not_exist(signed_in(person), things, person)


def test_who_is_removed_between_page_and_press_does_nothing(
    app: Flask, signed_in: SignedIn, session: Session, tools: Tools, world: World, things: dict[str, str]
) -> None:
    """Removed by a leader, the session ends at once; removed without that, the session reaches nothing."""
    browser = signed_in("maple_leader")
    assert browser.proof
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    above = session.scalars(select(Person).where(Person.address == address("district_leader"))).one()
    people.remove(session, access.reach(session, above), leader.memberships[0], world.began)
    session.commit()
    before = snapshot(session)
    for endpoint, way in all_ways().items():
        answer = ask(browser, way, things)
        assert answer.status == (401 if way.data and way.method == "POST" else 303), (endpoint, answer.status)
        assert "secret" not in answer.content.decode("utf-8", "replace")
    assert snapshot(session) == before


def test_who_loses_the_role_in_an_open_session_reaches_nothing(
    signed_in: SignedIn, session: Session, things: dict[str, str]
) -> None:
    browser = signed_in("maple_leader")
    assert browser.proof
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    session.delete(leader.memberships[0])
    session.commit()
    before = snapshot(session, SEEN)
    does_not_exist(browser, things, "maple_leader")
    assert snapshot(session, SEEN) == before


@pytest.mark.parametrize("person", ["oak_leader", "foreign_leader", "district_leader"])
def test_an_id_of_another_place_in_an_address_of_ones_own(
    person: str, signed_in: SignedIn, session: Session, world: World, things: dict[str, str]
) -> None:
    """The organization is the person's own, the thing is Maple's: as if there were no such thing."""
    own = str(world.places[person.removesuffix("_leader")])
    browser, before = signed_in(person), snapshot(session, SEEN)
    mixed = things | {"maple": own}
    ways = [way for way in all_ways().values() if "{maple}" in way.path and way.path.count("{") > 1]
    assert len(ways) > 6
    for way in ways:
        foreign, nothing = ask(browser, way, mixed), ask(browser, way, unknown(things) | {"maple": own})
        assert (foreign.status, foreign.content) == (404, nothing.content), way
    assert snapshot(session, SEEN) == before


def test_an_id_of_ones_own_in_an_address_of_another_place(
    signed_in: SignedIn, session: Session, world: World, things: dict[str, str]
) -> None:
    """The thing is Maple's, the organization is one that Maple's leader does not see."""
    browser, before = signed_in("maple_leader"), snapshot(session, SEEN)
    for place in ("oak", "district", "state", "foreign"):
        for way in all_ways().values():
            if "{maple}" in way.path:
                answer = ask(browser, way, things | {"maple": str(world.places[place])})
                assert answer.status == 404, (place, way)
    assert snapshot(session, SEEN) == before


def test_foreign_ids_in_fields_and_questions(
    signed_in: SignedIn, session: Session, world: World, things: dict[str, str]
) -> None:
    """Oak's leader names Maple's things in forms and addresses of Oak."""
    oak, browser, before = str(world.places["oak"]), signed_in("oak_leader"), snapshot(session, SEEN)
    new = {"instrument": "action_plan", "title": "x"}
    refused = [
        Way("POST", "/records/new", "", {**new, "organization": "{maple}"}),
        Way("GET", "/records/new?instrument=action_plan&organization={maple}", ""),
        Way("GET", "/surveys/new?organization={maple}", ""),
        Way("GET", "/forms/action_plan.docx?organization={maple}", ""),
        Way("POST", "/surveys/new", "", {"organization": "{maple}", "title": "x"}),
        Way("POST", "/invitations/{invited}/accept", ""),
        Way("POST", "/invitations/{invited}/decline", ""),
        Way("POST", "/invitations/{newcomer}/decline", ""),
        Way("POST", "/account/connected/{provider}/end", ""),
    ]
    for way in refused:
        foreign, nothing = ask(browser, way, things), ask(browser, way, unknown(things))
        assert (foreign.status, foreign.content) == (404, nothing.content), way
    ignored = [
        Way("GET", f"/organizations/{oak}/people?sent={{newcomer}}", ""),
        Way("GET", f"/organizations/{oak}/log?below=1&person=Maple", ""),
        Way("GET", "/deliveries?place=Maple", ""),
        Way("GET", "/records?words=secret", ""),
        Way("GET", f"/surveys/new?organization={oak}&survey={{survey}}", ""),
    ]
    for way in ignored:
        answer = ask(browser, way, things)
        assert answer.status == 200, way
        assert "A secret" not in answer.text
        assert "newcomer@example.org" not in answer.text
    assert snapshot(session, SEEN) == before


def test_a_new_form_does_not_start_from_another_place_s(
    signed_in: SignedIn, session: Session, world: World, things: dict[str, str]
) -> None:
    oak, browser = str(world.places["oak"]), signed_in("oak_leader")
    for start in (f"record-{things['submitted']}", f"inventory-{things['submitted']}", f"record-{things['record']}"):
        data = {"organization": oak, "instrument": "action_plan", "title": "x", "start": start}
        home = browser.post("/records/new", {**data, "proof": browser.proof}).location
        session.rollback()
        made = session.get_one(Record, uuid.UUID(home.rpartition("/")[2]))
        assert made.draft == {}


def test_a_school_is_not_moved_below_what_its_mover_does_not_arrange(
    signed_in: SignedIn, session: Session, world: World, things: dict[str, str]
) -> None:
    before = snapshot(session, SEEN)
    maple, state, foreign = (str(world.places[place]) for place in ("maple", "state", "foreign"))
    for person, parent in (
        ("district_leader", foreign), ("district_leader", state), ("district_leader", str(uuid.uuid4())),
        ("state_leader", foreign), ("state_leader", maple), ("district_leader", "x"),
    ):  # fmt: skip
        browser = signed_in(person)
        data = {"name": "Maple School", "parent": parent, "proof": browser.proof}
        browser.post(f"/organizations/{maple}/edit", data, status=404)
    leader = signed_in("maple_leader")
    leader.post(f"/organizations/{maple}/edit", {"name": "Maple School", "parent": state, "proof": leader.proof})
    assert snapshot(session, SEEN) == before


def test_invitations_of_an_archived_or_narrower_place(
    app: Flask, session: Session, world: World, things: dict[str, str], positions: dict[str, str]
) -> None:
    """Who came by a single sign-on neither sees nor accepts an invitation from outside of it."""
    person = session.scalars(select(Person).where(Person.address == "by_oak@example.org")).one()
    invited = Membership(person_id=person.id, organization_id=world.places["district"], role="leader")
    session.add(invited)
    session.commit()
    browser = Browser(app, positions["by_oak"])
    assert "Riverside District" not in browser.get("/").text
    for deed in ("accept", "decline"):
        browser.post(f"/invitations/{invited.id}/{deed}", {"proof": browser.proof}, status=404)
    session.refresh(invited)
    assert invited.accepted_at is None
