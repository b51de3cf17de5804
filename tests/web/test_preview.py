"""A survey is tried before it opens: the real page, from a signed address, and nothing is stored."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from browser import Browser, on_sqlite
from filling import fields
from flask import g
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import World, open_survey

from partnerforms.engine.codes import printed
from partnerforms.engine.library import Library
from partnerforms.models import SurveyLink
from partnerforms.services.tools import Tools
from partnerforms.web.public import preview


@pytest.fixture
def early(session: Session, tools: Tools, world: World) -> SurveyLink:
    """The families' link of a survey that opens next week."""
    link = open_survey(session, tools, "maple_leader", world.began, {"families": "each"}, 7, 9).links[0]
    session.commit()
    return link


def tried(member: Browser, link: SurveyLink, language: str = "") -> str:
    """The address that the member's page gives for trying."""
    page = member.get(f"/surveys/{link.survey_id}/links/{link.id}/preview?language={language}").page
    found = next(there for there in page.links if "/preview/" in there)
    assert found in page.text
    (picture,) = [element.get("src", "") for element in page.root.iter("img")]
    assert picture.startswith("data:image/svg+xml")
    return found.removeprefix("http://localhost")


def test_a_survey_is_tried_before_it_opens_and_nothing_is_stored(
    browser: Browser, signed_in: Callable[[str], Browser], session: Session, library: Library, early: SurveyLink,
    mails: Callable[[], list[EmailMessage]],
) -> None:  # fmt: skip
    address = tried(signed_in("maple_member"), early)
    page = browser.get(address).page
    assert page.h1 == library.instrument("survey_families").title
    assert "This is a preview." in page.text
    typed = fields(answers(library, "families", comment="only a try"))
    spanish = browser.send(page.form("/preview/"), typed, press="Español", status=200).page
    assert (spanish.language, spanish.form("/preview/").data()["q-comment"]) == ("es", ["only a try"])
    missing = browser.send(page.form("/preview/"), {**typed, "q-school_welcome": ""}, status=422).page
    assert "This is a preview." in missing.text
    end = browser.follow(browser.send(missing.form("/preview/"), {"q-school_welcome": "well"})).page
    assert "nothing was stored" in end.text
    browser.get(next(there for there in end.links if "/preview/" in there))
    assert kept(session) == []
    assert mails() == []


@on_sqlite
def test_the_page_begins_in_the_language_that_was_chosen(
    browser: Browser, signed_in: Callable[[str], Browser], early: SurveyLink
) -> None:
    for language in ("ar", "ht"):
        assert browser.get(tried(signed_in("maple_leader"), early, language)).page.language == language


@on_sqlite
def test_an_address_is_good_for_one_link_and_one_day(
    browser: Browser, stage: object, world: World, early: SurveyLink
) -> None:
    app = browser.client.application
    with app.test_request_context():
        good = urlsplit(preview.address(early, "en")).path
        g.now = datetime.now(UTC) - timedelta(hours=25)
        over = urlsplit(preview.address(early, "en")).path
    browser.get(good)
    other = good.replace(printed(early.code), printed(world.codes["families"]))
    for wrong in (over, other, good[:-2], f"/s/{early.code}/preview/x"):
        assert browser.get(wrong, status=410).page.h1 == "This preview has ended"
        browser.get(f"{wrong}/end", status=410)
        browser.post(wrong, {}, status=410)


def test_a_tried_page_is_no_page_of_the_survey(
    browser: Browser, signed_in: Callable[[str], Browser], session: Session, library: Library, world: World
) -> None:
    code = world.codes["families"]
    link = session.query(SurveyLink).filter_by(code=code).one()
    (token,) = browser.get(tried(signed_in("maple_leader"), link)).page.form("/preview/").data()["token"]
    form = browser.get(f"/s/{code}").page.form("/s/")
    browser.send(form, {**fields(answers(library, "families")), "token": token}, status=400)
    assert kept(session) == []
