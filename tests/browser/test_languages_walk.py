"""The survey in each of its languages: nothing that axe sees, nothing cut off, mirrored where it must be."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from walking import LIBRARY, NARROW, PHONE, WIDE, Mirror, answer, answered, answers_to, look, press, send

from partnerforms.engine.codes import printed

LANGUAGES = list(LIBRARY.languages)


@pytest.fixture(scope="module")
def here(chromium: Browser) -> Iterator[Page]:
    """One page for all languages."""
    context = chromium.new_context(viewport={"width": WIDE, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def survey(spoken: Mirror, language: str) -> str:
    return f"{spoken.address}/s/{printed(spoken.world.codes['students'])}?lang={language}"


def edges(page: Page) -> list[float]:
    """Where the options of the first question begin from the left, in the order of the scale."""
    found: list[float] = page.eval_on_selector_all(
        "fieldset.six:first-of-type label", "all => all.slice(0, 6).map(it => it.getBoundingClientRect().left)"
    )
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_survey_is_sound_in(language: str, spoken: Mirror, here: Page) -> None:
    here.goto(survey(spoken, language))
    assert here.get_attribute("html", "lang") == language
    assert here.title() == LIBRARY.instrument("survey_students", language).title
    look(here)
    steps = edges(here)
    assert len(set(steps)) == 6
    assert steps == sorted(steps, reverse=LIBRARY.languages[language].direction == "rtl")
    send(here)
    assert here.title().startswith(LIBRARY.catalogues[language].gettext("Error:"))
    look(here, NARROW)


def test_switching_through_all_languages_keeps_every_tick(spoken: Mirror, here: Page) -> None:
    raw = answers_to(LIBRARY.instrument("survey_students"))
    here.goto(survey(spoken, LANGUAGES[0]))
    answer(here, raw)
    for language in [*LANGUAGES[1:], LANGUAGES[0]]:
        press(here, f"nav.languages button[value={language}]")
        assert here.get_attribute("html", "lang") == language
        assert answered(here, raw)
    send(here)
    assert "/thanks/" in here.url


def test_on_a_phone_all_reads_from_the_right_in_arabic(spoken: Mirror, here: Page) -> None:
    here.set_viewport_size({"width": PHONE, "height": 800})
    here.goto(survey(spoken, "ar"))
    radios = here.eval_on_selector_all(
        ".options input", "all => all.map(it => innerWidth - it.getBoundingClientRect().right)"
    )
    assert all(0 < far < PHONE / 4 for far in radios)
    here.set_viewport_size({"width": NARROW, "height": 800})
    assert here.evaluate("document.documentElement.scrollWidth") <= NARROW
