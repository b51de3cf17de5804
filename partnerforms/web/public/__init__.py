"""The pages of a respondent: a survey by its code, one page, no account, no cookie, no script."""

from datetime import timedelta
from io import BytesIO

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from partnerforms.engine import codes
from partnerforms.engine.answers import clean
from partnerforms.engine.library import languages_in, thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.surveys import answering, sheets
from partnerforms.web import forms, house

public = Blueprint("public", __name__)

# The browser's Back shows this very page again, with its token: sent once more, it is the same response.
_SAME_ON_BACK = {"Cache-Control": "private, no-cache"}
COPY_LIFE = timedelta(hours=24)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@public.get("/s/")
def enter_code() -> AnyResponse | str | tuple[str, int]:
    """Where somebody types the code from a paper."""
    house.speak(house.library().public_languages())
    typed = clean(request.args.get("code", ""))
    if not typed:
        return render_template("public/code.html", reason="", typed="")
    code = codes.read(typed)
    if code is None:
        return _code_page("mistyped", typed), 404
    return redirect(url_for("public.survey", code=codes.printed(code), lang=house.language().code), 303)


@public.route("/s/<code>", methods=["GET", "POST"])
def survey(code: str) -> AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The whole survey on one page; a POST is Send, or a change of language that keeps every tick."""
    link = _link(code)
    instrument = _instrument(link)
    token = request.form.get("token", "")
    nonce = _nonce(link, token)
    if nonce is None or answering.find_response(db.session(), link, nonce) is None:
        _must_be_open(link)
    if request.method != "POST":
        return (
            _page(link, instrument, forms.AnswerPage(instrument.sections, {}), _new_token(link)),
            200,
            _SAME_ON_BACK,
        )
    page = forms.AnswerPage(instrument.sections, {}, request.form)
    if "switch" in request.form:
        return _page(link, instrument, page, token), 200
    parsed = page.check(house.catalogue())
    if nonce is None:
        # Without a page of ours nothing can be counted once; with a new one the answers are a press away.
        return _page(link, instrument, page, _new_token(link), again=True), 400
    if parsed.problems:
        return _page(link, instrument, page, token), 422
    receipt = answering.receive(
        db.session(),
        link,
        nonce,
        parsed.answers,
        house.language().code,
        house.tools(),
        house.CHANCE,
        house.now(),
    )
    db.session.commit()
    kept = None if receipt.unchanged else "first"
    here = url_for("public.thanks", code=codes.printed(link.code), token=token, lang=house.language().code, kept=kept)
    return redirect(here, 303)


@public.get("/s/<code>/thanks/<token>")
def thanks(code: str, token: str) -> AnyResponse | str:
    """What a respondent sees after Send, however often it was pressed."""
    link = _link(code)
    _instrument(link)
    nonce = _nonce(link, token)
    response = answering.find_response(db.session(), link, nonce) if nonce else None
    if response is None:
        return redirect(url_for("public.survey", code=code), 303)
    return render_template(
        "public/thanks.html",
        link=link,
        code=codes.printed(link.code),
        token=token if _nonce(link, token, COPY_LIFE) else None,
        reference=answering.reference(response),
        kept_first=request.args.get("kept") == "first",
    )


@public.get("/s/<code>/copy/<token>")
def copy(code: str, token: str) -> AnyResponse:
    """A respondent's own answers as a Word document, for a day after the page was opened."""
    link = _link(code)
    nonce = _nonce(link, token, COPY_LIFE)
    response = answering.find_response(db.session(), link, nonce) if nonce else None
    if response is None:
        abort(404)
    _instrument(link)
    reference = answering.reference(response)
    content = sheets.one_sheet(link, response, house.tools(), house.language().code, reference)
    return word_file(content, f"{codes.printed(link.code)}-{reference}.docx")


def word_file(content: bytes, filename: str) -> Response:
    """A Word document as a download."""
    return send_file(BytesIO(content), mimetype=WORD, as_attachment=True, download_name=filename)


def _link(code: str) -> SurveyLink:
    """The link of a code; a mistyped or unknown one ends in its kind page."""
    read = codes.read(code)
    link = surveys.find_link(db.session(), read) if read else None
    if link is None:
        house.speak(house.library().public_languages())
        abort(make_response(_code_page("unknown" if read else "mistyped", code), 404))
    house.read_from(translations.library_for(db.session(), link.organization, house.tools()))
    return link


def _code_page(reason: str, typed: str) -> str:
    return render_template("public/code.html", reason=reason, typed=clean(typed)[:40])


def _instrument(link: SurveyLink) -> Instrument:
    """The survey's instrument in the language of this request; sets that language."""
    return thaw(link.version.frozen, house.speak(_languages(link)).code)


def _languages(link: SurveyLink) -> list[Language]:
    """The languages this survey was opened with, as far as its pages are still complete in them."""
    kept = languages_in(link.version.frozen) & {"en", *link.survey.languages}
    return [offer for offer in house.library().languages_of(f"survey_{link.audience}") if offer.code in kept]


def _must_be_open(link: SurveyLink) -> None:
    """A survey that is not open today ends in a page that says since or until when."""
    state = surveys.state(link.survey, house.now(), house.tools())
    if state != "open":
        page = render_template("public/not_open.html", link=link, state=state)
        abort(make_response(page, 403 if state == "not_yet" else 410))


def _page(link: SurveyLink, instrument: Instrument, page: forms.AnswerPage, token: str, again: bool = False) -> str:
    return render_template(
        "public/survey.html",
        instrument=instrument,
        link=link,
        code=codes.printed(link.code),
        page=page,
        token=token,
        languages=_languages(link),
        again=again,
    )


def _signer(link: SurveyLink) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house.settings().secret_key, salt=f"survey page {link.code}")


def _new_token(link: SurveyLink) -> str:
    return _signer(link).dumps(f"{house.CHANCE.getrandbits(128):032x}")


def _nonce(link: SurveyLink, token: str, life: timedelta | None = None) -> str | None:
    """The nonce of a token that we made for this link, and not longer ago than `life`; else None."""
    try:
        nonce: str = _signer(link).loads(token, max_age=int(life.total_seconds()) if life else None)
    except BadSignature:
        return None
    return nonce
