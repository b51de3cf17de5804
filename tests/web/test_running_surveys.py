"""A survey that is open: counts in steps, many places, who was asked; its days changed, closed, opened again."""

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser, on_sqlite
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from test_statements import noted
from world import World, open_survey

from partnerforms.models import AuditEntry, Organization, Publication, Response, Survey, SurveyLink
from partnerforms.services.surveys import opening, progress
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


def answer(session: Session, link: SurveyLink, times: int, **more: Any) -> None:
    for _ in range(times):
        values = {"day": link.survey.opens_on, "language": "en", "answers": {"school_welcome": "very_well"}, **more}
        session.add(Response(key=uuid.uuid4().hex, link_id=link.id, **values))
    session.commit()


@pytest.fixture
def families(session: Session, world: World) -> SurveyLink:
    return session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes["families"])).one()


@pytest.fixture
def wide(session: Session, tools: Tools, world: World) -> Survey:
    """The district's survey at Maple and Oak."""
    places = [world.places["maple"], world.places["oak"]]
    asked = {"families": "batches", "staff": "batches"}
    survey = open_survey(session, tools, "district_leader", world.began, asked, places=places, seed=9)
    survey.title = "Everywhere"
    session.commit()
    return survey


def test_languages_and_channels_are_told_in_steps_and_totals_exactly(
    signed_in: SignedIn, session: Session, families: SurveyLink
) -> None:
    answer(session, families, 23)
    answer(session, families, 12, language="es", channel="paper")
    answer(session, families, 3, language="ar", channel="kiosk")
    answer(session, families, 5, set_aside="too_fast")
    page = signed_in("maple_member").get(f"/surveys/{families.survey_id}").page
    assert "38 answered" in page.text
    assert "English: 20 or more · Español: 10 or more · Every other language: fewer than 10" in page.text
    assert "By link: 20 or more · On paper: 10 or more · Every other way: fewer than 10" in page.text
    assert "العربية" not in page.text


def test_nobody_else_shows_when_one_more_answers() -> None:
    """Of what is told apart from the total, one answer more changes nothing but every tenth time."""
    chance = random.Random(4)
    for _ in range(500):
        counted = {name: chance.randrange(40) for name in ("en", "es", "ar")}
        told = progress.in_steps(counted, 10)
        assert all(number % 10 == 0 and 0 < number <= counted[name] for name, number in told.items())
        assert set(told) == {name for name, number in counted.items() if number >= 10}
        more = chance.choice(list(counted))
        after = progress.in_steps({**counted, more: counted[more] + 1}, 10)
        assert (after == told) == (counted[more] % 10 != 9)


def test_a_school_sees_its_part_of_the_district_s_survey_and_no_other(
    signed_in: SignedIn, session: Session, world: World, wide: Survey
) -> None:
    at = {(link.organization_id, link.audience): link for link in wide.links}
    answer(session, at[world.places["maple"], "families"], 4)
    answer(session, at[world.places["oak"], "families"], 7)
    for person in ("oak_leader", "oak_member", "oak_coordinator"):
        browser = signed_in(person)
        start = browser.get("/").page
        assert "Everywhere" in start.text
        assert "Families: 7" in start.text
        assert "Everywhere" in browser.get("/surveys?words=oak").page.text
        assert "Everywhere" not in browser.get("/surveys?words=maple").page.text.partition("Search")[2]
        page = browser.get(f"/surveys/{wide.id}").page
        assert "7 answered" in page.text
        assert "11" not in page.text.replace(wide.title, "")
        assert "Maple" not in page.text
        assert len([link for link in page.links if "/s/" in link]) == 2
        browser.get(f"/surveys/{wide.id}/places/{world.places['maple']}", 404)
    district = signed_in("district_leader").get(f"/surveys/{wide.id}").page
    assert "11 answered" in district.text
    assert "Families: 4" in district.text
    assert "Families: 7" in district.text
    assert "11 answered" in signed_in("district_member").get(f"/surveys/{wide.id}").page.text
    for person in ("foreign_leader", "stranger"):
        signed_in(person).get(f"/surveys/{wide.id}", 404)
        signed_in(person).get(f"/surveys/{wide.id}/places/{world.places['oak']}", 404)


