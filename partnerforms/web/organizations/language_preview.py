"""A language as it would be: survey pages with the draft, for everybody who has the address of today.

They are made with the template of the real pages. Send looks at the answers as a survey would, and keeps nothing.
"""

import uuid
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.documents import qr
from partnerforms.engine.disclosure import least
from partnerforms.engine.model import Instrument
from partnerforms.extensions import db
from partnerforms.mail.letters import respondent_letter_keys
from partnerforms.models import Organization, SurveyLink, Translation
from partnerforms.services import inheritance, surveys
from partnerforms.services.access import NotThereError
from partnerforms.services.translations import standings
from partnerforms.services.translations.texts import Texts, texts_of, with_keys
from partnerforms.web import forms, house, security
from partnerforms.web.public import survey

preview_pages = Blueprint("language_preview", __name__)

_PURPOSE = "look at a language"
LIFE = timedelta(days=1)


def texts() -> Texts:
    """Everything that a language needs."""
    return texts_of(house.tools().library, tuple(respondent_letter_keys().items()))


def addresses(organization: Organization, row: Translation) -> dict[str, object]:
    """Where each survey can be looked at for a day, and a QR code of the first for a phone."""
    ticket = security.signed(_PURPOSE, row.id.hex, LIFE)
    paths = {
        audience: url_for("language_preview.show", ticket=ticket, audience=audience)
        for audience in surveys.audiences_for(organization)
    }
    return {"paths": paths, "picture": qr.on_screen(house.settings().base_url + next(iter(paths.values())))}


@preview_pages.route("/languages/<ticket>/<audience>", methods=["GET", "POST"])
def show(ticket: str, audience: str) -> Response | str | tuple[str, int]:
    """A survey page in the draft; with `keys` each text has its key behind it."""
    organization, instrument = _look(ticket, audience)
    sent = request.method == "POST"
    page = forms.AnswerPage(instrument.sections, {}, request.form if sent else None)
    if sent and not page.check(house.catalogue()).problems:
        return redirect(url_for("language_preview.end", ticket=ticket, audience=audience), 303)
    shown = survey.page(
        _link(organization, audience),
        instrument,
        page,
        token="",  # nothing will be kept, so nothing needs to be told apart
        channel="preview",
        action=request.full_path.rstrip("?"),
        offered=[house.language()],
    )
    return (shown, 422) if page.errors else shown


@preview_pages.get("/languages/<ticket>/<audience>/end")
def end(ticket: str, audience: str) -> str:
    """What whoever tried it sees after Send, in a language that is whole."""
    organization, _instrument = _look(ticket, audience)
    house.read_from(house.tools().library)
    house.speak(house.library().member_languages(), body=False)
    back = url_for("language_preview.show", ticket=ticket, audience=audience)
    return render_template("languages/nothing_kept.html", organization=organization, back=back)


def _look(ticket: str, audience: str) -> tuple[Organization, Instrument]:
    """What is looked at. From here the request speaks the draft's language, in the words of its place."""
    named = security.unsigned(_PURPOSE, ticket)
    if not isinstance(named, str):
        raise NotThereError
    library, row, organization = standings.preview(db.session(), uuid.UUID(named), house.tools().library, texts())
    if audience not in surveys.audiences_for(organization):
        raise NotThereError
    if request.args.get("keys"):
        library = with_keys(library, row.language, texts())
    house.read_from(library)
    house.speak([library.languages[row.language]], wanted=row.language, body=False)
    return organization, library.instrument(f"survey_{audience}", row.language)


def _link(organization: Organization, audience: str) -> SurveyLink:
    """A link that is only looked at: it is never in the database."""
    smallest = least(audience, inheritance.minimum_n(organization))
    return SurveyLink(organization=organization, audience=audience, delivery="batches", minimum_n=smallest, code="")
