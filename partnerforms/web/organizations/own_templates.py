"""An organization's own Word templates: which serve, a new one tried, checked, used and taken back."""

import uuid
from collections.abc import Sequence
from pathlib import PurePath

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.database import begin_writing
from partnerforms.documents.fill import LostWords
from partnerforms.documents.name_list import build as build_list
from partnerforms.documents.templates import TemplateError, TemplateProblem
from partnerforms.documents.uploads import MOST_BYTES
from partnerforms.engine.answers import clean
from partnerforms.engine.model import Instrument
from partnerforms.extensions import db
from partnerforms.models import Organization, OwnTemplate
from partnerforms.services import inheritance, organizations, papers
from partnerforms.services.access import NotThereError
from partnerforms.services.papers import own_templates
from partnerforms.web import house, security
from partnerforms.web.organizations import template_words
from partnerforms.web.public import word_file

own_template_pages = Blueprint(
    "own_templates", __name__, url_prefix="/organizations/<uuid:organization_id>/templates"
)
own_template_pages.before_request(security.member_only)


@own_template_pages.get("")
def overview(organization_id: uuid.UUID) -> str:
    """Which template serves which form here."""
    organization = _organization(organization_id)
    terms = inheritance.terms(organization)
    shown = [house.instrument(one.id, terms) for one in _instruments(organization)]
    used = own_templates.all_in_use(organization, [one.id for one in shown])
    failing = {name for name, one in used.items() if own_templates.problems_today(house.tools(), one)}
    return render_template(
        "own_templates/overview.html", organization=organization, instruments=shown, used=used, failing=failing
    )


@own_template_pages.get("/<instrument_id>")
def page(organization_id: uuid.UUID, instrument_id: str) -> str:
    """What serves one form, and everything that can be done about it."""
    organization = _organization(organization_id)
    return _page(organization, _instrument(organization, instrument_id))


@own_template_pages.post("/<instrument_id>")
def upload(organization_id: uuid.UUID, instrument_id: str) -> Response | tuple[str, int]:
    """Keep a file that is right to be looked at; say everything that is wrong with one that is not."""
    organization = _organization(organization_id)
    instrument = _instrument(organization, instrument_id)
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(organization, instrument, missing=True), 422
    content, filename = given.read(MOST_BYTES + 1), " ".join(clean(given.filename).split())[:200] or "template.docx"
    given.close()
    db.session.rollback()  # nobody has to wait for the write lock while the file is looked at
    problems = own_templates.check(house.library(), instrument.id, content)
    begin_writing(db.session)
    organization = _organization(organization_id)
    if problems:
        return _page(organization, instrument, problems, filename), 422
    own_templates.upload(db.session(), security.reach(), organization, instrument, filename, content, house.now())
    db.session.commit()
    return redirect(_home(organization_id, instrument_id, "uploaded"), 303)


@own_template_pages.get("/<instrument_id>/standard.docx")
def standard(organization_id: uuid.UUID, instrument_id: str) -> Response:
    """The template that everybody has: a start for an own one."""
    instrument = _instrument(_organization(organization_id), instrument_id)
    content = house.tools().shelf.shipped_file(instrument, house.language())
    return word_file(content, papers.filename(instrument.id.replace("_", "-"), "template"))


@own_template_pages.get("/<instrument_id>/<uuid:template_id>.docx")
def file(organization_id: uuid.UUID, instrument_id: str, template_id: uuid.UUID) -> Response:
    """An own template as it was uploaded."""
    template = _template(organization_id, instrument_id, template_id)
    return word_file(template.content, papers.filename(PurePath(template.filename).stem))


@own_template_pages.get("/<instrument_id>/<uuid:template_id>/sample.docx")
def sample(organization_id: uuid.UUID, instrument_id: str, template_id: uuid.UUID) -> Response:
    """An own template filled with sample answers."""
    organization = _organization(organization_id)
    template = _template(organization_id, instrument_id, template_id)
    word = house.gettext("Sample answer")
    try:
        content = own_templates.sample_document(
            house.tools(), organization, template, house.language().code, _about(organization, instrument_id), word
        )
    except (TemplateError, LostWords):
        raise NotThereError from None  # it does not fit today's form; the page says so and offers no sample
    return word_file(content, papers.filename("SAMPLE", PurePath(template.filename).stem))


