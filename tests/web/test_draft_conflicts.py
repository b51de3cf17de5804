"""Two people at one page of a draft: both are kept, or the second is asked; nothing typed is lost."""

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from pages import Page, text
from recording import begin, draft, filled_plan, submit
from sqlalchemy.orm import Session
from world import World

SignedIn = Callable[[str], Browser]
GOAL = "/goals/0"


@pytest.fixture
def two(signed_in: SignedIn) -> tuple[Browser, Browser]:
    return signed_in("maple_member"), signed_in("maple_leader")


def choices(page: Page) -> Iterator[Element]:
    """What the page asks to choose between."""
    for element in page.root.iter("input"):
        if element.get("name", "").startswith("keep-"):
            yield element


def test_different_answers_are_both_kept_and_the_next_page_says_so(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = begin(member, world.places["maple"])
    mine = member.get(f"{home}/team").page.form("/team")
    theirs = leader.get(f"{home}/team").page.form("/team")
    leader.send(theirs, {"q-school_year": "2026-27"})
    for press, text_there in (("Save and go on", True), ("Save and finish later", False)):
        next_page = member.follow(member.send(mine, {"q-chairs": "Sam"}, press=press)).page
        assert ("Maple Leader changed other answers on it meanwhile" in next_page.text) is text_there
        assert draft(session) == {"school_year": "2026-27", "chairs": "Sam"}
        mine = member.get(f"{home}/team").page.form("/team")
    assert "Last saved at" in member.get(f"{home}/team").page.text
    assert "Maple Member" in leader.get(f"{home}/team").page.text


def test_who_else_is_at_work_is_said_and_oneself_is_not(two: tuple[Browser, Browser], world: World) -> None:
    member, leader = two
    home = filled_plan(member, world)
    said = "Maple Member changed this form in the last 5 minutes"
    for path in (home, f"{home}/team", f"{home}{GOAL}"):
        assert said in leader.get(path).page.text
        assert said not in member.get(path).page.text


def conflict(two: tuple[Browser, Browser], home: str, status: int = 409) -> Page:
    """The member is asked about what the leader changed: the kind of the goal, and the goal."""
    member, leader = two
    mine, theirs = (one.get(f"{home}{GOAL}").page.form(GOAL) for one in two)
    leader.send(theirs, {"q-goal_kind": "behavior", "q-goal": "They <b>say</b>", "q-measures": "Their measures"})
    typed = {"q-goal_kind": "climate", "q-goal": "I say & mean", "q-results": "My results"}
    return member.send(mine, typed, status=status).page


def test_a_conflict_shows_who_changed_what_and_asks(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    home = filled_plan(two[0], world)
    page = conflict(two, home)
    assert page.title.startswith("Error: Goal 1")
    assert draft(session)["goals"][0]["goal"] == "They <b>say</b>"
    assert "results" not in str(draft(session)).replace("'results': ''", "")
    assert [place for place, _ in page.errors] == ["#keep-goal_kind", "#keep-goal"]
    assert all("Maple Leader changed this answer at " in said for _, said in page.errors)
    assert "Now it says: Behavior goal" in page.said_at("keep-goal_kind-there")
    assert "Now it says: They <b>say</b>" in page.said_at("keep-goal-there")
    assert not [one for one in choices(page) if "checked" in one.attrib]
    data = page.form(GOAL).data()
    assert data["q-goal_kind"] == ["climate"]
    assert data["q-goal"] == ["I say & mean"]
    assert data["q-results"] == ["My results"]
    assert data["q-measures"] == ["Their measures"]
    assert page.scripts == []


@pytest.mark.parametrize("press", ["Save and go on", "Save and finish later", "Add another"])
def test_one_press_saves_what_was_chosen(
    press: str, two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    home = filled_plan(two[0], world)
    page = conflict(two, home)
    again = two[0].send(page.form(GOAL), {"keep-goal": "mine"}, press=press, status=409).page
    assert [place for place, _ in again.errors] == ["#keep-goal_kind"]
    assert "Maple Leader changed this answer at " in again.errors[0][1]
    assert "Choose one of the two" in again.text
    two[0].send(again.form(GOAL), {"keep-goal_kind": "theirs"}, press=press)
    goal = draft(session)["goals"][0]
    assert (goal["goal_kind"], goal["goal"]) == ("behavior", "I say & mean")
    assert (goal["results"], goal["measures"]) == ("My results", "Their measures")
    assert len(goal["activities"]) == (2 if press == "Add another" else 0)


def test_who_is_asked_twice_is_asked_about_what_is_there_then(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = filled_plan(member, world)
    page = conflict(two, home)
    leader.send(leader.get(f"{home}{GOAL}").page.form(GOAL), {"q-goal": "They say once more"})
    again = member.send(page.form(GOAL), {"keep-goal": "mine", "keep-goal_kind": "mine"}, status=409).page
    assert [place for place, _ in again.errors] == ["#keep-goal"]
    assert "They say once more" in again.said_at("keep-goal-there")
    member.send(again.form(GOAL), {"keep-goal": "mine"})
    goal = draft(session)["goals"][0]
    assert (goal["goal_kind"], goal["goal"]) == ("climate", "I say & mean")


def test_rows_that_both_added_are_kept_and_of_the_same_row_one_is_chosen(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = filled_plan(member, world)
    mine, theirs = (one.get(f"{home}{GOAL}").page.form(GOAL) for one in two)
    leader.send(theirs, {"q-activities-0-activity": "Reading night", "q-activities-0-types": ["volunteering"]})
    member.send(mine, {"q-activities-0-activity": "Book swap"})
    rows = [row["activity"] for row in draft(session)["goals"][0]["activities"]]
    assert rows == ["Reading night", "Book swap"]
    mine, theirs = (one.get(f"{home}{GOAL}").page.form(GOAL) for one in two)
    leader.send(theirs, {"q-activities-1-dates": "in May"})
    page = member.send(mine, {"q-activities-1-dates": "in June"}, status=409).page
    there = page.said_at("keep-activities-there")
    assert "Activity 2" in there
    assert "in May" in there
    assert "Reading night" not in there
    member.send(page.form(GOAL), {"keep-activities": "mine"})
    assert draft(session)["goals"][0]["activities"][1]["dates"] == "in June"


def test_a_goal_that_was_removed_or_moved_meanwhile_is_not_lost(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = filled_plan(member, world)
    mine = member.get(f"{home}{GOAL}").page.form(GOAL)
    leader.send(leader.get(home).page.form("/entries/goals"), press="Remove")
    page = member.send(mine, {"q-goal": "I go on"}, status=409).page
    assert "Now it says: Empty" in page.said_at("keep-goal-there")
    member.get(f"{home}{GOAL}", status=404)
    kept = {element.get("name", ""): "mine" for element in choices(page)}
    member.follow(member.send(page.form(GOAL), kept))
    assert [goal["goal"] for goal in draft(session)["goals"]] == ["I go on"]

    leader.send(leader.get(home).page.form("/entries/goals"), press="Add")
    mine = member.get(f"{home}{GOAL}").page.form(GOAL)
    leader.send(leader.get(home).page.form("/entries/goals"), press="Move up")
    page = member.send(mine, {"q-goal": "I still go on"}, press="Add another", status=409).page
    kept = {element.get("name", ""): "theirs" for element in choices(page)}
    member.send(page.form(GOAL), kept)
    assert [goal.get("goal", "") for goal in draft(session)["goals"]] == ["", "I go on"]


@on_sqlite
@pytest.mark.parametrize("name", HOSTILE)
def test_odd_texts_survive_being_asked(
    name: str, two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = begin(member, world.places["maple"])
    typed, words = HOSTILE[name]
    mine, theirs = (one.get(f"{home}/team").page.form("/team") for one in two)
    leader.send(theirs, {"q-team_members": f"theirs {typed}"})
    page = member.send(mine, {"q-team_members": typed}, status=409).page
    assert f"theirs {words}" in " ".join(page.said_at("keep-team_members-there").split())
    member.send(page.form("/team"), {"keep-team_members": "mine"})
    assert " ".join(draft(session)["team_members"].split()) == words


@on_sqlite
def test_going_back_and_saving_again_is_no_conflict(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    form = member.get(f"{home}/team").page.form("/team")
    for year in ("2025-26", "2026-27", "2026-27", "2027-28"):
        member.send(form, {"q-school_year": year})
        assert draft(session)["school_year"] == year


@on_sqlite
def test_what_is_typed_after_somebody_submitted_makes_a_draft_again(
    two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = filled_plan(member, world)
    mine = member.get(f"{home}/team").page.form("/team")
    submit(leader, home)
    member.send(mine, {"q-chairs": "After that"})
    assert draft(session)["chairs"] == "After that"
    assert "Draft" in text(member.get(home).page.root)


@on_sqlite
@pytest.mark.parametrize(
    "data",
    [
        {"version": ""}, {"version": "999999999"}, {"version": "1 k chairs:9"}, {"version": "\x00"},
        {"asked": "goal"}, {"asked": ["", ":", "chairs:x", "chairs:99999999999999", "\x00", "é" * 9999]},
        {"asked": "chairs:1", "keep-chairs": "both"}, {"asked": "seen_by:1", "keep-seen_by": "theirs"},
        {"keep-chairs": "theirs"},
    ],
)  # fmt: skip
def test_forged_fields_overwrite_nothing_silently(
    data: dict[str, str], two: tuple[Browser, Browser], session: Session, world: World
) -> None:
    member, leader = two
    home = begin(member, world.places["maple"])
    mine = member.get(f"{home}/team").page.form("/team")
    leader.send(leader.get(f"{home}/team").page.form("/team"), {"q-chairs": "The leader"})
    answer = member.request("POST", f"{home}/team", data={**mine.data(), "q-chairs": "The member", **data})
    assert answer.status == 409
    assert answer.page.form("/team").data()["q-chairs"] == ["The member"]
    assert draft(session)["chairs"] == "The leader"
    for also in ("2", "1", "99", "x", "-1", "9" * 99):
        member.get(f"{home}?also={also}")
