"""How a survey will look. The page that respondents see is in FOR_ALL of `test_access`."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import SurveyLink
from partnerforms.services.tools import Tools

WAYS = {("preview.page", "GET"): Way("GET", "/surveys/{survey}/links/{families_link}/preview", "see")}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    code = world.codes["families"]
    return {"families_link": str(session.scalars(select(SurveyLink.id).where(SurveyLink.code == code)).one())}
