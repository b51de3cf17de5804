"""What is printed for Maple's survey."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import SurveyLink
from partnerforms.services.tools import Tools

_LINK = "/surveys/{survey}/links/{printed_link}/materials"
_CHOSEN = {"kinds": "flyer", "audiences": "families", "languages": "es"}

WAYS = {
    ("materials.page", "GET"): Way("GET", _LINK, "see"),
    ("materials.file", "GET"): Way("GET", f"{_LINK}/slips/es.docx", "see"),
    ("materials.choose", "GET"): Way("GET", "/surveys/{survey}/materials", "see"),
    ("materials.collect", "POST"): Way("POST", "/surveys/{survey}/materials", "see", _CHOSEN),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    link = session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes["families"])).one()
    return {"printed_link": str(link.id)}
