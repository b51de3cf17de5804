"""Who gets what at which address: every route, every role, one's own and other people's organizations."""

import uuid
from collections.abc import Callable

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import MAY, all_ways, ask, expected, make_all
from world import PEOPLE, World, address

from partnerforms.models import Delivery, Membership, Person, Record, Survey
from partnerforms.services import deliveries
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]

# Routes that are the same for everybody who is signed in, and those that ask nobody to sign in.
FOR_MEMBERS = {
    "workspace.start",
    "workspace.forms",
    "workspace.surveys",
    "organizations.overview",
    "workspace.choose_language",
    "records.paper",
    "deliveries.overview",
    "jobs.overview",
    "account.page",
    "account.save",
    "account.end_others",
    "account.second",
    "account.prepare",
    "account.turn_on",
    "account.turn_off",
}
FOR_THE_INVITED = {"people.accept", "people.decline"}  # test_invitations
FOR_RUNNERS = {"deliveries.resume"}
FOR_ALL = {
    "static", "public.enter_code", "public.survey", "public.thanks", "public.copy",
    "kiosk.ask", "kiosk.thanks", "public_preview.ask", "public_preview.end", "language_preview.show",
    "language_preview.end",
    "invitation.answer", "invitation.ask_stop", "invitation.stop",
    "signin.ask", "signin.send_code", "signin.redeem", "signin.sign_out", "erased.told",
    "signin.link", "signin.redeem_link", "signin.ask_second", "signin.check_second", "single.set_out",
    "single.come_back",
}  # fmt: skip


