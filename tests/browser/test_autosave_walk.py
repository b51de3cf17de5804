"""Typing in a real browser: it is saved by itself, and neither a crash, a lost line, an ended session nor another
person takes it away."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route
from walking import NARROW, WIDE, Demo, Mirror, focused, look, press, send

SAVED = "Saved at"
OpenPage = Callable[..., Page]
# Nobody waits four seconds in a test: what the script asks for later comes soon.
HURRY = "const later = window.setTimeout; window.setTimeout = (what, wait) => later(what, Math.min(wait, 150))"


@pytest.fixture
def walker(mirror: Mirror, open_page: OpenPage) -> Callable[..., Page]:
    """Opens pages of people of the small world, each in a browser of its own."""

    def opened(person: str, hurry: bool = True, **options: Any) -> Page:
        page = open_page(**options)
        token = mirror.world.tokens[person]
        page.context.add_cookies([{"name": "partnerforms", "value": token, "url": mirror.address}])
        if hurry:
            page.add_init_script(HURRY)
        return page

    return opened


@pytest.fixture
def plan(mirror: Mirror, walker: Callable[..., Page]) -> str:
    """The address of the first page of a new plan of Maple School."""
    page = walker("maple_member")
    place = mirror.world.places["maple"]
    page.goto(f"{mirror.address}/records/new?organization={place}&instrument=action_plan")
    page.fill("#title", "2026-27")
    page.click("main form button >> nth=-1")
    return f"{page.url}/team"


def wait_for(page: Page, words: str) -> str:
    page.wait_for_function("words => document.getElementById('saving').textContent.includes(words)", arg=words)
    return page.inner_text("#saving")


def typed(page: Page, name: str, words: str) -> None:
    """Type letter by letter at the end of a field."""
    page.locator(f"#q-{name}").press_sequentially(words)


def test_typing_is_saved_and_is_there_after_a_crash(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member", hurry=False)
    page.goto(plan)
    look(page, NARROW, WIDE)
    typed(page, "team_members", "Sam, teacher\nMaría, 家长")
    assert SAVED in wait_for(page, SAVED)
    assert focused(page)["id"] == "q-team_members"
    look(page, NARROW, WIDE)
    page.close()  # without any event that a page might still answer
    again = walker("maple_member")
    again.goto(plan)
    assert again.input_value("#q-team_members") == "Sam, teacher\nMaría, 家长"
    assert "Last saved at" in again.inner_text("#saving")


def test_leaving_in_the_middle_of_a_word_saves_it(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member", hurry=False)
    page.goto(plan)
    typed(page, "chairs", "Sam")
    page.click("main .back a")
    page.wait_for_url("**/records/*")
    for _ in range(50):
        page.goto(plan)
        if page.input_value("#q-chairs"):
            break
    assert page.input_value("#q-chairs") == "Sam"


def test_a_button_waits_for_the_save_before_it(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "do=autosave" in (route.request.post_data or "") and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/team", hold)
    page.goto(plan)
    typed(page, "chairs", "Sam")
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(20)
    typed(page, "chairs", " & Ana")
    page.click('button[value="leave"]:visible')
    page.click('button[value="leave"]:visible')
    page.wait_for_timeout(300)
    assert page.url == plan
    held[0].continue_()
    page.wait_for_url("**/records/*")
    page.goto(plan)
    assert page.input_value("#q-chairs") == "Sam & Ana"


def test_without_a_line_it_tries_again_and_asks_before_leaving(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member")
    page.goto(plan)
    page.route("**/team", lambda route: route.abort())
    typed(page, "chairs", "Sam")
    wait_for(page, "Not saved yet. Trying again.")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.click("main .back a", no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.input_value("#q-chairs") == "Sam"
    page.unroute("**/team")
    wait_for(page, SAVED)
    page.click("main .back a")
    page.wait_for_url("**/records/*")
    assert asked == ["beforeunload"]


def test_a_session_that_ends_while_typing_loses_nothing(demo: Demo, page: Page) -> None:
    page.add_init_script(HURRY)
    address, code = demo.account("facilitator")

    def sign_in() -> None:
        page.fill("#address", address)
        send(page)
        page.fill("#code", code)
        send(page)

    page.goto(demo.address)
    sign_in()
    page.click('a[href*="/records/new"][href*="instrument=inventory"]')
    page.fill("#title", "Typed on and on")
    send(page)
    home = page.url
    page.click(".tasks a")
    here = page.url
    elsewhere = page.context.new_page()
    elsewhere.goto(demo.address)
    elsewhere.click("header form button")
    typed(page, "filled_by", "Dana & Ana")
    assert "Press “Save and go on”" in wait_for(page, "Your session has ended.")
    look(page)
    press(page, 'button[value="leave"]:visible')
    assert "Dana" not in page.inner_text("main")
    sign_in()
    send(page)
    assert page.url == home
    page.goto(here)
    assert page.input_value("#q-filled_by") == "Dana & Ana"


def test_two_browsers_in_conflict(plan: str, walker: Callable[..., Page]) -> None:
    one, other = walker("maple_member"), walker("maple_member")
    one.goto(plan)
    other.goto(plan)
    typed(one, "school_year", "2026-27")
    wait_for(one, SAVED)
    typed(other, "chairs", "Sam")
    wait_for(other, "Somebody else changed other answers here")
    typed(other, "school_year", "next year")
    assert "Maple Member changed this page meanwhile" in wait_for(other, "changed this page meanwhile")
    look(other)
    press(other, 'button[value="leave"]:visible')
    assert focused(other)["class"] == "errors"
    assert other.locator("input[name=keep-school_year]:checked").count() == 0
    look(other)
    other.click(".errors a")
    assert focused(other)["id"] == "keep-school_year"
    other.keyboard.press("Space")
    other.click('button[value="leave"]:visible')
    other.wait_for_url("**/records/*")
    one.goto(plan)
    assert (one.input_value("#q-school_year"), one.input_value("#q-chairs")) == ("next year", "Sam")


def test_without_a_script_the_page_works_as_well(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member", hurry=False, java_script_enabled=False)
    page.goto(plan)
    page.fill("#q-chairs", "Sam")
    press(page, 'button[value="leave"]:visible')
    page.goto(plan)
    assert page.input_value("#q-chairs") == "Sam"


def test_a_text_that_is_being_composed_waits_until_it_is_whole(plan: str, walker: Callable[..., Page]) -> None:
    page = walker("maple_member")
    page.goto(plan)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    page.focus("#q-chairs")
    keyboard = page.context.new_cdp_session(page)
    for part in ("ni", "nih", "niha", "nihao"):
        keyboard.send(
            "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
        )
        page.wait_for_timeout(250)
    assert sent == []
    keyboard.send("Input.insertText", {"text": "你好"})
    wait_for(page, SAVED)
    assert len(sent) == 1
    assert "nihao" not in sent[0]
    page.goto(plan)
    assert page.input_value("#q-chairs") == "你好"


def test_what_was_submitted_is_read_and_compared(plan: str, walker: Callable[..., Page]) -> None:
    page, home = walker("maple_member"), plan.removesuffix("/team")
    for chairs in ("Sam & Ana", "Sam & Priya"):
        page.goto(plan)
        page.fill("#q-school_year", "2026-27")
        page.fill("#q-chairs", chairs)
        press(page, 'button[value="leave"]:visible')
        if page.locator(".entry").count() == 0:
            page.click('button[value="add:goals"]')
            page.check("input[value=academic]")
            page.fill("#q-goal", "Every child reads")
            press(page, 'button[value="leave"]:visible')
        page.goto(f"{home}/check")
        send(page)
    look(page)
    page.click("text=Compare with the one before")
    page.wait_for_url("**/compare?from=1&to=2")
    assert page.locator("del").inner_text().endswith("Ana")
    assert page.locator("ins").inner_text().endswith("Priya")
    look(page)
    page.click(".list a >> nth=0")
    assert page.inner_text("h1") == "Revision 1"
    look(page)
