"""Results of a survey: seen by everybody who sees the survey."""

import random

from sqlalchemy.orm import Session
from ways import Way
from world import World, open_survey

from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools

_RESULTS = "/surveys/{with_results}/results"

WAYS = {
    ("results.page", "GET"): Way("GET", _RESULTS, "see"),
    ("results.page of a place", "GET"): Way("GET", _RESULTS + "?place={maple}", "see"),
    ("results.csv", "GET"): Way("GET", _RESULTS + ".csv", "see"),
    ("results.xlsx", "GET"): Way("GET", _RESULTS + ".xlsx", "see"),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    closed = open_survey(session, tools, "maple_leader", world.began, {"families": "at_close"}, seed=41)
    opening.close(session, closed, tools, random.Random(41), world.began)
    return {"with_results": str(closed.id)}
