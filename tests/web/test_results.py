"""The page of results and its files: the same figures, for those who see the survey, and nothing before the close."""

import csv
import io
import random
import uuid
from collections.abc import Callable

import pytest
from answering_many import answered, closed
from browser import Browser, on_sqlite
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import rows_of
from world import World, address, open_survey

from partnerforms.engine.disclosure import Share, TooFew
from partnerforms.engine.report_texts import REPORT_WORDS
from partnerforms.models import Comment, Organization, Person, Survey
from partnerforms.services import access
from partnerforms.services.surveys import figures, opening, results
from partnerforms.services.tools import Tools

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
MANY = {"families": 24, "students": 30, "staff": 12, "community": 4}
AT_CLOSE = dict.fromkeys(MANY, "at_close")


@pytest.fixture
def survey(session: Session, tools: Tools, world: World) -> Survey:
    """The survey of the district over both schools, with enough answers of all but community leaders."""
    places = [world.places["maple"], world.places["oak"]]
    survey = open_survey(session, tools, "district_leader", world.began, AT_CLOSE, places=places)
    return closed(session, survey, MANY, tools, world.began)


def test_before_the_close_there_is_only_when_results_come(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    survey = open_survey(session, tools, "maple_leader", world.began, AT_CLOSE)
    answered(session, survey.links[0], 30, random.Random(1))
    session.commit()
    browser = signed_in("maple_leader")
    page = browser.get(f"/surveys/{survey.id}/results").page
    assert "Results come when the survey is closed." in page.text
    assert "%" not in page.text
    for file in ("csv", "xlsx"):
        browser.get(f"/surveys/{survey.id}/results.{file}", 404)


def figures_of(session: Session, tools: Tools, person: str, survey: Survey, place: uuid.UUID) -> figures.Figures:
    who = session.scalars(select(Person).where(Person.address == address(person))).one()
    return figures.figures(session, access.reach(session, who), survey, place, "en", tools.library)


def test_page_csv_and_xlsx_show_the_figures_of_the_one_function(
    signed_in: SignedIn, session: Session, tools: Tools, world: World, survey: Survey
) -> None:
    browser, place = signed_in("district_leader"), world.places["maple"]
    found = figures_of(session, tools, "district_leader", survey, place)
    shown = results.published(session, survey)
    page = browser.get(f"/surveys/{survey.id}/results?place={place}").page
    lines = list(
        csv.reader(
            io.StringIO(browser.get(f"/surveys/{survey.id}/results.csv?place={place}").content.decode("utf-8-sig"))
        )
    )
    book = load_workbook(io.BytesIO(browser.get(f"/surveys/{survey.id}/results.xlsx?place={place}").content))
    words = "".join(page.text.split())
    answers = {(row[0].value, row[1].value): row[2:] for row in list(book["Answers"].rows)[1:]}
    of_csv = {(line[1], line[2], line[3]): line[4] for line in lines if line[0] == "Answers"}
    heads = [cell.value for cell in book["Answers"][1]][2:]
    assert [one.audience for one in found.heard] == ["families", "students", "community", "staff"]
    for one in found.heard:
        view = shown.view(place, one.audience)
        assert one.counted == view
        assert isinstance(view, TooFew) == (one.audience == "community")
        name = tools.library.catalogues["en"].audience(one.audience)
        for spread in one.spreads:
            if spread.item.id not in one.best:
                continue
            assert spread.people == view.items[spread.item.id].answered + view.items[spread.item.id].unsure
            cells = answers[name, spread.item.short]
            said = [str(spread.people), *map(str, spread.shares.values())]
            assert [of_csv[name, spread.item.short, head] for head in heads] == said
            for cell, value in zip(cells[1:], spread.shares.values(), strict=True):
                assert cell.value == (str(value) if value.bound else value.percent / 100)
                assert cell.number_format == ("General" if value.bound else "0%")
            assert "".join("".join([spread.item.short, *said]).split()) in words
    assert "There are fewer than 10 answers, so nothing more is shown." in page.text


def test_nothing_is_told_of_a_school_with_few_and_it_looks_like_one_with_none(
    signed_in: SignedIn, world: World, survey: Survey
) -> None:
    text = signed_in("district_leader").get(f"/surveys/{survey.id}/results?place={world.places['oak']}").page.text
    assert "fewer than 10" in text


def test_a_school_sees_itself_and_what_is_above_but_not_its_sister(
    signed_in: SignedIn, world: World, survey: Survey
) -> None:
    browser, address = signed_in("maple_member"), f"/surveys/{survey.id}/results"
    assert "Results: Maple School" in browser.get(address).page.text
    above = browser.get(f"{address}?place={world.places['district']}").page
    assert "Results: Riverside District" in above.text
    assert "Oak School" not in above.text
    for foreign in (world.places["oak"], world.places["foreign"], uuid.uuid4(), "nonsense"):
        for file in ("", ".csv", ".xlsx"):
            browser.get(f"{address}{file}?place={foreign}", 404)


def test_the_gap_comes_first_where_it_is_largest(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    survey = open_survey(session, tools, "maple_leader", world.began, AT_CLOSE)
    chance = random.Random(2)
    for link in survey.links:
        answered(
            session, link, 20, chance, school_communicate="very_well" if link.audience == "staff" else "not_at_all"
        )
    opening.close(session, survey, tools, chance, world.began)
    session.commit()
    gap = figures_of(session, tools, "maple_leader", survey, world.places["maple"]).gaps[0]
    assert (gap.responsibility, gap.points) == ("school.communicate", 90)
    assert gap.seen["staff"] == Share(95, "over")
    text = signed_in("maple_leader").get(f"/surveys/{survey.id}/results").page.text
    assert text.index("Keep in touch with families about learning") < text.index("Make everyone feel welcome")
    assert "100 %" not in text


def test_last_year_stands_beside_this_year_where_both_may_be_shown(
    signed_in: SignedIn, session: Session, tools: Tools, world: World, survey: Survey
) -> None:
    places = [world.places["maple"], world.places["oak"]]
    again = open_survey(session, tools, "district_leader", world.began, AT_CLOSE, seed=9, places=places)
    again.previous_id, survey.title = survey.id, "The year before"
    closed(session, again, {"families": 15, "community": 30}, tools, world.began, school_welcome="well")
    found = figures_of(session, tools, "district_leader", again, world.places["maple"])
    before = figures_of(session, tools, "district_leader", survey, world.places["maple"])
    by_audience = {one.audience: one for one in found.heard}
    assert by_audience["families"].before == {one.audience: one for one in before.heard}["families"].best
    assert by_audience["community"].before == {}  # too few the year before
    text = signed_in("district_leader").get(f"/surveys/{again.id}/results?place={world.places['maple']}").page.text
    assert "This time and last time" in text
    assert "The year before" in text


def test_who_does_not_see_last_year_s_survey_is_told_nothing_of_it(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    oak, both = [world.places["oak"]], [world.places["maple"], world.places["oak"]]
    before = open_survey(session, tools, "district_leader", world.began, AT_CLOSE, places=oak)
    closed(session, before, MANY, tools, world.began)
    again = open_survey(session, tools, "district_leader", world.began, AT_CLOSE, seed=9, places=both)
    again.previous_id = before.id
    closed(session, again, MANY, tools, world.began)
    for person, told in (("district_leader", True), ("maple_leader", False)):
        browser, query = signed_in(person), f"?place={world.places['district']}"
        page = browser.get(f"/surveys/{again.id}/results{query}").page.text
        assert ("This time and last time" in page) is told
        report = browser.get(f"/surveys/{again.id}/report.docx{query}").content
        assert any(REPORT_WORDS["last_time"] in row for row in rows_of(report)) is told


def test_a_cell_is_never_a_formula(signed_in: SignedIn, session: Session, tools: Tools, world: World) -> None:
    survey = open_survey(session, tools, "maple_leader", world.began, AT_CLOSE)
    closed(session, survey, {"families": 12}, tools, world.began, comment="=1+1\nand more")
    for comment in session.scalars(select(Comment)):
        comment.state = "released"
    session.get_one(Organization, world.places["maple"]).name = "@Maple"
    session.commit()
    browser = signed_in("maple_leader")
    book = load_workbook(io.BytesIO(browser.get(f"/surveys/{survey.id}/results.xlsx").content))
    cells = [cell for sheet in book for row in sheet.rows for cell in row if isinstance(cell.value, str)]
    assert not [cell.value for cell in cells if cell.data_type == "f" or cell.value.startswith(("=", "+", "-", "@"))]
    assert [cell.value for cell in cells if "1+1" in cell.value] == ["'=1+1\nand more"] * 12
    assert all(sheet.freeze_panes == "A2" for sheet in book.worksheets[1:])
    lines = csv.reader(io.StringIO(browser.get(f"/surveys/{survey.id}/results.csv").content.decode("utf-8-sig")))
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_a_reopened_survey_shows_what_was_published_before(
    signed_in: SignedIn, session: Session, tools: Tools, world: World, survey: Survey
) -> None:
    browser, address = signed_in("district_leader"), f"/surveys/{survey.id}/results.csv"
    before = browser.get(address).content
    survey.closed_at = None
    for link in survey.links:
        answered(session, link, 3, random.Random(8))
    session.commit()
    assert browser.get(address).content == before
    assert "The survey is open again." in browser.get(f"/surveys/{survey.id}/results").page.text
