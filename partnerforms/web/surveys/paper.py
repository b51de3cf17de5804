"""Paper forms that came back, in numbered piles. `paper_sheets` has the page on which they are typed."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.surveys import paper
from partnerforms.web import house, security

paper_pages = Blueprint("paper", __name__)
paper_pages.before_request(security.member_only)

LINK = "/surveys/<uuid:survey_id>/links/<uuid:link_id>/paper"
PILE = f"{LINK}/<int:number>"

Page = tuple[str, int]  # and its status


@paper_pages.get(LINK)
def overview(survey_id: uuid.UUID, link_id: uuid.UUID) -> str:
    """All piles of a link, and a form to begin another."""
    link = own_link(survey_id, link_id)
    return _overview_page(link, {"language": house.language().code, "sheets": "", "twice": ""}, wrong=[])


@paper_pages.post(LINK)
def begin(survey_id: uuid.UUID, link_id: uuid.UUID) -> Response | Page:
    link = own_link(survey_id, link_id)
    typed = {name: clean(request.form.get(name, "")) for name in ("language", "sheets", "twice")}
    sheets = _sheets(typed["sheets"])
    wrong = [
        name
        for name, bad in (
            ("language", typed["language"] not in surveys.kept_languages(link)),
            ("sheets", sheets is None),
        )
        if bad
    ]
    if wrong or sheets is None:
        return _overview_page(link, typed, wrong), 422
    twice = typed["twice"] == "1"
    batch = paper.begin(
        db.session(), security.reach(), link, typed["language"], sheets, twice, house.tools(), house.now()
    )
    db.session.commit()
    return to_pile(link, batch.number)


@paper_pages.get(PILE)
def pile(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> str:
    """One pile: what is typed, what is left, and the way to finish it."""
    link = own_link(survey_id, link_id)
    return _pile_page(link, number)


@paper_pages.post(f"{PILE}/finish")
def finish(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> Response | Page:
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    try:
        paper.finish(db.session(), security.reach(), found.batch, house.tools(), house.CHANCE, house.now())
    except paper.NotNowError as error:
        return not_now(link, number, error)
    db.session.commit()
    return to_pile(link, number)


@paper_pages.post(f"{PILE}/size")
def resize(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> Response | Page:
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    typed = clean(request.form.get("sheets", ""))
    sheets = _sheets(typed)
    try:
        if sheets is None or not paper.resize(db.session(), security.reach(), found.batch, sheets, house.now()):
            return _pile_page(link, number, sheets=typed), 422
    except paper.NotNowError as error:
        return not_now(link, number, error)
    db.session.commit()
    return to_pile(link, number)


@paper_pages.post(f"{PILE}/remove")
def remove(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> Response | Page:
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    if request.form.get("sure") != "1":
        return _pile_page(link, number, unsure=True), 422
    try:
        paper.remove(db.session(), security.reach(), found.batch, house.now())
    except paper.NotNowError as error:
        return not_now(link, number, error)
    db.session.commit()
    return redirect(url_for("paper.overview", survey_id=survey_id, link_id=link_id), 303)


def own_link(survey_id: uuid.UUID, link_id: uuid.UUID) -> SurveyLink:
    """The link of these ids, for who may fill something there."""
    return surveys.find_own_link(db.session(), security.reach(), survey_id, link_id, "fill")


def _sheets(text: str) -> int | None:
    """How many sheets somebody says a pile has, as far as that can be."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 1 <= number <= paper.MOST_SHEETS else None


def _languages(link: SurveyLink) -> dict[str, str]:
    """The names of the languages in which paper can be, by code."""
    known = translations.library_for(db.session(), link.organization, house.tools()).languages
    return {code: known[code].name for code in surveys.kept_languages(link) if code in known}


def to_pile(link: SurveyLink, number: int) -> Response:
    """On to the page of a pile."""
    return redirect(url_for("paper.pile", survey_id=link.survey_id, link_id=link.id, number=number), 303)


def _overview_page(link: SurveyLink, typed: Mapping[str, str], wrong: list[str]) -> str:
    return render_template(
        "surveys/paper_overview.html",
        link=link,
        piles=paper.piles(db.session(), link),
        languages=_languages(link),
        state=surveys.state(link.survey, house.now(), house.tools()),
        typed=typed,
        wrong=wrong,
        most=paper.MOST_SHEETS,
    )


def _pile_page(
    link: SurveyLink, number: int, sheets: str | None = None, unsure: bool = False, refused: str = ""
) -> str:
    """`sheets` is a number of sheets that cannot be, `unsure` that nobody said yes to throwing all away."""
    found = paper.find(db.session(), link, number)
    return render_template(
        "surveys/paper_pile.html",
        link=link,
        pile=found,
        language_name=_languages(link).get(found.batch.language, found.batch.language),
        state=surveys.state(link.survey, house.now(), house.tools()),
        apart=len(paper.apart(db.session(), found.batch, "en")),
        sheets=sheets,
        unsure=unsure,
        refused=refused,
        most=paper.MOST_SHEETS,
    )


def not_now(link: SurveyLink, number: int, error: paper.NotNowError) -> Page:
    """The page of a pile, with the reason why something could not be done."""
    return _pile_page(link, number, refused=error.reason), 409
