"""Drafts of records: kept as typed, not overwritten, their rows and entries moved."""

from collections.abc import Callable

import pytest
from browser import Browser, on_sqlite
from filling import fields
from recording import GOAL, PLAN, begin, draft, filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import Record

SignedIn = Callable[[str], Browser]


# --- drafts ---


def test_what_is_wrong_stays_in_the_draft_until_it_is_mended(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("district_member")
    home = begin(member, world.places["district"], "inventory")
    page = member.get(f"{home}/about_district").page
    wrong = {"q-filled_on": "in autumn", "q-filled_by": "x" * 5000}
    member.send(page.form("/about_district"), wrong)
    assert draft(session)["filled_on"] == "in autumn"
    again = member.get(f"{home}/about_district").page
    assert again.form("/about_district").data()["q-filled_on"] == ["in autumn"]
    assert again.errors == []  # nobody is scolded before the end
    check = member.get(f"{home}/check").page
    places = [place for place, _ in check.errors]
    assert f"{home}/about_district?check=1#q-filled_on" in places
    shown = member.get(places[0]).page
    assert shown.title.startswith("Error:")
    assert [place for place, text in shown.errors if "Enter a date as year-month-day" in text] == ["#q-filled_on"]


def test_leaving_a_page_keeps_it_and_leads_home(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    form = member.get(f"{home}/team").page.form("/team")
    assert member.send(form, fields(PLAN), press="Save and finish later").location == home
    assert draft(session) == PLAN


def test_saving_nothing_new_changes_nothing(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    before = session.scalars(select(Record)).one().draft_version
    for _ in range(2):
        member.send(member.get(f"{home}/team").page.form("/team"))
    session.rollback()
    assert session.scalars(select(Record)).one().draft_version == before


# --- rows and entries ---


def rows_after(
    member: Browser, session: Session, home: str, press: str, typed: dict[str, str], leads_to: str
) -> list[str]:
    form = member.get(f"{home}/goals/0").page.form("/goals/0")
    verb, table, row = press.split(":")
    answer = member.post(form.action, {**form.data(), **typed, "do": f"{verb}:{table}:{row}"})
    assert answer.location == f"{home}/goals/0#q-activities{leads_to}"
    member.follow(answer)
    return [row.get("activity", "") for row in draft(session)["goals"][0]["activities"]]


def test_rows_are_added_moved_and_removed_and_what_was_typed_beside_them_is_kept(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    first = {"q-activities-0-activity": "first", "q-goal": "typed on the way"}
    assert rows_after(member, session, home, "add:activities:", first, "-1") == ["first", ""]
    assert draft(session)["goals"][0]["goal"] == "typed on the way"
    second = {"q-activities-1-activity": "second"}
    assert rows_after(member, session, home, "add:activities:", second, "-2") == ["first", "second", ""]
    assert rows_after(member, session, home, "up:activities:1", {}, "-0") == ["second", "first", ""]
    assert rows_after(member, session, home, "down:activities:0", {}, "-1") == ["first", "second", ""]
    assert rows_after(member, session, home, "up:activities:0", {}, "-0") == ["first", "second", ""]
    assert rows_after(member, session, home, "remove:activities:0", {}, "") == ["second", ""]
    assert rows_after(member, session, home, "remove:activities:77", {}, "") == ["second", ""]
    form = member.get(f"{home}/goals/0").page.form("/goals/0")
    member.send(form)
    assert [row["activity"] for row in draft(session)["goals"][0]["activities"]] == ["second"]


def test_gaps_in_the_numbers_of_rows_neither_lose_nor_double_anything(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    form = member.get(f"{home}/goals/0").page.form("/goals/0")
    typed = {f"q-activities-{number}-activity": f"row {number}" for number in (3, 0, 17, 499)}
    member.send(form, typed)
    kept = [row["activity"] for row in draft(session)["goals"][0]["activities"]]
    assert kept == ["row 0", "row 3", "row 17", "row 499"]
    page = member.get(f"{home}/goals/0").page
    assert [name for name, value in page.form("/goals/0").fields if value.startswith("row ")] == [
        f"q-activities-{number}-activity" for number in range(4)
    ]


@on_sqlite
@pytest.mark.parametrize(
    "name",
    [
        "q-activities-9999-activity",
        "q-activities-99999-activity",
        "q-activities--1-activity",
        "q-activities-x-activity",
        "q-activities-0-",
    ],
)
def test_row_numbers_that_make_no_sense_are_no_rows(
    name: str, signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    form = member.get(f"{home}/goals/0").page.form("/goals/0")
    member.send(form, {name: "x"})
    assert draft(session)["goals"][0]["activities"] == []


def test_buttons_that_are_not_on_the_page_break_nothing(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    wrong = [
        "add:goal",
        "add:goal_kind",
        "remove:goal:0",
        "up:goal:1",
        "add:nothing",
        "add:seen_by",
        "remove:seen_by:0",
    ]
    wrong += ["burn:activities:0", "remove:activities:x", "add:", ":::", "\x00", "é" * 1000]
    for do in wrong:
        form = member.get(f"{home}/goals/0").page.form("/goals/0")
        member.send(form, {"do": do})
        assert draft(session)["goals"][0]["goal"] == GOAL["goal"], do
        form = member.get(f"{home}/review").page.form("/review")
        member.send(form, {"q-seen_by": ["faculty"], "do": do})
        assert draft(session)["seen_by"] == ["faculty"], do
    for path in (home, f"{home}/goals/0", f"{home}/review", f"{home}/check"):
        member.get(path)
    submit(member, home)


def test_entries_are_added_moved_and_removed_up_to_the_most(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    for number in range(4):
        added = member.send(member.get(home).page.form("/entries/goals"), press="Add")
        goal = {"q-goal": f"goal {number}"}
        member.send(member.follow(added).page.form(f"/goals/{number}"), goal)
    form = member.get(home).page.form("/entries/goals")
    assert not [text for _, _, text in form.buttons if text.startswith("Add")]

    def press(do: str) -> list[str]:
        form = member.get(home).page.form("/entries/goals")
        member.post(form.action, {**form.data(), "do": do})
        return [goal["goal"].removeprefix("goal ") for goal in draft(session)["goals"]]

    assert press("add:goals") == ["0", "1", "2", "3"]
    assert press("up:goals:3") == ["0", "1", "3", "2"]
    assert press("down:goals:0") == ["1", "0", "3", "2"]
    assert press("remove:goals:1") == ["1", "3", "2"]
    assert press("remove:goals:9") == ["1", "3", "2"]
    member.post(form.action, {**form.data(), "do": "add:team"}, status=400)
    member.post(form.action, {**form.data(), "do": "nonsense"}, status=400)
    member.get(f"{home}/goals/3", status=404)


def test_an_entry_is_called_by_its_words_and_not_by_an_id(signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    page = member.get(filled_plan(member, world)).page
    assert "Every child reads" in page.text
    assert "academic" not in page.text
