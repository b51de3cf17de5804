"""A mail scanner against a sign-in letter: it opens the link in every way, runs scripts and presses every button.

It signs nobody in and uses nothing up; then the person signs in by the same letter.
"""

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, create_engine, text
from walking import Demo, look, send

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/link/\S+")
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")


@pytest.fixture
def database(demo: Demo) -> Iterator[Engine]:
    """The demo's database, to look into."""
    folder = Path(demo.facts["outbox"]).parent
    engine = create_engine(f"sqlite:///{folder}/partnerforms.sqlite")
    yield engine
    engine.dispose()


def counted(database: Engine) -> tuple[int, int, int]:
    """How many sessions began, codes were used, and tries were made."""
    with database.connect() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(text(query)).scalar_one() or 0
            for query in (
                "SELECT count(*) FROM sign_in_sessions",
                "SELECT count(*) FROM sign_in_codes WHERE used_at IS NOT NULL",
                "SELECT sum(tries) FROM sign_in_codes",
            )
        )


def ask(demo: Demo, page: Page) -> tuple[str, str]:
    """Ask for a code in this browser; the link and the code of the letter that came."""
    before = demo.mails()
    page.goto(f"{demo.address}/sign-in?next=/deliveries")
    page.fill("#address", demo.account("coordinator")[0])
    send(page)
    look(page)
    letter = demo.new_mail(before)
    body = letter.get_body()
    assert body
    link, code = LINK.search(body.get_content()), CODE.search(body.get_content())
    assert link
    assert code
    return link[0], code[0]


def scan(chromium: Browser, link: str) -> int:
    """What a scanner does; how many things it found to press."""
    for method in ("HEAD", "GET", "POST"):
        request = urllib.request.Request(link, method=method, data=b"" if method == "POST" else None)
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10).close()
    pressed = 0
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    look(page)
    for number in range(page.locator("a, button, input[type=submit], form").count()):
        page.goto(link)
        found = page.locator("a, button, input[type=submit], form").nth(number)
        found.evaluate("it => it.tagName === 'FORM' ? it.submit() : it.click()")
        page.wait_for_load_state()
        pressed += 1
    context.close()
    return pressed


def test_a_scanner_signs_nobody_in_and_burns_nothing(
    demo: Demo, chromium: Browser, open_page: Callable[..., Page], database: Engine
) -> None:
    person = open_page()
    link, code = ask(demo, person)
    before = counted(database)
    assert scan(chromium, link) >= 1
    assert counted(database) == before
    person.fill("#code", code)
    send(person)
    assert person.url == f"{demo.address}/deliveries"
    assert counted(database)[0] == before[0] + 1


def test_after_a_scanner_the_link_still_signs_in_the_browser_that_asked(
    demo: Demo, chromium: Browser, open_page: Callable[..., Page], database: Engine
) -> None:
    person = open_page()
    link, _ = ask(demo, person)
    before = counted(database)
    scan(chromium, link)
    assert counted(database) == before
    tab = person.context.new_page()
    tab.goto(link)
    look(tab)
    assert counted(database) == before
    send(tab)
    assert tab.url == f"{demo.address}/deliveries"
    assert counted(database)[0] == before[0] + 1
