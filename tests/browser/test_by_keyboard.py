"""One long walk from the first sign-in to the Word file: by keyboard alone, and by buttons without JavaScript.

The way is the same (`walk`); what differs are the hands. The keyboard's hands use Tab, Shift+Tab, Enter, Space, arrow
keys and letters and nothing else, and see to it that what has the focus can always be seen and never keeps it.
"""

import re
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Page
from walking import Demo, focused
from word_reading import words_of

CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
MOST_TABS = 400
# What a person would call the thing that has the focus, and whether it can be seen that it has it.
HERE = """(() => {
  const it = document.activeElement;
  if (it === document.body || it === document.documentElement) return null;
  const label = it.labels && it.labels.length ? it.labels[0] : null;
  const seen = [it, it.closest("label") || it].some(one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  });
  const box = (it.closest("label") || it).getBoundingClientRect();
  return {
    name: (label || it).innerText.trim().replace(/\\s+/g, " "), kind: it.type || it.tagName.toLowerCase(), seen,
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 1, html: it.outerHTML.slice(0, 200),
  };
})()"""
TABBABLE = """(() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea")].filter(it => {
    if (it.tabIndex < 0 || it.type === "hidden" || it.disabled) return false;
    if (it.type !== "radio") return true;
    const group = it.form ? it.name : it.id, first = !groups.has(group);
    groups.add(group);
    return first;
  }).length;
})()"""


class Hands(Protocol):
    """How somebody works with a page: by the words that stand on it."""

    page: Page

    def type(self, label: str, text: str) -> None: ...
    def choose(self, label: str) -> None: ...
    def press(self, words: str) -> None: ...
    def download(self, words: str) -> bytes: ...


class Keyboard:
    """Keys alone. On every kind of page it comes to, Tab goes all the way through once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.known: set[str] = set()

    def type(self, label: str, text: str) -> None:
        self._reach(label, {"text", "email", "textarea", "search", "date"})
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, label: str) -> None:
        """A radio button is reached by Tab to its group and by arrows inside it."""
        for _ in range(MOST_TABS):
            here = self._tab()
            for _ in range(12):
                if here["kind"] in ("radio", "checkbox") and str(here["name"]).startswith(label):
                    self.page.keyboard.press("Space")
                    return
                if here["kind"] != "radio":
                    break
                before = here
                self.page.keyboard.press("ArrowDown")
                here = self._here()
                if here["name"] == before["name"]:
                    break
        raise AssertionError(f"{self.page.url}: no key leads to {label}")

    def press(self, words: str) -> None:
        self._reach(words, {"a", "submit"})
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        kind = re.sub(r"[0-9a-f-]{36}", "", urlsplit(self.page.url).path) + self.page.title()[:6]
        if kind not in self.known:
            self.known.add(kind)
            self._nothing_keeps_the_focus()

    def download(self, words: str) -> bytes:
        self._reach(words, {"a"})
        with self.page.expect_download() as waiting:
            self.page.keyboard.press("Enter")
        return waiting.value.path().read_bytes()

    def _reach(self, words: str, kinds: set[str]) -> None:
        for _ in range(MOST_TABS):
            here = self._tab()
            if here["kind"] in kinds and re.match(rf"{re.escape(words)}(?!\w)", str(here["name"])):
                return
        raise AssertionError(f"{self.page.url}: no key leads to {words}")

    def _tab(self) -> dict[str, object]:
        self._move("Tab")
        if self.page.evaluate(HERE) is None:  # past the last: the next is the first
            self._move("Tab")
        return self._here()

    def _move(self, key: str) -> None:
        """Press a key that moves the focus, and wait until it has: out of the page it goes by way of the browser."""
        self.page.evaluate("window.before = document.activeElement")
        self.page.keyboard.press(key)
        self.page.wait_for_function("document.activeElement !== window.before", timeout=5000)

    def _here(self) -> dict[str, object]:
        here: dict[str, object] | None = self.page.evaluate(HERE)
        assert here, f"{self.page.url}: nothing has the focus"
        assert here["seen"], f"{self.page.url}: it cannot be seen that this has the focus: {here['html']}"
        assert here["inside"], f"{self.page.url}: what has the focus is out of sight: {here['html']}"
        return here

    def _nothing_keeps_the_focus(self) -> None:
        """Tab leads through everything and out of the page, and Shift+Tab leads back."""
        self.page.evaluate("window.kept = document.activeElement")
        self.page.focus(".skip")
        there, names = self.page.evaluate(TABBABLE), [self._here()["html"]]
        while len(names) <= there:
            self._move("Tab")
            if self.page.evaluate(HERE) is None or focused(self.page)["class"] == "skip":
                break
            names.append(self._here()["html"])
            if len(names) == there:
                self._move("Shift+Tab")
                assert self._here()["html"] == names[-2]
                self._move("Tab")
        assert len(names) == there, f"{self.page.url}: Tab leads to {len(names)} of {there}"
        self.page.evaluate("document.activeElement.blur(); window.kept.focus({preventScroll: true})")


class Pointer:
    """Presses what stands on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).first.fill(text)

    def choose(self, label: str) -> None:
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).first.check()

    def press(self, words: str) -> None:
        named = re.compile(rf"^{re.escape(words)}(?!\w)")
        found = self.page.get_by_role("link", name=named).or_(self.page.get_by_role("button", name=named))
        with self.page.expect_navigation():
            found.first.click()

    def download(self, words: str) -> bytes:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=re.compile(rf"^{re.escape(words)}")).first.click()
        return waiting.value.path().read_bytes()


