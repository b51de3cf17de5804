"""Drafts page by page: what is typed is kept as it is, rows and entries are added, moved and removed.

Everything works without a script: each button is a submit button that says what it does. The script `drafts.js`
sends the same form every few seconds with `do=autosave` and is answered in JSON.
"""

import uuid
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine import rows
from partnerforms.engine.model import Instrument, Table
from partnerforms.engine.steps import Step, step, steps
from partnerforms.extensions import db
from partnerforms.models import Record
from partnerforms.services import records
from partnerforms.services.access import NotThereError
from partnerforms.services.records import drafts
from partnerforms.services.records.drafts import ConflictError, Place, Shown
from partnerforms.web import forms, house, security
from partnerforms.web.records import form_of, working

AUTOSAVE = "autosave"

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
    place = _place(instrument, step_id, entry)
    if not place.exists(record.draft):
        raise NotThereError
    page = forms.AnswerPage(place.step.sections, place.read(record.draft))
    if "check" in request.args:
        page.check(house.catalogue())
    return _edit_page(record, instrument, place, page)


@drafts_pages.post("/records/<uuid:record_id>/<step_id>")
@drafts_pages.post("/records/<uuid:record_id>/<step_id>/<int:entry>")
def save(record_id: uuid.UUID, step_id: str, entry: int | None = None) -> Response | tuple[Response | str, int]:
    """Keep the page in the draft as it was typed, do what the pressed button says, and go where it leads."""
    record = records.find(db.session(), security.reach(), record_id, lock=True)
    instrument = form_of(record)
    place = _place(instrument, step_id, entry)
    shown = Shown.from_text(request.form.get("version", ""))
    choices = {item: request.form.get(f"keep-{item}", "") for item in working.asked()}
    if not choices and shown.version == record.draft_version and not place.exists(record.draft):
        raise NotThereError  # of an entry that was removed while it was open, its owner is asked
    do = request.form.get("do", "")
    action = _row_action(place.step, do)
    try:
        saved = drafts.save_page(
            db.session(),
            security.reach(),
            record,
            place,
            _typed(place, action, blank_rows=do == AUTOSAVE),
            shown,
            house.now(),
            choices=choices,
            add_to=action.table if action and action.verb == "add" else "",
            mixing=do != AUTOSAVE,
        )
    except ConflictError as conflict:
        if do == AUTOSAVE:
            return jsonify(text=working.changed_meanwhile(conflict)), 409
        page = forms.AnswerPage(place.step.sections, conflict.values)
        return _edit_page(record, instrument, place, page, conflict), 409
    db.session.commit()
    if do == AUTOSAVE:
        return jsonify(version=str(saved.shown), text=working.saved_now(record, saved))
    also = saved.other.version if saved.other else None
    if action and saved.place:
        row = rows.now_at(action, len(saved.values.get(action.table) or []))
        anchor = f"q-{action.table}" if row is None else f"q-{action.table}-{row}"
        entry = saved.place.entry
        here = url_for("drafts.edit", record_id=record.id, step_id=step_id, entry=entry, also=also, _anchor=anchor)
        return redirect(here, 303)
    return redirect(_next(instrument, record, place, do, also), 303)


@drafts_pages.post("/records/<uuid:record_id>/entries/<step_id>")
def entries(record_id: uuid.UUID, step_id: str) -> Response:
    """Add, move or remove an entry of a repeating section, from the task list."""
    record = records.find(db.session(), security.reach(), record_id, lock=True)
    page = _step(form_of(record), step_id)
    action = rows.read_action(request.form.get("do", ""))
    if action is None or not page.repeats or action.table != page.id:
        abort(400)
    shown = Shown.from_text(request.form.get("version", ""))
    try:
        count = drafts.change_entries(db.session(), security.reach(), record, page, action, shown, house.now())
    except drafts.ChangedError:
        return redirect(url_for("records.overview", record_id=record.id, changed=1), 303)
    db.session.commit()
    if action.verb == "add":
        return redirect(url_for("drafts.edit", record_id=record.id, step_id=page.id, entry=count - 1), 303)
    return redirect(url_for("records.overview", record_id=record.id), 303)


def _step(instrument: Instrument, step_id: str) -> Step:
    try:
        return step(instrument, step_id)
    except KeyError:
        raise NotThereError from None


def _place(instrument: Instrument, step_id: str, entry: int | None) -> Place:
    page = _step(instrument, step_id)
    repeat = page.sections[0].repeat
    if (entry is None) != (repeat is None) or (entry is not None and repeat is not None and entry >= repeat.most):
        raise NotThereError
    return Place(page, entry)


def _row_action(page: Step, do: str) -> rows.Action | None:
    """What the pressed button does to the rows of a table of this page."""
    action = rows.read_action(do)
    tables = [item.id for item in page.items if isinstance(item, Table)]
    return action if action and action.table in tables else None


def _typed(place: Place, action: rows.Action | None, blank_rows: bool) -> dict[str, Any]:
    """What was posted, with its rows moved as asked. Only who goes on loses the rows that were left blank."""
    raw = forms.AnswerPage(place.step.sections, {}, request.form).raw()
    if action is None:
        return raw if blank_rows else {name: rows.without_blank(value) for name, value in raw.items()}
    return raw if action.verb == "add" else {**raw, action.table: rows.apply(action, raw[action.table])}


def _edit_page(
    record: Record,
    instrument: Instrument,
    place: Place,
    page: forms.AnswerPage,
    conflict: ConflictError | None = None,
) -> str:
    every = steps(instrument)
    return render_template(
        "records/edit.html",
        record=record,
        instrument=instrument,
        step=place.step,
        number=[one.id for one in every].index(place.step.id) + 1,
        total=len(every),
        entry=place.entry,
        page=page,
        shown=Shown(record.draft_version, f"{house.CHANCE.getrandbits(128):032x}"),
        conflicts=working.conflicts(record, page, conflict),
        again="asked" in request.form,
        last=working.last_saved(record),
        others=working.others(record),
        also=working.also_changed(record),
    )


def _next(instrument: Instrument, record: Record, place: Place, do: str, also: int | None) -> str:
    """Where a saved page leads: the next page, the list of pages when asked for, the check at the end."""
    every = steps(instrument)
    after = every[[one.id for one in every].index(place.step.id) + 1 :]
    if do == "leave" or place.entry is not None or (after and after[0].repeats):
        return url_for("records.overview", record_id=record.id, also=also)
    if not after:
        return url_for("records.check", record_id=record.id, also=also)
    return url_for("drafts.edit", record_id=record.id, step_id=after[0].id, also=also)
