"""Piles of paper, and a survey that has ended: comments to be read, and what the people are told."""

import random

from closing import answer
from sqlalchemy import select
from sqlalchemy.orm import Session
from walking import LIBRARY, answers_to
from world import World, open_survey

from partnerforms.engine.codes import printed
from partnerforms.models import Comment, FollowUp, PaperBatch, SurveyLink
from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools

_LONG = "We read all you wrote. " * 40


def piles(session: Session, world: World, things: dict[str, str]) -> None:
    """Beside the one that is begun: one that is finished, and a long one of which nothing is typed."""
    link = session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes["families"])).one()
    today = world.began.date()
    for number, sheets, finished in ((2, 40, today), (3, 120, None)):
        session.add(
            PaperBatch(
                link_id=link.id, number=number, language="es", sheets=sheets, twice=False, started_on=today,
                finished_on=finished,
            )
        )  # fmt: skip
    things["paper"] = f"/surveys/{link.survey_id}/links/{link.id}/paper"


def ended(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """A survey of families and students that was published; too few students answered."""
    asked = {"families": "at_close", "students": "at_close"}
    survey = open_survey(session, tools, "maple_leader", world.began, asked, -50, -10, seed=77)
    survey.title = "The survey whose people are told"
    by_audience = {link.audience: link for link in survey.links}
    for number in range(12):
        said = answers_to(LIBRARY.instrument("survey_families"))
        answer(session, by_audience["families"], {**said, "comment": f"{number}: {_LONG}"}, 1)
    opening.close(session, survey, tools, random.Random(3), world.began)
    comments = session.scalars(select(Comment).where(Comment.text.contains("We read all"))).all()
    comments[0].state, comments[1].state = "released", "withheld"
    for language, text in (("en", f"{_LONG}\n\n{_LONG}"), ("es", "Vamos a abrir una oficina.")):
        session.add(
            FollowUp(
                survey_id=survey.id, organization_id=survey.organization_id, language=language, text=text,
                published_at=world.began, changed_at=world.began,
            )
        )  # fmt: skip
    session.flush()
    things["survey_told"] = str(survey.id)
    things["code_told"] = printed(by_audience["families"].code)
    things["code_told_few"] = printed(by_audience["students"].code)
