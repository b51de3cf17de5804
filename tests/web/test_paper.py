"""Paper forms: a pile is begun, typed by codes, corrected, finished, and then counts like any other answers."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from paper_piles import begin, count, from_paper, link_of, press, type_in, typed
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import AuditEntry, PaperBatch, PaperSheet, SurveyLink
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]
CODES = {"school_welcome": "1", "school_partners": "9", "first_choices": "1, 12", "comment": "Más música 家"}
KEPT = {
    "school_welcome": "not_at_all",
    "school_partners": "unsure",
    "first_choices": ["school_welcome", "student_organization"],
    "comment": "Más música 家",
}


@pytest.fixture
def link(session: Session, world: World) -> SurveyLink:
    return link_of(session, world)


@pytest.fixture
def member(signed_in: SignedIn) -> Browser:
    return signed_in("maple_member")


def test_a_pile_is_typed_finished_and_counted(
    member: Browser, link: SurveyLink, session: Session, tools: Tools, world: World
) -> None:
    pile = begin(member, link, 3, language="es")
    assert pile.endswith("/paper/1")
    following = type_in(member, pile, 1, CODES)
    assert following.location == f"{pile}/1/2?saved=1"
    assert "Sheet 1 is saved. Answered: 4." in member.follow(following).page.text
    assert typed(session, 1) == KEPT
    type_in(member, pile, 3, {"school_welcome": "5", "school_partners": "0"})
    assert press(member, pile, "finish", 409).page.title.startswith("Error:")
    assert from_paper(session, link.id) == []
    last = type_in(member, pile, 2, {"student_future": "4"})
    assert last.location == pile
    press(member, pile, "finish")

    found = from_paper(session, link.id)
    assert {(one.channel, one.language, one.day, one.set_aside) for one in found} == {
        ("paper", "es", tools.day(world.began), None)
    }
    assert sorted((one.answers for one in found), key=str) == sorted(
        [KEPT, {"school_welcome": "very_well"}, {"student_future": "well"}], key=str
    )
    assert count(session, PaperSheet) == 0
    assert "Sheets that now count as answers: 3." in member.get(pile).page.text
    assert press(member, pile, "finish", 409).page.h1 == "Pile 1"
    assert len(from_paper(session, link.id)) == 3


def test_a_finished_pile_cannot_be_typed_or_thrown_away(member: Browser, link: SurveyLink, session: Session) -> None:
    pile = begin(member, link, 1)
    form = member.get(f"{pile}/1/1").page.form("/1/1")
    member.send(form, {"a-school_welcome": "3"})
    press(member, pile, "finish")
    assert member.get(f"{pile}/1/1", status=303).location == pile
    for changes in ({"a-school_welcome": "3"}, {"a-school_welcome": "4"}):
        assert "finished already" in member.send(form, changes, status=409).page.text
    press(member, pile, "remove", 409)
    member.post(f"{pile}/size", {"proof": member.proof, "sheets": "9"}, status=409)
    session.rollback()
    assert session.scalars(select(PaperBatch)).one().sheets == 1


def test_empty_paper_is_said_to_be_empty_and_not_counted(member: Browser, link: SurveyLink, session: Session) -> None:
    pile = begin(member, link, 2)
    page = type_in(member, pile, 1, {}, status=422).page
    assert page.errors[0][0] == "#empty"
    both = {"proof": member.proof, "empty": "1", "a-school_welcome": "2"}
    assert member.post(f"{pile}/1/1", both, status=422).page.errors[0][0] == "#empty"
    form = member.get(f"{pile}/1/1").page.form("/1/1")
    member.send(form, {"empty": "1"})
    assert typed(session, 1) == {}
    type_in(member, pile, 2, {"comment": "Only a word"})
    press(member, pile, "finish")
    (only,) = from_paper(session, link.id)
    assert only.answers == {"comment": "Only a word"}
    assert "count as answers: 1." in member.get(pile).page.text


@on_sqlite
@pytest.mark.parametrize(
    ("codes", "where", "said"),
    [
        ({"school_welcome": "6"}, "school_welcome", "Type one of these: 1 2 3 4 5 9."),
        ({"school_welcome": "12"}, "school_welcome", "Type one of these: 1 2 3 4 5 9."),
        ({"school_welcome": "well"}, "school_welcome", "Type one of these: 1 2 3 4 5 9."),
        ({"first_choices": "1 99"}, "first_choices", "Type one of these: 1 2 3"),
        ({"first_choices": "1 2 3 4"}, "first_choices", "at most 3; there are 4."),
        ({"comment": "x" * 2001}, "comment", "at most 2000 characters"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_lost(
    codes: dict[str, str], where: str, said: str, member: Browser, link: SurveyLink, session: Session
) -> None:
    pile = begin(member, link, 1)
    page = type_in(member, pile, 1, {"school_partners": "2", **codes}, status=422).page
    assert [line for line, _ in page.errors] == [f"#a-{where}"]
    assert said in page.said_at(f"a-{where}")
    kept = page.form("/1/1").data()
    assert kept["a-school_partners"] == ["2"]
    assert kept[f"a-{where}"][0].strip() == codes[where]
    assert count(session, PaperSheet) == 0


def test_two_people_at_one_pile_do_not_overwrite_each_other(
    signed_in: SignedIn, member: Browser, link: SurveyLink, session: Session
) -> None:
    leader = signed_in("maple_leader")
    pile = begin(member, link, 3)
    mine, theirs = (one.get(f"{pile}/1/1").page.form("/1/1") for one in (member, leader))
    leader.send(theirs, {"a-school_welcome": "5"})
    page = member.send(mine, {"a-school_welcome": "1", "a-comment": "Mine"}, status=409).page
    assert "not saved yet" in page.text
    assert typed(session, 1) == {"school_welcome": "very_well"}
    offered = page.form("/1/2")  # the next free sheet, with what was typed
    assert offered.data()["a-comment"] == ["Mine"]
    member.send(offered)
    assert typed(session, 2) == {"school_welcome": "not_at_all", "comment": "Mine"}

    # Both correct the same sheet: the second sees what is kept, and saves knowing it.
    mine, theirs = (one.get(f"{pile}/1/1").page.form("/1/1") for one in (member, leader))
    leader.send(theirs, {"a-school_welcome": "4"})
    again = member.send(mine, {"a-school_welcome": "2"}, status=409).page
    assert "Kept now: 4" in again.text
    assert typed(session, 1) == {"school_welcome": "well"}
    member.send(again.form("/1/1"))
    assert typed(session, 1) == {"school_welcome": "a_little"}


def test_a_second_press_of_save_is_the_same_sheet(member: Browser, link: SurveyLink, session: Session) -> None:
    pile = begin(member, link, 2)
    form = member.get(f"{pile}/1/1").page.form("/1/1")
    assert (
        member.send(form, {"a-school_welcome": "3"}).location == member.send(form, {"a-school_welcome": "3"}).location
    )
    assert count(session, PaperSheet) == 1


@on_sqlite
def test_a_miscounted_pile_can_be_put_right(member: Browser, link: SurveyLink, session: Session) -> None:
    pile = begin(member, link, 3)
    type_in(member, pile, 2, {"school_welcome": "3"})
    form = member.get(pile).page.form("/size")
    for wrong in ("1", "0", "x", "", "501", "-1", "٣"):
        assert member.send(form, {"sheets": wrong}, status=422).page.errors[0][0] == "#sheets"
    member.send(form, {"sheets": "2"})
    assert "Type sheet 1" in member.get(pile).page.text
    member.get(f"{pile}/1/3", status=404)
    assert member.post(f"{pile}/remove", {"proof": member.proof}, status=422).page.errors[0][0] == "#sure"
    press(member, pile, "remove")
    member.get(pile, status=404)
    for model in (PaperBatch, PaperSheet):
        assert count(session, model) == 0


@on_sqlite
@pytest.mark.parametrize(
    "changes", [{"sheets": "0"}, {"sheets": "many"}, {"sheets": "99999999999"}, {"language": "xx", "sheets": "3"}]
)
def test_a_pile_that_cannot_be_is_not_begun(
    changes: dict[str, str], member: Browser, link: SurveyLink, session: Session
) -> None:
    home = f"/surveys/{link.survey_id}/links/{link.id}/paper"
    assert member.send(member.get(home).page.form("/paper"), changes, status=422).page.errors
    assert count(session, PaperBatch) == 0


def test_after_the_end_nothing_is_counted_until_it_is_open_again(
    member: Browser, link: SurveyLink, session: Session, world: World, tools: Tools
) -> None:
    pile = begin(member, link, 1)
    session.rollback()
    survey = link.survey
    survey.closed_at = world.began
    session.commit()
    assert "The survey has ended" in member.get(pile).page.text
    type_in(member, pile, 1, {"school_welcome": "3"})
    assert "not open" in press(member, pile, "finish", 409).page.text
    assert from_paper(session, link.id) == []
    survey.closed_at, survey.closes_on = None, tools.day(world.began) + timedelta(days=1)
    session.commit()
    press(member, pile, "finish")
    assert len(from_paper(session, link.id)) == 1


def test_a_pile_is_mailed_as_one_batch(member: Browser, link: SurveyLink, session: Session, mails: Mails) -> None:
    pile = begin(member, link, 12)
    for number in range(1, 13):
        type_in(member, pile, number, {"school_welcome": str(1 + number % 5)})
    assert mails() == []
    press(member, pile, "finish")
    (mail,) = mails()
    assert mail["To"] == "maple_coordinator@example.org"
    assert {one.batch for one in from_paper(session, link.id)} == {1}


@on_sqlite
def test_the_log_says_what_was_done_and_no_answer(member: Browser, link: SurveyLink, session: Session) -> None:
    pile = begin(member, link, 1)
    type_in(member, pile, 1, CODES)
    press(member, pile, "finish")
    other = begin(member, link, 4)
    press(member, other, "remove")
    session.rollback()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("survey.paper"))).all()
    assert sorted((one.action, one.details["number"], one.details["sheets"]) for one in entries) == [
        ("survey.paper_begun", 1, 1), ("survey.paper_begun", 2, 4), ("survey.paper_finished", 1, 1),
        ("survey.paper_removed", 2, 4),
    ]  # fmt: skip
    assert "música" not in str([one.details for one in entries])


@on_sqlite
def test_who_ends_a_survey_is_told_of_unfinished_piles(
    signed_in: SignedIn, member: Browser, link: SurveyLink, session: Session
) -> None:
    leader, said = signed_in("maple_leader"), "Piles of paper forms that are not finished: 1."
    survey = f"/surveys/{link.survey_id}"
    pages = (survey, f"{survey}/close")
    assert not any(said in leader.get(path).page.text for path in pages)
    pile = begin(member, link, 1)
    assert all(said in leader.get(path).page.text for path in pages)
    type_in(member, pile, 1, {"school_welcome": "3"})
    press(member, pile, "finish")
    assert not any(said in leader.get(path).page.text for path in pages)
