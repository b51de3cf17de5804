"""A survey as its leaders and coordinators see it. `opening` has the pages on which it begins and ends."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import codes
from partnerforms.engine.answers import clean
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import Survey, SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.access import Ability, NotAllowedError, NotThereError
from partnerforms.services.surveys import doubts, progress
from partnerforms.services.surveys import paper as paper_piles  # `paper` is a module of this room
from partnerforms.services.surveys.progress import Progress
from partnerforms.web import house, security

surveys_pages = Blueprint("surveys", __name__)
surveys_pages.before_request(security.member_only)

_A_PAGE = 25
_FURTHEST = 1_000_000


@surveys_pages.get("/surveys/<uuid:survey_id>")
def overview(survey_id: uuid.UUID) -> str:
    """How far the survey is: its places where there are many, to be searched; where there is one, its links."""
    session, reach = db.session(), security.reach()
    survey = surveys.find(session, reach, survey_id)
    sees, whole = reach.where("see"), reach.can("see", survey.organization_id)
    words = clean(request.args.get("words", ""))[:200]
    skip = min(max(0, request.args.get("skip", 0, type=int)), _FURTHEST)
    places = progress.by_place(session, survey, sees, _A_PAGE, words=words, skip=skip)
    alone = len(places) == 1 and not words and not skip
    state = surveys.state(survey, house.now(), house.tools())
    runs = reach.can("run", survey.organization_id)
    return render_template(
        "surveys/overview.html",
        survey=survey,
        state=state,
        piles=paper_piles.unfinished(session, survey) if runs and state == "open" else [],
        previous=_previous(survey),
        totals=progress.by_audience(session, survey, None if whole else sees),
        links=progress.links_at(session, survey, places[0].id) if alone else [],
        places=places,
        found=progress.count_places(session, survey, sees, words),
        words=words,
        skip=skip,
        a_page=_A_PAGE,
        waiting=doubts.waiting(session, reach, [survey.id]).get(survey.id, 0),
        runs=runs,
        **_links_words(survey),
    )


@surveys_pages.get("/surveys/<uuid:survey_id>/places/<uuid:place_id>")
def place(survey_id: uuid.UUID, place_id: uuid.UUID) -> str:
    """One of many places of a survey: its links and how far it is."""
    survey, links = _place(survey_id, place_id)
    return render_template(
        "surveys/place.html",
        survey=survey,
        state=surveys.state(survey, house.now(), house.tools()),
        place=links[0].organization,
        links=links,
        totals=progress.by_audience(db.session(), survey, [place_id]),
        **_links_words(survey),
    )


@surveys_pages.get("/surveys/<uuid:survey_id>/places/<uuid:place_id>/people")
def people(survey_id: uuid.UUID, place_id: uuid.UUID) -> str:
    """How many are asked at a place: what the counts are measured against."""
    survey, links = _place(survey_id, place_id)
    _may_say(links)
    return _people_page(survey, links, {link.audience: str(link.people or "") for link in links}, wrong=[])


@surveys_pages.post("/surveys/<uuid:survey_id>/places/<uuid:place_id>/people")
def say_people(survey_id: uuid.UUID, place_id: uuid.UUID) -> Response | tuple[str, int]:
    survey, links = _place(survey_id, place_id)
    _may_say(links)
    typed = {link.audience: clean(request.form.get(f"people-{link.audience}", "")) for link in links}
    read = {audience: progress.read_people(text) for audience, text in typed.items()}
    wrong = [audience for audience, text in typed.items() if text and read[audience] is None]
    if wrong:
        return _people_page(survey, links, typed, wrong), 422
    progress.say_people(db.session(), security.reach(), links, read, house.now())
    db.session.commit()
    if progress.count_places(db.session(), survey, security.reach().where("see")) == 1:
        return redirect(url_for("surveys.overview", survey_id=survey_id), 303)
    return redirect(url_for("surveys.place", survey_id=survey_id, place_id=place_id), 303)


def _place(survey_id: uuid.UUID, place_id: uuid.UUID) -> tuple[Survey, list[SurveyLink]]:
    """A survey and its links at a place that the person sees."""
    survey = surveys.find(db.session(), security.reach(), survey_id)
    links = progress.links_at(db.session(), survey, place_id)
    if not links or not security.reach().can("see", place_id):
        raise NotThereError
    return survey, links


def _may_say(links: list[SurveyLink]) -> None:
    if not progress.may_say_people(security.reach(), links[0]):
        raise NotAllowedError


def _people_page(survey: Survey, links: list[SurveyLink], typed: Mapping[str, str], wrong: list[str]) -> str:
    return render_template(
        "surveys/people.html", survey=survey, place=links[0].organization, links=links, typed=typed, wrong=wrong
    )


def _previous(survey: Survey) -> Survey | None:
    """The survey that results are compared with, as far as the person sees it."""
    try:
        return surveys.find(db.session(), security.reach(), survey.previous_id) if survey.previous_id else None
    except NotThereError:
        return None


def _links_words(survey: Survey) -> dict[str, object]:
    """What `surveys/links.html` needs beside the links."""
    library = translations.library_for(db.session(), survey.organization, house.tools())
    reach = security.reach()

    def spoken(code: str) -> Language | None:
        return library.languages.get(code)

    def may(ability: Ability, link: SurveyLink) -> bool:
        return reach.can(ability, link.organization_id) or reach.can(ability, survey.organization_id)

    def of_audience(totals: list[Progress], audience: str) -> Progress:
        return next(one for one in totals if one.audience == audience)

    return {
        "printed": codes.printed,
        "base_url": house.settings().base_url,
        "spoken": spoken,
        "of_audience": of_audience,
        "may": may,
    }