def test_places_are_found_by_name_and_page_by_page(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    district = session.get_one(Organization, world.places["district"])
    leader = signed_in("district_leader")
    asked = []
    for schools in (30, 60):
        made = [
            Organization(level="school", name=f"School {n:03}", parent=district) for n in range(schools - 30, schools)
        ]
        session.add_all(made)
        session.flush()
        everywhere = select(Organization.id).where(Organization.parent_id == district.id)
        places = session.scalars(everywhere).all()
        survey = open_survey(
            session, tools, "district_leader", world.began, {"families": "batches"}, places=places, seed=schools
        )
        session.commit()
        leader.get(f"/surveys/{survey.id}")
        with noted(session.get_bind()) as statements:  # type: ignore[arg-type]
            page = leader.get(f"/surveys/{survey.id}").page
        asked.append(len(statements))
        assert f"1 to 25 of {schools + 2}" in page.text
    assert asked[0] == asked[1] < 25
    second = leader.get(next(link for link in page.links if "skip=25" in link)).page
    assert "School 030" in second.text
    found = leader.get(f"/surveys/{survey.id}?words=school+041").page
    assert "School 041" in found.text
    assert "School 040" not in found.text
    place = leader.get(next(link for link in found.links if "/places/" in link)).page
    assert place.h1 == "School 041"


def test_counts_are_measured_against_who_was_asked(
    signed_in: SignedIn, session: Session, world: World, families: SurveyLink
) -> None:
    answer(session, families, 42)
    leader = signed_in("maple_leader")
    page = leader.get(f"/surveys/{world.survey}").page
    form = leader.get(next(link for link in page.links if link.endswith("/people"))).page.form("/people")
    for text in ("0", "-3", "many", "1e3", "9" * 30, "2000000"):
        wrong = leader.send(form, {"people-families": text, "people-staff": "40"}, status=422).page
        assert wrong.errors[0][0] == "#people-families"
        assert wrong.form("/people").data()["people-staff"] == ["40"]
    overview = leader.follow(leader.send(form, {"people-families": "1,300", "people-staff": ""})).page
    assert "42 of 1300 (3 %) answered" in overview.text
    leader.send(form, {"people-families": "1300"})
    entered = select(func.count(AuditEntry.id)).where(AuditEntry.action == "survey.people_entered")
    assert session.scalar(entered) == 1
    overview = leader.follow(leader.send(form, {"people-families": ""})).page
    assert "42 answered" in overview.text


def test_name_and_days_are_changed_until_it_is_closed(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    page = leader.get(f"/surveys/{world.survey}").page
    form = leader.get(next(link for link in page.links if link.endswith("/dates"))).page.form("/dates")
    last = world.began.date() + timedelta(days=90)
    data = {"title": "A better name", "closes_on": last.isoformat()}
    overview = leader.follow(leader.send(form, data)).page
    assert overview.h1 == "A better name"
    assert session.get_one(Survey, world.survey).closes_on == last
    leader.post(f"/surveys/{world.survey}/close", {"proof": leader.proof})
    leader.send(form, {**data, "title": "Too late"})
    assert leader.follow(leader.get(f"/surveys/{world.survey}/dates", 303)).page.h1 == "A better name"
    sentences = leader.get(f"/organizations/{world.places['maple']}/log").page.text
    assert sentences.count("changed the name or the days of a survey: A better name") == 1


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": ""}, "#title"),
        ({"opens_on": "x"}, "#opens_on"),
        ({"closes_on": "2000-01-01"}, "#closes_on"),
        ({"opens_on": "2000-01-01", "closes_on": "2000-02-01"}, "#closes_on"),
    ],
)
def test_wrong_days_change_nothing(
    changes: dict[str, str], where: str, signed_in: SignedIn, session: Session, world: World
) -> None:
    leader = signed_in("maple_leader")
    page = leader.send(leader.get(f"/surveys/{world.survey}/dates").page.form("/dates"), changes, status=422).page
    assert [link for link, _ in page.errors] == [where]
    assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "survey.changed")) == 0


def test_opened_again_it_is_answered_and_what_was_published_stays(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World, families: SurveyLink
) -> None:
    answer(session, families, 12)
    leader = signed_in("maple_leader")
    leader.post(f"/surveys/{world.survey}/close", {"proof": leader.proof})
    browser.get(f"/s/{world.codes['families']}", 410)
    page = leader.get(f"/surveys/{world.survey}").page
    assert not [link for link in page.links if link.endswith(("/dates", "/close"))]
    ask = leader.get(next(link for link in page.links if link.endswith("/reopen"))).page
    assert "results that are published stay as they are" in ask.text
    for wrong in ("", "2000-01-01"):
        again = leader.send(ask.form("/reopen"), {"closes_on": wrong}, status=422).page
        assert again.errors[0][0] == "#closes_on"
    leader.send(ask.form("/reopen"))
    browser.get(f"/s/{world.codes['families']}")
    survey = session.get_one(Survey, world.survey)
    session.refresh(survey)
    assert survey.closed_at is None
    assert session.scalar(select(func.count(Publication.id)).where(Publication.survey_id == survey.id)) == 1
    answer(session, families, 11)
    opening.close(session, survey, tools, random.Random(3), world.began)
    session.commit()
    numbers = select(Response.counted_in, func.count()).group_by(Response.counted_in)
    assert dict(session.execute(numbers).all()) == {1: 12, 2: 11}
    log = leader.get(f"/organizations/{world.places['maple']}/log").page.text
    assert "opened a survey again: How we share the work" in log


def test_a_survey_closed_before_its_first_day_is_opened_again_from_that_day(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    survey = open_survey(session, tools, "maple_leader", world.began, {"staff": "each"}, first=40, last=60)
    opening.close(session, survey, tools, random.Random(3), world.began)
    session.commit()
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/{survey.id}/reopen").page.form("/reopen")
    leader.send(form, {"closes_on": world.began.date().isoformat()}, status=422)
    leader.follow(leader.send(form))