@own_template_pages.post("/<instrument_id>/<uuid:template_id>/use")
def use(organization_id: uuid.UUID, instrument_id: str, template_id: uuid.UUID) -> Response | tuple[str, int]:
    organization = _organization(organization_id)
    instrument = _instrument(organization, instrument_id)
    template = _template(organization_id, instrument_id, template_id)
    if problems := own_templates.problems_today(house.tools(), template):
        return _page(organization, instrument, problems, template.filename), 422
    own_templates.use(db.session(), security.reach(), template, instrument, house.now())
    db.session.commit()
    return redirect(_home(organization_id, instrument_id, "used"), 303)


@own_template_pages.post("/<instrument_id>/back")
def take_back(organization_id: uuid.UUID, instrument_id: str) -> Response:
    organization = _organization(organization_id)
    instrument = _instrument(organization, instrument_id)
    own_templates.take_back(db.session(), security.reach(), organization, instrument, house.now())
    db.session.commit()
    return redirect(_home(organization_id, instrument_id, "back"), 303)


@own_template_pages.get("/<instrument_id>/names")
def names(organization_id: uuid.UUID, instrument_id: str) -> str:
    """Every name that a template of this form may use."""
    organization = _organization(organization_id)
    instrument = _instrument(organization, instrument_id)
    reader = papers.reader(house.library(), instrument.id, house.language().code)
    return render_template(
        "own_templates/names.html",
        organization=organization,
        instrument=instrument,
        groups=template_words.names(instrument, reader, _about(organization, instrument_id), house.gettext),
        words=template_words.list_words(instrument.title, reader.words, house.gettext),
    )


@own_template_pages.get("/<instrument_id>/names.docx")
def names_file(organization_id: uuid.UUID, instrument_id: str) -> Response:
    """The same as a Word file."""
    organization = _organization(organization_id)
    instrument = _instrument(organization, instrument_id)
    reader = papers.reader(house.library(), instrument.id, house.language().code)
    groups = template_words.names(instrument, reader, _about(organization, instrument_id), house.gettext)
    words = template_words.list_words(instrument.title, reader.words, house.gettext)
    return word_file(build_list(groups, words), papers.filename(instrument.id.replace("_", "-"), "names"))


def _organization(organization_id: uuid.UUID) -> Organization:
    return organizations.find(db.session(), security.reach(), organization_id, "run")


def _instruments(organization: Organization) -> list[Instrument]:
    return own_templates.instruments_of(house.library(), organization)


def _instrument(organization: Organization, instrument_id: str) -> Instrument:
    """The form, if its documents are this organization's to change. The page then speaks the form's language."""
    if instrument_id not in [one.id for one in _instruments(organization)]:
        raise NotThereError
    complete = house.library().languages_of(instrument_id)
    offered = [language for language in house.library().member_languages() if language in complete]
    house.speak(offered, wanted=security.reach().person.language)
    return house.instrument(instrument_id, inheritance.terms(organization))


def _template(organization_id: uuid.UUID, instrument_id: str, template_id: uuid.UUID) -> OwnTemplate:
    return own_templates.find(db.session(), security.reach(), organization_id, instrument_id, template_id)


def _home(organization_id: uuid.UUID, instrument_id: str, done: str) -> str:
    return url_for("own_templates.page", organization_id=organization_id, instrument_id=instrument_id, done=done)


def _about(organization: Organization, instrument_id: str) -> dict[str, str]:
    """What stands on a sample about the document."""
    day = inheritance.day(organization, house.now(), house.tools())
    reader = papers.reader(house.library(), instrument_id, house.language().code)
    return {
        "organization": organization.name,
        "record": house.gettext("Sample"),
        "person": security.reach().person.name,
        "date": reader.day(day.isoformat()),
        "revision": "1",
        "audience": house.gettext("Who was asked"),
        "reference": "GHTY-3KWM",
    }


def _page(
    organization: Organization,
    instrument: Instrument,
    problems: Sequence[TemplateProblem] = (),
    filename: str = "",
    missing: bool = False,
) -> str:
    every = own_templates.history(db.session(), organization.id, instrument.id)
    used = own_templates.in_use(organization, instrument.id)
    above = own_templates.in_use(organization.parent, instrument.id) if organization.parent else None
    today = own_templates.problems_today(house.tools(), used) if used else []
    return render_template(
        "own_templates/page.html",
        organization=organization,
        instrument=instrument,
        used=used,
        above=above,
        today=template_words.told(today, house.catalogue()),
        candidate=next((one for one in every if one.used_from is None), None),
        earlier=[one for one in every if one.used_until is not None],
        problems=template_words.told(problems, house.catalogue()),
        filename=filename,
        missing=missing,
        most=MOST_BYTES // 1_000_000,
        zone=inheritance.zone(organization, house.tools()),
    )
