"""Surveys: opened, answered by link, closed, published. A respondent leaves answers, a language and a day.

`opening` opens and closes them, `answering` takes responses, `sheets` mails them, `publishing` freezes results.
"""

import uuid
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library, languages_in
from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Survey, SurveyLink
from partnerforms.services import inheritance
from partnerforms.services.access import Ability, NotAllowedError, NotThereError, Reach
from partnerforms.services.tools import Tools

State = Literal["not_yet", "open", "closed"]
DELIVERIES = ("batches", "each", "at_close")


def audiences_for(organization: Organization) -> list[str]:
    """Whom an organization of this level can ask, most families first."""
    by_level = {
        "school": ["families", "students", "community", "staff"],
        "district": ["families", "students", "community", "staff", "district"],
        "state": ["families", "students", "community", "staff", "district", "state"],
    }
    return by_level[organization.level]


def find_link(session: Session, code: str) -> SurveyLink | None:
    """The link with this code (in the form of `codes.read`), or None."""
    return session.scalar(select(SurveyLink).where(SurveyLink.code == code))


def state(survey: Survey, now: datetime, tools: Tools) -> State:
    """Can it be answered now? Its first and last day are days of the organization's time zone."""
    today = inheritance.day(survey.organization, now, tools)
    if today < survey.opens_on:
        return "not_yet"
    return "closed" if survey.closed_at or today > survey.closes_on else "open"


def find(session: Session, reach: Reach, survey_id: uuid.UUID) -> Survey:
    """The survey with this id, if the person sees the organization that opened it or one that takes part."""
    survey = session.get(Survey, survey_id)
    if survey is None or not (reach.can("see", survey.organization_id) or _takes_part(session, reach, survey_id)):
        raise NotThereError
    return survey


def _takes_part(session: Session, reach: Reach, survey_id: uuid.UUID) -> bool:
    """Does any of the person's places take part?"""
    query = select(SurveyLink.id).where(SurveyLink.survey_id == survey_id)
    return session.scalar(query.where(SurveyLink.organization_id.in_(reach.where("see"))).limit(1)) is not None


def links(survey: Survey, reach: Reach) -> list[SurveyLink]:
    """The links of a survey that the person sees: those of their organizations and of all below."""
    return [link for link in survey.links if reach.can("see", link.organization_id)]


def find_own_link(
    session: Session, reach: Reach, survey_id: uuid.UUID, link_id: uuid.UUID, ability: Ability = "see"
) -> SurveyLink:
    """One link of a survey, for somebody with this ability where it belongs or where its survey was opened."""
    link = session.get(SurveyLink, link_id)
    if link is None or link.survey_id != survey_id or not reach.can("see", link.organization_id):
        raise NotThereError
    if not (reach.can(ability, link.organization_id) or reach.can(ability, link.survey.organization_id)):
        raise NotAllowedError
    return link


def languages(library: Library, link: SurveyLink) -> list[Language]:
    """The languages in which a link can be answered: those its survey was opened with, as far as their pages are
    still complete. `library` is that of the link's place; English comes first."""
    kept = kept_languages(link)
    return [offer for offer in library.languages_of(f"survey_{link.audience}") if offer.code in kept]


def kept_languages(link: SurveyLink) -> list[str]:
    """The codes of the languages that a link was opened with, English first."""
    kept = languages_in(link.version.frozen)
    return [code for code in dict.fromkeys(("en", *link.survey.languages)) if code in kept]
