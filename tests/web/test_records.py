"""Records on the pages: drafted as typed, rows and entries moved, checked, submitted, downloaded, mailed."""

from collections.abc import Callable
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

import pytest
from browser import Answer, Browser, on_sqlite
from filling import HOSTILE, fields
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import attachment, words_of
from world import World, address

from partnerforms.checking import sample
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument
from partnerforms.engine.steps import raw_of, steps
from partnerforms.models import Delivery, Document, Record, Revision

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]

PLAN = {"school_year": "2026-27", "chairs": "Sam & Ana"}
GOAL = {"goal_kind": "academic", "goal": "Every child reads"}
FORMS = [
    ("maple_leader", "maple", "action_plan"),
    ("district_leader", "district", "inventory"),
    ("district_leader", "district", "roles_district"),
    ("district_leader", "district", "leadership_plan_district"),
    ("state_leader", "state", "roles_state"),
    ("state_leader", "state", "leadership_plan_state"),
]


def begin(browser: Browser, place: Any, instrument: str = "action_plan", **more: str) -> str:
    """A new record; the address of its task list."""
    form = browser.get(f"/records/new?organization={place}&instrument={instrument}").page.form("/records/new")
    return browser.send(form, {"title": "Our plan", **more}).location


def fill(browser: Browser, home: str, instrument: Instrument, raw: dict[str, Any]) -> None:
    """Type raw answers into every page of a record, entry by entry."""
    for page in steps(instrument):
        if not page.repeats:
            form = browser.get(f"{home}/{page.id}").page.form(page.id)
            browser.send(form, fields(raw_of(page, None, raw)))
            continue
        for number, entry in enumerate(raw.get(page.id, [])):
            added = browser.send(browser.get(home).page.form(f"/entries/{page.id}"), press="Add")
            assert added.location == f"{home}/{page.id}/{number}"
            browser.send(browser.follow(added).page.form(f"{page.id}/{number}"), fields(entry))


def filled_plan(browser: Browser, world: World) -> str:
    """An action plan that can be submitted."""
    home = begin(browser, world.places["maple"])
    browser.send(browser.get(f"{home}/team").page.form("/team"), fields(PLAN))
    added = browser.send(browser.get(home).page.form("/entries/goals"), press="Add")
    browser.send(browser.follow(added).page.form("/goals/0"), fields(GOAL))
    return home


def submit(browser: Browser, home: str, status: int = 303) -> Answer:
    return browser.send(browser.get(f"{home}/check").page.form("/submit"), status=status)


def draft(session: Session) -> dict[str, Any]:
    session.rollback()
    return session.scalars(select(Record)).one().draft


# --- the walk ---


@pytest.mark.parametrize(("person", "place", "instrument_id"), FORMS, ids=[form[2] for form in FORMS])
def test_every_form_is_filled_submitted_and_mailed_as_it_is_downloaded(
    person: str,
    place: str,
    instrument_id: str,
    signed_in: SignedIn,
    session: Session,
    library: Library,
    world: World,
    mails: Mails,
) -> None:
    member = signed_in(person)
    instrument = library.instrument(instrument_id)
    raw = sample(instrument)
    home = begin(member, world.places[place], instrument_id)
    fill(member, home, instrument, raw)
    assert parse(instrument, draft(session)) == parse(instrument, raw)
    member.get(home)

    done = member.follow(submit(member, home)).page
    download = member.get(next(link for link in done.links if link.endswith(".docx")))
    session.rollback()
    revision = session.scalars(select(Revision)).one()
    assert revision.answers == parse(instrument, raw).answers
    document = session.get_one(Document, revision.document_id)
    assert download.content == document.content
    assert sha256(download.content).hexdigest() == document.sha256
    sent = mails()
    if place == "state":  # nobody coordinates for the state
        assert sent == []
    else:
        (mail,) = sent
        assert mail["To"] == address(f"{place}_coordinator")
        assert attachment(mail) == document.content
        assert instrument.title in mail["Subject"]
        body = mail.get_body()
        assert body is not None
        assert f"http://localhost{home}" in body.get_content()
    assert "& <sample>" in words_of(document.content)


def test_a_start_is_taken_and_every_word_of_it_can_be_changed(
    signed_in: SignedIn, session: Session, library: Library, world: World
) -> None:
    leader = signed_in("state_leader")
    instrument = library.instrument("leadership_plan_state")
    form = leader.get(f"/records/new?organization={world.places['state']}&instrument={instrument.id}").page.form(
        "/records/new"
    )
    home = leader.send(form, {"title": "x", "start": instrument.starts[0].id}).location
    assert draft(session) == instrument.starts[0].answers
    page = leader.get(f"{home}/goals/0").page
    leader.send(page.form("/goals/0"), {"q-goal": "Another goal"})
    assert draft(session)["goals"][0]["goal"] == "Another goal"
    assert draft(session)["goals"][1:] == instrument.starts[0].answers["goals"][1:]


