"""A tablet at a family night: with real presses of Back and Reload, nobody finds what somebody before answered."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from walking import LIBRARY, Mirror, answer, answers_to, look, press, send

from partnerforms.engine.codes import printed

KEPT = "--disable-back-forward-cache"  # Playwright turns off what real browsers have
RAW = answers_to(LIBRARY.instrument("survey_families"))
LEFT = "[document.querySelectorAll(':checked').length, document.querySelector('textarea')?.value || '']"


@pytest.fixture(scope="module")
def tablets(start_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    """A browser as people have it, which keeps pages for its Back button."""
    browser = start_chromium(ignore_default_args=[KEPT])
    yield browser
    browser.close()


@pytest.fixture
def tablet(tablets: Browser) -> Iterator[Page]:
    context = tablets.new_context()
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def kiosk(mirror: Mirror) -> str:
    return f"{mirror.address}/s/{printed(mirror.world.codes['families'])}/kiosk"


def travel(page: Page, steps: int) -> None:
    """Press Back or Forward, and wait for what comes: a new page, or the old one as it was."""
    page.evaluate("window.was = true; addEventListener('pageshow', () => { window.was = false })")
    page.evaluate("steps => { setTimeout(() => history.go(steps)) }", steps)
    page.wait_for_function("!window.was && document.readyState === 'complete'")


def test_back_and_reload_bring_nothing_back(mirror: Mirror, tablet: Page) -> None:
    page = tablet
    page.goto(kiosk(mirror))
    look(page)
    answer(page, RAW)
    send(page)
    assert page.url.endswith("/kiosk/thanks?lang=en&begin=en")
    look(page)
    travel(page, -1)
    assert page.evaluate(LEFT) == [0, ""]
    page.reload()
    assert page.evaluate(LEFT) == [0, ""]
    travel(page, 1)
    press(page, "main a.button")
    assert page.evaluate(LEFT) == [0, ""]
    for _ in range(2):
        travel(page, -1)
        assert page.evaluate(LEFT) == [0, ""]


def test_an_own_phone_keeps_its_page_for_back(mirror: Mirror, tablet: Page) -> None:
    """What the kiosk must not have, and what the test above would see."""
    page = tablet
    page.goto(kiosk(mirror).removesuffix("/kiosk"))
    answer(page, RAW)
    send(page)
    travel(page, -1)
    assert page.evaluate(LEFT)[0] > 10


def test_start_over_leaves_nothing(mirror: Mirror, tablet: Page) -> None:
    page = tablet
    page.goto(kiosk(mirror))
    answer(page, RAW)
    page.reload()
    assert page.evaluate(LEFT) == [0, ""]
    answer(page, RAW)
    press(page, "nav.languages button[lang=es]")
    assert page.evaluate(LEFT)[0] > 10
    press(page, "button[name=over]")
    assert page.get_attribute("html", "lang") == "en"
    assert page.evaluate(LEFT) == [0, ""]
