"""A survey answered by its link, for tests, and the responses that are kept of it."""

from typing import Any

from browser import Browser
from filling import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.model import Scale
from partnerforms.models import Response


def answers(library: Library, audience: str, **more: Any) -> dict[str, Any]:
    """An answer to everything that is required, and what the test is about."""
    asked = library.instrument(f"survey_{audience}").items()
    required = {item.id: item.options[0].id for item in asked if item.required and isinstance(item, Scale)}
    return {**required, **more}


def send(browser: Browser, code: str, raw: dict[str, Any]) -> str:
    """Open a survey and send answers; the address of the thank-you page."""
    form = browser.get(f"/s/{code}").page.form("/s/")
    return browser.send(form, fields(raw)).location


def copy_of(browser: Browser, thanks: str) -> bytes:
    link = next(link for link in browser.get(thanks).page.links if "/copy/" in link)
    return browser.get(link).content


def kept(session: Session) -> list[Response]:
    session.rollback()
    return list(session.scalars(select(Response)))
