"""Surveys as leaders see them. The survey itself is in the small world."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.services.tools import Tools

_NEW = {
    "organization": "{maple}", "title": "x", "opens_on": "2026-01-01", "closes_on": "2026-01-02",
    "delivery-staff": "each",
}  # fmt: skip

WAYS = {
    ("opening.new", "GET"): Way("GET", "/surveys/new?organization={maple}", "run", without=404),
    ("opening.create", "POST"): Way("POST", "/surveys/new", "run", _NEW, without=404),
    ("surveys.overview", "GET"): Way("GET", "/surveys/{survey}", "see"),
    ("opening.close", "POST"): Way("POST", "/surveys/{survey}/close", "run", ends=True),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return {}
