"""Word documents of results: the report of a place, the Title I memo, the draft compact. They hold no raw answers.

All figures come from `results.published`, so a document never tells more than the pages do.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy.orm import Session

from partnerforms.documents.compact import GROUPS, compact
from partnerforms.documents.memo import Evidence, memo
from partnerforms.documents.report import report
from partnerforms.documents.results import Heard, Results
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.gaps import gaps, priorities
from partnerforms.engine.library import Library, languages_in
from partnerforms.engine.report_texts import REPORT_WORDS, report_keys
from partnerforms.engine.tally import Tally
from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Survey, SurveyLink
from partnerforms.services import inheritance, translations
from partnerforms.services.surveys import comments, progress
from partnerforms.services.surveys.publishing import upward
from partnerforms.services.surveys.results import Published, published
from partnerforms.services.tools import Tools


def offered(library: Library, survey: Survey) -> list[Language]:
    """The languages in which everything about a survey can be written, English first."""
    kept = [languages_in(frozen) for frozen in {link.version.frozen for link in survey.links}]
    wanted = report_keys()
    return [
        language
        for code, language in library.languages.items()
        if all(code in codes for codes in kept)
        and (code == "en" or all(library.catalogues[code].by_key.get(key) for key in wanted))
    ]


def make_report(
    session: Session, shown: Published, place: Organization, language: str, tools: Tools, now: datetime
) -> bytes:
    """The report of a place in a language, in English where it is not offered in that one."""
    return report(gather(session, shown, place, language, tools, now))


def make_memo(
    session: Session,
    shown: Published,
    place: Organization,
    language: str,
    typed: Mapping[str, str],
    tools: Tools,
    now: datetime,
) -> bytes:
    """The evidence memo with what somebody typed: contact, changes, and the day of the meeting, if there is one.

    Of the ways to answer it names those that enough people used: who came alone on one of them is not known by it.
    """
    told = gather(session, shown, place, language, tools, now)
    library = translations.library_for(session, place, tools)
    languages = [
        f"{known.name} ({told.words['reviewed' if known.reviewed_by else 'not_reviewed']})"
        for code in shown.survey.languages
        if (known := library.languages.get(code))
    ]
    here = {link.organization_id for link in links_of(shown, place.id)}
    used = {channel for one in progress.by_audience(session, shown.survey, here) for channel in one.channels}
    channels = [told.words[f"way_{channel}"] for channel in sorted(used)]
    meeting = _day(date.fromisoformat(typed["meeting"]), told.language) if typed["meeting"] else ""
    evidence = Evidence(typed["contact"], typed["changes"], meeting, languages, channels)
    return memo(told, evidence)


def make_compact(
    session: Session, shown: Published, place: Organization, language: str, tools: Tools, now: datetime
) -> bytes:
    """The draft compact of a place in a language."""
    bank = tools.library.responsibilities.values()
    groups = {group: [one.id for one in bank if one.group == group] for group in GROUPS}
    return compact(gather(session, shown, place, language, tools, now), groups)


def links_of(shown: Published, place: uuid.UUID) -> list[SurveyLink]:
    """The links of a survey at a place and at all below it."""
    return [link for link in shown.survey.links if place in upward(shown.above, link.organization_id)]


def gather(
    session: Session, shown: Published, place: Organization, language: str, tools: Tools, now: datetime
) -> Results:
    """Everything that these documents tell of a place, in a language."""
    survey, library = shown.survey, translations.library_for(session, place, tools)
    chosen = next((one for one in offered(library, survey) if one.code == language), library.languages["en"])
    catalogue = library.catalogues[chosen.code]
    words = {
        **catalogue.words(),
        **{name: catalogue.say(f"reports.{name}", text) for name, text in REPORT_WORDS.items()},
    }
    heard = _heard(session, shown, place, chosen.code, library, words)
    inventory = library.instrument("inventory", chosen.code, inheritance.terms(place))
    return Results(
        organization=place.name,
        survey=survey.title,
        dates=f"{_day(survey.opens_on, chosen)} – {_day(survey.closes_on, chosen)}",
        made_on=_day(inheritance.day(place, now, tools), chosen),
        language=chosen,
        words=words,
        heard=heard,
        gaps=gaps({one.audience: one.counted for one in heard if isinstance(one.counted, Tally)}),
        responsibilities={
            one.id: catalogue.say(f"responsibilities.{one.id}", one.title)
            for one in library.responsibilities.values()
        },
        activities={item.id: item.label for item in inventory.items()},
        logo=inheritance.logo(place),
    )


def _heard(
    session: Session, shown: Published, place: Organization, language: str, library: Library, words: Mapping[str, str]
) -> list[Heard]:
    """Each audience that was asked at a place or below it."""
    asked: dict[str, list[SurveyLink]] = {}
    for link in links_of(shown, place.id):
        asked.setdefault(link.audience, []).append(link)
    above = [session.get_one(Organization, here) for here in upward(shown.above, place.id)[1:]]
    previous = session.get(Survey, shown.survey.previous_id) if shown.survey.previous_id else None
    before = published(session, previous) if previous else None
    found = []
    for audience in [audience for audience in shown.audiences() if audience in asked]:
        counted = shown.view(place.id, audience, language)
        others = {here.name: shown.view(here.id, audience, language) for here in above}
        if before is not None and audience in before.audiences():
            others[words["last_time"]] = before.view(place.id, audience, language)
        people = [link.people for link in asked[audience]]
        found.append(
            Heard(
                audience=audience,
                name=library.catalogues[language].audience(audience),
                instrument=shown.instrument(audience, language),
                counted=counted,
                least=shown.minimum(audience),
                invited=sum(filter(None, people)) if all(people) else None,
                priorities=[] if isinstance(counted, TooFew) else priorities(counted, library.crosswalk),
                others=others,
                comments=comments.released(session, shown.survey, place.id, audience, shown.above),
            )
        )
    return found


def _day(day: date, language: Language) -> str:
    return str(format_date(day, "long", locale=language.locale))
