"""A survey as a page, whichever way somebody came to it: by link, at a kiosk, invited, or to try it before it opens.

A view finds its link and instrument, and hands a POST to `posted`: that gives answers which can be kept, or the page
to show again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import abort, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from partnerforms.engine import codes
from partnerforms.engine.answers import clean
from partnerforms.engine.library import languages_in, thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.surveys import answering, suspicion
from partnerforms.web import forms, house
from partnerforms.web.public import pages

Channel = Literal["link", "kiosk", "invitation", "preview"]
BAIT = "website"  # a field that nobody sees: only programs fill it


@dataclass(frozen=True)
class Sent:
    """Answers that are in order, and the page they came from. With a `doubt` a person looks before they count."""

    page: pages.Opened
    token: str
    answers: dict[str, Any]
    doubt: answering.Doubt | None


def find(code: str) -> SurveyLink:
    """The link of a code; a mistyped or unknown one ends in its kind page. From here its place's words are spoken."""
    read = codes.read(code)
    link = surveys.find_link(db.session(), read) if read else None
    if link is None:
        house.speak(house.library().public_languages())
        abort(make_response(code_page("unknown" if read else "mistyped", code), 404))
    house.read_from(translations.library_for(db.session(), link.organization, house.tools()))
    return link


def code_page(reason: str, typed: str) -> str:
    """Where a code is typed, and what was wrong with the one typed before."""
    return render_template("public/code.html", reason=reason, typed=clean(typed)[:40])


def speak(link: SurveyLink, wanted: str = "") -> Instrument:
    """The link's instrument in the language of this request; sets that language."""
    return thaw(link.version.frozen, house.speak(languages(link), wanted).code)


def languages(link: SurveyLink) -> list[Language]:
    """The languages this survey was opened with, as far as its pages are still complete in them."""
    kept = languages_in(link.version.frozen) & {"en", *link.survey.languages}
    return [offer for offer in house.library().languages_of(f"survey_{link.audience}") if offer.code in kept]


def must_be_open(link: SurveyLink) -> None:
    """A survey that is not open today ends in a page that says since or until when."""
    state = surveys.state(link.survey, house.now(), house.tools())
    if state != "open":
        page = render_template("public/not_open.html", link=link, state=state)
        abort(make_response(page, 403 if state == "not_yet" else 410))


def page(
    link: SurveyLink,
    instrument: Instrument,
    answers: forms.AnswerPage,
    token: str,
    *,
    channel: Channel,
    action: str,
    again: bool = False,
) -> str:
    """The whole survey on one page, with what was answered. The form goes to `action`, as do changes of language.

    `again` says that the answers came from a page that is not ours: they are there, and one more press sends them.
    """
    return render_template(
        "public/survey.html",
        instrument=instrument,
        link=link,
        page=answers,
        token=token,
        channel=channel,
        action=action,
        bait=BAIT,
        languages=languages(link),
        again=again,
    )


def empty(link: SurveyLink, instrument: Instrument, *, channel: Channel, action: str) -> str:
    """The page as somebody finds it, with a token of its own."""
    answers = forms.AnswerPage(instrument.sections, {})
    return page(link, instrument, answers, pages.new_token(link), channel=channel, action=action)


def posted(
    link: SurveyLink, instrument: Instrument, *, channel: Channel, action: str, form: Mapping[str, str] | None = None
) -> Sent | tuple[str, int]:
    """What was posted, if it can be kept; else the page again with its status, and nothing that was ticked is lost."""
    given = request.form if form is None else MultiDict(form)
    answers = forms.AnswerPage(instrument.sections, {}, given)
    token = given.get("token", "")
    opened = pages.opened(link, token)

    def shown(token: str, again: bool = False) -> str:
        return page(link, instrument, answers, token, channel=channel, action=action, again=again)

    if "switch" in given:
        return shown(token), 200
    parsed = answers.check(house.catalogue())
    if opened is None:
        # Without a page of ours nothing can be counted once; with a new one the answers are a press away.
        return shown(pages.new_token(link), again=True), 400
    if parsed.problems:
        return shown(token), 422
    return Sent(opened, token, parsed.answers, _doubt(link, opened, parsed.answers))
