"""Floods are set aside and nobody is dropped: a field nobody meets, haste no person has, far too many at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from browser import Browser
from filling import fields
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import SECRET, World

from partnerforms.engine.library import Library
from partnerforms.services.surveys.suspicion import Watch
from partnerforms.web.house import KEY


@pytest.fixture
def watched(app: Flask) -> Iterator[Callable[[Watch], None]]:
    """Puts a watch on duty for one test."""
    before = app.extensions[KEY]

    def put(watch: Watch) -> None:
        app.extensions[KEY] = replace(before, watch=watch)

    yield put
    app.extensions[KEY] = before


def opened_before(token: str, code: str, seconds: int) -> str:
    """The token of the same page, had it been opened so many seconds earlier."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - seconds

    signer = Earlier(SECRET, salt=f"survey page {code}")
    return signer.sign(signer.unsign(token)).decode()


def arrive(browser: Browser, code: str, library: Library, seconds: int, **more: str) -> str:
    """Open the page of the community's survey, wait so long, and send it; the words of the page that comes."""
    form = browser.get(f"/s/{code}").page.form("/s/")
    (token,) = form.data()["token"]
    sent = fields(answers(library, "community", comment="hello"))
    given = {**sent, "token": opened_before(token, code, seconds), **more}
    page = browser.follow(browser.send(form, given)).page
    return page.text.replace(page.text.partition("reference is ")[2][:9], "")


@pytest.mark.parametrize(
    ("seconds", "website", "doubt"),
    [(60, "", None), (60 * 60 * 24 * 9, "", None), (4, "", None), (0, "", "too_fast"), (600, "buy", "hidden_field")],
)
def test_what_looks_wrong_is_kept_aside_and_answered_like_the_rest(
    seconds: int, website: str, doubt: str | None, browser: Browser, session: Session, library: Library, world: World,
    watched: Callable[[Watch], None], mails: Callable[[], list[EmailMessage]],
) -> None:  # fmt: skip
    watched(Watch())
    code = world.codes["community"]
    said = arrive(browser, code, library, seconds, website=website)
    (response,) = kept(session)
    assert response.set_aside == doubt
    assert response.answers["comment"] == "hello"
    assert len(mails()) == (0 if doubt else 1)
    assert arrive(browser, code, library, max(seconds, 60)) == said, "it can be told from the rest"


def test_the_second_press_of_send_is_not_looked_at_again(
    browser: Browser, session: Session, library: Library, world: World, watched: Callable[[Watch], None]
) -> None:
    watched(Watch(timedelta(0), timedelta(0), most=1))
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    for _ in range(3):
        browser.send(form, fields(answers(library, "families")))
    browser.send(browser.get(f"/s/{world.codes['families']}").page.form("/s/"), fields(answers(library, "families")))
    assert sorted(response.set_aside or "" for response in kept(session)) == ["", "too_many"]


def test_who_sends_again_from_a_page_that_was_not_ours_may_be_quick(
    browser: Browser, session: Session, library: Library, world: World, watched: Callable[[Watch], None]
) -> None:
    """The page came back with all answers on it: one press is all it takes."""
    watched(Watch(least=timedelta(0)))
    code = world.codes["families"]
    form = browser.get(f"/s/{code}").page.form("/s/")
    again = browser.send(form, {**fields(answers(library, "families")), "token": "old"}, status=400).page
    browser.send(again.form("/s/"))
    assert [response.set_aside for response in kept(session)] == [None]


def test_a_page_is_on_everybody_s_side_of_the_fence(browser: Browser, world: World) -> None:
    """The hidden field is of no page that a person meets: not shown, not read out, not filled in by browsers."""
    page = browser.get(f"/s/{world.codes['families']}").page
    (field,) = [element for element in page.root.iter("input") if element.get("name") == "website"]
    assert "hidden" in page.parents[field].attrib
    assert field.get("autocomplete") == "off"
