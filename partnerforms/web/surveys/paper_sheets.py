"""Sheets of a pile of paper forms: typed one after the other by keyboard, and compared when all are typed twice."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import paper_typing
from partnerforms.engine.answers import Problem, clean
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Instrument
from partnerforms.extensions import db
from partnerforms.models import PaperSheet, SurveyLink
from partnerforms.services.surveys import paper
from partnerforms.web import house, security
from partnerforms.web.surveys.paper import PILE, Page, not_now, own_link, to_pile

paper_sheet_pages = Blueprint("paper_sheets", __name__)
paper_sheet_pages.before_request(security.member_only)

_SHEET = f"{PILE}/<int:entry>/<int:sheet>"
_FIELD = "a-"  # before the id of an item, in the names of its fields


@paper_sheet_pages.get(_SHEET)
def sheet(survey_id: uuid.UUID, link_id: uuid.UUID, number: int, entry: int, sheet: int) -> str | Response:
    """One sheet to type, or to correct when it has been typed."""
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    if found.batch.finished_on is not None:
        return to_pile(link, number)
    kept = paper.sheet(db.session(), found.batch, sheet, entry)
    typed = _written(link, kept, entry) if kept else {}
    return _sheet_page(link, found, entry, sheet, kept, typed, empty=kept is not None and not kept.answers)


@paper_sheet_pages.post(_SHEET)
def save(survey_id: uuid.UUID, link_id: uuid.UUID, number: int, entry: int, sheet: int) -> Response | Page:
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    kept = paper.sheet(db.session(), found.batch, sheet, entry)
    typed = {
        name.removeprefix(_FIELD): clean(value) for name, value in request.form.items() if name.startswith(_FIELD)
    }
    read = paper_typing.read(_instrument(link), typed, entry)
    empty = request.form.get("empty") == "1"
    # Enter pressed by mistake on a fresh page must not make a sheet that says nothing.
    if read.problems or (entry == 1 and empty == bool(read.answers)):
        page = _sheet_page(link, found, entry, sheet, kept, typed, empty, read.problems, nothing=not read.problems)
        return page, 422
    try:
        seen = request.form.get("seen", "")
        done = paper.save(db.session(), security.reach(), found.batch, sheet, entry, read.answers, seen)
    except paper.NotNowError as error:
        return not_now(link, number, error)
    if not done:
        return _taken_page(link, found, entry, sheet, typed, empty, fresh=seen == paper.mark(None)), 409
    db.session.commit()
    return _onward(link, paper.find(db.session(), link, number), entry, sheet)


@paper_sheet_pages.get(f"{PILE}/differences")
def differences(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> str:
    """What was typed once so and once so, to be decided with the paper in hand."""
    link = own_link(survey_id, link_id)
    return _differences_page(link, number)


@paper_sheet_pages.post(f"{PILE}/differences")
def decide(survey_id: uuid.UUID, link_id: uuid.UUID, number: int) -> Response | Page:
    link = own_link(survey_id, link_id)
    found = paper.find(db.session(), link, number)
    chosen: dict[int, dict[str, int]] = {}
    seen: dict[int, str] = {}
    for apart in paper.apart(db.session(), found.batch, "en"):
        seen[apart.number] = request.form.get(f"seen-{apart.number}", "")
        for one in apart.items:
            value = request.form.get(f"d-{apart.number}-{one.field.item.id}", "")
            if value in ("1", "2"):
                chosen.setdefault(apart.number, {})[one.field.item.id] = int(value)
    try:
        unchanged = paper.decide(db.session(), found.batch, chosen, seen)
    except paper.NotNowError as error:
        return not_now(link, number, error)
    db.session.commit()
    if not unchanged:
        return _differences_page(link, number, stale=True), 409
    left = paper.apart(db.session(), found.batch, "en")
    if left:
        here = "paper_sheets.differences"
        return redirect(url_for(here, survey_id=survey_id, link_id=link_id, number=number, left=1), 303)
    return to_pile(link, number)


def _instrument(link: SurveyLink) -> Instrument:
    """What the link asks, in the language of whoever types: the numbers are those of the paper."""
    return thaw(link.version.frozen, house.language().code)


def _written(link: SurveyLink, kept: PaperSheet, entry: int) -> dict[str, str]:
    fields = paper_typing.fields(_instrument(link), entry)
    return {one.item.id: paper_typing.written(one, kept.answers.get(one.item.id)) for one in fields}


def _onward(link: SurveyLink, found: paper.Pile, entry: int, saved: int) -> Response:
    """To the next sheet that is not typed; to the pile after the last."""
    following = found.next(entry, after=saved)
    if following is None:
        return to_pile(link, found.batch.number)
    here = url_for(
        "paper_sheets.sheet",
        survey_id=link.survey_id,
        link_id=link.id,
        number=found.batch.number,
        entry=entry,
        sheet=following,
        saved=saved,
    )
    return redirect(here, 303)


def _sheet_page(
    link: SurveyLink,
    found: paper.Pile,
    entry: int,
    number: int,
    kept: PaperSheet | None,
    typed: Mapping[str, str],
    empty: bool,
    problems: tuple[Problem, ...] = (),
    nothing: bool = False,
    taken: int = 0,
) -> str:
    """`nothing` says that neither an answer nor the tick for empty paper was there; `taken` is the sheet that
    somebody else has typed meanwhile, when this page offers another number for what was typed."""
    fields = paper_typing.fields(_instrument(link), entry)
    answers = kept.answers if kept else {}
    wrong = problems or nothing or taken
    return render_template(
        "surveys/paper_sheet.html",
        link=link,
        pile=found,
        entry=entry,
        number=number,
        seen=paper.mark(kept),
        kept=kept,
        fields_typed=fields,
        said={one.item.id: paper_typing.said(one, answers.get(one.item.id)) for one in fields},
        typed=typed,
        empty=empty,
        problems={problem.path[0]: _sentence(problem) for problem in problems},
        nothing=nothing,
        taken=taken,
        focus="" if wrong else fields[0].item.id,
        saved=_saved(found, entry),
    )


def _saved(found: paper.Pile, entry: int) -> PaperSheet | None:
    """The sheet that was saved just before this page was opened."""
    number = request.args.get("saved", "")
    if not number.isascii() or not number.isdigit() or int(number[:6]) not in found.typed[entry]:
        return None
    return paper.sheet(db.session(), found.batch, int(number[:6]), entry)


def _sentence(problem: Problem) -> str:
    """What is wrong; empty for a code that there is not: the page says which there are."""
    return "" if problem.code == paper_typing.NO_CODE else house.catalogue().problem(problem.code, problem.figures)


def _taken_page(
    link: SurveyLink,
    found: paper.Pile,
    entry: int,
    number: int,
    typed: Mapping[str, str],
    empty: bool,
    fresh: bool,
) -> str:
    """Somebody was quicker. A sheet typed for the first time gets the next free number, if there is one; what was
    changed meanwhile is shown beside what was typed now."""
    now = paper.find(db.session(), link, found.batch.number)
    following = now.next(entry, after=number) if fresh else None
    here = following or number
    kept = paper.sheet(db.session(), now.batch, here, entry)
    return _sheet_page(link, now, entry, here, kept, typed, empty, taken=number)


def _differences_page(link: SurveyLink, number: int, stale: bool = False) -> str:
    found = paper.find(db.session(), link, number)
    return render_template(
        "surveys/paper_differences.html",
        link=link,
        pile=found,
        sheets=paper.apart(db.session(), found.batch, house.language().code),
        said=paper_typing.said,
        stale=stale,
        left=request.args.get("left") == "1",
    )
