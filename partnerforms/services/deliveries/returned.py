"""What becomes of a delivery when a mail server reports that it could not deliver it, after it had taken it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Delivery
from partnerforms.services import audit
from partnerforms.services.deliveries import RESPONDENT_LETTERS
from partnerforms.services.deliveries.outbox import clean

Outcome = Literal["unknown", "too_soon", "noted"]


def report(session: Session, message_id: str, recipient: str, words: str, failed: bool, now: datetime) -> Outcome:
    """Note what a server said of the mail with this Message-ID to this recipient; `failed` when it gave up.

    "unknown" when there is no such mail, "too_soon" when we are still sending it, so that it must be told again.
    """
    query = select(Delivery).where(
        # A letter to a respondent, once it is settled, is known by its Message-ID alone.
        Delivery.recipient.in_({recipient, recipient.lower(), ""}), Delivery.message_id == message_id
    )  # fmt: skip
    delivery = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if delivery is None:
        return "unknown"
    if delivery.state == "sending":
        return "too_soon"
    if delivery.state == "sent":
        known = delivery.letter not in RESPONDENT_LETTERS  # else what the server says would bring the address back
        delivery.error = clean(words) if known else None
        if failed:
            delivery.state = "failed"
        if failed and known:
            audit.note(
                session, "delivery.returned", None, delivery.organization_id, now, delivery.recipient,
                delivery=str(delivery.id),
            )  # fmt: skip
    session.flush()
    return "noted"
