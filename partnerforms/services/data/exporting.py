"""All that an organization and what lies below it has, as one ZIP: CSV for people, JSON for programs, Word files.

Raw answers are in it as far as their sheets may leave the house (`sheets.may_leave`), and in no order. Codes,
sessions and secrets never are.
"""

import csv
import json
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import shares
from partnerforms.engine.library import thaw
from partnerforms.engine.model import Paragraph
from partnerforms.models import Document, Organization, OwnTemplate, Survey, SurveyLink
from partnerforms.services import papers
from partnerforms.services.access import below
from partnerforms.services.data import export_tables
from partnerforms.services.jobs.archives import Archive
from partnerforms.services.jobs.collecting import safe
from partnerforms.services.jobs.spreadsheets import harmless
from partnerforms.services.surveys import sheets

Progress = Callable[[int, int], None]
_REPORT_EVERY = 20

README = """\
{organization} and all below it, as of {day}.

csv/             one table for each kind of thing, for a spreadsheet program. An apostrophe stands before a text
                 that a spreadsheet would take for a formula.
json/            the same, complete: also the drafts, the answers of every revision, and in instruments_as_asked.json
                 every form as it was asked. A revision names its form by "asked".
answers/         answers to surveys that have ended, one table for each survey and audience, in no order. Where sheets
                 are mailed together, comments are in a table of their own. The last few answers of a survey are not
                 here when they are fewer than the smallest group that may be shown.
documents/       the Word document of every revision, and the results of surveys. revisions.csv names the document.
answer_sheets/   the Word files with answer sheets, as they were mailed.
templates/       Word templates that were uploaded.
logos/           logos.

Moments are in UTC. Sign-in codes, sessions, secrets and the codes of survey links are not in an export.
"""


@dataclass(frozen=True)
class _File:
    """A file that is kept in the database: where its content is, and what it is called in the archive."""

    column: Any
    key: Any
    name: str
    id: uuid.UUID


def filename(organization: Organization, day: date) -> str:
    """What the ZIP of an organization is called."""
    return f"{_safe(organization.name)}-{day.isoformat()}.zip"


