"""One device for many people, as at a family night: each begins anew, and finds nothing of the one before.

Browsers do not store these pages (no-store), fill nothing in (autocomplete off), and Back asks for a new page. A
browser may still send an old form once more: what was sent or left behind is not shown again. What was left behind
is known to the process that was told, not to others.
"""

import threading
from collections import OrderedDict

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import codes
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.web import house
from partnerforms.web.public import pages, survey

kiosk_pages = Blueprint("kiosk", __name__)

# Against no-store, Chromium keeps a page with all that was ticked for its Back button, if it came by GET with a 200.
_NOT_KEPT_FOR_BACK = 201
_REMEMBERED = 10_000
_left: OrderedDict[str, None] = OrderedDict()
_left_lock = threading.Lock()


@kiosk_pages.route("/s/<code>/kiosk", methods=["GET", "POST"])
def ask(code: str) -> Response | tuple[str, int]:
    """The survey, empty; a POST is Send, a change of language, or "start over"."""
    link = survey.find(code)
    if request.method != "POST":
        instrument = survey.speak(link, survey.languages(link)[0].code)
        survey.must_be_open(link)
        page = survey.empty(link, instrument, channel="kiosk", action=_action(link, house.language().code))
        return page, _NOT_KEPT_FOR_BACK
    instrument, begins_in = survey.speak(link), request.args.get("begin", "")
    opened = pages.opened(link, request.form.get("token", ""), "kiosk")
    if survey.was_sent(link, opened):
        return _thanks(link, begins_in)
    survey.must_be_open(link)
    if "over" in request.form or (opened and opened.nonce in _left):
        _leave(opened)
        return redirect(_begin(link, begins_in), 303)
    sent = survey.posted(link, instrument, channel="kiosk", action=_action(link, begins_in))
    if not isinstance(sent, survey.Sent):
        return sent
    survey.keep(link, sent, "kiosk")
    db.session.commit()
    return _thanks(link, begins_in)


@kiosk_pages.get("/s/<code>/kiosk/thanks")
def thanks(code: str) -> str:
    """Between two people: nothing on it is of one of them but the language."""
    link = survey.find(code)
    survey.speak(link)
    begins_in = next((one for one in survey.languages(link) if one.code == request.args.get("begin")), None)
    other = begins_in if begins_in and begins_in != house.language() else None
    return render_template(
        "public/kiosk_thanks.html",
        link=link,
        begin=_begin(link, begins_in.code if begins_in else ""),
        other=other,
        next_in_other=house.library().catalogues[other.code].gettext(NEXT) if other else "",
    )


NEXT = "Next person"  # the template has it too, where translators find it


def _action(link: SurveyLink, begins_in: str) -> str:
    """Where the form goes; the language in which the next person begins stays the same."""
    return url_for("kiosk.ask", code=codes.printed(link.code), begin=begins_in)


def _begin(link: SurveyLink, begins_in: str) -> str:
    return url_for("kiosk.ask", code=codes.printed(link.code), lang=begins_in or None)


def _thanks(link: SurveyLink, begins_in: str) -> Response:
    code = codes.printed(link.code)
    return redirect(url_for("kiosk.thanks", code=code, lang=house.language().code, begin=begins_in), 303)


def _leave(opened: pages.Opened | None) -> None:
    """Remember that a page was left, so that a form sent from it a second time is not shown."""
    with _left_lock:
        if opened:
            _left[opened.nonce] = None
        while len(_left) > _REMEMBERED:
            _left.popitem(last=False)
