"""Drafts page by page: what is typed is kept as it is, rows and entries are added, moved and removed.

Everything works without a script: each button is a submit button that says what it does.
"""

import uuid
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import rows
from partnerforms.engine.model import Instrument, Table
from partnerforms.engine.steps import Step, raw_of, step, steps
from partnerforms.extensions import db
from partnerforms.models import Record
from partnerforms.services import records
from partnerforms.services.access import NotThereError
from partnerforms.web import forms, house, security
from partnerforms.web.records import form_of

drafts_pages = Blueprint("drafts", __name__)
drafts_pages.before_request(security.member_only)


@drafts_pages.get("/records/<uuid:record_id>/<step_id>")
@drafts_pages.get("/records/<uuid:record_id>/<step_id>/<int:entry>")
def edit(record_id: uuid.UUID, step_id: str, entry: int | None = None) -> Response | str:
    """One page of the form, filled from the draft. After "check", problems are shown at their fields."""
    record = records.find(db.session(), security.reach(), record_id)
    if not security.reach().can("fill", record.organization_id):
        return redirect(url_for("records.overview", record_id=record.id), 303)
    instrument = form_of(record)
    page = _step(instrument, step_id, entry, record)
    shown = forms.AnswerPage(page.sections, raw_of(page, entry, record.draft))
    if "check" in request.args:
        shown.check(house.catalogue())
    return _edit_page(record, instrument, page, entry, shown, record.draft_version)


@drafts_pages.post("/records/<uuid:record_id>/<step_id>")
@drafts_pages.post("/records/<uuid:record_id>/<step_id>/<int:entry>")
def save(record_id: uuid.UUID, step_id: str, entry: int | None = None) -> Response | tuple[str, int]:
    """Keep the page in the draft as it was typed, do what the pressed button says, and go where it leads."""
    record = records.find(db.session(), security.reach(), record_id, lock=True)
    instrument = form_of(record)
    page = _step(instrument, step_id, entry, record)
    shown = forms.AnswerPage(page.sections, {}, request.form)
    action = rows.read_action(request.form.get("do", ""))
    raw = shown.raw()
    if action and any(action.table == item.id for item in _tables(page)):
        raw = {**raw, action.table: rows.apply(action, raw[action.table])}
    else:
        raw = {name: rows.without_blank(value) for name, value in raw.items()}
    changes = {page.id: rows.replaced(record.draft.get(page.id) or [], entry, raw)} if entry is not None else raw
    try:
        version = request.form.get("version", type=int) or 0
        records.save(db.session(), security.reach(), record, changes, version, house.now())
    except records.ChangedError:
        return _edit_page(record, instrument, page, entry, shown, record.draft_version, changed=True), 409
    db.session.commit()
    if action:
        anchor = _where(action, raw)
        here = url_for("drafts.edit", record_id=record.id, step_id=step_id, entry=entry, _anchor=anchor)
        return redirect(here, 303)
    return redirect(_next(instrument, record, page, entry, request.form.get("do", "")), 303)


@drafts_pages.post("/records/<uuid:record_id>/entries/<step_id>")
def entries(record_id: uuid.UUID, step_id: str) -> Response:
    """Add, move or remove an entry of a repeating section, from the task list."""
    record = records.find(db.session(), security.reach(), record_id, lock=True)
    page = _step(form_of(record), step_id, None, record)
    action = rows.read_action(request.form.get("do", ""))
    repeat = page.sections[0].repeat
    if action is None or repeat is None or action.table != page.id:
        abort(400)
    kept = rows.apply(action, record.draft.get(page.id) or [])[: repeat.most]
    version = request.form.get("version", type=int) or 0
    try:
        records.save(db.session(), security.reach(), record, {page.id: kept}, version, house.now())
    except records.ChangedError:
        return redirect(url_for("records.overview", record_id=record.id, changed=1), 303)
    db.session.commit()
    if action.verb == "add":
        return redirect(url_for("drafts.edit", record_id=record.id, step_id=page.id, entry=len(kept) - 1), 303)
    return redirect(url_for("records.overview", record_id=record.id), 303)


def _step(instrument: Instrument, step_id: str, entry: int | None, record: Record) -> Step:
    try:
        page = step(instrument, step_id)
    except KeyError:
        raise NotThereError from None
    if entry is not None and (not page.repeats or entry >= len(record.draft.get(page.id) or [])):
        raise NotThereError
    if entry is None and page.repeats and request.endpoint != "drafts.entries":
        raise NotThereError
    return page


def _edit_page(
    record: Record,
    instrument: Instrument,
    page: Step,
    entry: int | None,
    shown: forms.AnswerPage,
    version: int,
    changed: bool = False,
) -> str:
    every = steps(instrument)
    return render_template(
        "records/edit.html",
        record=record,
        instrument=instrument,
        step=page,
        number=[one.id for one in every].index(page.id) + 1,
        total=len(every),
        entry=entry,
        page=shown,
        version=version,
        changed=changed,
    )


def _next(instrument: Instrument, record: Record, page: Step, entry: int | None, do: str) -> str:
    """Where a saved page leads: the next page, the list of pages when asked for, the check at the end."""
    if do == "leave" or entry is not None:
        return url_for("records.overview", record_id=record.id)
    every = steps(instrument)
    after = every[[one.id for one in every].index(page.id) + 1 :]
    if not after:
        return url_for("records.check", record_id=record.id)
    if after[0].repeats:
        return url_for("records.overview", record_id=record.id)
    return url_for("drafts.edit", record_id=record.id, step_id=after[0].id)


def _where(action: rows.Action, raw: dict[str, Any]) -> str:
    """The id of what a button has made or moved; of the table, when a row is gone or the button means none."""
    row = rows.now_at(action, len(raw.get(action.table, [])))
    return f"q-{action.table}" if row is None else f"q-{action.table}-{row}"


def _tables(page: Step) -> list[Table]:
    return [item for section in page.sections for item in section.items if isinstance(item, Table)]
