"""Back to the people: a place writes what it will do, sees the page as respondents will, and publishes it."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import Organization, Survey
from partnerforms.services import surveys, translations
from partnerforms.services.access import NotAllowedError
from partnerforms.services.surveys import follow_ups
from partnerforms.web import house, security
from partnerforms.web.public import told

follow_up_pages = Blueprint("follow_up", __name__)
follow_up_pages.before_request(security.member_only)

_PUBLISH = {"publish": True, "take_back": False}


@follow_up_pages.get("/surveys/<uuid:survey_id>/follow-up")
def page(survey_id: uuid.UUID) -> str:
    """The texts of one place in all languages of the survey."""
    survey, place = _where(survey_id)
    found = follow_ups.texts(db.session(), survey, place.id)
    return _page(survey, place, found, dict(found.by_language))


@follow_up_pages.post("/surveys/<uuid:survey_id>/follow-up")
def save(survey_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep the texts; publish them or take them back when that button was pressed."""
    survey, place = _where(survey_id)
    written = {one.code: clean(request.form.get(f"text-{one.code}", "")) for one in _languages(survey, place)}
    found = follow_ups.texts(db.session(), survey, place.id)
    publish = _PUBLISH.get(request.form.get("do", ""))
    wrong = {code: "long" for code, text in written.items() if len(text) > follow_ups.LONGEST}
    shown = publish or (publish is None and found.published_at is not None)
    if shown and not any(written.values()):
        wrong |= {"en": "empty"}
    if wrong:
        return _page(survey, place, found, written, wrong), 422
    seen = request.form.get("seen", "")
    if not follow_ups.save(db.session(), security.reach(), survey, place, written, seen, house.now(), publish):
        return _page(survey, place, follow_ups.texts(db.session(), survey, place.id), written, changed=True), 409
    db.session.commit()
    return redirect(url_for("follow_up.page", survey_id=survey.id, place=place.id, saved=1), 303)


@follow_up_pages.get("/surveys/<uuid:survey_id>/follow-up/preview")
def preview(survey_id: uuid.UUID) -> str:
    """The page that an audience would see, in one of its languages, with the texts as they were saved."""
    survey, place = _where(survey_id)
    offered = _languages(survey, place)
    asked = list(dict.fromkeys(link.audience for link in survey.links))
    audience = request.args.get("audience", "")
    audience = audience if audience in asked else asked[0]
    house.read_from(translations.library_for(db.session(), place, house.tools()))
    language = house.speak(offered)
    found = follow_ups.preview(db.session(), survey, place.id, audience, language.code, house.library().crosswalk)
    here = {
        one.code: url_for("follow_up.preview", survey_id=survey.id, place=place.id, audience=audience, lang=one.code)
        for one in offered
    }
    return told.drawn(found, offered, here)


def _where(survey_id: uuid.UUID) -> tuple[Survey, Organization]:
    """The survey, and the place that is asked for; else the first one that the person may write for."""
    survey = surveys.find(db.session(), security.reach(), survey_id)
    asked = request.values.get("place", "")
    if asked:
        return survey, follow_ups.find_place(db.session(), security.reach(), survey, _id(asked))
    own = follow_ups.places(db.session(), security.reach(), survey)
    if not own:
        raise NotAllowedError
    return survey, own[0]


def _id(text: str) -> uuid.UUID:
    """The id that is meant; one that nothing has when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _languages(survey: Survey, place: Organization) -> list[Language]:
    """The languages that respondents of this survey were offered at a place, English first."""
    known = translations.library_for(db.session(), place, house.tools()).languages
    return [known[code] for code in dict.fromkeys(("en", *survey.languages)) if code in known]


def _page(
    survey: Survey,
    place: Organization,
    found: follow_ups.Texts,
    written: dict[str, str],
    wrong: dict[str, str] | None = None,
    changed: bool = False,
) -> str:
    """`written` is what stands in the fields; `changed` says that what is kept (`found`) was changed meanwhile."""
    return render_template(
        "surveys/follow_up.html",
        survey=survey,
        place=place,
        places=follow_ups.places(db.session(), security.reach(), survey),
        languages=_languages(survey, place),
        audiences=list(dict.fromkeys(link.audience for link in survey.links)),
        found=found,
        written=written,
        wrong=wrong or {},
        changed=changed,
        longest=follow_ups.LONGEST,
        saved=request.args.get("saved") == "1",
    )
