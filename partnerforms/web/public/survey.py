"""A survey as a page, whichever way somebody came to it: by link, at a kiosk, invited, or to try it before it opens.

A view finds its link and instrument and shows `empty`, or hands a POST to `posted`: that gives answers for `keep`, or
the page to show again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, render_template, request

from partnerforms.engine import codes
from partnerforms.engine.answers import clean
from partnerforms.engine.library import Library, thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.surveys import answering
from partnerforms.web import forms, house
from partnerforms.web.public import pages, told
from partnerforms.web.public.pages import Channel

BAIT = "website"  # a field that no person meets: programs fill it


@dataclass(frozen=True)
class Sent:
    """Answers that are in order, and the page they came from. `baited`: the field that nobody sees was filled."""

    page: pages.Opened
    token: str
    answers: dict[str, Any]
    baited: bool


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
    """The link's instrument in the language of this request, which it sets; `wanted` goes before the browser's."""
    return thaw(link.version.frozen, house.speak(languages(link), wanted).code)


def languages(link: SurveyLink, library: Library | None = None) -> list[Language]:
    """The languages this survey was opened with, as far as its pages are still complete in them.

    `library` is that of the link's place, when the request does not speak with its words.
    """
    return surveys.languages(library or house.library(), link)


def must_be_open(link: SurveyLink) -> None:
    """A survey that is not open today ends in a page that says since or until when, or what came of it."""
    state = surveys.state(link.survey, house.now(), house.tools())
    if state != "open":
        answer = told.page(link, languages(link)) if state == "closed" and request.method != "POST" else None
        if answer is not None:
            abort(make_response(answer))
        page = render_template("public/not_open.html", link=link, state=state)
        abort(make_response(page, 403 if state == "not_yet" else 410))


def was_sent(link: SurveyLink, page: pages.Opened | None) -> bool:
    """Did this page send its answers before?"""
    return page is not None and answering.find_response(db.session(), link, page.nonce) is not None


def page(
    link: SurveyLink,
    instrument: Instrument,
    answers: forms.AnswerPage,
    token: str,
    *,
    channel: Channel,
    action: str,
    offered: Sequence[Language] | None = None,
    again: bool = False,
) -> str:
    """The whole survey on one page, with what was answered. The form goes to `action`, as do changes of language:
    to those `offered`, which are all of the link if nothing is said.

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
        languages=languages(link) if offered is None else offered,
        bait=BAIT,
        again=again,
    )


def empty(link: SurveyLink, instrument: Instrument, *, channel: Channel, action: str) -> str:
    """The page as somebody finds it, with a token of its own."""
    answers = forms.AnswerPage(instrument.sections, {})
    return page(link, instrument, answers, pages.new_token(link, channel), channel=channel, action=action)


def posted(link: SurveyLink, instrument: Instrument, *, channel: Channel, action: str) -> Sent | tuple[str, int]:
    """What was posted, if it can be kept; else the page again with its status, and nothing ticked is lost."""
    answers = forms.AnswerPage(instrument.sections, {}, request.form)
    token = request.form.get("token", "")
    opened = pages.opened(link, token, channel)

    def shown(token: str, again: bool = False) -> str:
        return page(link, instrument, answers, token, channel=channel, action=action, again=again)

    if "switch" in request.form:
        return shown(token), 200
    parsed = answers.check(house.catalogue())
    if opened is None:
        # Without a page of ours nothing can be counted once; with a new one the answers are a press away.
        return shown(pages.new_token(link, channel, filled=True), again=True), 400
    if parsed.problems:
        return shown(token), 422
    return Sent(opened, token, parsed.answers, bool(request.form.get(BAIT)))


def keep(link: SurveyLink, sent: Sent, channel: answering.Channel) -> answering.Receipt:
    """Keep answers that were sent; the view commits. Suspect ones wait for a person, and nobody is told."""
    new = not was_sent(link, sent.page)
    return answering.receive(
        db.session(),
        link,
        sent.page.nonce,
        sent.answers,
        house.language().code,
        house.tools(),
        house.CHANCE,
        house.now(),
        channel,
        _doubt(link, sent) if new else None,
    )


def _doubt(link: SurveyLink, sent: Sent) -> answering.Doubt | None:
    answers = {} if sent.page.filled else sent.answers
    return house.house().watch.doubt(link, answers, house.now() - sent.page.at, sent.baited, house.now())
