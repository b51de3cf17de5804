"""Word documents of results: the report of a place, the Title I memo, the draft compact. They hold no raw answers.

Their figures are those of the pages (`figures`), so a document never tells more.
"""

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.documents.compact import GROUPS, compact
from partnerforms.documents.memo import Evidence, memo
from partnerforms.documents.report import report
from partnerforms.documents.results import Heard, Results
from partnerforms.engine.library import Library, languages_in
from partnerforms.engine.report_texts import REPORT_WORDS, report_keys
from partnerforms.engine.texts import Language
from partnerforms.models import InstrumentVersion, Organization, Survey, SurveyLink
from partnerforms.services import inheritance, translations
from partnerforms.services.access import Reach
from partnerforms.services.surveys import figures, progress
from partnerforms.services.surveys.figures import Figures
from partnerforms.services.surveys.publishing import downward, places_above
from partnerforms.services.tools import Tools


def offered(session: Session, library: Library, survey: Survey) -> list[Language]:
    """The languages in which everything about a survey can be written, English first."""
    asked = select(SurveyLink.instrument_digest).where(SurveyLink.survey_id == survey.id)
    versions = session.scalars(select(InstrumentVersion.frozen).where(InstrumentVersion.digest.in_(asked)))
    kept = [languages_in(frozen) for frozen in versions]
    wanted = report_keys()
    return [
        language
        for code, language in library.languages.items()
        if all(code in codes for codes in kept)
        and (code == "en" or all(library.catalogues[code].by_key.get(key) for key in wanted))
    ]


def make_report(
    session: Session,
    survey: Survey,
    place: Organization,
    language: str,
    tools: Tools,
    now: datetime,
    reach: Reach | None = None,
) -> bytes:
    """The report of a place in a language, in English where it is not offered in that one; without a reach for those
    to whom it is mailed."""
    return report(gather(session, survey, place, language, tools, now, reach))


def make_memo(
    session: Session,
    survey: Survey,
    place: Organization,
    language: str,
    typed: Mapping[str, str],
    tools: Tools,
    now: datetime,
) -> bytes:
    """The evidence memo with what somebody typed: contact, changes, and the day of the meeting, if there is one.

    Of the ways to answer it names those that enough people used: who came alone on one of them is not known by it.
    """
    told = gather(session, survey, place, language, tools, now)
    library = translations.library_for(session, place, tools)
    languages = [
        f"{known.name} ({told.words['reviewed' if known.reviewed_by else 'not_reviewed']})"
        for code in survey.languages
        if (known := library.languages.get(code))
    ]
    here = downward(places_above(session, survey), place.id)
    used = {channel for one in progress.by_audience(session, survey, here) for channel in one.channels}
    channels = [told.words[f"way_{channel}"] for channel in sorted(used)]
    meeting = _day(date.fromisoformat(typed["meeting"]), told.language) if typed["meeting"] else ""
    evidence = Evidence(typed["contact"], typed["changes"], meeting, languages, channels)
    return memo(told, evidence)


def make_compact(
    session: Session, survey: Survey, place: Organization, language: str, tools: Tools, now: datetime
) -> bytes:
    """The draft compact of a place in a language."""
    bank = tools.library.responsibilities.values()
    groups = {group: [one.id for one in bank if one.group == group] for group in GROUPS}
    return compact(gather(session, survey, place, language, tools, now), groups)


def gather(
    session: Session,
    survey: Survey,
    place: Organization,
    language: str,
    tools: Tools,
    now: datetime,
    reach: Reach | None = None,
) -> Results:
    """Everything that these documents tell of a place, in a language. Only the report compares with the year before,
    as far as its reader sees that survey."""
    library = translations.library_for(session, place, tools)
    chosen = next((one for one in offered(session, library, survey) if one.code == language), library.languages["en"])
    catalogue = library.catalogues[chosen.code]
    words = {
        **catalogue.words(),
        **{name: catalogue.say(f"reports.{name}", text) for name, text in REPORT_WORDS.items()},
    }
    found = figures.of_place(session, survey, place.id, chosen.code, library, reach)
    inventory = library.instrument("inventory", chosen.code, inheritance.terms(place))
    return Results(
        organization=place.name,
        survey=survey.title,
        dates=f"{_day(survey.opens_on, chosen)} – {_day(survey.closes_on, chosen)}",
        made_on=_day(inheritance.day(place, now, tools), chosen),
        language=chosen,
        words=words,
        heard=[_heard(found, one, library, words, chosen.code) for one in found.heard],
        gaps=found.gaps,
        responsibilities={
            one.id: catalogue.say(f"responsibilities.{one.id}", one.title)
            for one in library.responsibilities.values()
        },
        activities={item.id: item.label for item in inventory.items()},
        logo=inheritance.logo(place),
    )


def _heard(found: Figures, one: figures.Heard, library: Library, words: Mapping[str, str], language: str) -> Heard:
    """An audience of a place in the words of a document."""
    others = {higher.name: one.higher[higher.id] for higher in found.above if higher.id in one.higher}
    return Heard(
        audience=one.audience,
        name=library.catalogues[language].audience(one.audience),
        instrument=one.instrument,
        counted=one.counted,
        least=one.least,
        invited=one.people,
        priorities=one.priorities,
        others={**others, words["last_time"]: one.before},
        comments=one.comments,
    )


def _day(day: date, language: Language) -> str:
    return str(format_date(day, "long", locale=language.locale))
