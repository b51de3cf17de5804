"""Every page there is, and every form sent with mistakes: no fault that axe sees, nothing cut off in any language.

What is walked is compared with the routes and the templates of the program: a page that is added is missed here.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
import pytest
from browser import Browser as Client
from flask import template_rendered
from furnishing import House
from itinerary import ERRORS, NO_PAGES, PAGES
from mistakes import MISTAKES
from playwright.sync_api import Browser, Error, Page, Response
from pseudo_language import CODE
from sqlalchemy import update
from stops import Mistake, Stop
from walking import AXE, NARROW, WIDE, look
from world import address

import partnerforms
from partnerforms.models import Delivery, Person

TEMPLATES = Path(__file__).parents[2] / "templates"
STYLES = Path(partnerforms.__file__).parent / "static"
SEND = """([ending, wrong]) => {
  const form = [...document.forms].find(it => it.getAttribute("action").split("?")[0].endsWith(ending));
  for (const [name, value] of Object.entries(wrong)) {
    const field = form.elements[name];
    if (field.tagName === "SELECT" && ![...field.options].some(it => it.value === value))
      field.add(new Option(value, value));
    if (field.type === "date") field.type = "text";
    if (value === "" && field instanceof RadioNodeList) field.forEach(it => it.checked = false);
    else field.value = value;
  }
  [...form.querySelectorAll("button:not(.unseen)")].pop().click();
}"""


class Walker:
    """Goes from page to page as whoever a stop names, and knows which templates were shown."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page
        self.faults: list[str] = []
        self.rendered: list[str] = []
        self.shown: dict[str, bool] = {}  # by template: was it seen with a summary of mistakes?

    @contextmanager
    def at(self, stop: Stop | Mistake) -> Iterator[None]:
        """Note what is wrong and go on, so that one walk tells everything."""
        try:
            yield
        except (AssertionError, Error) as fault:
            self.faults.append(f"{stop.person} at {stop.path}: {str(fault)[:2000]}")

    def be(self, person: str) -> None:
        self.page.context.clear_cookies(name="partnerforms")
        token = self.house.world.tokens.get(person) or self.house.things.get(person, "")
        if token:
            self.page.context.add_cookies([{"name": "partnerforms", "value": token, "url": self.house.address}])

    def go(self, stop: Stop | Mistake, status: int) -> None:
        self.be(stop.person)
        self.rendered.clear()
        self.arrived(self.page.goto(self.house.address + self.path(stop.path)), status)

    def path(self, path: str) -> str:
        return path.format(**self.house.things)

    def send(self, mistake: Mistake) -> None:
        """Open the page of a form and send it as it must not be."""
        self.go(mistake, 200)
        ending = self.path(mistake.action)
        if mistake.file:
            name, content = mistake.file
            kind = "application/octet-stream"
            files = self.page.locator(f'form[action*="{ending}"] input[type=file]')
            files.set_input_files({"name": name, "mimeType": kind, "buffer": content})
        self.rendered.clear()
        with self.page.expect_navigation() as waiting:
            self.page.evaluate(SEND, [ending, mistake.wrong])
        self.arrived(waiting.value, mistake.status)

    def press(self, button: str, status: int = 200) -> None:
        """Press a button, and look at the page that comes."""
        self.rendered.clear()
        with self.page.expect_navigation() as waiting:
            self.page.locator(button).first.click()
        self.arrived(waiting.value, status)
        if self.page.locator(".errors").count():
            self.look_at_mistakes()
        else:
            look(self.page)

    def arrived(self, response: Response | None, status: int) -> None:
        assert response
        assert response.status == status, f"{self.page.url} answered {response.status}"
        if "text/html" in response.headers["content-type"]:
            mistaken = self.page.locator(".errors").count() > 0
            for template in self.rendered:
                self.shown[template] = self.shown.get(template, False) or mistaken

    def look_at_mistakes(self, title: str = "Error:") -> None:
        """The title says it, the summary has the focus, and each of its links leads to a field on the page."""
        page = self.page
        assert page.title().startswith(title), page.url
        page.locator(".errors:focus").wait_for(timeout=5000)
        links = page.eval_on_selector_all(".errors a", "all => all.map(it => it.getAttribute('href'))")
        assert links, page.url
        for link in links:
            there = link.startswith("/") or page.locator(f'[id="{link[1:]}"]').count() == 1
            assert there, f"{page.url}: {link} leads nowhere"
        look(page)


def a_code_is_typed(walker: Walker) -> None:
    walker.go(Stop("nobody", "/sign-in"), 200)
    walker.page.fill("#address", address("maple_member"))
    walker.press("main form button")
    walker.page.fill("#code", "AAAA-AAAA")
    walker.press("main form button", 422)


def a_second_factor_is_turned_on(walker: Walker) -> None:
    """The page with the recovery codes is shown once."""
    walker.go(Stop("maple_coordinator", "/account/second-factor"), 200)
    walker.press("main form button")
    key = "".join(walker.page.inner_text(".key").split())
    walker.page.fill("#code", pyotp.TOTP(key).now())
    walker.press("main form button")


