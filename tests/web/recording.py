"""A record on the pages, for tests: begun, filled, submitted, and its draft as it is in the database."""

from typing import Any

from browser import Answer, Browser
from filling import fields
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.engine.model import Instrument
from partnerforms.engine.steps import raw_of, steps
from partnerforms.models import Record

PLAN = {"school_year": "2026-27", "chairs": "Sam & Ana"}
GOAL = {"goal_kind": "academic", "goal": "Every child reads"}


def begin(browser: Browser, place: Any, instrument: str = "action_plan", **more: str) -> str:
    """A new record; the address of its task list."""
    form = browser.get(f"/records/new?organization={place}&instrument={instrument}").page.form("/records/new")
    return browser.send(form, {"title": "Our plan", **more}).location


def filled_plan(browser: Browser, world: World) -> str:
    """An action plan that can be submitted."""
    home = begin(browser, world.places["maple"])
    browser.send(browser.get(f"{home}/team").page.form("/team"), fields(PLAN))
    added = browser.send(browser.get(home).page.form("/entries/goals"), press="Add")
    browser.send(browser.follow(added).page.form("/goals/0"), fields(GOAL))
    return home


def submit(browser: Browser, home: str, status: int = 303) -> Answer:
    return browser.send(browser.get(f"{home}/check").page.form("/submit"), status=status)


def draft(session: Session) -> dict[str, Any]:
    session.rollback()
    return session.scalars(select(Record)).one().draft


def fill(browser: Browser, home: str, instrument: Instrument, raw: dict[str, Any]) -> None:
    """Type raw answers into every page of a record, entry by entry."""
    for page in steps(instrument):
        if not page.repeats:
            form = browser.get(f"{home}/{page.id}").page.form(page.id)
            browser.send(form, fields(raw_of(page, None, raw)))
            continue
        for number, entry in enumerate(raw.get(page.id, [])):
            added = browser.send(browser.get(home).page.form(f"/entries/{page.id}"), press="Add")
            assert added.location == f"{home}/{page.id}/{number}"
            browser.send(browser.follow(added).page.form(f"{page.id}/{number}"), fields(entry))
