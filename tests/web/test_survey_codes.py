"""The way to a survey: its code as people type it, and its days."""

import random

import pytest
from browser import Browser, on_sqlite
from filling import fields
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import World, open_survey

from partnerforms.engine import codes
from partnerforms.engine.library import Library
from partnerforms.models import Survey
from partnerforms.services.tools import Tools


def test_a_code_may_be_typed_in_any_manner(browser: Browser, world: World) -> None:
    code = world.codes["families"]
    for typed in (code, codes.printed(code), code.lower(), f"{code[:4]}%20{code[4:]}"):
        assert browser.get(f"/s/{typed}").page.h1.startswith("How we share the work")
    found = browser.get(f"/s/?code=+{codes.printed(code).lower()}+", status=303)
    assert browser.follow(found).page.h1.startswith("How we share the work")
    browser.get("/s/")


@on_sqlite
@pytest.mark.parametrize("typed", ["AAAA-AAAB", "nonsense", "%00", "%ED%A0%80", "{{7*7}}", "x" * 500, "<b>&\"'", "ß"])
def test_a_mistyped_code_has_its_own_page(typed: str, browser: Browser) -> None:
    page = browser.get(f"/s/{typed}", status=404).page
    assert page.h1 == "That code has a typing slip"
    assert page.form("/s/").fields[0][0] == "code"


@on_sqlite
@pytest.mark.parametrize("typed", ["AB/CD", "..", ".", "?", "a b c", "%2F", "A\x00B"])
def test_whatever_is_typed_for_a_code_ends_in_the_same_page(typed: str, browser: Browser) -> None:
    answer = browser.get("/s/", query_string={"code": typed}, status=None)  # type: ignore[arg-type]
    if answer.status == 303:
        answer = browser.get(answer.location, status=404)
    assert (answer.status, answer.page.h1) == (404, "That code has a typing slip")


def test_an_unknown_code_has_its_own_page(browser: Browser) -> None:
    unknown = codes.make(random.Random(99))
    page = browser.get(f"/s/{unknown}", status=404).page
    assert page.h1 == "We do not know this code"
    assert browser.get(f"/s/{unknown}?lang=es", status=404).page.h1 == "No conocemos este código"


@pytest.mark.parametrize(
    ("first", "last", "status", "h1"),
    [(2, 9, 403, "This survey is not open yet"), (-9, -2, 410, "This survey has ended")],
)
def test_outside_its_days_a_survey_says_so_and_takes_nothing(
    first: int,
    last: int,
    status: int,
    h1: str,
    browser: Browser,
    session: Session,
    library: Library,
    tools: Tools,
    world: World,
) -> None:
    survey = open_survey(session, tools, "oak_leader", world.began, {"families": "each"}, first, last)
    code = survey.links[0].code
    session.commit()
    open_form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    assert browser.get(f"/s/{code}", status=status).page.h1 == h1
    data = {**open_form.data(), **fields(answers(library, "families"))}
    assert browser.post(f"/s/{code}", data, status=status).page.h1 == h1
    assert kept(session) == []


def test_the_last_day_still_counts(browser: Browser, session: Session, tools: Tools, world: World) -> None:
    survey = open_survey(session, tools, "oak_leader", world.began, {"families": "each"}, -1, 0)
    code = survey.links[0].code
    session.commit()
    browser.get(f"/s/{code}")


def test_a_closed_survey_says_so(browser: Browser, session: Session, world: World) -> None:
    session.get_one(Survey, world.survey).closed_at = world.began
    session.commit()
    assert browser.get(f"/s/{world.codes['families']}", status=410).page.h1 == "This survey has ended"
