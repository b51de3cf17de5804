"""Submitted documents for tests, without the work of filling them."""

import hashlib
import random
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Document, Organization, Person, Record, Revision
from partnerforms.services import instruments
from partnerforms.services.tools import Tools

CHANCE = random.Random(1)


def put_papers(
    session: Session,
    tools: Tools,
    organization_id: uuid.UUID,
    title: str,
    now: datetime,
    *,
    instrument: str = "action_plan",
    revisions: int = 1,
    size: int = 1_000,
) -> list[bytes]:
    """A record submitted so many times, an hour each; the contents of its documents."""
    person = session.scalars(select(Person).limit(1)).one()
    digest = instruments.keep(session, tools.library, instrument).digest
    record = Record(
        organization_id=organization_id, instrument=instrument, title=title, state="submitted", draft={},
        created_by=person.id, created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(record)
    session.flush()
    contents = []
    for number in range(1, revisions + 1):
        content = CHANCE.randbytes(size)
        document = Document(
            organization_id=organization_id, filename="x.docx", sha256=hashlib.sha256(content).hexdigest(),
            content=content, created_at=now,
        )  # fmt: skip
        session.add(document)
        session.flush()
        session.add(
            Revision(
                record_id=record.id,
                number=number,
                instrument_digest=digest,
                answers={},
                submitted_by=person.id,
                submitted_at=now - timedelta(hours=revisions - number),
                document_id=document.id,
            )
        )
        contents.append(content)
    session.flush()
    return contents


def put_school(session: Session, parent_id: uuid.UUID, name: str) -> uuid.UUID:
    school = Organization(level="school", name=name, parent_id=parent_id)
    session.add(school)
    session.flush()
    return school.id