def letter_with_code(demo: Demo, press: Callable[[], None]) -> str:
    """The code of the letter that comes after a button was pressed."""
    before = demo.mails()
    press()
    body = demo.new_mail(before).get_body()
    assert body
    found = CODE.search(body.get_content())
    assert found
    return found[0]


def invite(demo: Demo, page: Page, address: str) -> None:
    """The demo's state leader invites somebody to lead the district; the letter is on its way."""
    hands = Pointer(page)
    who, code = demo.account("state leader")
    page.goto(demo.address)
    hands.type("Mail address", who)
    before = demo.mails()
    hands.press("Continue")
    demo.new_mail(before)
    hands.type("Code", code)
    hands.press("Sign in")
    hands.press("Organizations")
    hands.press("Riverside School District")
    hands.press("People")
    hands.type("Name", "Kim Lee")
    hands.type("Mail address", address)
    hands.choose("Leader")
    before = demo.mails()
    hands.press("Send the invitation")
    demo.new_mail(before)


def walk(demo: Demo, hands: Hands, address: str, school: str) -> None:
    """From the sign-in page to a Word file and out again."""
    page = hands.page
    page.goto(demo.address)
    hands.press("Continue")
    told_what_is_wrong(page)
    hands.type("Mail address", address)
    code = letter_with_code(demo, lambda: hands.press("Continue"))
    hands.type("Code", code)
    hands.press("Sign in")
    hands.press("Accept")

    hands.press("Organizations")
    hands.press("Riverside School District")
    hands.press("Add a school")
    hands.press("Add")
    told_what_is_wrong(page)
    hands.type("Name", school)
    hands.press("Add")
    assert page.inner_text("h1") == school
    hands.press("People")
    hands.type("Name", "Ana Paz")
    hands.type("Mail address", f"ana-of-{address}")
    hands.choose("Member")
    before = demo.mails()
    hands.press("Send the invitation")
    assert f"ana-of-{address}" in page.inner_text(".note")
    demo.new_mail(before)

    hands.press("Start")
    hands.press("District leadership plan for partnerships")
    hands.type("Name of this form", f"Plan for {school}")
    hands.press("Begin")
    hands.press("Check and submit")
    hands.press("Submit")
    told_what_is_wrong(page)
    hands.press("School year")
    assert focused(page)["id"] == "q-school_year"
    hands.type("School year", "2026-27")
    hands.type("Name of the district leader", "Kim Lee")
    hands.press("Save and finish later")
    hands.press("Add")
    hands.type("What do you want to achieve?", "Every family is welcome")
    hands.press("Save and go on")
    hands.press("Check and submit")
    before = demo.mails()
    hands.press("Submit")
    assert "Every family is welcome" in words_of(hands.download("Download the Word document"))
    demo.mail_with_document(before)

    hands.press("Organizations")
    hands.press("Riverside School District")
    hands.press("Settings")
    hands.type("Mail that was sent", "many")
    hands.press("Save")
    told_what_is_wrong(page)
    hands.type("Mail that was sent", "36")
    hands.press("Save")
    assert page.inner_text(".done") == "Saved."
    hands.press("Sign out")
    page.goto(f"{demo.address}/account")
    assert "/sign-in" in page.url


def told_what_is_wrong(page: Page) -> None:
    """The title says that something is wrong, and the summary of it has the focus."""
    assert page.title().startswith("Error:") or page.locator("h1").inner_text() == "Check your answers"
    assert page.locator(".errors:focus").count() == 1, f"{page.url}: {focused(page)}"


def test_the_whole_way_by_keyboard_alone(demo: Demo, open_page: Callable[..., Page]) -> None:
    invite(demo, open_page(), "kim@keys.example.org")
    walk(demo, Keyboard(open_page()), "kim@keys.example.org", "Cedar School")


def test_the_whole_way_without_javascript(demo: Demo, open_page: Callable[..., Page]) -> None:
    invite(demo, open_page(java_script_enabled=False), "kim@buttons.example.org")
    walk(demo, Pointer(open_page(java_script_enabled=False)), "kim@buttons.example.org", "Willow School")


def test_the_skip_link_leads_past_the_menu(demo: Demo, page: Page) -> None:
    page.goto(f"{demo.address}/sign-in")
    page.keyboard.press("Tab")
    assert focused(page)["class"] == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1
