"""Personal invitations as leaders see them. The pages of who was invited are in FOR_ALL of `test_access`."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.services.tools import Tools

_PAGE = "/surveys/{survey}/links/{families_link}/invitations"

WAYS = {
    ("invitations.overview", "GET"): Way("GET", _PAGE, "run"),
    ("invitations.preview", "POST"): Way("POST", _PAGE, "run"),
    ("invitations.remind", "POST"): Way("POST", f"{_PAGE}/remind", "run"),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return {}
