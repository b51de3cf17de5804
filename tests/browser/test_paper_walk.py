"""Three sheets of a pile typed by keyboard alone, as people type hundreds: with the script, and without any."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from walking import LIBRARY, Mirror, focused, look

from partnerforms.engine.model import Scale

SCALES = [item for item in LIBRARY.instrument("survey_students").items() if isinstance(item, Scale)]
# What stands on each sheet: the same code for every rating, what to work on first, a comment.
SHEETS = (("4", "1 12", "Más música"), ("9", "", ""), ("1", "3", "家"))


def type_with_script(page: Page, rating: str, first: str, comment: str) -> None:
    """A figure moves on by itself; Enter saves."""
    for _ in SCALES:
        page.keyboard.press(rating)
    page.keyboard.type(first)
    page.keyboard.press("Tab")
    page.keyboard.type(comment)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_without(page: Page, rating: str, first: str, comment: str) -> None:
    """Tab moves on; Enter on the button saves."""
    for _ in SCALES:
        page.keyboard.type(rating)
        page.keyboard.press("Tab")
    page.keyboard.type(first)
    page.keyboard.press("Tab")
    page.keyboard.type(comment)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # over the box for empty paper
    with page.expect_navigation():
        page.keyboard.press("Enter")


def begin(page: Page, mirror: Mirror) -> None:
    """A pile of three sheets of students, and its first sheet."""
    token = mirror.world.tokens["maple_member"]
    page.context.add_cookies([{"name": "partnerforms", "value": token, "url": mirror.address}])
    page.goto(f"{mirror.address}/surveys/{mirror.world.survey}")
    page.get_by_role("link", name="Type in paper forms Students").click()
    page.get_by_label("How many sheets?").fill("3")
    page.get_by_role("button", name="Begin the pile").click()
    page.get_by_role("link", name="Type sheet 1").click()
    page.wait_for_load_state()


def press(page: Page, button: str) -> None:
    """Go to a button with Tab, and press it."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text() == button:
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_three_sheets_are_typed_by_keyboard_alone(
    mirror: Mirror, open_page: Callable[..., Page], script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    begin(page, mirror)
    pile = page.url.removesuffix("/1/1")
    for number, sheet in enumerate(SHEETS, 1):
        assert page.url.partition("?")[0] == f"{pile}/1/{number}"
        assert page.locator(f"#a-{SCALES[0].id}:focus").count() == 1
        (type_with_script if script else type_without)(page, *sheet)
    assert page.url == pile
    for number, (rating, first, comment) in enumerate(SHEETS, 1):
        page.goto(f"{pile}/1/{number}")
        assert {page.input_value(f"#a-{item.id}") for item in SCALES} == {rating}
        assert (page.input_value("#a-first_choices"), page.input_value("#a-comment")) == (first, comment)
    if script:
        look(page)
    page.goto(pile)
    press(page, "Finish the pile")
    assert "count as answers: 3." in page.inner_text("main")


def test_a_wrong_figure_stays_and_says_so(mirror: Mirror, page: Page) -> None:
    begin(page, mirror)
    first, second, third = (item.id for item in SCALES[:3])
    page.keyboard.press("7")
    assert focused(page)["id"] == f"a-{first}"
    assert page.get_attribute(f"#a-{first}", "aria-invalid") == "true"
    page.keyboard.press("Backspace")
    page.keyboard.press("3")
    assert page.get_attribute(f"#a-{first}", "aria-invalid") is None
    assert page.inner_text(f"#a-{first} ~ output") == SCALES[0].options[2].label
    assert focused(page)["id"] == f"a-{second}"
    page.keyboard.press("Backspace")  # nothing in it: back to the one before
    page.keyboard.press("5")  # what stood there was selected
    assert page.input_value(f"#a-{first}") == "5"
    page.keyboard.press("0")  # empty on the paper
    assert page.input_value(f"#a-{second}") == ""
    assert focused(page)["id"] == f"a-{third}"
