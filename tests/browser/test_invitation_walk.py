"""A leader invites students by a list; a mail scanner presses every button of the letter's page; then one answers."""

import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine, text
from test_member_walk import sign_in
from test_scanner import scan
from walking import LIBRARY, Demo, answer, answers_to, look, send

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


def invited(demo: Demo, page: Page) -> str:
    """Upload the list and say yes; the text of one letter, when all have gone out."""
    code = demo.facts["survey_links"]["students"].rpartition("/")[2].replace("-", "")
    ((survey, link),) = asked(demo, f"SELECT survey_id, id FROM {SurveyLink.__tablename__} WHERE code = '{code}'")
    mails = demo.mails()
    page.goto(f"{demo.address}/surveys/{uuid.UUID(str(survey))}/links/{uuid.UUID(str(link))}/invitations")
    look(page)
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    send(page)
    look(page)
    page.click("button:has-text('Send the invitations')")
    for _ in range(300):
        if len(new := demo.mails() - mails) >= 10:
            return min(new).read_text()
        time.sleep(0.1)
    raise AssertionError("the letters did not go out")


def test_a_scanner_uses_nothing_up_and_then_somebody_answers(
    demo: Demo, chromium: Browser, open_page: Callable[..., Page]
) -> None:
    leader = open_page()
    sign_in(demo, leader)
    letter = invited(demo, leader).replace("=\n", "").replace("=3D", "=")
    link, stop = (found.rstrip(">") for found in LINK.findall(letter)[-2:])
    assert stop.partition("?")[0] == f"{link.partition('?')[0]}/stop"
    assert scan(chromium, link) > 10
    used = f"SELECT count(*) FROM {Invitation.__tablename__} WHERE used"
    assert asked(demo, used) == [(0,)]
    student = open_page()
    student.goto(link)
    assert student.get_attribute("html", "lang") == "es"
    answer(student, answers_to(LIBRARY.instrument("survey_students", "es")))
    send(student)
    assert "/s/" in student.url
    assert asked(demo, used) == [(1,)]
    for address in (link, stop):
        student.goto(address)
        look(student)
    send(student)
    look(student)
    student.goto(f"{demo.address}/i/unknown")
    look(student)
    left = f"SELECT count(*) FROM {Invitation.__tablename__} WHERE address IS NULL"
    assert asked(demo, left) == [(1,)]
