"""Word documents of a survey's results: the report, the Title I memo and the draft compact of a place."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, read_date
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import Organization, Survey
from partnerforms.services import papers, surveys, translations
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys import publishing, reports, results
from partnerforms.web import house, security
from partnerforms.web.public import word_file

reports_pages = Blueprint("reports", __name__)
reports_pages.before_request(security.member_only)

LONGEST = {"contact": 200, "changes": 4000, "meeting": 40}


@dataclass(frozen=True)
class _Asked:
    """What a request is about: results of a survey for one place, and the languages to write them in."""

    survey: Survey
    places: list[Organization]
    place: Organization
    published: bool
    languages: list[Language]

    @property
    def language(self) -> str:
        """The language asked for, else the person's own where the report is offered in it, else English."""
        codes = [one.code for one in self.languages]
        wanted = (request.values.get("language", ""), house.language().code)
        return next((code for code in wanted if code in codes), "en")

    def download(self, content: bytes, kind: str) -> Response:
        return word_file(content, papers.filename(self.place.name, self.survey.title, kind, self.language))


@reports_pages.get("/surveys/<uuid:survey_id>/report")
def page(survey_id: uuid.UUID) -> str:
    """Choose a place, a document and its language."""
    return render_template("surveys/reports.html", asked=_asked(survey_id))


@reports_pages.get("/surveys/<uuid:survey_id>/report.docx")
def report(survey_id: uuid.UUID) -> Response:
    asked = _asked(survey_id)
    content = reports.make_report(
        db.session(), asked.survey, asked.place, asked.language, house.tools(), house.now(), security.reach()
    )
    return asked.download(content, "report")


@reports_pages.get("/surveys/<uuid:survey_id>/compact.docx")
def compact(survey_id: uuid.UUID) -> Response:
    asked = _asked(survey_id)
    content = reports.make_compact(
        db.session(), asked.survey, asked.place, asked.language, house.tools(), house.now()
    )
    return asked.download(content, "compact")


@reports_pages.get("/surveys/<uuid:survey_id>/memo")
def memo(survey_id: uuid.UUID) -> str:
    """What the memo says besides results; nothing of it is kept."""
    person = security.reach().person
    return _memo_page(
        _asked(survey_id), {"contact": f"{person.name}, {person.address}", "changes": "", "meeting": ""}, []
    )


@reports_pages.post("/surveys/<uuid:survey_id>/memo")
def make_memo(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    asked = _asked(survey_id)
    typed = {name: clean(request.form.get(name, "")) for name in LONGEST}
    errors = [name for name, longest in LONGEST.items() if len(typed[name]) > longest]
    if not typed["contact"]:
        errors.append("contact")
    if typed["meeting"] and read_date(typed["meeting"]) is None:
        errors.append("meeting")
    if errors:
        return _memo_page(asked, typed, errors), 422
    content = reports.make_memo(
        db.session(), asked.survey, asked.place, asked.language, typed, house.tools(), house.now()
    )
    return asked.download(content, "memo")


def _memo_page(asked: _Asked, typed: dict[str, str], errors: list[str]) -> str:
    return render_template("surveys/reports_memo.html", asked=asked, typed=typed, errors=errors)


def _asked(survey_id: uuid.UUID) -> _Asked:
    """The survey and the place asked for, else the one that opened it, else the first that the person may open."""
    session, reach = db.session(), security.reach()
    survey = surveys.find(session, reach, survey_id)
    may_open = results.may_open(publishing.places_above(session, survey), reach.where("see"))
    places = results.in_order(session, may_open)
    wanted = request.values.get("place", "")
    found = [one for one in places if str(one.id) == (wanted or str(survey.organization_id))]
    if not found and not wanted:
        found = places
    if not found:
        raise NotThereError
    library = translations.library_for(session, found[0], house.tools())
    published = bool(results.published(session, survey, [found[0].id]).groups)
    return _Asked(survey, places, found[0], published, reports.offered(session, library, survey))
