"""A survey by a personal invitation, and the way to get no more of them.

Mail scanners open links, run scripts and press buttons before the person does. Nothing of that uses an invitation up:
only answers that are in order do, in one commit with the response.
"""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.models import Invitation, SurveyLink
from partnerforms.services.surveys import invitations
from partnerforms.services.surveys.invitations import stopping
from partnerforms.web import house
from partnerforms.web.public import SAME_ON_BACK, pages, survey, thanks_address

invitation_pages = Blueprint("invitation", __name__)


@invitation_pages.route("/i/<code>", methods=["GET", "POST"])
def answer(code: str) -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """The survey's page; Send uses the invitation up. Pressed again, the same page leads to the same response."""
    invitation = _invitation(code)
    link = survey.find(invitation.link.code)
    instrument = survey.speak(link)
    if not _was_sent(link):
        survey.must_be_open(link)
        if invitation.used:
            return _kind_page("used", link), 410
    # An address of its own: a POST to the page's would throw the page out of the cache that Back needs.
    action = url_for("invitation.answer", code=code, send=1)
    if request.method != "POST":
        return survey.empty(link, instrument, channel="invitation", action=action), 200, SAME_ON_BACK
    sent = survey.posted(link, instrument, channel="invitation", action=action)
    if not isinstance(sent, survey.Sent):
        return sent
    # Somebody may send at this very moment: then theirs counts, unless it was this same page, pressed twice.
    if not _was_sent(link) and not invitations.use(db.session(), invitation, house.tools()) and not _was_sent(link):
        return _kind_page("used", link), 410
    receipt = survey.keep(link, sent, "invitation")
    db.session.commit()
    response = redirect(thanks_address(link, sent.token, kept=None if receipt.unchanged else "first"), 303)
    # From here on no address names the invitation: not even the log of a proxy, which notes where somebody came from.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@invitation_pages.get("/i/<code>/stop")
def ask_stop(code: str) -> str:
    """One button. To open this page does nothing: scanners open every link."""
    invitation = _invitation(code)
    link = survey.find(invitation.link.code)
    survey.speak(link)
    return render_template("public/stop.html", link=link, code=code, done=invitation.address is None)


@invitation_pages.post("/i/<code>/stop")
def stop(code: str) -> str:
    """The address is erased. Mail programs press this button themselves, so it asks for nothing else (RFC 8058)."""
    invitation = _invitation(code)
    link = survey.find(invitation.link.code)
    survey.speak(link)
    stopping.stop(db.session(), invitation, house.tools())
    db.session.commit()
    return render_template("public/stop.html", link=link, code=code, done=True)


def _invitation(code: str) -> Invitation:
    """The invitation of a code; an unknown one ends in its kind page."""
    found = invitations.find(db.session(), code)
    if found is None:
        house.speak(house.library().public_languages())
        abort(make_response(_kind_page("unknown", None), 404))
    return found


def _kind_page(reason: str, link: SurveyLink | None) -> str:
    return render_template("public/invitation.html", reason=reason, link=link)


def _was_sent(link: SurveyLink) -> bool:
    """Has the page that is posted sent its answers before?"""
    return survey.was_sent(link, pages.opened(link, request.form.get("token", "")))
