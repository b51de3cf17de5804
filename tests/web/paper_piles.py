"""Piles of paper for tests: begun and typed by the pages that members use."""

import uuid
from collections.abc import Mapping
from typing import Any

from browser import Answer, Browser
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import PaperSheet, Response, SurveyLink


def link_of(session: Session, world: World, audience: str = "families") -> SurveyLink:
    return session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes[audience])).one()


def begin(browser: Browser, link: SurveyLink, sheets: int, twice: bool = False, language: str = "en") -> str:
    """The address of a new pile."""
    home = f"/surveys/{link.survey_id}/links/{link.id}/paper"
    data = {"language": language, "sheets": str(sheets), "twice": "1" if twice else ""}
    return browser.send(browser.get(home).page.form("/paper"), data).location


def type_in(
    browser: Browser, pile: str, number: int, codes: Mapping[str, str], entry: int = 1, status: int = 303
) -> Answer:
    """Open a sheet of a pile and save what is typed, by item."""
    path = f"{pile}/{entry}/{number}"
    form = browser.get(path).page.form(path)
    return browser.send(form, {f"a-{item}": text for item, text in codes.items()}, status=status)


def press(browser: Browser, pile: str, what: str, status: int = 303) -> Answer:
    """Send the form of a pile that ends in `what`, as it stands."""
    return browser.post(f"{pile}/{what}", {"proof": browser.proof, "sure": "1"}, status=status)


def typed(session: Session, number: int, entry: int = 1) -> dict[str, object]:
    """The answers that are kept of a typed sheet."""
    session.rollback()
    query = select(PaperSheet).where(PaperSheet.number == number, PaperSheet.entry == entry)
    return session.scalars(query).one().answers


def from_paper(session: Session, link_id: uuid.UUID) -> list[Response]:
    session.rollback()
    return list(session.scalars(select(Response).where(Response.link_id == link_id)))


def count(session: Session, model: type[Any]) -> int:
    """How many rows a table has now."""
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0