def test_a_submitted_plan_is_a_start_for_the_next(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    submit(member, home)
    path = f"/records/new?organization={world.places['maple']}&instrument=action_plan"
    form = member.get(path).page.form("/records/new")
    start = f"record-{home.rsplit('/', 1)[-1]}"
    following = member.send(form, {"title": "Next year", "start": start}).location
    record = session.scalars(select(Record).where(Record.title == "Next year")).one()
    assert following.endswith(str(record.id))
    assert (record.draft, record.state) == ({**PLAN, "goals": [GOAL]}, "draft")


@on_sqlite
@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "\x00\x1b"])
def test_a_form_needs_a_name(title: str, signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    path = f"/records/new?organization={world.places['maple']}&instrument=action_plan"
    page = member.send(member.get(path).page.form("/records/new"), {"title": title}, status=422).page
    assert page.errors[0][0] == "#title"
    assert session.scalars(select(Record)).all() == []


def test_hostile_names_are_names(signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    for typed, words in HOSTILE.values():
        assert member.get(begin(member, world.places["maple"], title=typed)).page.h1 == words
    start = member.get("/").page.text
    assert [words for _, words in HOSTILE.values() if words not in start] == []


def test_hostile_words_are_on_the_pages_in_the_document_and_in_the_mail(
    signed_in: SignedIn, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    rows = [{"activity": typed, "dates": typed} for typed, _ in HOSTILE.values()]
    member.send(member.get(f"{home}/goals/0").page.form("/goals/0"), fields({"activities": rows}))
    member.get(f"{home}/goals/0")
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-chairs": " ".join(row["dates"] for row in rows)})
    check = member.get(f"{home}/check").page.text
    done = member.follow(submit(member, home)).page
    download = member.get(next(link for link in done.links if link.endswith(".docx")))
    filled = words_of(download.content)
    for _, words in HOSTILE.values():
        assert words in check
        assert filled.count(words) == 3
    (mail,) = mails()
    assert attachment(mail) == download.content


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
    assert draft(session) == {"team_members": "", "improvement_goals": "", **PLAN}


def test_saving_nothing_new_changes_nothing(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    before = session.scalars(select(Record)).one().draft_version
    for _ in range(2):
        member.send(member.get(f"{home}/team").page.form("/team"))
    session.rollback()
    assert session.scalars(select(Record)).one().draft_version == before


def test_a_page_that_somebody_else_changed_is_not_overwritten_and_keeps_what_was_typed(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    one, other = signed_in("maple_member"), signed_in("maple_leader")
    home = begin(one, world.places["maple"])
    mine = one.get(f"{home}/team").page.form("/team")
    theirs = other.get(f"{home}/team").page.form("/team")
    other.send(theirs, {"q-school_year": "theirs"})
    conflict = one.send(mine, {"q-school_year": "mine & only mine"}, status=409).page
    assert conflict.title.startswith("Error:")
    assert "Somebody else changed this form meanwhile" in conflict.text
    assert draft(session)["school_year"] == "theirs"
    assert conflict.form("/team").data()["q-school_year"] == ["mine & only mine"]
    one.send(conflict.form("/team"))
    assert draft(session)["school_year"] == "mine & only mine"


def test_entries_that_somebody_else_changed_are_not_moved(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    one, other = signed_in("maple_member"), signed_in("maple_leader")
    home = filled_plan(one, world)
    mine = one.get(home).page.form("/entries/goals")
    other.send(other.get(f"{home}/team").page.form("/team"), {"q-school_year": "2030"})
    page = one.follow(one.send(mine, press="Remove")).page
    assert "Somebody changed this form just now" in page.text
    assert len(draft(session)["goals"]) == 1


# --- rows and entries ---


def rows_after(member: Browser, session: Session, home: str, press: str, typed: dict[str, str]) -> list[str]:
    form = member.get(f"{home}/goals/0").page.form("/goals/0")
    verb, table, row = press.split(":")
    answer = member.post(form.action, {**form.data(), **typed, "do": f"{verb}:{table}:{row}"})
    assert answer.location == f"{home}/goals/0#q-activities"
    member.follow(answer)
    return [row.get("activity", "") for row in draft(session)["goals"][0]["activities"]]


def test_rows_are_added_moved_and_removed_and_what_was_typed_beside_them_is_kept(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    first = {"q-activities-0-activity": "first", "q-goal": "typed on the way"}
    assert rows_after(member, session, home, "add:activities:", first) == ["first", ""]
    assert draft(session)["goals"][0]["goal"] == "typed on the way"
    second = {"q-activities-1-activity": "second"}
    assert rows_after(member, session, home, "add:activities:", second) == ["first", "second", ""]
    assert rows_after(member, session, home, "up:activities:1", {}) == ["second", "first", ""]
    assert rows_after(member, session, home, "down:activities:0", {}) == ["first", "second", ""]
    assert rows_after(member, session, home, "up:activities:0", {}) == ["first", "second", ""]
    assert rows_after(member, session, home, "remove:activities:0", {}) == ["second", ""]
    assert rows_after(member, session, home, "remove:activities:77", {}) == ["second", ""]
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


# --- submitting ---


def test_what_is_missing_is_said_with_the_way_to_it(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    page = submit(member, home, status=422).page
    assert page.title.startswith("Error:")
    assert [place for place, _ in page.errors] == [f"{home}/team?check=1#q-school_year", home]
    there = member.get(page.errors[0][0]).page
    assert there.errors[0][0] == "#q-school_year"
    assert session.scalars(select(Revision)).all() == []
    assert session.scalars(select(Delivery)).all() == []
    assert "To do" in member.get(home).page.text


def test_problems_of_an_entry_and_of_a_row_lead_to_their_very_field(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    typed = {
        "q-goal_kind": "",
        "q-activities-0-who": "x",
        "q-activities-0-dates": "May",
        "q-activities-1-activity": "x" * 1001,
    }
    member.send(member.get(f"{home}/goals/0").page.form("/goals/0"), typed)  # fmt: skip
    page = submit(member, home, status=422).page
    places = [place for place, _ in page.errors]
    assert places == [
        f"{home}/goals/0?check=1#{field}"
        for field in ("q-goal_kind", "q-activities-0-activity", "q-activities-1-activity")
    ]
    there = member.get(places[1]).page
    assert [place for place, _ in there.errors] == [
        "#q-goal_kind-0",
        "#q-activities-0-activity",
        "#q-activities-1-activity",
    ]


def test_submitting_twice_is_one_revision_and_one_mail(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    form = member.get(f"{home}/check").page.form("/submit")
    member.send(form)
    assert len(mails()) == 1
    member.send(form)
    assert len(session.scalars(select(Revision)).all()) == 1
    assert len(mails()) == 1
    assert "Everything here has been submitted." in member.get(f"{home}/check").page.text


def test_every_submission_stays_as_a_revision_of_its_own(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    submit(member, home)
    first = member.get(f"{home}/revisions/1.docx").content
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-chairs": "Somebody new"})
    assert "Draft" in member.get(home).page.text
    assert len(mails()) == 1
    submit(member, home)
    assert member.get(f"{home}/revisions/1.docx").content == first
    second = member.get(f"{home}/revisions/2.docx").content
    assert "Somebody new" in words_of(second)
    assert "Somebody new" not in words_of(first)
    assert sorted(attachment(mail) for mail in mails()) == sorted([first, second])
    page = member.get(home).page
    assert "Revision 1 (Word)" in page.text
    assert "Revision 2 (Word)" in page.text
    member.get(f"{home}/revisions/3.docx", status=404)


@pytest.mark.parametrize("number", ["0", "99", "9999999999", "99999999999999999999999999"])
def test_a_revision_that_is_not_there_is_not_found(number: str, signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    member.get(f"{home}/revisions/{number}.docx", status=404)
    member.get(f"{home}/goals/{number if number != '0' else '1'}", status=404)


def test_a_person_chooses_the_language_of_the_pages(signed_in: SignedIn) -> None:
    member = signed_in("maple_member")
    start = member.get("/").page
    spanish = member.follow(member.send(start.form("/language"), {"language": "es"})).page
    assert spanish.language == "es"
    assert member.get("/deliveries").page.language == "es"
    member.send(spanish.form("/language"), {"language": "xx"})
    assert member.get("/").page.language == "es"


def test_a_paper_form_is_there_for_whoever_is_signed_in(signed_in: SignedIn, library: Library) -> None:
    member = signed_in("stranger")
    content = member.get("/forms/survey_staff.docx").content
    assert library.instrument("survey_staff").title in words_of(content)
    member.get("/forms/nothing.docx", status=404)
    member.get("/forms/..%2foptions.docx", status=404)


def test_a_text_of_a_megabyte_is_kept_in_the_draft_and_refused_at_the_end(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-team_members": "x" * 1_000_000})
    assert len(draft(session)["team_members"]) == 1_000_000
    page = submit(member, home, status=422).page
    assert page.errors[0][1].endswith("Use at most 2000 characters; this has 1000000.")
