"""Piles of paper forms of Maple's survey: one that is begun, with a sheet typed twice and not the same."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.models import PaperBatch, PaperSheet, Person, SurveyLink
from partnerforms.services.tools import Tools

_PAPER = "/surveys/{survey}/links/{family_link}/paper"
_PILE = f"{_PAPER}/1"

WAYS = {
    ("paper.overview", "GET"): Way("GET", _PAPER, "fill"),
    ("paper.begin", "POST"): Way("POST", _PAPER, "fill", {"language": "en", "sheets": "2", "twice": "1"}),
    ("paper.pile", "GET"): Way("GET", _PILE, "fill"),
    ("paper.resize", "POST"): Way("POST", f"{_PILE}/size", "fill", {"sheets": "3"}),
    ("paper.finish", "POST"): Way("POST", f"{_PILE}/finish", "fill"),
    ("paper.remove", "POST"): Way("POST", f"{_PILE}/remove", "fill", {"sure": "1"}, ends=True),
    ("paper_sheets.sheet", "GET"): Way("GET", f"{_PILE}/1/1", "fill"),
    ("paper_sheets.save", "POST"): Way("POST", f"{_PILE}/1/2", "fill", {"a-school_welcome": "3", "seen": "x"}),
    ("paper_sheets.differences", "GET"): Way("GET", f"{_PILE}/differences", "fill"),
    ("paper_sheets.decide", "POST"): Way("POST", f"{_PILE}/differences", "fill", {"d-1-school_welcome": "1"}),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    link = session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes["families"])).one()
    typist = session.scalars(select(Person).where(Person.address == address("maple_member"))).one()
    today = tools.day(world.began)
    pile = PaperBatch(link_id=link.id, number=1, language="es", sheets=2, twice=True, started_on=today)
    session.add(pile)
    session.flush()
    for entry, said in ((1, "well"), (2, "very_well")):
        answers = {"school_welcome": said, "comment": "A secret comment"}
        session.add(PaperSheet(batch_id=pile.id, number=1, entry=entry, answers=answers, person_id=typist.id))
    return {"family_link": str(link.id)}
