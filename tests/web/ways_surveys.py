"""Surveys as leaders see them. The survey itself is in the small world."""

import random

from sqlalchemy.orm import Session
from ways import Way
from world import World, open_survey

from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools

_NEW = {
    "organization": "{maple}", "title": "x", "opens_on": "2026-01-01", "closes_on": "2099-01-02",
    "audience": "staff", "language": "en",
}  # fmt: skip
_PEOPLE = "/surveys/{survey}/places/{maple}/people"

WAYS = {
    ("opening.new", "GET"): Way("GET", "/surveys/new?organization={maple}", "run", without=404),
    ("opening.create", "POST"): Way("POST", "/surveys/new", "run", _NEW, without=404),
    ("opening.dates", "GET"): Way("GET", "/surveys/{survey}/dates", "run"),
    ("opening.change", "POST"): Way("POST", "/surveys/{survey}/dates", "run", _NEW),
    ("opening.ask_close", "GET"): Way("GET", "/surveys/{survey}/close", "run"),
    ("opening.close", "POST"): Way("POST", "/surveys/{survey}/close", "run", ends=True),
    ("opening.ask_reopen", "GET"): Way("GET", "/surveys/{closed_survey}/reopen", "run"),
    ("opening.reopen", "POST"): Way(
        "POST", "/surveys/{closed_survey}/reopen", "run", {"closes_on": "2099-01-02"}, ends=True
    ),
    ("surveys.overview", "GET"): Way("GET", "/surveys/{survey}", "see"),
    ("surveys.place", "GET"): Way("GET", "/surveys/{survey}/places/{maple}", "see"),
    ("surveys.people", "GET"): Way("GET", _PEOPLE, "run"),
    ("surveys.say_people", "POST"): Way("POST", _PEOPLE, "run", {"people-families": "300"}),
    ("set_aside.page", "GET"): Way("GET", "/surveys/{survey}/set-aside", "run"),
    ("set_aside.decide", "POST"): Way("POST", "/surveys/{survey}/set-aside", "run", {"do": "count", "key": "x"}),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    closed = open_survey(session, tools, "maple_leader", world.began, {"staff": "at_close"}, seed=31)
    opening.close(session, closed, tools, random.Random(31), world.began)
    return {"closed_survey": str(closed.id)}
