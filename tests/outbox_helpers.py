"""Deliveries for tests, and time that passes without waiting for it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing
from partnerforms.models import Delivery, Document, MailQueue, Organization
from partnerforms.services.deliveries import enqueue, outbox

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

DETAILS = {
    "record": "Plan 2026",
    "instrument": "One-year action plan",
    "organization": "Lincoln School",
    "person": "Ana Pérez",
    "revision": "1",
    "link": "https://forms.example.org/records/1",
}


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A transaction that writes and commits."""
    with Session(engine, expire_on_commit=False) as session:
        begin_writing(session)
        yield session
        session.commit()


def put(session: Session, dedup: str = "first", now: datetime = NOW, **changes: Any) -> Delivery:
    """A letter in the outbox."""
    letter = {
        "recipient": "coordinator@example.org",
        "language": "en",
        "letter": "record_submitted",
        "details": DETAILS,
    }
    return enqueue(session, dedup=dedup, now=now, **{**letter, **changes})


def put_code(session: Session, dedup: str = "code", **changes: Any) -> Delivery:
    """A sign-in letter in the outbox."""
    details = {"code": "ABCD-EFGH", "minutes": "10", "link": "https://forms.example.org/sign-in/link/x"}
    life = {"give_up_after": timedelta(minutes=10), **changes}
    return put(session, dedup, letter="sign_in_code", details=details, **life)


def put_school(session: Session, **changes: Any) -> Organization:
    organization = Organization(level="school", name="Lincoln School", **changes)
    session.add(organization)
    session.flush()
    return organization


def put_document(session: Session, content: bytes = b"PK word", filename: str = "Plan 2026.docx") -> Document:
    document = Document(
        organization_id=put_school(session).id,
        filename=filename,
        sha256=sha256(content).hexdigest(),
        content=content,
        created_at=NOW,
    )
    session.add(document)
    session.flush()
    return document


def let_pass(engine: Engine, time: timedelta) -> None:
    """Let time pass for the outbox: every moment in it moves back. Works with the database's clock too."""
    with writing(engine) as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.due_at -= time
            delivery.give_up_at -= time
            if delivery.lease_until:
                delivery.lease_until -= time
        for queue in session.scalars(select(MailQueue)):
            if queue.paused_until:
                queue.paused_until -= time


def look(engine: Engine, delivery_id: uuid.UUID) -> Delivery:
    """The delivery as it is in the database now."""
    with Session(engine) as session:
        return session.get_one(Delivery, delivery_id)


def claim(engine: Engine) -> outbox.Claimed:
    """The next letter, claimed by a worker that is sure to get one."""
    with writing(engine) as session:
        claimed = outbox.claim(session, NOW)
    assert claimed is not None
    return claimed


def nothing_to_claim(engine: Engine) -> bool:
    with writing(engine) as session:
        return outbox.claim(session, NOW) is None
