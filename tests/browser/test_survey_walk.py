"""A family answers the survey: by phone, in its language, with a mistake, without a script, by keyboard alone."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request
from pseudo_language import AFTER, BEFORE, CODE
from walking import (
    LIBRARY,
    NARROW,
    PHONE,
    WIDE,
    Demo,
    Mirror,
    answer,
    answered,
    answers_to,
    downloaded,
    focused,
    look,
    press,
    readable,
    send,
)
from word_reading import attachment, pairs_of, words_of

from partnerforms.engine.codes import printed

AS_FAST_AS_PEOPLE = 6  # seconds


def press_send_on_an_empty_page(page: Page) -> None:
    """The summary has the focus, and its links lead to the first answer of each question."""
    send(page)
    assert focused(page)["class"] == "errors"
    links = page.locator(".errors a")
    assert links.count() == page.locator("fieldset.bad").count() > 0
    links.first.click()
    first = page.locator("fieldset.bad input").first
    assert focused(page)["id"] == first.get_attribute("id")
    first.press("Space")
    assert first.is_checked()


@pytest.mark.parametrize(("language", "other"), [("en", "es"), ("es", "en")])
def test_a_family_answers_and_a_coordinator_gets_the_sheet(demo: Demo, page: Page, language: str, other: str) -> None:
    instrument = LIBRARY.instrument("survey_families", language)
    raw = answers_to(instrument)
    mails, began = demo.mails(), time.monotonic()
    page.goto(f"{demo.family_link}?lang={language}")
    assert page.title() == instrument.title
    look(page, NARROW, PHONE, WIDE)
    press_send_on_an_empty_page(page)
    assert page.title() == f"{LIBRARY.catalogues[language].gettext('Error:')} {instrument.title}"
    look(page)

    answer(page, raw)
    press(page, f"nav.languages button[lang={other}]")
    assert page.get_attribute("html", "lang") == other
    assert page.title() == LIBRARY.instrument("survey_families", other).title
    assert answered(page, raw)
    press(page, f"nav.languages button[lang={language}]")
    assert answered(page, raw)
    # Who is faster than people can be is set aside, and no mail goes out.
    page.wait_for_timeout(max(0, AS_FAST_AS_PEOPLE - (time.monotonic() - began)) * 1000)
    send(page)

    assert "/thanks/" in page.url
    look(page)
    reference = page.inner_text(".done .code")
    own_copy = downloaded(page)
    assert reference in words_of(own_copy)
    assert readable(instrument, raw).items() <= pairs_of(own_copy).items()

    sheet = attachment(demo.mail_with_document(since=mails))
    assert readable(LIBRARY.instrument("survey_families"), raw).items() <= pairs_of(sheet).items()
    assert reference not in words_of(sheet)


def test_back_and_send_again_is_the_same_response(demo: Demo, page: Page) -> None:
    page.goto(demo.family_link)
    answer(page, answers_to(LIBRARY.instrument("survey_families")))
    send(page)
    reference = page.inner_text(".done .code")
    page.reload()
    assert page.inner_text(".done .code") == reference
    page.go_back()
    send(page)
    assert page.inner_text(".done .code") == reference
    assert page.locator(".note").count() == 0
    page.go_back()
    page.locator("[name=q-school_welcome]").nth(4).check()
    send(page)
    assert page.inner_text(".done .code") == reference
    assert page.locator(".note").count() == 1, "it does not say that the first answers were kept"


def test_the_survey_works_without_javascript(demo: Demo, open_page: Callable[..., Page]) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(demo.family_link)
    send(page)
    assert page.locator(".errors:focus").count() == 1
    answer(page, answers_to(LIBRARY.instrument("survey_families")))
    press(page, "nav.languages button[lang=es]")
    press(page, "nav.languages button[lang=en]")
    send(page)
    assert page.locator(".done .code").count() == 1


def test_the_survey_can_be_answered_by_keyboard_alone(demo: Demo, page: Page) -> None:
    instrument = LIBRARY.instrument("survey_families")
    page.goto(demo.family_link)
    page.keyboard.press("Tab")
    assert focused(page)["class"] == "skip"
    page.keyboard.press("Enter")
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.locator(":focus")
        assert shows_focus(page), here.evaluate("it => it.outerHTML")
        kind = here.evaluate("it => it.type || it.tagName")
        if kind == "radio":
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        elif kind == "textarea":
            page.keyboard.type("By keyboard")
        elif kind == "submit" and here.get_attribute("class") is None:
            break
    ratings = page.locator("fieldset input[type=radio]:checked")
    asked = [item for item in instrument.items() if type(item).__name__ == "Scale"]
    assert ratings.count() == len(asked)
    assert set(ratings.evaluate_all("all => all.map(one => one.value)")) == {asked[0].options[1].id}
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")


def shows_focus(page: Page) -> bool:
    """Is there an outline around what has the focus, or around its label?"""
    found: bool = page.evaluate(
        """(() => { const it = document.activeElement, both = [it, it.closest('label') || it];
            return both.some(one => getComputedStyle(one).outlineStyle === 'solid'); })()"""
    )
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_page_is_two_requests_and_six_kilobytes(
    demo: Demo, open_page: Callable[..., Page], language: str
) -> None:
    page = open_page(PHONE)
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(f"{demo.family_link}?lang={language}", wait_until="networkidle")
    assert sorted(request.resource_type for request in requests) == ["document", "stylesheet"]
    assert sum(request.sizes()["responseBodySize"] for request in requests) <= 6000, [
        request.sizes() for request in requests
    ]
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("code", "status"), [("AAAA-AAAA", 404), ("XXXX", 404), ("", 200)], ids=["unknown", "mistyped", "none"]
)
def test_the_pages_for_codes_are_sound(demo: Demo, page: Page, code: str, status: int) -> None:
    answered_with = page.goto(f"{demo.address}/s/{code}")
    assert answered_with
    assert answered_with.status == status
    look(page)


def test_a_family_answers_from_right_to_left(mirror: Mirror, page: Page) -> None:
    page.goto(f"{mirror.address}/s/{printed(mirror.world.codes['families'])}?lang={CODE}")
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.get_attribute("html", "lang") == CODE
    assert page.inner_text("h1").startswith(BEFORE.strip())
    look(page, NARROW, PHONE, WIDE)
    page.set_viewport_size({"width": PHONE, "height": 800})
    radio, label = box(page, ".options input"), box(page, ".options label")
    assert radio["x"] > label["x"] + label["width"] / 2
    right_edge = page.evaluate("document.documentElement.clientWidth")
    assert right_edge - (radio["x"] + radio["width"]) < 60

    press_send_on_an_empty_page(page)
    look(page)
    assert page.evaluate("getComputedStyle(document.querySelector('.bad')).borderRightWidth") == "5px"
    raw = answers_to(LIBRARY.instrument("survey_families"))
    answer(page, raw)
    press(page, "nav.languages button[lang=en]")
    assert page.get_attribute("html", "dir") == "ltr"
    press(page, f"nav.languages button[lang={CODE}]")
    assert answered(page, raw)
    send(page)
    look(page)
    own_copy = words_of(downloaded(page))
    for option in readable(LIBRARY.instrument("survey_families"), raw).values():
        assert all(part in own_copy for part in option.split("; "))
    assert own_copy.count(AFTER.strip()) > 30


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found
    return dict(found)


@pytest.mark.parametrize(
    "fault", ["<img src=x>", "<p style='color:#999'>pale</p>", "<div style='width:2000px'>wide</div>"]
)
def test_looking_at_a_page_finds_faults(page: Page, fault: str) -> None:
    page.set_content(f"<!doctype html><html lang=en><title>x</title><main><h1>x</h1>{fault}</main>")
    with pytest.raises(AssertionError):
        look(page)
