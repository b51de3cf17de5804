"""People invited personally to a survey, for tests: lists given, letters sent, and where their links lead."""

import re
from email.message import EmailMessage
from io import BytesIO

from browser import Answer, Browser
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from working import do_work
from world import World

from partnerforms.models import Delivery, SurveyLink

PEOPLE = [f"family{number}@example.org" for number in range(12)]


def link_of(session: Session, world: World, audience: str = "families") -> SurveyLink:
    session.rollback()
    return session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes[audience])).one()


def page_of(session: Session, world: World, audience: str = "families") -> str:
    link = link_of(session, world, audience)
    return f"/surveys/{link.survey_id}/links/{link.id}/invitations"


def a_list(people: list[str], languages: list[str] | None = None) -> bytes:
    rows = zip(people, languages or [""] * len(people), strict=True)
    return "\n".join(["Email,Language", *(f"{one},{language}" for one, language in rows)]).encode()


def give(browser: Browser, path: str, content: bytes, status: int = 303) -> Answer:
    """Upload a list, with the form of the page."""
    data = {"proof": browser.proof, "file": (BytesIO(content), "list.csv")}
    return browser.post(path, data, status)


def invite(app: Flask, browser: Browser, path: str, content: bytes) -> Answer:
    """Upload a list and say yes; the page of what came of it."""
    begun = give(browser, path, content)
    preview = browser.follow(begun)
    browser.send(preview.page.form("/approve"))
    do_work(app)
    return browser.follow(begun)


def all_due(session: Session) -> None:
    """Let what goes out little by little go out now."""
    session.rollback()
    session.execute(update(Delivery).values(due_at=Delivery.created_at))
    session.commit()


def links_in(mail: EmailMessage) -> tuple[str, str]:
    """The link to answer and the link to stop."""
    body = mail.get_body()
    assert body
    answer, stop = re.findall(r"http://localhost(/i/\S+)", body.get_content())
    return answer, stop