@pytest.fixture
def things(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """What belongs to Maple School."""
    return make_all(session, tools, world)


def test_every_route_is_in_one_of_these_lists(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    listed = (
        {endpoint.split()[0] for endpoint, _ in all_ways()} | FOR_MEMBERS | FOR_THE_INVITED | FOR_RUNNERS | FOR_ALL
    )
    assert routes == listed


def test_who_is_not_signed_in_is_asked_to_and_told_nothing(browser: Browser, things: dict[str, str]) -> None:
    unknown = dict.fromkeys(things, str(uuid.uuid4()))
    for way in all_ways().values():
        for known in (things, unknown):
            answer = ask(browser, way, known)
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in"), way
    for path in (
        "/",
        "/deliveries",
        "/forms/action_plan.docx",
        "/forms/nothing.docx",
        "/records/new",
        "/surveys/new",
    ):
        assert browser.get(path, status=303).location.startswith("/sign-in?next=")
    for path in ("/language", "/deliveries/resume", "/records/new", "/surveys/new"):
        browser.post(path, {}, status=303)


@pytest.mark.parametrize("person", [person for person in PEOPLE if person in MAY])
def test_who_sees_maple_may_do_what_the_role_allows_and_no_more(
    person: str, signed_in: SignedIn, things: dict[str, str]
) -> None:
    browser = signed_in(person)
    for endpoint, way in all_ways().items():
        answer = ask(browser, way, things)
        assert answer.status in expected(way, person), (endpoint, answer.status)
    assert (b"A secret goal" in browser.get(f"/records/{things['record']}/check").content) == ("see" in MAY[person])


def test_for_all_others_maple_does_not_exist(signed_in: SignedIn, session: Session, things: dict[str, str]) -> None:
    unknown = dict.fromkeys(things, str(uuid.uuid4()))
    before = everything(session)
    for person in PEOPLE:
        if person in MAY:
            continue
        browser = signed_in(person)
        for endpoint, way in all_ways().items():
            foreign, nothing = ask(browser, way, things), ask(browser, way, unknown)
            assert foreign.status == nothing.status == 404, (person, endpoint, foreign.status)
            assert foreign.content == nothing.content, (person, endpoint)
        for path in ("/", "/deliveries", "/deliveries?state=failed"):
            page = browser.get(path).text
            assert "secret" not in page
            assert not [thing for thing in things.values() if thing in page]
            assert "How we share the work" not in page
    assert everything(session) == before


def everything(session: Session) -> list[object]:
    session.rollback()
    found: list[object] = [
        (record.title, record.state, record.draft_version) for record in session.scalars(select(Record))
    ]
    found += [(one.state, one.attempts) for one in session.scalars(select(Delivery))]
    found += [(survey.title, survey.closed_at) for survey in session.scalars(select(Survey))]
    return sorted(found, key=str)


def test_a_district_sees_its_schools_and_a_school_not_its_district(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    leader = signed_in("district_leader")
    form = leader.get(f"/records/new?organization={world.places['district']}&instrument=inventory").page
    home = leader.send(form.form("/records/new"), {"title": "District inventory"}).location
    signed_in("state_leader").get(home)
    signed_in("district_member").get(home)
    for person in ("maple_leader", "maple_member", "maple_coordinator", "oak_leader", "foreign_leader"):
        signed_in(person).get(home, status=404)
        assert "District inventory" not in signed_in(person).get("/").text


def test_a_form_of_another_level_does_not_exist(signed_in: SignedIn, world: World) -> None:
    for person, place, instrument in (
        ("maple_leader", "maple", "inventory"),
        ("district_leader", "district", "action_plan"),
        ("district_leader", "district", "survey_families"),
        ("district_leader", "district", "nothing"),
    ):
        path = f"/records/new?organization={world.places[place]}&instrument={instrument}"
        signed_in(person).get(path, status=404)


def test_one_person_s_roles_in_two_places_do_not_mix(
    signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    oak = session.scalars(select(Person).where(Person.address == address("oak_leader"))).one()
    session.add(
        Membership(
            person_id=oak.id, organization_id=world.places["maple"], role="coordinator", accepted_at=world.began
        )
    )
    session.commit()
    browser = signed_in("oak_leader")
    for endpoint, way in all_ways().items():
        assert ask(browser, way, things).status in expected(way, "maple_coordinator"), endpoint


def test_who_loses_a_role_loses_it_at_once(signed_in: SignedIn, session: Session, things: dict[str, str]) -> None:
    browser = signed_in("maple_leader")
    browser.get(f"/records/{things['record']}")
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    session.delete(person.memberships[0])
    session.commit()
    browser.get(f"/records/{things['record']}", status=404)
    assert "secret" not in browser.get("/").text


def test_only_who_runs_something_may_end_a_pause_of_the_mail(signed_in: SignedIn) -> None:
    for person, (_, role) in PEOPLE.items():
        browser = signed_in(person)
        browser.post("/deliveries/resume", {"proof": browser.proof}, status=303 if role == "leader" else 403)


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "/records/x", "/records/{record}/nowhere", "/records/{record}/goals", "/records/{record}/goals/9",
        "/records/{record}/team/0", "/records/{record}/goals/-1", "/surveys/x", "/deliveries/x/again", "/nowhere",
        "/records/{record}/revisions/1.docx", "/records/{record}/goals/99999999999999999999999", "/static/../cli.py",
        "/static/%2e%2e/cli.py", "/deliveries?state=burnt", "/records/{record}/\x00", "/records/{record}/%ED%A0%80",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere_say_so(path: str, signed_in: SignedIn, things: dict[str, str]) -> None:
    answer = signed_in("maple_leader").request("GET", path.format(**things))
    assert answer.status in (404, 405)
    assert answer.page.h1 in ("This page is not here", "That did not work")


def test_the_queue_of_one_s_own_letters_alone_is_seen(
    signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    deliveries.enqueue(
        session,
        recipient="somebody@example.org",
        language="en",
        letter="record_submitted",
        details=dict.fromkeys(("record", "instrument", "organization", "person", "revision", "link"), "far away"),
        dedup="x",
        now=world.began,
        organization_id=world.places["foreign"],
    )
    session.commit()
    for person, (_, role) in PEOPLE.items():
        text = signed_in(person).get("/deliveries").text
        assert ("far away" in text) == (person in ("foreign_leader", "foreign_coordinator")), person
        assert ("A secret plan" in text) == ("deliveries" in MAY.get(person, set())), (person, role)
