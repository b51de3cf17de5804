"""No flood: one cause sends one recipient at most twelve mails in an hour, and what is beyond that waits its turn.

Queueing gives each mail its turn (`turn`). Whoever takes one to send it asks once more (`too_soon`): after a time
without a mail server everything would be due at once.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from partnerforms.models import Delivery
from partnerforms.models.base import UtcMoment

MOST = 12
SPAN = timedelta(hours=1)


def turn(session: Session, cause: str, recipient: str, now: datetime, but: uuid.UUID | None = None) -> datetime:
    """When one more mail may go out: now, or an hour after the twelfth last. `but` is a mail that does not count."""
    at = case(
        (Delivery.state == "sent", Delivery.sent_at),
        (Delivery.due_at < now, literal(now, UtcMoment())),
        else_=Delivery.due_at,
    )
    query = (
        select(at)
        .where(_same(cause, recipient), Delivery.state.in_(("queued", "sending", "sent")), at > now - SPAN)
        .order_by(at.desc())
        .offset(MOST - 1)
        .limit(1)
    )
    if but is not None:
        query = query.where(Delivery.id != but)
    twelfth = session.scalar(query)
    return now if twelfth is None else max(now, twelfth + SPAN)


def too_soon(session: Session, cause: str, recipient: str, delivery_id: uuid.UUID, now: datetime) -> datetime | None:
    """When this mail may go out, if there were twelve in the last hour; None when it may now."""
    gone_out = or_(Delivery.state == "sending", and_(Delivery.state == "sent", Delivery.sent_at > now - SPAN))
    query = select(func.count()).where(_same(cause, recipient), gone_out, Delivery.id != delivery_id)
    if (session.scalar(query) or 0) < MOST:
        return None
    return max(turn(session, cause, recipient, now, but=delivery_id), now + timedelta(seconds=1))


def alone(session: Session, cause: str, recipient: str) -> bool:
    """Nobody else counts these mails until this transaction ends; False when somebody does just now."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # SQLite has one writer
    key = func.hashtextextended(f"{cause} {recipient}", 0)
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(key))))


def _same(cause: str, recipient: str) -> ColumnElement[bool]:
    return and_(Delivery.cause == cause, Delivery.recipient == recipient)
