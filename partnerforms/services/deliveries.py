"""Deliveries as people know them: put a letter in the outbox, see what became of it, send it again.

What the worker does with them is in `services.outbox`.
"""

import re
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from partnerforms.models import Delivery, Person
from partnerforms.models.base import UtcMoment
from partnerforms.services import audit

STATES = ("queued", "sending", "sent", "failed")

# Letters whose details hold a secret: it is wiped as soon as the letter is sent or failed.
SECRET_LETTERS = frozenset({"sign_in_code"})

_AHEAD = timedelta(days=1)
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


def clock(session: Session, now: datetime) -> datetime:
    """The time that decides what is due: on PostgreSQL the database's, since machines' clocks differ."""
    if session.get_bind().dialect.name != "postgresql":
        return now
    return session.execute(select(func.clock_timestamp(type_=UtcMoment()))).scalar_one()


def check_recipient(text: str) -> str:
    """The address as mail servers want it; ValueError unless it is exactly one plain address.

    Nothing is looked up: names that exist only in a demo or a local network (.test, .localdomain) are good.
    """
    try:
        # "test environment" is what lets .test through.
        address = validate_email(
            text, allow_smtputf8=False, strict=True, check_deliverability=False, test_environment=True
        ).ascii_email
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if address is None or "." not in address.rpartition("@")[2]:
        raise ValueError("The part after the @-sign needs a dot.")
    return address


def enqueue(
    session: Session,
    *,
    recipient: str,
    language: str,
    letter: str,
    details: Mapping[str, Any],
    dedup: str,
    now: datetime,
    domain: str = "partnerforms.invalid",
    organization_id: uuid.UUID | None = None,
    document_id: uuid.UUID | None = None,
    give_up_after: timedelta = timedelta(hours=72),
) -> Delivery:
    """Put one letter to one recipient in the outbox, once: when `dedup` is there already, you get that row.

    ValueError when the recipient is not one plain address. `domain` is the right half of the Message-ID.
    Nothing is sent before the caller commits.
    """
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("not a domain")
    session.flush()  # the document of this letter may still wait to be inserted
    due = clock(session, now)
    # Two requests may queue the same thing at once; the second waits for the first and does nothing.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Delivery)
        .values(
            id=uuid.uuid4(),
            organization_id=organization_id,
            dedup=dedup,
            message_id=f"<{uuid.uuid4().hex}@{domain}>",
            recipient=check_recipient(recipient),
            language=language,
            letter=letter,
            details=dict(details),
            document_id=document_id,
            state="queued",
            attempts=0,
            # Somebody waits for a sign-in code before the screen: due yesterday, it overtakes a full outbox.
            due_at=due - _AHEAD if letter in SECRET_LETTERS else due,
            give_up_at=due + give_up_after,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["dedup"])
    )
    return session.scalars(select(Delivery).where(Delivery.dedup == dedup)).one()


def list_for(
    session: Session,
    organization_ids: Collection[uuid.UUID],
    limit: int,
    *,
    state: str | None = None,
    skip: int = 0,
) -> list[Delivery]:
    """Deliveries of these organizations, newest first; with `state` only those in it."""
    query = select(Delivery).where(Delivery.organization_id.in_(organization_ids))
    if state is not None:
        query = query.where(Delivery.state == state)
    query = query.order_by(Delivery.created_at.desc(), Delivery.id).offset(skip).limit(limit)
    return list(session.scalars(query))


def find(session: Session, delivery_id: uuid.UUID, organization_ids: Collection[uuid.UUID]) -> Delivery | None:
    """The delivery if it belongs to one of these organizations, else None."""
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.organization_id.in_(organization_ids))
    return session.scalars(query).one_or_none()


def counts(session: Session, organization_ids: Collection[uuid.UUID]) -> dict[str, int]:
    """How many deliveries of these organizations are in each state; all four states are there."""
    query = (
        select(Delivery.state, func.count())
        .where(Delivery.organization_id.in_(organization_ids))
        .group_by(Delivery.state)
    )
    return dict.fromkeys(STATES, 0) | dict(session.execute(query).all())


def send_again(
    session: Session,
    delivery: Delivery,
    now: datetime,
    give_up_after: timedelta = timedelta(hours=72),
    person: Person | None = None,
) -> bool:
    """Queue a sent or failed letter once more, under the same Message-ID.

    False when there is nothing to do: it waits or is on its way already, or its secret was wiped.
    """
    due = clock(session, now)
    again = (
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state.in_(("sent", "failed")),
            Delivery.letter.not_in(SECRET_LETTERS),
        )
        .values(
            state="queued",
            attempts=0,
            due_at=due,
            give_up_at=due + give_up_after,
            error=None,
            sent_at=None,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    queued = session.execute(again).one_or_none() is not None
    if queued:
        audit.note(
            session, "delivery.sent_again", person, delivery.organization_id, now, delivery.recipient,
            delivery=str(delivery.id),
        )  # fmt: skip
    session.refresh(delivery)
    return queued
