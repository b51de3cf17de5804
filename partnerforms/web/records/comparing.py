"""What was submitted, to read again, and two revisions beside each other."""

import uuid

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from partnerforms.documents.comparison import Part, comparison, told
from partnerforms.engine.comparing import compare as compare_answers
from partnerforms.engine.comparing import counts
from partnerforms.extensions import db
from partnerforms.models import Record
from partnerforms.services import papers, records
from partnerforms.services.records import comparing
from partnerforms.services.records.comparing import DRAFT, Edition
from partnerforms.web import house, security
from partnerforms.web.public import word_file

comparing_pages = Blueprint("comparing", __name__)
comparing_pages.before_request(security.member_only)


@comparing_pages.get("/records/<uuid:record_id>/revisions/<int(max=999999):number>")
def revision(record_id: uuid.UUID, number: int) -> str:
    """The answers of one submission, with the questions as they were asked then."""
    record = records.find(db.session(), security.reach(), record_id)
    (edition,) = _editions(record, str(number))
    return render_template(
        "records/revision.html",
        record=record,
        revision=edition.revision,
        instrument=edition.instrument,
        before=comparing.before(record, number),
        texts=records.readable(house.library(), edition.instrument, edition.answers, house.language().code),
    )


@comparing_pages.get("/records/<uuid:record_id>/compare")
def page(record_id: uuid.UUID) -> str:
    """Two editions item by item: `from` and `to` are numbers of revisions, `to` may be "draft"."""
    record = records.find(db.session(), security.reach(), record_id)
    was, now = _asked_for(record)
    sections = compare_answers(was.asked, now.asked)
    return render_template(
        "records/compare.html",
        record=record,
        was=was,
        now=now,
        heads=(_called(was), _called(now)),
        parts=told(sections, papers.reader(house.library(), record.instrument, house.language().code)),
        counts=counts(sections),
        said=_said(),
    )


@comparing_pages.get("/records/<uuid:record_id>/compare.docx")
def document(record_id: uuid.UUID) -> Response:
    """The same as a Word file."""
    record = records.find(db.session(), security.reach(), record_id)
    was, now = _asked_for(record)
    reader = papers.reader(house.library(), record.instrument, house.language().code)
    parts: list[Part] = told(compare_answers(was.asked, now.asked), reader)
    about = [f"{record.organization.name} · {record.title}", " → ".join((_called(was), _called(now)))]
    content = comparison(now.instrument.title, about, (_called(was), _called(now)), parts, _said(), reader)
    return word_file(content, papers.filename(record.organization.name, record.title, was.name, now.name))


def _asked_for(record: Record) -> tuple[Edition, Edition]:
    was, now = request.args.get("from", ""), request.args.get("to", DRAFT)
    one, other = _editions(record, was, now)
    return one, other


def _editions(record: Record, *names: str) -> list[Edition]:
    """Editions by name. The page then speaks a language that all of them have, for a page must not mix two."""
    session, library = db.session(), house.library()
    codes = comparing.languages(session, library, record, names)
    offered = [language for language in library.member_languages() if language.code in codes]
    house.speak(offered, wanted=security.reach().person.language)
    return [comparing.edition(session, library, record, name, house.language().code) for name in names]


def _called(edition: Edition) -> str:
    if edition.revision is None:
        return house.gettext("Draft")
    return house.gettext("Revision %(number)s") % {"number": edition.revision.number}


def _said() -> dict[str, str]:
    """The texts of `documents.comparison.WORDS`."""
    return {
        "changed": house.gettext("Changed"),
        "added": house.gettext("Added"),
        "removed": house.gettext("Removed"),
        "moved": house.gettext("Was number %(number)s"),
        "same": house.gettext("The same in both:"),
        "nothing": house.gettext("Both are the same."),
    }
