"""The pages of a respondent: a survey by its code, one page, no account, no cookie, no script.

`survey` is the page itself, whichever way somebody came; `pages` knows the pages that were made; `kiosk` hands one
device from person to person; `preview` shows a survey to those who run it.
"""

from datetime import timedelta
from io import BytesIO

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from partnerforms.engine import codes
from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Response as Kept
from partnerforms.models import SurveyLink
from partnerforms.services.surveys import answering, sheets
from partnerforms.web import house
from partnerforms.web.public import pages, survey

public = Blueprint("public", __name__)

# The browser's Back shows this very page again, with its token: sent once more, it is the same response.
SAME_ON_BACK = {"Cache-Control": "private, no-cache"}
COPY_LIFE = timedelta(hours=24)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@public.get("/s/")
def enter_code() -> AnyResponse | str | tuple[str, int]:
    """Where somebody types the code from a paper."""
    house.speak(house.library().public_languages())
    typed = clean(request.args.get("code", ""))
    if not typed:
        return survey.code_page("", "")
    code = codes.read(typed)
    if code is None:
        return survey.code_page("mistyped", typed), 404
    return redirect(url_for("public.survey", code=codes.printed(code), lang=house.language().code), 303)


@public.route("/s/<code>", methods=["GET", "POST"], endpoint="survey")
def by_link(code: str) -> AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The whole survey on one page; a POST is Send, or a change of language that keeps every tick."""
    link = survey.find(code)
    instrument = survey.speak(link)
    if not survey.was_sent(link, pages.opened(link, request.form.get("token", ""))):
        survey.must_be_open(link)
    # An address of its own: a POST to the page's would throw the page out of the cache that Back needs.
    action = url_for("public.survey", code=codes.printed(link.code), send=1)
    if request.method != "POST":
        return survey.empty(link, instrument, channel="link", action=action), 200, SAME_ON_BACK
    sent = survey.posted(link, instrument, channel="link", action=action)
    if not isinstance(sent, survey.Sent):
        return sent
    receipt = survey.keep(link, sent, "link")
    db.session.commit()
    kept = None if receipt.unchanged else "first"
    return redirect(thanks_address(link, sent.token, kept=kept), 303)


def thanks_address(link: SurveyLink, token: str, kept: str | None = None) -> str:
    """Where a page leads after Send."""
    code = codes.printed(link.code)
    return url_for("public.thanks", code=code, token=token, lang=house.language().code, kept=kept)


@public.get("/s/<code>/thanks/<token>")
def thanks(code: str, token: str) -> AnyResponse | str:
    """What a respondent sees after Send, however often it was pressed."""
    link = survey.find(code)
    survey.speak(link)
    response = _response(link, token)
    if response is None:
        return redirect(url_for("public.survey", code=code), 303)
    return render_template(
        "public/thanks.html",
        link=link,
        code=codes.printed(link.code),
        token=token if pages.opened(link, token, life=COPY_LIFE) else None,
        reference=answering.reference(response),
        kept_first=request.args.get("kept") == "first",
        channel=response.channel,
    )


@public.get("/s/<code>/copy/<token>")
def copy(code: str, token: str) -> AnyResponse:
    """A respondent's own answers as a Word document, for a day after the page was opened."""
    link = survey.find(code)
    response = _response(link, token, COPY_LIFE)
    if response is None:
        abort(404)
    survey.speak(link)
    reference = answering.reference(response)
    content = sheets.one_sheet(link, response, house.tools(), house.language().code, reference)
    return word_file(content, f"{codes.printed(link.code)}-{reference}.docx")


def word_file(content: bytes, filename: str) -> Response:
    """A Word document as a download."""
    return send_file(BytesIO(content), mimetype=WORD, as_attachment=True, download_name=filename)


def _response(link: SurveyLink, token: str, life: timedelta | None = None) -> Kept | None:
    """What the page of this token sent, if it is not older than `life`."""
    opened = pages.opened(link, token, life=life)
    return answering.find_response(db.session(), link, opened.nonce) if opened else None