def two_type_at_once(walker: Walker) -> None:
    form = Stop("maple_member", "{shared}/team")
    walker.go(form, 200)
    other = Client(walker.house.app, walker.house.world.tokens["maple_leader"])
    path = walker.path(form.path)
    other.send(other.get(path).page.form("/team"), {"q-chairs": "Somebody else"})
    walker.page.fill("#q-chairs", "Not that one")
    walker.press("button[value=leave]", 409)


def a_session_ends_while_typing(walker: Walker) -> None:
    """What was typed goes on to the sign-in page, and from there to a page with one button."""
    walker.go(Stop("maple_member", "{unfinished}/team"), 200)
    walker.page.fill("#q-chairs", "Typed before it ended")
    walker.be("nobody")
    walker.press("button[value=leave]", 401)
    walker.be("maple_member")
    walker.press("main form button")


def a_mail_is_sent_again_too_often(walker: Walker) -> None:
    delivery = walker.house.things["delivery"]
    for status in (200, 200, 200, 409):
        with walker.house.database() as session:
            session.get_one(Delivery, uuid.UUID(delivery)).state = "failed"
        walker.go(Stop("maple_leader", "/deliveries?state=failed"), 200)
        walker.press(f'form[action*="{delivery}"] button', status)


# Pages that are only there after something was done.
MOMENTS = (
    a_code_is_typed,
    a_second_factor_is_turned_on,
    two_type_at_once,
    a_session_ends_while_typing,
    a_mail_is_sent_again_too_often,
)


@contextmanager
def walking(house: House, chromium: Browser, locale: str) -> Iterator[Walker]:
    """One browser for all of a walk; who is signed in changes."""
    with house.database() as session:
        session.execute(update(Person).values(language=locale))
    context = chromium.new_context(viewport={"width": WIDE, "height": 800}, locale=locale)
    context.set_default_timeout(10_000)
    walker = Walker(house, context.new_page())

    def note(_app: Any, template: Any, **_more: Any) -> None:
        walker.rendered.append(template.name)

    with template_rendered.connected_to(note, house.app):
        yield walker
    context.close()


def every_stop() -> list[Stop]:
    return [stop for stops in PAGES.values() for stop in stops] + ERRORS


def test_the_walk_goes_to_every_page(house: House) -> None:
    pages = {rule.endpoint for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages == PAGES.keys() | NO_PAGES
    assert not PAGES.keys() & NO_PAGES
    match = house.app.url_map.bind("localhost").match
    for endpoint, stops in PAGES.items():
        for stop in stops:
            assert match(stop.path.format(**house.things).partition("?")[0])[0] == endpoint


def test_every_page_is_sound(house: House, chromium: Browser) -> None:
    with walking(house, chromium, "en") as walker:
        walker.page.context.add_init_script(AXE)
        for stop in every_stop():
            with walker.at(stop):
                walker.go(stop, stop.status)
                look(walker.page)
        for mistake in MISTAKES:
            with walker.at(mistake):
                walker.send(mistake)
                walker.look_at_mistakes(mistake.title)
        for lead in MOMENTS:
            with walker.at(Stop("moment", lead.__name__)):
                lead(walker)
        shown = walker.shown
    assert not walker.faults, "\n\n".join(walker.faults)
    for path in sorted(TEMPLATES.rglob("*.html")):
        name, text = path.relative_to(TEMPLATES).as_posix(), path.read_text(encoding="utf-8")
        if "{% extends" in text and name not in ("member.html"):
            assert name in shown, f"{name} was not walked"
            assert shown[name] or not re.search(r"fields\.summary\(", text), f"{name} was not seen with mistakes"


def test_what_axe_leaves_out_is_not_in_the_style_sheets() -> None:
    """`look` saves half of its time: no page asks how a phone is held, or has other colors when it is wide."""
    of_a_width = re.compile(r"@media\(m(?:in|ax)-width[^{]*\{((?:[^{}]*\{[^{}]*\})*)")
    found = []
    for sheet in STYLES.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "orientation" not in text, sheet.name
        assert len(re.findall("@media[^{]*width", text)) == len(of_a_width.findall(text)), sheet.name
        found += of_a_width.findall(text)
    assert found
    assert not re.search(
        r"color|background|opacity|display:none|visibility|font-(?:size:[^1]|weight)", "".join(found)
    )


@pytest.mark.parametrize("language", ["es", CODE])
def test_nothing_is_cut_off_in_another_language(house: House, chromium: Browser, language: str) -> None:
    with walking(house, chromium, language) as walker:
        for stop in every_stop():
            with walker.at(stop):
                walker.go(stop, stop.status)
                for width in (NARROW, WIDE):
                    walker.page.set_viewport_size({"width": width, "height": 800})
                    inside = walker.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
                    assert inside[0] <= inside[1], f"{walker.page.url} scrolls sideways at {width}"
    assert not walker.faults, "\n\n".join(walker.faults)
