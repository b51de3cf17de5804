"""The outbox as the mail worker knows it: claim a delivery, say what became of it, pause everything.

A claimed row carries a lease token, and whoever settles must show it: a worker that was given up for dead
changes nothing when it comes back. On PostgreSQL a lease ends by the database's clock. On SQLite it never
ends by itself, because there is one mailer only, and whoever becomes it calls `take_back` first.
"""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from partnerforms.database import insert
from partnerforms.models import Delivery, Document, MailQueue, Organization
from partnerforms.services.deliveries import SECRET_LETTERS, clock, pacing, settled_as
from partnerforms.services.inheritance import setting

LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=30)

_QUEUE_ID = 1
_PUT_OFF_AT_ONCE = 50  # a transaction has an end, however much was put off


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours until the lease ends, copied out of the database."""

    id: uuid.UUID
    lease_token: str
    message_id: str
    recipient: str
    language: str
    letter: str
    details: Mapping[str, Any]
    organization_id: uuid.UUID | None
    document_id: uuid.UUID | None
    cause: str | None
    attempts: int
    give_up_at: datetime
    claimed_at: datetime

    @property
    def too_late(self) -> bool:
        """Is this a letter that is of no use any more? A sign-in code is not; a document is welcome late."""
        return self.letter in SECRET_LETTERS and self.claimed_at >= self.give_up_at


_CLAIMED = [field.name for field in fields(Claimed) if field.name != "claimed_at"]


@dataclass(frozen=True)
class Enclosure:
    """A document to attach."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class QueueState:
    """How the outbox is. `paused_until` may be over: then the next mail tries whether we are let in again."""

    paused_until: datetime | None
    reason: str | None
    pauses: int
    queued: int
    sending: int
    failed: int
    oldest_due: datetime | None


def claim(session: Session, now: datetime, lease: timedelta = LEASE) -> Claimed | None:
    """Take the delivery that is due longest, or None when nothing is due or the queue is paused.

    What would be too much for its recipient (`services.deliveries.pacing`) is put off, and the next one taken.
    """
    now = clock(session, now)
    if session.get_bind().dialect.name == "postgresql":
        _take_back(session, now, lease_over=now)
    for _ in range(_PUT_OFF_AT_ONCE):
        claimed = _take(session, now, lease)
        if claimed is None or claimed.cause is None or claimed.letter in SECRET_LETTERS:
            return claimed
        if not pacing.alone(session, claimed.cause, claimed.recipient):
            _settle(session, claimed, state="queued", attempts=claimed.attempts - 1)
            return None
        due = pacing.too_soon(session, claimed.cause, claimed.recipient, claimed.id, now)
        if due is None:
            return claimed
        give_up = claimed.give_up_at + (due - now)
        _settle(session, claimed, state="queued", attempts=claimed.attempts - 1, due_at=due, give_up_at=give_up)
    return None


