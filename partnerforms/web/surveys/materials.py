"""What is printed for a survey: the page of a link with its flyers, slips and paper forms; all places as one file."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.build import AUDIENCES
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import Survey, SurveyLink
from partnerforms.services import jobs, surveys, translations
from partnerforms.services.access import NotThereError
from partnerforms.services.papers import filename
from partnerforms.services.surveys import materials
from partnerforms.web import house, security
from partnerforms.web.public import word_file

materials_pages = Blueprint("materials", __name__)
materials_pages.before_request(security.member_only)

_FIRST = ("flyer", "slips")  # ticked before somebody chooses


@materials_pages.get("/surveys/<uuid:survey_id>/links/<uuid:link_id>/materials")
def page(survey_id: uuid.UUID, link_id: uuid.UUID) -> str:
    """What there is to print for one link, language by language."""
    session, reach = db.session(), security.reach()
    link = surveys.find_own_link(session, reach, survey_id, link_id)
    library = translations.library_for(session, link.organization, house.tools())
    return render_template(
        "surveys/materials.html",
        link=link,
        languages=surveys.languages(library, link),
        many=len(surveys.links(link.survey, reach)) > 1,
    )


@materials_pages.get("/surveys/<uuid:survey_id>/links/<uuid:link_id>/materials/<kind>/<code>.docx")
def file(survey_id: uuid.UUID, link_id: uuid.UUID, kind: str, code: str) -> Response:
    """One of them, made now."""
    session = db.session()
    link = surveys.find_own_link(session, security.reach(), survey_id, link_id)
    library = translations.library_for(session, link.organization, house.tools())
    for language in surveys.languages(library, link):
        for known in materials.KINDS:
            if (known, language.code) == (kind, code):
                content = materials.make(library, link, known, language, house.tools())
                return word_file(content, materials.filename(link, known, language))
    raise NotThereError


@materials_pages.get("/surveys/<uuid:survey_id>/materials")
def choose(survey_id: uuid.UUID) -> str:
    """Which materials of all places one wants."""
    survey, links = _seen(survey_id)
    typed = {"kinds": list(_FIRST), "audiences": _audiences(links), "languages": list(_offered(survey))}
    return _choose_page(survey, links, typed)


@materials_pages.post("/surveys/<uuid:survey_id>/materials")
def collect(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    """A job that makes them into one file."""
    session, reach = db.session(), security.reach()
    survey, links = _seen(survey_id)
    known = {"kinds": materials.KINDS, "audiences": _audiences(links), "languages": list(_offered(survey))}
    typed = {name: [one for one in known[name] if one in request.form.getlist(name)] for name in known}
    if not all(typed.values()):
        return _choose_page(survey, links, typed, wrong=True), 422
    asked = {
        **typed,
        "survey": str(survey.id),
        "title": survey.title,
        "names": _kind_names() | {one: house.catalogue().audience(one) for one in typed["audiences"]},
        "filename": filename(survey.title).removesuffix(".docx") + ".zip",
    }
    opener = survey.organization_id
    of = opener if reach.can("see", opener) else links[0].organization_id
    job = jobs.begin(session, reach, of, "materials", asked, house.now())
    session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


def _seen(survey_id: uuid.UUID) -> tuple[Survey, list[SurveyLink]]:
    """A survey, and its links that the person sees. One without any has nothing to print."""
    survey = surveys.find(db.session(), security.reach(), survey_id)
    links = surveys.links(survey, security.reach())
    if not links:
        raise NotThereError
    return survey, links


def _audiences(links: list[SurveyLink]) -> list[str]:
    return sorted({link.audience for link in links}, key=AUDIENCES.index)


def _offered(survey: Survey) -> dict[str, Language]:
    """The languages that a survey was opened in, by code, as its opener's library knows them."""
    library = translations.library_for(db.session(), survey.organization, house.tools())
    wanted = {"en", *survey.languages}
    return {code: language for code, language in library.languages.items() if code in wanted}


def _kind_names() -> dict[str, str]:
    return {
        "flyer": house.gettext("Flyer"),
        "slips": house.gettext("Slips, eight on a page"),
        "paper": house.gettext("Paper form"),
    }


def _choose_page(survey: Survey, links: list[SurveyLink], typed: dict[str, list[str]], wrong: bool = False) -> str:
    return render_template(
        "surveys/materials_of_places.html",
        survey=survey,
        places=len({link.organization_id for link in links}),
        kinds=list(_kind_names().items()),
        audiences=[(one, house.catalogue().audience(one)) for one in _audiences(links)],
        languages=[(code, language.name) for code, language in _offered(survey).items()],
        typed=typed,
        wrong=wrong,
    )
