"""A leader opens a survey: in a minute, over many schools, or as a copy of an earlier one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from pages import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, open_survey

from partnerforms.models import Organization, Survey, SurveyLink
from partnerforms.services.tools import Tools
from partnerforms.web.surveys import typed

SignedIn = Callable[[str], Browser]


def form_of(leader: Browser, place: Any, more: str = "") -> Form:
    return leader.get(f"/surveys/new?organization={place}{more}").page.form("/surveys/new")


def opened(session: Session, title: str) -> Survey:
    session.rollback()
    return session.scalars(select(Survey).where(Survey.title == title)).one()


def deliveries(survey: Survey) -> dict[str, str]:
    return {link.audience: link.delivery for link in survey.links}


def test_a_name_is_all_it_takes(signed_in: SignedIn, session: Session, tools: Tools, world: World) -> None:
    leader = signed_in("maple_leader")
    start = leader.get("/").page
    page = leader.get(next(link for link in start.links if link.startswith("/surveys/new"))).page
    overview = leader.follow(leader.send(page.form("/surveys/new"), {"title": "Autumn survey"})).page
    assert overview.h1 == "Autumn survey"
    survey = opened(session, "Autumn survey")
    assert deliveries(survey) == dict.fromkeys(("families", "students", "community", "staff"), "batches")
    assert survey.languages == list(tools.library.languages)
    assert survey.previous_id is None
    addresses = [link for link in overview.links if "/s/" in link]
    assert len(addresses) == 4
    for link in addresses:
        Browser(leader.client.application).get(link.removeprefix("http://localhost"))
    for link in overview.links:
        if f"/surveys/{survey.id}/" in link:
            leader.get(link)


def test_groups_languages_and_ways_of_mailing_are_chosen(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    form = form_of(leader, world.places["maple"])
    data = {
        "title": "Autumn", "audience": ["families", "staff", "martians"], "delivery-staff": "at_close",
        "delivery-families": "burn", "language": ["en", "ar", "tlh"],
    }  # fmt: skip
    leader.send(form, data)
    survey = opened(session, "Autumn")
    assert deliveries(survey) == {"families": "batches", "staff": "at_close"}
    assert survey.languages == ["en", "ar"]


def test_the_page_says_which_translations_nobody_has_reviewed(
    signed_in: SignedIn, tools: Tools, world: World
) -> None:
    text = signed_in("maple_leader").get(f"/surveys/new?organization={world.places['maple']}").page.text
    unread = [code for code, one in tools.library.languages.items() if code != "en" and not one.reviewed_by]
    assert text.count("Not reviewed by a native speaker yet") == len(unread)


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "said", "where"),
    [
        ({"title": " "}, "Enter a name of at most 200 characters.", "title"),
        ({"title": "x" * 201}, "Enter a name of at most 200 characters.", "title"),
        ({"title": "\x00"}, "Enter a name of at most 200 characters.", "title"),
        ({"opens_on": "soon"}, "Enter a date.", "opens_on"),
        ({"closes_on": ""}, "not before the first day", "closes_on"),
        ({"closes_on": "2000-01-01"}, "not before the first day", "closes_on"),
        ({"opens_on": "2000-01-01", "closes_on": "2000-01-02"}, "not over yet", "closes_on"),
        ({"audience": []}, "Choose at least one group to ask.", "audience"),
        ({"audience": "district"}, "Choose at least one group to ask.", "audience"),
        ({"language": []}, "Choose at least one language.", "language"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(
    changes: dict[str, Any], said: str, where: str, signed_in: SignedIn, session: Session, world: World
) -> None:
    leader = signed_in("maple_leader")
    data = {"title": "Autumn survey", "delivery-staff": "each", **changes}
    page = leader.send(form_of(leader, world.places["maple"]), data, status=422).page
    assert any(said in text and link == f"#{where}" for link, text in page.errors)
    assert page.form("/surveys/new").data()["delivery-staff"] == ["each"]
    assert len(session.scalars(select(Survey)).all()) == 1


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_title_is_a_title(kind: str, signed_in: SignedIn, world: World) -> None:
    leader = signed_in("maple_leader")
    text, words = HOSTILE[kind]
    overview = leader.follow(leader.send(form_of(leader, world.places["maple"]), {"title": text})).page
    assert overview.h1 == words
    assert words in leader.get("/").page.text


def test_a_survey_may_begin_later(signed_in: SignedIn, world: World) -> None:
    leader = signed_in("maple_leader")
    first = world.began.date() + timedelta(days=5)
    data = {"title": "Later", "opens_on": str(first), "closes_on": str(first)}
    overview = leader.follow(leader.send(form_of(leader, world.places["maple"]), data)).page
    assert "Not open yet" in overview.text


@pytest.mark.parametrize("how", ["9999-12-31", "0001-01-01"])
def test_the_first_and_the_last_day_there_are(how: str, signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    form = form_of(leader, world.places["maple"])
    leader.follow(leader.send(form, {"title": "x", "opens_on": how, "closes_on": "9999-12-31"}))
    leader.get("/")
    copy = form_of(leader, world.places["maple"], f"&earlier={opened(session, 'x').id}").data()
    assert copy["closes_on"] == ["9999-12-31"]


def test_a_district_asks_at_all_schools_but_one(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("district_leader")
    form = form_of(leader, world.places["district"])
    assert form.data()["where"] == ["here"]
    assert set(form.data()["school"]) == {str(world.places[name]) for name in ("maple", "oak")}
    oak = str(world.places["oak"])
    overview = leader.follow(leader.send(form, {"title": "Everywhere", "where": "below", "school": oak})).page
    places = {(link.organization_id, link.audience) for link in opened(session, "Everywhere").links}
    assert places == {
        *((world.places["oak"], audience) for audience in ("families", "students", "community", "staff")),
        (world.places["district"], "district"),
    }
    assert "Oak School" in overview.text
    assert "Maple School" not in overview.text


def test_a_survey_without_a_school_to_ask_is_not_opened(signed_in: SignedIn, world: World) -> None:
    leader = signed_in("district_leader")
    form = form_of(leader, world.places["district"])
    page = leader.send(form, {"title": "Nowhere", "where": "below", "school": []}, status=422).page
    assert "None of the places that take part would ask: Families" in page.text


def test_schools_of_a_state_are_named_in_a_list(
    signed_in: SignedIn, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "TICKED", 1)
    leader = signed_in("state_leader")
    form = form_of(leader, world.places["state"])
    assert "school" not in form.data()
    data = {"title": "State", "where": "below", "which": "without", "listed": "maple  school\nElm School"}
    page = leader.send(form, data, status=422).page
    assert "No place below is called “Elm School”." in page.text
    assert page.form("/surveys/new").data()["listed"] == ["maple  school\nElm School"]
    leader.send(page.form("/surveys/new"), {"listed": "maple  school"})
    survey = opened(session, "State")
    asked = {link.organization_id for link in survey.links}
    assert asked == {world.places[name] for name in ("state", "district", "oak")}
    copy = form_of(leader, world.places["state"], f"&earlier={survey.id}").data()
    assert (copy["where"], copy["which"]) == (["below"], ["without"])
    assert copy["listed"] == ["Maple School"]


def test_last_year_s_survey_is_copied(signed_in: SignedIn, session: Session, tools: Tools, world: World) -> None:
    asked = {"families": "each", "staff": "at_close"}
    last = open_survey(
        session, tools, "district_leader", world.began, asked, -400, -370, places=[world.places["oak"]]
    )
    last.title, last.languages = "Survey 2024–2025", ["en", "es"]
    session.commit()
    leader = signed_in("district_leader")
    page = leader.get(f"/surveys/new?organization={world.places['district']}").page
    link = next(link for link in page.links if f"earlier={last.id}" in link)
    overview = leader.follow(leader.send(leader.get(link).page.form("/surveys/new"))).page
    assert overview.h1 == "Survey 2026–2027"
    copy = opened(session, "Survey 2026–2027")
    before = session.get_one(Survey, last.id)
    assert copy.previous_id == before.id
    assert before.title in overview.text
    assert copy.languages == ["en", "es"]
    assert copy.opens_on - before.opens_on == copy.closes_on - before.closes_on == timedelta(weeks=104)
    assert deliveries(copy) == asked
    assert {link.organization_id for link in copy.links} == {world.places["oak"]}


def test_nobody_begins_from_a_survey_of_somebody_else(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    leader = signed_in("oak_leader")
    path = f"/surveys/new?organization={world.places['oak']}"
    for earlier in (world.survey, "x", "00000000-0000-0000-0000-000000000000"):
        leader.get(f"{path}&earlier={earlier}", 404)
        data = {**leader.get(path).page.form("/surveys/new").data(), "title": "Stolen", "earlier": str(earlier)}
        leader.post("/surveys/new", data, 404)
    assert not session.scalars(select(SurveyLink).join(Organization).where(Organization.name == "Oak School")).all()
