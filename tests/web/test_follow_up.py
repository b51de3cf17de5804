"""Back to the people: a place writes what it will do, and the survey's address tells it once the survey has ended."""

from collections.abc import Callable

import pytest
from browser import Browser, on_sqlite
from closing import answer, close
from paper_piles import link_of
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_weight import MOST, compressed
from world import World, open_survey

from partnerforms.languages import read_library
from partnerforms.models import FollowUp, Survey, SurveyLink
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
TITLE = "What you told us and what we will do"
GOOD = {
    "school_welcome": "very_well",
    "school_partners": "a_little",
    "school_community": "well",
    "student_future": "not_at_all",
    "first_choices": ["school_partners"],
    "comment": "A secret comment",
}


@pytest.fixture
def survey(session: Session, tools: Tools, world: World) -> Survey:
    """Maple's, closed: twelve families answered, and two students, who are too few."""
    answer(session, link_of(session, world), GOOD, 12)
    answer(session, link_of(session, world, "students"), {"school_welcome": "very_well"}, 2)
    found = session.get_one(Survey, world.survey)
    close(session, found, tools)
    return found


def write(browser: Browser, survey: Survey, place: str, do: str = "publish", **texts: str) -> None:
    path = f"/surveys/{survey.id}/follow-up?place={place}"
    form = browser.get(path).page.form("/follow-up")
    browser.send(form, {**{f"text-{code}": text for code, text in texts.items()}, "do": do})


def test_nothing_published_is_the_old_page(
    signed_in: SignedIn, browser: Browser, survey: Survey, world: World
) -> None:
    address = f"/s/{world.codes['families']}"
    assert browser.get(address, status=410).page.h1 == "This survey has ended"
    write(signed_in("maple_leader"), survey, str(world.places["maple"]), do="save", en="Not yet for all")
    assert "Not yet for all" not in browser.get(address, status=410).text


def test_what_was_heard_and_will_be_done_is_told(
    signed_in: SignedIn, browser: Browser, survey: Survey, world: World, session: Session
) -> None:
    leader, maple = signed_in("maple_leader"), str(world.places["maple"])
    write(leader, survey, maple, en="We open a welcome desk.\n\nWe ask again <b>in</b> May.")
    page = browser.get(f"/s/{world.codes['families']}").page
    assert page.h1 == TITLE
    assert "Answers: 12" in page.text
    best, weakest, first = page.root.iter("ol")
    said = ["".join(one.itertext()).replace("\xa0", " ").split("\n") for one in (best, weakest, first)]
    assert [line for line in said[0] if line] == [
        "A welcoming school: > 95 %",
        "School and community teamwork: > 95 %",
    ]
    assert [line for line in said[1] if line] == [
        "Planning for the future: < 5 %",
        "Deciding together with families: < 5 %",
    ]
    assert [line for line in said[2] if line] == ["Deciding together with families: > 95 %"]
    assert "We open a welcome desk." in page.text
    assert "<b>in</b> May." in page.text  # as it was typed, no markup
    assert "secret" not in page.text
    assert page.scripts == []

    few = browser.get(f"/s/{world.codes['students']}").page
    assert "Fewer than 10 people answered here." in few.text
    assert "%" not in few.text
    assert "We open a welcome desk." in few.text

    write(leader, survey, maple, do="take_back")
    browser.get(f"/s/{world.codes['families']}", status=410)
    session.rollback()
    assert session.scalars(select(FollowUp)).one().text.startswith("We open")


def test_readers_get_their_language_or_else_english(
    signed_in: SignedIn, browser: Browser, survey: Survey, world: World
) -> None:
    write(signed_in("maple_leader"), survey, str(world.places["maple"]), en="We will", es="Vamos a")
    address = f"/s/{world.codes['families']}"
    spanish = browser.get(address, headers={"Accept-Language": "es-MX"}).page
    assert (spanish.language, "Vamos a" in spanish.text, "We will" in spanish.text) == ("es", True, False)
    arabic = browser.get(f"{address}?lang=ar").page
    assert (arabic.language, arabic.root.get("dir")) == ("ar", "rtl")
    (text,) = [one for one in arabic.root.iter("div") if one.get("lang") == "en"]
    assert text.get("dir") == "ltr"
    assert f"{address[:7]}-{address[7:]}?lang=es" in arabic.links


def test_an_open_survey_is_a_survey_whatever_is_published(
    signed_in: SignedIn, browser: Browser, session: Session, world: World
) -> None:
    survey = session.get_one(Survey, world.survey)
    write(signed_in("maple_leader"), survey, str(world.places["maple"]), en="We will")
    assert browser.get(f"/s/{world.codes['families']}").page.h1 != TITLE


