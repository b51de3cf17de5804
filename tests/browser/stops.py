"""What the walk over every page is written down with: a page and who looks at it, a form and what is wrong in it."""

from collections.abc import Mapping
from typing import NamedTuple

LEADER, DISTRICT, MEMBER, NOBODY = "maple_leader", "district_leader", "maple_member", "nobody"
MAPLE, RIVERSIDE, OLD = "/organizations/{maple}", "/organizations/{district_place}", "/organizations/{old}"


class Stop(NamedTuple):
    """A page, and who looks at it."""

    person: str
    path: str
    status: int = 200


class Mistake(NamedTuple):
    """A form of a page, what is wrongly put into it, and what the answer is: its status, and how its title begins."""

    person: str
    path: str
    action: str
    wrong: Mapping[str, str] = {}
    status: int = 422
    file: tuple[str, bytes] | None = None
    title: str = "Error:"
