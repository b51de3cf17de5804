"""Facilitators sign in, fill an inventory and an action plan, submit them, and look at every kind of page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from pseudo_language import BEFORE, CODE
from walking import LIBRARY, NARROW, WIDE, Demo, Mirror, answer, downloaded, focused, look, press, send
from word_reading import attachment, lines_of, words_of

from partnerforms.engine.model import Checks, Instrument, Table
from partnerforms.engine.steps import steps

OWN = "Coffee & conversation <with the superintendent>"
GOALS = [
    {
        "goal_kind": "academic",
        "goal": "Students read at home four evenings a week.",
        "results": "75 percent read at grade level in May.",
        "activities": [
            {
                "activity": "Reading night",
                "types": ["learning_at_home"],
                "dates": "October 8",
                "in_charge": "J. Bell",
            },
            {"activity": "Weekly reading log", "grades": "1-3", "helping": "Parents & grandparents"},
        ],
    },
    {"goal_kind": "climate", "goal": "Every family feels welcome.", "activities": [{"activity": "Welcome table"}]},
]


@pytest.fixture
def facilitator(demo: Demo, page: Page) -> Page:
    """A page on which the demo's facilitator has signed in."""
    sign_in(demo, page)
    return page


def sign_in(demo: Demo, page: Page) -> None:
    address, code = demo.account("facilitator")
    page.goto(demo.address)
    page.fill("#address", address)
    send(page)
    page.fill("#code", code.lower())
    send(page)
    assert page.url == f"{demo.address}/"


def test_signing_in_says_what_is_wrong(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}/deliveries")
    assert "/sign-in" in page.url
    look(page)
    send(page)
    assert page.title().startswith("Error:")
    look(page)
    page.fill("#address", demo.account("facilitator")[0])
    send(page)
    look(page)
    page.fill("#code", "AAAA-AAAA")
    send(page)
    assert page.title().startswith("Error:")
    look(page)
    page.fill("#code", demo.account("facilitator")[1])
    send(page)
    assert page.url == f"{demo.address}/deliveries"


def test_an_inventory_is_filled_submitted_downloaded_and_mailed(demo: Demo, facilitator: Page) -> None:
    page, instrument = facilitator, LIBRARY.instrument("inventory")
    raw, mails = marks_for(instrument), demo.mails()
    begin(page, "inventory", "Fall 2026")
    look(page)
    page.click(".tasks a")
    fill_all_pages(page, instrument, raw)
    assert page.url.endswith("/check")
    look(page)
    assert page.locator("main").inner_text().count(OWN) == 6
    send(page)

    assert page.locator(".done").count() == 1
    look(page)
    document = downloaded(page)
    assert document == attachment(demo.mail_with_document(since=mails))
    rows = marks_in(document)
    for item in instrument.items():
        if isinstance(item, Checks):
            assert rows[item.label] == [mark.symbol if mark.id in raw.get(item.id, ()) else "" for mark in item.marks]
    assert words_of(document).count(OWN) == 6


def marks_for(instrument: Instrument) -> dict[str, Any]:
    """No mark, the one, the other or both in turn, and an own addition in every table."""
    raw: dict[str, Any] = {"filled_by": "Dana Whitfield", "filled_on": "2026-10-15"}
    for number, item in enumerate(instrument.items()):
        if isinstance(item, Checks):
            raw[item.id] = [mark.id for bit, mark in enumerate(item.marks, 1) if number & bit]
        elif isinstance(item, Table):
            raw[item.id] = [{"activity": OWN, "when": ["want"]}]
    return raw


def fill_all_pages(page: Page, instrument: Instrument, raw: dict[str, Any]) -> None:
    """From the first page of a form to its check."""
    for number, step in enumerate(steps(instrument)):
        here = {item.id: raw[item.id] for section in step.sections for item in section.items if item.id in raw}
        answer(page, here)
        if number < 2:
            look(page)
        press(page, "form .tools > button:not(.second):not(.plain):visible")


def begin(page: Page, instrument: str, name: str, *more: str) -> None:
    """From the start page to a new form; without a name first, which is an error."""
    look(page)
    page.click(f'a[href*="/records/new"][href*="instrument={instrument}"]')
    look(page)
    page.fill("#title", "")
    send(page)
    assert page.title().startswith("Error:")
    look(page)
    page.fill("#title", name)
    send(page)
    assert page.inner_text("h1") == name


def marks_in(document: bytes) -> dict[str, list[str]]:
    """Label and marks of every row of three cells."""
    lines = lines_of(document)
    labels = {item.label for item in LIBRARY.instrument("inventory").items()}
    return {line: lines[at + 1 : at + 3] for at, line in enumerate(lines) if line in labels}


