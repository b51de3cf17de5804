"""A survey to try, before it opens or at any other time: the real page with a note, and Send stores nothing.

Whoever has the address can look for a day; members make it on `surveys.preview`.
"""

from datetime import timedelta

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import codes
from partnerforms.engine.model import Instrument
from partnerforms.models import SurveyLink
from partnerforms.web import house, security
from partnerforms.web.public import survey

preview_pages = Blueprint("public_preview", __name__)

LIFE = timedelta(days=1)
_PURPOSE = "preview of a survey"


def address(link: SurveyLink, language: str) -> str:
    """Where this survey can be tried from now for a day, in a language to begin with."""
    key = security.signed(_PURPOSE, link.code, LIFE)
    code = codes.printed(link.code)
    return house.settings().base_url + url_for("public_preview.ask", code=code, key=key, lang=language)


@preview_pages.route("/s/<code>/preview/<key>", methods=["GET", "POST"])
def ask(code: str, key: str) -> Response | str | tuple[str, int]:
    """The survey as respondents will see it."""
    link, instrument = _tried(code, key)
    action = url_for("public_preview.ask", code=code, key=key, send=1)
    if request.method != "POST":
        return survey.empty(link, instrument, channel="preview", action=action)
    sent = survey.posted(link, instrument, channel="preview", action=action)
    if not isinstance(sent, survey.Sent):
        return sent
    return redirect(url_for("public_preview.end", code=code, key=key, lang=house.language().code), 303)


@preview_pages.get("/s/<code>/preview/<key>/end")
def end(code: str, key: str) -> str:
    """What stands in the place of thanks."""
    link, _instrument = _tried(code, key)
    again = url_for("public_preview.ask", code=code, key=key, lang=house.language().code)
    return render_template("public/preview_end.html", link=link, again=again)


def _tried(code: str, key: str) -> tuple[SurveyLink, Instrument]:
    """The link and its instrument; when the day is over, a page that says so."""
    link = survey.find(code)
    instrument = survey.speak(link)
    if security.unsigned(_PURPOSE, key) != link.code:
        abort(make_response(render_template("public/not_open.html", link=link, state="preview_over"), 410))
    return link, instrument