def _take(session: Session, now: datetime, lease: timedelta) -> Claimed | None:
    first = (
        select(Delivery.id)
        .where(Delivery.state == "queued", Delivery.due_at <= now)
        .where(~exists().where(MailQueue.id == _QUEUE_ID, MailQueue.paused_until > now))
        .order_by(Delivery.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
        # "=" and not "IN": PostgreSQL may run a sub-query of IN once for each row, and so take several.
        .scalar_subquery()
    )
    row = session.execute(
        update(Delivery)
        .where(Delivery.id == first)
        .values(
            state="sending",
            attempts=Delivery.attempts + 1,
            lease_token=uuid.uuid4().hex,
            lease_until=now + lease,
        )
        .returning(*(getattr(Delivery, name) for name in _CLAIMED))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else Claimed(**row._mapping, claimed_at=now)


def take_back(session: Session, now: datetime) -> int:
    """Queue again whatever a dead worker left as `sending`. On SQLite: all of it, so only the one mailer may.

    A letter that kills its worker must not do so in a circle: from its second time on it waits, in the end it
    has failed.
    """
    now = clock(session, now)
    return _take_back(session, now, now if session.get_bind().dialect.name == "postgresql" else None)


def _take_back(session: Session, now: datetime, lease_over: datetime | None) -> int:
    left = select(Delivery).where(Delivery.state == "sending")
    if lease_over is not None:
        left = left.where(Delivery.lease_until < lease_over)
    locked = left.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    deliveries = session.scalars(locked).all()
    for delivery in deliveries:
        again = delivery.attempts > 1
        delivery.lease_token = delivery.lease_until = None
        if again and delivery.give_up_at <= now:
            delivery.state = "failed"
            delivery.error = "The mail worker stopped each time it tried to send this."
            for name, value in settled_as(delivery.letter).items():
                setattr(delivery, name, value)
        else:
            delivery.state = "queued"
            delivery.due_at = now + (_growing(FIRST_DELAY, delivery.attempts - 1) if again else timedelta(0))
    session.flush()
    return len(deliveries)


def enclosure(session: Session, claimed: Claimed) -> Enclosure | None:
    """The document to attach, None when the letter has none; LookupError when it is gone."""
    if claimed.document_id is None and not claimed.details.get("enclosed"):
        return None
    query = select(Document.filename, Document.content).where(Document.id == claimed.document_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise LookupError("The document is no longer there.")
    return Enclosure(row.filename, row.content)


def reply_address(session: Session, claimed: Claimed) -> str | None:
    """Where replies go: to the address of the organization or of the nearest one above that has one."""
    organization = session.get(Organization, claimed.organization_id) if claimed.organization_id else None
    address: str | None = setting(organization, "reply_address") if organization else None
    return address


def sent(session: Session, claimed: Claimed, now: datetime) -> bool:
    """The server took it. As with all that settle, False means: no longer ours, nothing changed."""
    if not _settle(session, claimed, state="sent", sent_at=now, error=None):
        return False
    if session.execute(select(MailQueue.pauses)).scalar():
        resume(session)
    return True


def later(session: Session, claimed: Claimed, error: str, now: datetime, rng: random.Random) -> bool:
    """It may work later: the row waits at random up to a growing limit. Past `give_up_at` it has failed."""
    now = clock(session, now)
    if now >= claimed.give_up_at:
        return refused(session, claimed, error)
    wait = rng.random() * _growing(FIRST_DELAY, claimed.attempts - 1)
    return _settle(session, claimed, state="queued", due_at=now + wait, error=clean(error))


def refused(session: Session, claimed: Claimed, error: str) -> bool:
    """It will never work: people see it as failed, with the reason."""
    return _settle(session, claimed, state="failed", error=clean(error))


def _settle(session: Session, claimed: Claimed, *, state: str, **values: object) -> bool:
    if state != "queued":
        values |= settled_as(claimed.letter)
    settled = session.execute(
        update(Delivery)
        .where(Delivery.id == claimed.id, Delivery.lease_token == claimed.lease_token)
        .values(state=state, lease_token=None, lease_until=None, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return settled.one_or_none() is not None


def pause(session: Session, claimed: Claimed, reason: str, now: datetime) -> bool:
    """Our own server does not let us in: nothing is claimed for 1, 2, 4 … 30 minutes.

    The claimed row is queued as it was, and the attempt does not count: it is not the letter's fault.
    """
    now = clock(session, now)
    session.execute(insert(session, MailQueue).values(id=_QUEUE_ID, pauses=0).on_conflict_do_nothing())
    queue = session.get_one(MailQueue, _QUEUE_ID, with_for_update=True, populate_existing=True)
    if queue.paused_until is None or queue.paused_until <= now:  # else another worker found out first
        queue.paused_until = now + _growing(timedelta(minutes=1), queue.pauses)
        queue.pauses += 1
    queue.reason = clean(reason)
    session.flush()
    return _settle(session, claimed, state="queued", attempts=claimed.attempts - 1)


def resume(session: Session) -> None:
    """End the pause, as if there had been none."""
    session.execute(
        update(MailQueue)
        .values(paused_until=None, pauses=0, reason=None)
        .execution_options(synchronize_session=False)
    )


def queue_state(session: Session) -> QueueState:
    """Is the queue paused and why, and how much waits; over all organizations."""
    queue = session.get(MailQueue, _QUEUE_ID, populate_existing=True)
    by_state = select(Delivery.state, func.count()).group_by(Delivery.state)
    counted = dict(session.execute(by_state).all())
    oldest = select(func.min(Delivery.due_at)).where(Delivery.state == "queued")
    return QueueState(
        paused_until=queue.paused_until if queue else None,
        reason=queue.reason if queue else None,
        pauses=queue.pauses if queue else 0,
        queued=counted.get("queued", 0),
        sending=counted.get("sending", 0),
        failed=counted.get("failed", 0),
        oldest_due=session.execute(oldest).scalar(),
    )


def _growing(first: timedelta, step: int) -> timedelta:
    """first × 2^step, never longer than the longest delay."""
    return min(first * 2.0 ** min(step, 20), LONGEST_DELAY)


def clean(text: str) -> str:
    """A reason that every database takes and a page can show."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(kept.split())[:500]
