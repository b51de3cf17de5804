"""A leader invites students by a list; a mail scanner presses every button of the letter's page; then one answers."""

import re
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import create_engine, text
from test_member_walk import sign_in
from walking import LIBRARY, Demo, answer, answers_to, send

from partnerforms.models import Invitation, SurveyLink

LINK = re.compile(r"http://127\.0\.0\.1:\d+/i/\S+")
LIST = "Language;Email\n" + "".join(f"es;student{number}@example.org\n" for number in range(10))


def asked(demo: Demo, query: str) -> list[tuple[object, ...]]:
    """What stands in the demo's database."""
    engine = create_engine(f"sqlite:///{Path(demo.facts['outbox']).parent}/partnerforms.sqlite")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def invited(demo: Demo, page: Page) -> list[str]:
    """Upload the list and say yes; the links of one letter, when all have gone out."""
    code = demo.facts["survey_links"]["students"].rpartition("/")[2].replace("-", "")
    ((survey, link),) = asked(demo, f"SELECT survey_id, id FROM {SurveyLink.__tablename__} WHERE code = '{code}'")
    mails = demo.mails()
    page.goto(f"{demo.address}/surveys/{uuid.UUID(str(survey))}/links/{uuid.UUID(str(link))}/invitations")
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    send(page)
    page.click("button:has-text('Send the invitations')")
    for _ in range(300):
        texts = [path.read_text().replace("=\n", "").replace("=3D", "=") for path in demo.mails() - mails]
        letters = [links for links in map(LINK.findall, texts) if links]  # other mail may go out meanwhile
        if len(letters) == 10:
            return letters[0]
        time.sleep(0.1)
    raise AssertionError("the letters did not go out")


def scan(page: Page, link: str) -> int:
    """What a scanner does: opens the link in every way, and presses all that sends; how many presses that were."""
    for method in ("HEAD", "GET", "POST"):
        request = urllib.request.Request(link, method=method, data=b"" if method == "POST" else None)
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10).close()
    page.goto(link)
    what = "form, button:not([name=switch]), button[lang=ar]"
    presses = page.locator(what).count()
    for number in range(presses):
        page.goto(link)
        with page.expect_navigation():
            page.locator(what).nth(number).evaluate("it => it.tagName === 'FORM' ? it.submit() : it.click()")
    return presses


def test_a_scanner_uses_nothing_up_and_then_somebody_answers(demo: Demo, open_page: Callable[..., Page]) -> None:
    leader = open_page()
    sign_in(demo, leader)
    link, stop = (found.rstrip(">") for found in invited(demo, leader)[-2:])
    assert stop.partition("?")[0] == f"{link.partition('?')[0]}/stop"
    assert scan(open_page(), link) == 4
    used = f"SELECT count(*) FROM {Invitation.__tablename__} WHERE used"
    assert asked(demo, used) == [(0,)]
    student = open_page()
    student.goto(link)
    assert student.get_attribute("html", "lang") == "es"
    answer(student, answers_to(LIBRARY.instrument("survey_students", "es")))
    send(student)
    assert "/s/" in student.url
    assert asked(demo, used) == [(1,)]
    student.goto(stop)
    send(student)
    left = f"SELECT count(*) FROM {Invitation.__tablename__} WHERE address IS NULL"
    assert asked(demo, left) == [(1,)]