def test_who_sends_too_late_is_told_that_it_has_ended(
    signed_in: SignedIn, browser: Browser, survey: Survey, world: World
) -> None:
    write(signed_in("maple_leader"), survey, str(world.places["maple"]), en="We will")
    assert browser.post(f"/s/{world.codes['families']}", {}, status=410).page.h1 == "This survey has ended"


def test_a_district_tells_for_its_schools_until_they_do(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    maple, oak, district = (world.places[name] for name in ("maple", "oak", "district"))
    wide = open_survey(
        session, tools, "district_leader", world.began, {"families": "at_close"}, places=[maple, oak], seed=7
    )
    links = {link.organization_id: link for link in session.scalars(
        select(SurveyLink).where(SurveyLink.survey_id == wide.id)) if link.audience == "families"}  # fmt: skip
    answer(session, links[maple], GOOD, 12)
    answer(session, links[oak], GOOD, 3)
    codes = {place: link.code for place, link in links.items()}
    close(session, wide, tools)
    write(signed_in("district_leader"), wide, str(district), en="The district will")
    for place in (maple, oak):
        page = browser.get(f"/s/{codes[place]}").page
        assert "The district will" in page.text
        assert "Answers: 12" in page.text
    write(signed_in("oak_leader"), wide, str(oak), en="Oak will")
    own = browser.get(f"/s/{codes[oak]}").page
    assert "Oak will" in own.text
    assert "Fewer than 10" in own.text
    for person, place, status in (
        ("oak_leader", maple, 404),
        ("oak_leader", district, 404),
        ("maple_member", maple, 403),
    ):
        signed_in(person).get(f"/surveys/{wide.id}/follow-up?place={place}", status=status)


def test_two_writers_lose_nothing(signed_in: SignedIn, survey: Survey, world: World, session: Session) -> None:
    leader, path = signed_in("maple_leader"), f"/surveys/{survey.id}/follow-up"
    mine, theirs = (leader.get(path).page.form("/follow-up") for _ in range(2))
    leader.send(theirs, {"text-en": "Theirs"})
    page = leader.send(mine, {"text-en": "Mine"}, status=409).page
    assert page.form("/follow-up").data()["text-en"] == ["Mine"]
    assert "Theirs" in page.text
    leader.send(page.form("/follow-up"), {"text-en": "Theirs and mine"})
    session.rollback()
    assert session.scalars(select(FollowUp)).one().text == "Theirs and mine"


@on_sqlite
def test_what_cannot_be_is_said_and_kept_on_the_page(signed_in: SignedIn, survey: Survey) -> None:
    leader, path = signed_in("maple_leader"), f"/surveys/{survey.id}/follow-up"
    form = leader.get(path).page.form("/follow-up")
    assert leader.send(form, {"do": "publish"}, status=422).page.errors[0][0] == "#text-en"
    page = leader.send(form, {"text-ar": "x" * 2001, "text-en": "Stays"}, status=422).page
    assert [where for where, _ in page.errors] == ["#text-ar"]
    assert page.form("/follow-up").data()["text-en"] == ["Stays"]


@on_sqlite
def test_the_preview_is_the_page_before_it_is_published(signed_in: SignedIn, survey: Survey, world: World) -> None:
    leader = signed_in("maple_leader")
    write(leader, survey, str(world.places["maple"]), do="save", en="We will")
    page = leader.get(f"/surveys/{survey.id}/follow-up/preview?audience=families&lang=es").page
    assert page.language == "es"
    assert "We will" in page.text
    assert "12" in page.text
    assert all(f"{survey.id}/follow-up/preview" in link for link in page.links if link.startswith("/"))


@on_sqlite
@pytest.mark.parametrize("language", list(read_library().languages))
def test_the_page_is_light(
    language: str, signed_in: SignedIn, browser: Browser, survey: Survey, session: Session, tools: Tools, world: World
) -> None:
    """With a text as long as a page of a letter, in words of that language."""
    items = read_library().instrument("survey_families", language).items()
    length = 400 if language in ("zh-hans", "ko") else 1200
    text = " ".join(item.hint for item in items)[:length]
    write(signed_in("maple_leader"), survey, str(world.places["maple"]), **{language: text})
    address = f"/s/{world.codes['families']}?lang={language}"
    page = browser.get(address).page
    assert text[:100] in page.text
    sheets = [one.get("href", "") for one in page.root.iter("link") if one.get("rel") == "stylesheet"]
    assert sum(compressed(browser, path, "gzip") for path in (address, *sheets)) <= MOST
