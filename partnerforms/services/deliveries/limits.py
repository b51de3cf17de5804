"""How much mail an address may get and a person may cause, counted from what is in the outbox.

Whoever counts and then queues should hold the person's row first, or two who do it at once both find room.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partnerforms.models import AuditEntry, Delivery, Person

SPAN = timedelta(hours=24)
INVITATIONS_TO_ONE = 3  # to one address, from everybody together
INVITATIONS_BY_HAND = 100  # by one person; an import has a budget of its own
AGAIN_SPAN = timedelta(hours=1)
AGAIN = 3  # one letter, by everybody together

# Letters by which people who have not asked for it are invited, or told that somebody else takes over.
INVITATIONS = frozenset(
    (
        "invitation_leader",
        "invitation_member",
        "invitation_coordinator",
        "taking_over",
        "handing_over",
        "handed_over",
    )
)


class LimitError(Exception):
    """Too much mail.

    `reason` is "full_address" (this `address` had enough), "full_person" (who asks sent enough), or "again" (this
    letter was sent again often enough).
    """

    def __init__(self, reason: str, address: str = "") -> None:
        super().__init__(reason)
        self.reason, self.address = reason, address


def caused_by(person: Person) -> str:
    """The `cause` of what a person has mailed."""
    return f"person:{person.id}"


def count(
    session: Session, letters: Collection[str], since: datetime, *, recipient: str = "", cause: str = ""
) -> int:
    """How many of these letters were queued since then, to a recipient, by a cause, or both."""
    query = select(func.count()).where(Delivery.letter.in_(letters), Delivery.created_at > since)
    if recipient:
        query = query.where(Delivery.recipient == recipient)
    if cause:
        query = query.where(Delivery.cause == cause)
    return session.scalar(query) or 0


def check_invitations(
    session: Session, recipients: Collection[str], cause: str, now: datetime, budget: int = INVITATIONS_BY_HAND
) -> None:
    """LimitError unless each of these may get one more invitation, all of them from this cause."""
    since = now - SPAN
    if count(session, INVITATIONS, since, cause=cause) + len(recipients) > budget:
        raise LimitError("full_person")
    for recipient in recipients:
        _check_address(session, recipient, since)


def _check_address(session: Session, recipient: str, since: datetime) -> None:
    """LimitError when this address had its invitations; one that was sent again from the list of mail counts anew."""
    invitations = select(Delivery.id).where(Delivery.letter.in_(INVITATIONS), Delivery.recipient == recipient)
    ids = {str(one) for one in session.scalars(invitations)}
    entries = select(AuditEntry.details).where(
        AuditEntry.action == "delivery.sent_again", AuditEntry.subject == recipient, AuditEntry.at > since
    )
    again = sum(details.get("delivery") in ids for details in session.scalars(entries))
    if count(session, INVITATIONS, since, recipient=recipient) + again >= INVITATIONS_TO_ONE:
        raise LimitError("full_address", recipient)


def check_sending_again(session: Session, delivery: Delivery, now: datetime) -> None:
    """LimitError when this letter was sent again three times within the hour, and for an invitation when its address
    had enough of them. The log knows how often."""
    if delivery.letter in INVITATIONS:
        _check_address(session, delivery.recipient, now - SPAN)
    query = select(AuditEntry.details).where(
        AuditEntry.organization_id == delivery.organization_id,
        AuditEntry.action == "delivery.sent_again",
        AuditEntry.at > now - AGAIN_SPAN,
    )
    times = [details for details in session.scalars(query) if details.get("delivery") == str(delivery.id)]
    if len(times) >= AGAIN:
        raise LimitError("again")