def export(
    session: Session,
    organization_id: uuid.UUID,
    write: Callable[[bytes], object],
    chance: random.Random,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> Counter[str]:
    """Write the ZIP piece by piece; you get how many files of each kind are in it. Give a session that is fresh:
    all is read as of one moment."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    ids = below(session, [organization_id])
    organization = session.get_one(Organization, organization_id)
    files = [*_documents(session, ids, chance), *_templates(session, ids), *_logos(session, ids)]
    counted: Counter[str] = Counter()
    with Archive(write, now) as archive:
        about = README.format(organization=organization.name, day=now.date().isoformat())
        archive.add("README.txt", about.encode())
        names: dict[uuid.UUID, str] = {}
        for number, file in enumerate(files):
            if number % _REPORT_EVERY == 0:
                progress(number, len(files))
            content: bytes = session.execute(select(file.column).where(file.key == file.id)).scalar_one()
            names[file.id] = archive.add(_with_ending(file.name, content), content)
            counted[file.name.partition("/")[0]] += 1
        for kind in export_tables.KINDS:
            counted[kind.name] = _table(session, archive, kind, ids, names)
        counted["answers"] = _answers(session, archive, ids, chance)
        progress(len(files), len(files))
    return counted


def _documents(session: Session, ids: Sequence[uuid.UUID], chance: random.Random) -> Iterator[_File]:
    """Documents, and answer sheets of surveys that have ended: these in no order."""
    query = (
        select(Document.id, Document.filename, Document.survey_id, Organization.name)
        .join(Organization, Organization.id == Document.organization_id)
        .outerjoin(Survey, Survey.id == Document.survey_id)
        .where(Document.organization_id.in_(ids), or_(Document.survey_id.is_(None), Survey.closed_at.is_not(None)))
        .order_by(Document.created_at, Document.id)
    )
    found = session.execute(query).all()
    answer_sheets = [row for row in found if row.survey_id]
    chance.shuffle(answer_sheets)
    for folder, rows in (
        ("documents", [row for row in found if not row.survey_id]),
        ("answer_sheets", answer_sheets),
    ):
        for row in rows:
            yield _File(Document.content, Document.id, f"{folder}/{_safe(row.name)}/{row.filename}", row.id)


def _templates(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[_File]:
    query = select(OwnTemplate.id, OwnTemplate.instrument, Organization.name).join(OwnTemplate.organization)
    query = query.where(OwnTemplate.organization_id.in_(ids)).order_by(OwnTemplate.uploaded_at, OwnTemplate.id)
    for row in session.execute(query):
        name = f"templates/{_safe(row.name)}/{row.instrument}.docx"
        yield _File(OwnTemplate.content, OwnTemplate.id, name, row.id)


def _logos(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[_File]:
    query = select(Organization.id, Organization.name)
    query = query.where(Organization.id.in_(ids), Organization.logo.is_not(None)).order_by(Organization.name)
    for row in session.execute(query):
        yield _File(Organization.logo, Organization.id, f"logos/{_safe(row.name)}", row.id)


def _with_ending(name: str, content: bytes) -> str:
    """Logos are PNG or JPEG."""
    if not name.startswith("logos/"):
        return name
    return f"{name}.png" if content.startswith(b"\x89PNG") else f"{name}.jpg"


def _table(
    session: Session,
    archive: Archive,
    kind: export_tables.Kind,
    ids: Sequence[uuid.UUID],
    documents: Mapping[uuid.UUID, str],
) -> int:
    """Write a kind's rows as CSV, and as JSON, in which there is more. How many there were."""
    everything = export_tables.columns(kind)
    plain = [name for name in everything if not name.startswith("_")]
    count = 0
    with archive.file(f"csv/{kind.name}.csv") as write:
        write_row = _csv(write, plain)
        for row in _rows(session, kind, ids, documents):
            write_row([row[name] for name in plain])
            count += 1
    with archive.file(f"json/{kind.name}.json") as write:
        write(b"[")
        for number, row in enumerate(_rows(session, kind, ids, documents)):
            told = {name.removeprefix("_"): row[name] for name in everything}
            write((",\n" if number else "\n").encode() + _json(told))
        write(b"\n]\n")
    return count


def _rows(
    session: Session, kind: export_tables.Kind, ids: Sequence[uuid.UUID], documents: Mapping[uuid.UUID, str]
) -> Iterator[dict[str, Any]]:
    for row in export_tables.rows(session, kind, ids):
        if row.get("document"):
            row["document"] = documents.get(row["document"], "")
        if "_asked_as" in row:
            row["_asked_as"] = json.loads(row["_asked_as"])
        if "_items" in row:
            row["_items"] = {item_id: _shown(figures) for item_id, figures in row["_items"].items()}
        yield row


def _shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to an item as results show them: shares, and at their ends only bounds."""
    whole = figures["answered"] + figures["unsure"]
    if not whole:
        return {"answered": 0}
    counts = {**figures["counts"], "unsure": figures["unsure"]}
    return {"answered": whole, "shares": {option: str(one) for option, one in shares(counts, whole).items()}}


def _answers(session: Session, archive: Archive, ids: Sequence[uuid.UUID], chance: random.Random) -> int:
    """Raw answers of surveys that have ended, one file for each link, in no order; how many sets of answers."""
    ended = select(SurveyLink.id).join(SurveyLink.survey)
    ended = ended.where(SurveyLink.organization_id.in_(ids), Survey.closed_at.is_not(None))
    count = 0
    for link_id in session.scalars(ended.order_by(Survey.opens_on, SurveyLink.id)).all():
        link = session.get_one(SurveyLink, link_id)
        if rows := [response.answers for response in sheets.may_leave(session, link)]:
            chance.shuffle(rows)
            _answers_of(archive, link, rows, chance)
            count += len(rows)
        session.expunge_all()
    return count


def _answers_of(archive: Archive, link: SurveyLink, rows: Sequence[Mapping[str, Any]], chance: random.Random) -> None:
    """The answers as CSV and JSON; comments apart and in another order, unless sheets were mailed one by one."""
    items = thaw(link.version.frozen).items()
    apart = [item.id for item in items if isinstance(item, Paragraph) and link.delivery != "each"]
    beside = [item.id for item in items if item.id not in apart]
    comments = [(item_id, row[item_id]) for row in rows for item_id in apart if row.get(item_id)]
    chance.shuffle(comments)
    name = f"answers/{_safe(f'{link.organization.name} {link.survey.title} {link.audience}')}"
    with archive.file(f"{name}.csv") as write:
        write_row = _csv(write, beside)
        for row in rows:
            write_row([row.get(item_id) for item_id in beside])
    if comments:
        with archive.file(f"{name}-comments.csv") as write:
            write_row = _csv(write, ["question", "comment"])
            for comment in comments:
                write_row(comment)
    answers = [{item_id: row[item_id] for item_id in beside if item_id in row} for row in rows]
    about = {"survey": link.survey_id, "audience": link.audience, "asked": link.instrument_digest}
    archive.add(f"{name}.json", _json({**about, "answers": answers, "comments": comments}))


def _csv(write: Callable[[bytes], object], heads: Sequence[str]) -> Callable[[Sequence[Any]], None]:
    """Begin a CSV file with its heads; what you get writes a row."""
    write(b"\xef\xbb\xbf")
    writer = csv.writer(_Text(write))
    writer.writerow(heads)

    def write_row(values: Sequence[Any]) -> None:
        writer.writerow([cell(value) for value in values])

    return write_row


def cell(value: Any) -> Any:
    """A value as it stands in a cell: numbers stay numbers, a text is never a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        case list():
            return harmless("; ".join(map(str, value)))
        case dict():
            return harmless(json.dumps(value, ensure_ascii=False))
    return harmless(str(value))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _safe(name: str) -> str:
    """A part of a path that every system takes."""
    return safe(papers.filename(name).removesuffix(".docx"))


class _Text:
    """What the csv module writes its lines to."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, text: str) -> None:
        self._write(text.encode())
