"""The mail of a demo in the browser; elsewhere there is no such page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms import create_app
from partnerforms.engine.library import Library
from partnerforms.extensions import db
from partnerforms.models import Document
from partnerforms.web.house import KEY


@pytest.fixture
def demo(app: Flask, library: Library) -> Iterator[Browser]:
    made = create_app(replace(app.extensions[KEY].settings, demo=True), library)
    made.extensions[KEY] = replace(made.extensions[KEY], watch=app.extensions[KEY].watch)
    yield Browser(made)
    with made.app_context():
        db.engine.dispose()


def test_mail_is_read_and_its_document_is_the_one_that_was_kept(
    demo: Browser, session: Session, world: World, mails: Callable[[], list[EmailMessage]]
) -> None:
    assert "Nothing is here yet." in demo.get("/outbox").page.text
    form = demo.get(f"/s/{world.codes['community']}").page.form("/s/")
    every = {e.get("name", "") for e in demo.get(form.action).page.root.iter("input") if e.get("type") == "radio"}
    demo.send(form, dict.fromkeys(every, "unsure"))
    (mail,) = mails()
    overview = demo.get("/outbox").page
    assert mail["Subject"] in overview.text
    shown = demo.get(next(link for link in overview.links if link.startswith("/outbox/"))).page
    assert shown.h1 == mail["Subject"]
    document = session.scalars(select(Document)).one()
    assert demo.get(next(link for link in shown.links if link.endswith("/0"))).content == document.content


@on_sqlite
@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fsecret", "%00", "*", "[a-z]"])
def test_only_letters_that_are_there_are_shown(name: str, demo: Browser) -> None:
    for path in (f"/outbox/{name}", f"/outbox/{name}/0"):
        assert demo.request("GET", path).status in (404, 308)


def test_without_a_demo_there_is_no_outbox_page(browser: Browser) -> None:
    browser.get("/outbox", status=404)
