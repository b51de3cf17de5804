"""Results of a survey: a page for each place, and the same figures as CSV and XLSX."""

import uuid
from collections.abc import Sequence

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from partnerforms.engine.disclosure import HIGH, LOW
from partnerforms.extensions import db
from partnerforms.models import Survey
from partnerforms.services import papers, surveys, translations
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys.figures import Figures, figures
from partnerforms.services.surveys.result_tables import WORDS, Table, Writer
from partnerforms.web import house, security
from partnerforms.web.surveys import bars

results_pages = Blueprint("results", __name__)
results_pages.before_request(security.member_only)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@results_pages.get("/surveys/<uuid:survey_id>/results")
def page(survey_id: uuid.UUID) -> str:
    found = _figures(surveys.find(db.session(), security.reach(), survey_id))
    writer = _writer(found)
    mirrored = house.language().direction == "rtl"
    return render_template(
        "surveys/results.html",
        found=found,
        survey=found.survey,
        place=found.place,
        text=writer.text,
        tables=_by_kind(writer.tables()),
        bars={one.audience: bars.bars(one.spreads, mirrored) for one in found.heard},
        key=bars.key,
        mirrored=mirrored,
        notes=_notes(),
    )


@results_pages.get("/surveys/<uuid:survey_id>/results.csv")
def csv(survey_id: uuid.UUID) -> Response:
    found = _published(survey_id)
    return _file(found, _writer(found).csv(), "text/csv", "csv")


@results_pages.get("/surveys/<uuid:survey_id>/results.xlsx")
def xlsx(survey_id: uuid.UUID) -> Response:
    found = _published(survey_id)
    about = [
        (house.gettext("Survey"), found.survey.title),
        (house.gettext("Place"), found.place.name),
        *(("", note) for note in _notes()),
    ]
    return _file(found, _writer(found).xlsx(about), _XLSX, "xlsx")


def _by_kind(tables: Sequence[Table]) -> dict[str, list[Table]]:
    return {kind: [table for table in tables if table.kind == kind] for kind in WORDS}


def _published(survey_id: uuid.UUID) -> Figures:
    found = _figures(surveys.find(db.session(), security.reach(), survey_id))
    if not found.closed:
        raise NotThereError
    return found


def _figures(survey: Survey) -> Figures:
    """The results of the place that the address names, in the words of who opened the survey."""
    named = request.args.get("place", "")
    try:
        place = uuid.UUID(named) if named else None
    except ValueError:
        raise NotThereError from None
    house.read_from(translations.library_for(db.session(), survey.organization, house.tools()))
    return figures(db.session(), security.reach(), survey, place, house.language().code, house.library())


def _writer(found: Figures) -> Writer:
    return Writer(found, house.library(), house.language().code, _words(found))


def _file(found: Figures, content: bytes, kind: str, ending: str) -> Response:
    name = papers.filename(found.place.name, found.survey.title, "results").rpartition(".")[0]
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return response


def _words(found: Figures) -> dict[str, str]:
    return {
        "about": house.gettext("About these results"),
        "who": house.gettext("Who answered"),
        "answers": house.gettext("Answers"),
        "choices": house.gettext("Choices"),
        "gaps": house.gettext("The gap"),
        "priorities": house.gettext("Work on first"),
        "years": house.gettext("This time and last time"),
        "places": house.gettext("Beside other places"),
        "comments": house.gettext("Comments"),
        "audience": house.gettext("Asked"),
        "question": house.gettext("Question"),
        "responsibility": house.gettext("Responsibility"),
        "answered": house.gettext("Answered"),
        "asked": house.gettext("People asked"),
        "points": house.gettext("Gap in points"),
        "chosen": house.gettext("Chosen by"),
        "rating": house.gettext("Rated well or very well"),
        "activities": house.gettext("Activities that help"),
        "earlier": found.earlier.title if found.earlier else "",
        "now": house.gettext("This time"),
        "change": house.gettext("Change in points"),
        "answer": house.gettext("Answer"),
        "share": house.gettext("Share"),
        "comment": house.gettext("Comment"),
        "fewer": house.gettext("fewer than %(least)s"),
        "table": house.gettext("Table"),
        "row": house.gettext("Row"),
        "column": house.gettext("Column"),
        "value": house.gettext("Value"),
    }


def _notes() -> list[str]:
    """How figures are rounded, and what is left out."""
    bounds = {"low": LOW, "high": HIGH}
    return [
        house.gettext("Percents are rounded to whole numbers, so they may not add up to 100."),
        house.gettext(
            "“< %(low)s %%” also stands for nobody and “> %(high)s %%” also for everybody, so that nobody is known."
        )
        % bounds,
        house.gettext(
            "Where fewer people answered than a group must have, nothing is shown there. They count at the place "
            "above, together with others, or wait. So a place above can have more answers than those below it show."
        ),
        house.gettext("Some last answers, always fewer than a group must have, may be counted nowhere yet."),
        house.gettext("One person may have answered more than once: answers are not people."),
    ]
