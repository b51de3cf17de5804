"""All documents of an organization and those below it as one ZIP: which there are, and the archive, one at a time."""

import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partnerforms.models import Document, Organization, Person, Record, Revision
from partnerforms.services import access, inheritance
from partnerforms.services.access import Reach
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.jobs.archives import Archive
from partnerforms.services.papers import filename as word_filename
from partnerforms.services.tools import Tools

Which = Literal["latest", "all"]

INDEX = "index.csv"
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Choice:
    """Which documents: of one instrument or of all (""), submitted at `since` or later, the latest of a record or
    all of them."""

    instrument: str
    since: datetime | None
    which: Which


def kept(choice: Choice) -> dict[str, str]:
    """A choice in a form that a job can keep; `restored` reads it again."""
    since = choice.since.isoformat() if choice.since else ""
    return {"instrument": choice.instrument, "since": since, "which": choice.which}


def restored(asked: Mapping[str, str]) -> Choice:
    since = datetime.fromisoformat(asked["since"]) if asked["since"] else None
    return Choice(asked["instrument"], since, "all" if asked["which"] == "all" else "latest")


@dataclass(frozen=True)
class Paper:
    """One submitted document, without its content."""

    document_id: uuid.UUID
    sha256: str
    organization_id: uuid.UUID
    title: str
    instrument: str
    revision: int
    submitted_at: datetime
    person: str


def submitted(session: Session, organization_ids: Collection[uuid.UUID]) -> dict[str, int]:
    """How many records of each instrument have been submitted in these organizations."""
    query = (
        select(Record.instrument, func.count())
        .where(Record.organization_id.in_(organization_ids), Record.revisions.any())
        .group_by(Record.instrument)
    )
    return dict(session.execute(query).all())


def seen(session: Session, reach: Reach, organization: Organization) -> list[uuid.UUID]:
    """The organization and those below it that the person sees."""
    reach.require("see", organization.id)
    may = set(reach.where("see"))
    return [one for one in access.below(session, [organization.id]) if one in may]


def papers(session: Session, organization_ids: Collection[uuid.UUID], choice: Choice) -> list[Paper]:
    """The documents of a choice, by title and revision."""
    query = (
        select(
            Document.id, Document.sha256, Record.organization_id, Record.title, Record.instrument,
            Revision.number, Revision.submitted_at, Person.name,
        )
        .join(Revision, Revision.document_id == Document.id)
        .join(Record, Record.id == Revision.record_id)
        .join(Person, Person.id == Revision.submitted_by)
        .where(Record.organization_id.in_(organization_ids))
        .order_by(Record.title, Record.id, Revision.number)
    )  # fmt: skip
    if choice.instrument:
        query = query.where(Record.instrument == choice.instrument)
    if choice.since is not None:
        query = query.where(Revision.submitted_at >= choice.since)
    if choice.which == "latest":
        latest = select(Revision.record_id, func.max(Revision.number).label("number")).group_by(Revision.record_id)
        last = latest.subquery()
        query = query.join(last, (last.c.record_id == Revision.record_id) & (last.c.number == Revision.number))
    return [Paper(*row) for row in session.execute(query)]


def safe(name: str) -> str:
    """A name for a file or folder that every system takes; letters of all languages stay."""
    plain = " ".join(_UNSAFE.sub("-", unicodedata.normalize("NFC", name)).split())
    short = plain[:_LONGEST_NAME].strip(" .-")
    return f"{short}-" if _DEVICES.fullmatch(short) else short or "-"


def write(
    session: Session,
    organization: Organization,
    found: list[Paper],
    headings: list[str],
    forms: Mapping[str, str],
    out: Callable[[bytes], object],
    tools: Tools,
    now: datetime,
) -> Iterator[int]:
    """Give the bytes of the ZIP to `out`; yields after each document how many there are. One is in memory at a time.

    A folder for each district and in it one for each school; `index.csv` says what is in it, with `forms` as the
    titles of instruments. Of several forms each file's name begins with its form's. A document that was erased
    meanwhile is left out.
    """
    places = _places(session, {paper.organization_id for paper in found})
    zone = inheritance.zone(organization, tools)
    rows: list[list[object]] = [list(headings)]
    several = len({paper.instrument for paper in found}) > 1
    folders = {one.id: folder(one, organization.id) for one in places.values()}
    found = sorted(found, key=lambda paper: folders[paper.organization_id])  # the list reads like the folders
    with Archive(out, now.astimezone(zone)) as archive:
        for number, paper in enumerate(found, start=1):
            content = session.scalar(select(Document.content).where(Document.id == paper.document_id))
            if content is None:
                continue
            form = forms.get(paper.instrument, paper.instrument)
            called = f"{safe(form)}-{safe(paper.title)}" if several else safe(paper.title)
            path = (*folders[paper.organization_id], f"{called}-{paper.revision}.docx")
            name = archive.add("/".join(path), content)
            place = places[paper.organization_id]
            day = paper.submitted_at.astimezone(zone).date().isoformat()
            rows.append(
                [
                    place.name,
                    place.number or "",
                    form,
                    paper.title,
                    paper.revision,
                    day,
                    paper.person,
                    paper.sha256,
                    name,
                ]
            )
            yield number
        archive.add(INDEX, spreadsheets.write(rows))


def _places(session: Session, organization_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Organization]:
    query = select(Organization).where(Organization.id.in_(organization_ids))
    return {one.id: one for one in session.scalars(query)}


def folder(organization: Organization, top: uuid.UUID) -> tuple[str, ...]:
    """The folders of an organization: its district's and its own, down from the top of what is collected."""
    above = list(takewhile(lambda here: here.id != top, inheritance.upward(organization)))
    return tuple(safe(here.name) for here in reversed(above)) or (safe(organization.name),)


def filename(organization: Organization, form: str, day: date) -> str:
    """What the ZIP is called: "Riverside-District-One-year-action-plan-2026-11-22.zip"."""
    return word_filename(organization.name, form, day.isoformat()).removesuffix(".docx") + ".zip"