def test_an_action_plan_is_filled_submitted_downloaded_and_mailed(demo: Demo, facilitator: Page) -> None:
    page, mails = facilitator, demo.mails()
    begin(page, "action_plan", "Maple 2026-27")
    press(page, "main a.button")
    send(page)
    assert focused(page)["class"] == "errors"
    look(page)
    page.click(".errors a")
    assert "/team" in page.url
    look(page)
    answer(page, {"school_year": "2026-27", "team_members": "Sam, teacher\nMaria, parent"})
    do(page, "leave")

    for goal in GOALS:
        do(page, "add:goals")
        fill_goal(page, goal)
    assert page.locator(".entry").count() == 2
    look(page)
    do(page, "up:goals:1")
    assert page.locator(".entry span").first.inner_text() == GOALS[1]["goal"]
    do(page, "down:goals:0")

    press(page, "main a.button")
    look(page)
    send(page)
    document = downloaded(page)
    assert document == attachment(demo.mail_with_document(since=mails))
    lines = lines_of(document)
    for goal in GOALS:
        assert goal["goal"] in lines
        for number, activity in enumerate(goal["activities"], 1):
            assert f"{number}. {activity['activity']}" in lines
    assert "Who helps: Parents & grandparents" in lines
    assert lines.index("1. Reading night") < lines.index("2. Weekly reading log") < lines.index("1. Welcome table")
    assert "An activity too many" not in words_of(document)
    assert not any(line.startswith("Title I") for line in lines), "what was left empty is left out"


def fill_goal(page: Page, goal: dict[str, Any]) -> None:
    """Type a goal's activities from the last to the first, with one too many, and put them in order."""
    activities = goal["activities"]
    answer(page, {**goal, "activities": [activities[-1]]})
    for activity in [*activities[-2::-1], {"activity": "An activity too many", "dates": "Never"}]:
        do(page, "add:activities")
        last = page.locator(".grid fieldset.card").count() - 1
        assert focused(page)["id"] == f"q-activities-{last}"
        answer(page, activity, f"q-activities-{last}")
    look(page)
    do(page, f"remove:activities:{len(activities)}")
    for _ in activities[1:]:
        do(page, "up:activities:1")
    assert page.input_value("#q-activities-0-activity") == activities[0]["activity"]
    do(page, "leave")


def do(page: Page, value: str) -> None:
    """Press the button of a plan or its table that does this."""
    press(page, f'button[name=do][value="{value}"]:not(.unseen)')


def test_a_goal_without_what_it_needs_shows_where(facilitator: Page) -> None:
    page = facilitator
    begin(page, "action_plan", "Unfinished")
    do(page, "add:goals")
    answer(page, {"results": "Something", "activities": [{"dates": "October"}]})
    do(page, "leave")
    press(page, "main a.button")
    send(page)
    texts = page.locator(".errors li").all_inner_texts()
    assert len(texts) == 4
    page.locator(".errors a").last.click()
    assert page.url.endswith("#q-activities-0-activity")
    assert page.locator("#q-activities-0-activity").evaluate("it => it.getBoundingClientRect().top") < 800
    assert page.title().startswith("Error:")
    assert page.locator(".bad").count() == 3
    look(page)


def test_surveys_deliveries_and_outbox_are_sound(demo: Demo, facilitator: Page) -> None:
    page = facilitator
    page.click('a[href*="/surveys/new"] >> nth=0')
    look(page)
    send(page)
    assert page.title().startswith("Error:")
    look(page)
    page.fill("#title", "Spring survey")
    page.uncheck("input[name=audience][value=students]")
    page.click("summary:has-text('answer sheets')")
    page.select_option("#delivery-staff", "at_close")
    send(page)
    assert page.inner_text("h1") == "Spring survey"
    look(page)
    page.click("main a[href$='/close']")
    look(page)
    send(page)
    assert "Closed" in page.inner_text("main")
    look(page)
    for path in ("/deliveries", "/deliveries?state=sent", "/outbox"):
        page.goto(demo.address + path)
        look(page)
    page.click("main .list a >> nth=0")
    look(page)


def test_pages_for_errors_are_sound(demo: Demo, facilitator: Page) -> None:
    page = facilitator
    for path, status in (("/nowhere", 404), ("/records/00000000-0000-0000-0000-000000000000", 404)):
        answered = page.goto(demo.address + path)
        assert answered
        assert answered.status == status
        look(page)
    page.goto(demo.address)
    page.evaluate("document.querySelector('header form input[name=proof]').value = 'wrong'")
    press(page, "header form button")
    assert page.locator("h1").inner_text() == "That did not work"
    look(page)


def test_a_member_reads_and_fills_from_right_to_left(mirror: Mirror, open_page: Callable[..., Page]) -> None:
    page = open_page(locale=CODE)
    token = mirror.world.tokens["district_leader"]
    page.context.add_cookies([{"name": "partnerforms", "value": token, "url": mirror.address}])
    page.goto(mirror.address)
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.get_attribute("html", "lang") == CODE
    look(page, NARROW, WIDE)
    assert page.inner_text('a[href*="instrument=inventory"]').startswith(BEFORE.strip())
    page.click('a[href*="/records/new"][href*="instrument=inventory"]')
    assert page.inner_text("h1").startswith(BEFORE.strip())
    look(page)
    page.fill("#title", "Inventory")
    send(page)
    look(page)
    page.click(".tasks a")
    instrument = LIBRARY.instrument("inventory", "en")
    assert page.inner_text("h1").startswith(BEFORE.strip())
    fill_all_pages(page, instrument, marks_for(instrument))
    look(page)
    send(page)
    assert page.locator(".done").count() == 1
    look(page)
    document = words_of(downloaded(page))
    assert document.count(OWN) == 6
    assert len(re.findall(BEFORE.strip(), document)) > 60
    for path in ("/deliveries", "/outbox", "/nowhere", f"/surveys/{mirror.world.survey}"):
        page.goto(mirror.address + path)
        assert page.get_attribute("html", "dir") == "rtl"
        look(page)
