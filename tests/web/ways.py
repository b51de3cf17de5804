"""The ways into the program: every route that concerns something of an organization, who may go it, and how.

Each part of the program has a module `ways_PART.py` beside this one, with `WAYS`, and a `make` that puts things
of Maple School into the database and gives their ids. `test_access` walks all of them in all roles.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser import Answer, Browser
from sqlalchemy.orm import Session
from world import World

from partnerforms.services.tools import Tools

# What people may do with what belongs to Maple School. Who is not named sees nothing of it.
MAY = {
    "maple_leader": {"see", "fill", "run", "deliveries", "arrange"},
    "maple_member": {"see", "fill"},
    "maple_coordinator": {"see", "deliveries"},
    "district_leader": {"see", "deliveries", "arrange"},
    "state_leader": {"see", "deliveries", "arrange"},
}


@dataclass(frozen=True)
class Way:
    """One route: how it is asked for and the ability it takes. {x} in path and data is filled with things.

    `without` is what somebody gets who sees the thing but may not do it. `ends` says that going the way takes the
    thing away, so that it is gone last.
    """

    method: str
    path: str
    takes: str
    data: Mapping[str, str] = field(default_factory=dict)
    without: int = 403
    ends: bool = False


def _parts() -> list[Any]:
    return [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("ways_*.py"))]


def all_ways() -> dict[tuple[str, str], Way]:
    """Every way by its endpoint (a word behind it tells several ways of one endpoint apart) and method."""
    found: dict[tuple[str, str], Way] = {}
    for part in _parts():
        found |= part.WAYS
    return dict(sorted(found.items(), key=lambda one: one[1].ends))


def make_all(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """What belongs to Maple School, by name: the ids that the ways are filled with."""
    things = {"maple": str(world.places["maple"]), "survey": str(world.survey)}
    for part in _parts():
        things |= part.make(session, tools, world)
    session.commit()
    return things


def ask(browser: Browser, way: Way, things: Mapping[str, str]) -> Answer:
    """Go a way with these things."""
    path, _, query = way.path.format(**things).partition("?")
    if way.method == "GET":
        return browser.request("GET", path, query_string=query)
    data = {name: value.format(**things) for name, value in way.data.items()}
    return browser.request("POST", path, data={**data, "proof": browser.proof}, query_string=query)


def expected(way: Way, person: str) -> set[int]:
    """What a person of the small world gets."""
    may = MAY.get(person, set())
    if way.takes in may:
        return {200, 303, 409, 422}  # 409, 422: allowed, but changed meanwhile or not complete
    return {way.without if "see" in may else 404}
