"""What the walks share: the places they go to, looking at a page with axe, answering, and waiting for mail."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from world import World

from partnerforms.engine.library import Library
from partnerforms.engine.model import Choices, Instrument, Paragraph, Scale
from partnerforms.languages import read_library

LIBRARY: Library = read_library()
NARROW, PHONE, WIDE = 320, 360, 1280
AXE = Axe().axe_script
RULES = {
    "resultTypes": ["violations"],
    "selectors": False,  # nobody reads them, and finding them takes longest
    "preload": False,  # for css-orientation-lock alone: `test_what_axe_leaves_out_is_not_in_the_style_sheets`
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
}
# At another width colors are the same, and looking at them is half of the time.
RULES_OF_LAYOUT = RULES | {"rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}}
COMMENT = "Más juegos & <b>music</b>, please 🎵 家"
_MAIL_WAIT = 30


@dataclass(frozen=True)
class Demo:
    """The demo that is running, by what it wrote into demo.json."""

    facts: Mapping[str, Any]

    @property
    def address(self) -> str:
        return str(self.facts["base_url"])

    @property
    def family_link(self) -> str:
        return str(self.facts["survey_links"]["families"])

    def account(self, role: str) -> tuple[str, str]:
        """The address and the sign-in code of an account."""
        (found,) = [account for account in self.facts["accounts"] if account["role"] == role]
        return found["address"], found["code"]

    def mails(self) -> set[Path]:
        return set(Path(self.facts["outbox"]).glob("*.eml"))

    def new_mail(self, since: set[Path], with_document: bool = False) -> EmailMessage:
        """The one mail that came since then, or the one with an attachment; waits for it."""
        for _ in range(_MAIL_WAIT * 10):
            found = [_read(path) for path in self.mails() - since]
            found = [mail for mail in found if list(mail.iter_attachments()) or not with_document]
            if found:
                assert len(found) == 1
                return found[0]
            time.sleep(0.1)
        raise AssertionError("no mail came")

    def mail_with_document(self, since: set[Path]) -> EmailMessage:
        """The one mail with an attachment that came since then; waits for it."""
        return self.new_mail(since, with_document=True)


@dataclass(frozen=True)
class Mirror:
    """The application in the pseudo language: its address, and the small world of its database."""

    address: str
    world: World


def _read(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes())


def look(page: Page, *widths: int) -> None:
    """No fault that axe can see and no sideways scrolling, on a narrow phone and on a desk."""
    before = page.viewport_size
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for number, width in enumerate(widths or (NARROW, WIDE)):
        page.set_viewport_size({"width": width, "height": 800})
        inside = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inside[0] <= inside[1], f"{page.url} scrolls sideways at {width}: {inside}"
        found = page.evaluate(
            "async rules => (await axe.run(rules)).violations", RULES_OF_LAYOUT if number else RULES
        )
        faults = [
            f"{fault['id']}: {node['html']} {node['failureSummary']}" for fault in found for node in fault["nodes"]
        ]
        assert not faults, f"{page.url} at {width}:\n" + "\n".join(faults)
    if before and before != page.viewport_size:
        page.set_viewport_size(before)


def answers_to(instrument: Instrument) -> dict[str, Any]:
    """An answer to everything a survey asks, going through the options in turn."""
    raw: dict[str, Any] = {}
    for number, item in enumerate(instrument.items()):
        match item:
            case Scale():
                options = (*item.options, item.unsure)
                raw[item.id] = options[number % len(options)].id
            case Choices():
                raw[item.id] = [option.id for option in item.options[1:3]]
            case Paragraph():
                raw[item.id] = COMMENT
    return raw


def answer(page: Page, raw: Mapping[str, Any], at: str = "q") -> None:
    """Tick and type the answers of one page; rows of a table must be there already."""
    for item_id, value in raw.items():
        field = f"{at}-{item_id}"
        if isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, dict):
                    answer(page, one, f"{field}-{number}")
                else:
                    page.check(f'input[name="{field}"][value="{one}"]')
        elif page.locator(f'input[type=radio][name="{field}"]').count():
            page.check(f'input[name="{field}"][value="{value}"]')
        else:
            page.fill(f'[name="{field}"]', value)


def answered(page: Page, raw: Mapping[str, Any]) -> bool:
    """Do the answers stand on the page?"""
    for item_id, value in raw.items():
        field = f"q-{item_id}"
        ticked = page.eval_on_selector_all(f'[name="{field}"]:checked', "found => found.map(one => one.value)")
        typed = page.eval_on_selector_all(f'textarea[name="{field}"]', "found => found.map(one => one.value)")
        if [*ticked, *typed] != ([value] if isinstance(value, str) else value):
            return False
    return True


def readable(instrument: Instrument, raw: Mapping[str, Any]) -> dict[str, str]:
    """Question and answer as they must stand beside each other in a document of this language."""
    found = {}
    for item in instrument.items():
        value = raw[item.id]
        if isinstance(item, Scale):
            found[item.label] = next(o.label for o in (*item.options, item.unsure) if o.id == value)
        elif isinstance(item, Choices):
            found[item.label] = "; ".join(option.label for option in item.options if option.id in value)
        else:
            found[item.label] = value
    return found


def press(page: Page, what: str) -> None:
    """Press what leads to another page, and wait until all of that is there: a click alone ends when it begins."""
    page.click(what)
    page.wait_for_load_state()


def send(page: Page) -> None:
    """Press the button at the end of the form, the one that people see."""
    page.locator("main form button:not(.unseen):not(.plain)").last.click()
    page.wait_for_load_state()


def downloaded(page: Page) -> bytes:
    """What the button of the page downloads."""
    with page.expect_download() as waiting:
        page.locator("main a.button").first.click()
    return waiting.value.path().read_bytes()


def focused(page: Page) -> dict[str, str]:
    """What has the focus."""
    found: dict[str, str] = page.evaluate(
        "(() => { const it = document.activeElement; return {tag: it.tagName, id: it.id, class: it.className}; })()"
    )
    return found
