"""Records: begun, seen as a list of pages, checked, submitted, downloaded. `web.records.drafts` has their pages."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean, is_blank, parse
from partnerforms.engine.model import Instrument, Paragraph, Start, Text
from partnerforms.engine.steps import Step, raw_of, step_of, steps
from partnerforms.extensions import db
from partnerforms.models import Organization, Record
from partnerforms.services import inheritance, organizations, records, translations
from partnerforms.services.access import NotThereError
from partnerforms.services.deliveries import mailed
from partnerforms.services.papers import blank_form
from partnerforms.services.records import starts
from partnerforms.web import house, security
from partnerforms.web.public import word_file
from partnerforms.web.records import working

records_pages = Blueprint("records", __name__)
records_pages.before_request(security.member_only)


@records_pages.get("/records/new")
def new() -> str:
    return _new_page(error="", title=clean(request.args.get("title", "")))


@records_pages.post("/records/new")
def create() -> Response | tuple[str, int]:
    organization, instrument = _organization(), _new_instrument()
    title = clean(request.form.get("title", ""))
    if not title or len(title) > 200:
        return _new_page(error="title", title=title), 422
    wanted = request.form.get("start", "")
    start = next((start for start in _starts(organization, instrument) if start.id == wanted), None)
    record = records.create(db.session(), security.reach(), organization, instrument, title, start, house.now())
    db.session.commit()
    return redirect(url_for("records.overview", record_id=record.id), 303)


@records_pages.get("/records/<uuid:record_id>")
def overview(record_id: uuid.UUID) -> str:
    """The task list of a record: its pages, its revisions, and what may be done with it."""
    record = _record(record_id)
    instrument = form_of(record)
    wrong = {problem.path[0] for problem in parse(instrument, record.draft).problems}
    pages = [
        {
            "step": page,
            "entries": [_called(page, entry) for entry in record.draft.get(page.id) or []] if page.repeats else [],
            "wrong": any(_stands_on(page, start) for start in wrong),
            "begun": bool(_begun(page, record.draft)),
        }
        for page in steps(instrument)
    ]
    return render_template(
        "records/overview.html",
        record=record,
        instrument=instrument,
        pages=pages,
        fills=_may_fill(record),
        mailed=mailed.counts_of(db.session(), record.revisions[0].document_id) if record.revisions else {},
        also=working.also_changed(record),
        others=working.others(record),
    )


@records_pages.get("/records/<uuid:record_id>/check")
def check(record_id: uuid.UUID) -> str:
    """Everything that was answered, and what still keeps it from being submitted."""
    return _check_page(_record(record_id))


@records_pages.post("/records/<uuid:record_id>/submit")
def submit(record_id: uuid.UUID) -> Response | tuple[str, int]:
    record = records.find(db.session(), security.reach(), record_id, lock=True)
    try:
        records.submit(db.session(), security.reach(), record, house.tools(), house.now())
    except records.IncompleteError:
        return _check_page(record), 422
    db.session.commit()
    return redirect(url_for("records.overview", record_id=record.id, done=1), 303)


@records_pages.get("/records/<uuid:record_id>/revisions/<int(max=999999):number>.docx")
def document(record_id: uuid.UUID, number: int) -> Response:
    """The document of a submission, the very bytes that were mailed."""
    found = records.document_of(db.session(), security.reach(), record_id, number)
    return word_file(found.content, found.filename)


@records_pages.get("/forms/<instrument_id>.docx")
def paper(instrument_id: str) -> Response:
    """The empty form on paper; with `organization` it bears the name of one and says its words."""
    if instrument_id not in house.library().definitions:
        raise NotThereError
    wanted = request.args.get("organization")
    organization = _seen(wanted) if wanted else None
    library = house.library()
    if organization:
        library = translations.library_for(db.session(), organization, house.tools())
    content = blank_form(
        library,
        instrument_id,
        house.language().code,
        organization.name if organization else "",
        inheritance.terms(organization) if organization else (),
    )
    return word_file(content, f"{instrument_id.replace('_', '-')}-paper-form.docx")


def _record(record_id: uuid.UUID) -> Record:
    return records.find(db.session(), security.reach(), record_id)


def form_of(record: Record) -> Instrument:
    """The form of a record. The page then speaks the form's language, for a page must not mix two."""
    return _spoken(record.instrument, record.organization)


def _spoken(instrument_id: str, organization: Organization) -> Instrument:
    complete = house.library().languages_of(instrument_id)
    offered = [language for language in house.library().member_languages() if language in complete]
    house.speak(offered, wanted=security.reach().person.language)
    return house.instrument(instrument_id, inheritance.terms(organization))


def _seen(organization_id: str) -> Organization:
    try:
        return organizations.find(db.session(), security.reach(), uuid.UUID(organization_id))
    except ValueError:
        raise NotThereError from None


def _may_fill(record: Record) -> bool:
    return security.reach().can("fill", record.organization_id)


def _organization() -> Organization:
    """The organization that a new record is for: one in which the person fills forms."""
    wanted = request.values.get("organization", "")
    for organization in organizations.listed(db.session(), security.reach().where("fill")):
        if str(organization.id) == wanted:
            return organization
    raise NotThereError


def _new_instrument() -> Instrument:
    wanted = request.values.get("instrument", "")
    organization = _organization()
    for instrument in records.instruments_for(house.library(), organization):
        if instrument.id == wanted:
            return _spoken(instrument.id, organization)
    raise NotThereError


def _new_page(error: str, title: str) -> str:
    organization, instrument = _organization(), _new_instrument()
    return render_template(
        "records/new.html",
        organization=organization,
        instrument=instrument,
        starts=_starts(organization, instrument),
        chosen=request.form.get("start", ""),
        title=title,
        error=error,
    )


def _starts(organization: Organization, instrument: Instrument) -> list[Start]:
    return starts.offered(db.session(), house.library(), organization, instrument)


def _check_page(record: Record) -> str:
    instrument = form_of(record)
    parsed = parse(instrument, record.draft)
    problems = []
    for problem in parsed.problems:
        page = step_of(instrument, str(problem.path[0]))
        inside, entry = problem.path, None
        if page.repeats:
            entry = int(problem.path[1]) if len(problem.path) > 1 else None
            inside = problem.path[2:]
        label = problem.item.label if problem.item else page.sections[0].title
        problems.append(
            {
                "href": _problem_address(record, page, entry, "-".join(map(str, inside))),
                "label": label,
                "text": house.catalogue().problem(problem.code, problem.figures),
            }
        )
    return render_template(
        "records/check.html",
        record=record,
        instrument=instrument,
        problems=problems,
        texts=records.readable(house.library(), instrument, parsed.answers, house.language().code),
        fills=_may_fill(record),
        also=working.also_changed(record),
    )


def _problem_address(record: Record, page: Step, entry: int | None, field: str) -> str:
    if page.repeats and entry is None:
        return url_for("records.overview", record_id=record.id)
    return url_for("drafts.edit", record_id=record.id, step_id=page.id, entry=entry, check=1, _anchor=f"q-{field}")


def _stands_on(page: Step, start: object) -> bool:
    return any(section.id == start or any(item.id == start for item in section.items) for section in page.sections)


def _called(page: Step, entry: dict[str, Any]) -> str:
    """What an entry is called in lists: the first words somebody wrote in it."""
    words = (entry.get(item.id) for item in page.sections[0].items if isinstance(item, Text | Paragraph))
    return next((text for text in words if text), "")


def _begun(page: Step, draft: dict[str, Any]) -> bool:
    return not is_blank(draft.get(page.id) if page.repeats else raw_of(page, None, draft))
