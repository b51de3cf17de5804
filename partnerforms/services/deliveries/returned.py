"""What becomes of a delivery when a mail server reports that it could not deliver it, after it had taken it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Delivery
from partnerforms.services import audit
from partnerforms.services.deliveries.outbox import clean

Outcome = Literal["unknown", "too_soon", "noted"]


def report(session: Session, message_id: str, recipient: str, words: str, failed: bool, now: datetime) -> Outcome:
    """Note what a server said of the mail with this Message-ID to this recipient; `failed` when it gave up.

    "unknown" when there is no such mail, "too_soon" when we are still sending it, so that it must be told again.
    """
    query = select(Delivery).where(
        Delivery.recipient.in_({recipient, recipient.lower()}), Delivery.message_id == message_id
    )
    delivery = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if delivery is None:
        return "unknown"
    if delivery.state == "sending":
        return "too_soon"
    if delivery.state == "sent":
        delivery.error = clean(words)
        if failed:
            delivery.state = "failed"
            audit.note(
                session, "delivery.returned", None, delivery.organization_id, now, delivery.recipient,
                delivery=str(delivery.id),
            )  # fmt: skip
    session.flush()
    return "noted"
