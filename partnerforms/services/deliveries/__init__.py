"""Deliveries: put a letter in the outbox, hold it, let it go, send it again.

What the worker does with them is in `services.deliveries.outbox`, who gets what in `recipients`, and what people see
of them in `mailed`, both beside it.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from partnerforms.database import insert
from partnerforms.models import Delivery, DeliveryRule, Membership, Person
from partnerforms.models.base import UtcMoment
from partnerforms.services import audit
from partnerforms.services.deliveries import limits, pacing
from partnerforms.services.deliveries.recipients import held_for as reason_to_hold

Rule = Literal["send", "hold", "never"]
GIVE_UP_AFTER = timedelta(hours=72)

# Letters whose details hold a secret: it is wiped as soon as the letter is sent or failed.
SECRET_LETTERS = frozenset({"sign_in_code"})

# Letters to people who are asked to answer a survey. Only the mail worker sees them; when one is settled, nothing is
# kept but that there was one, under its cause: else the outbox would tell who was reminded, so had not answered.
RESPONDENT_LETTERS = frozenset({"survey_invitation", "survey_reminder"})

_AHEAD = timedelta(days=1)
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class GoneError(Exception):
    """The document of this letter was deleted when its time was over; there is nothing to send."""


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
    membership_id: uuid.UUID | None = None,
    cause: str | None = None,
    held_for: str | None = None,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> Delivery:
    """Put one letter to one recipient in the outbox, once: when `dedup` is there already, you get that row.

    ValueError when the recipient is not one plain address. `domain` is the right half of the Message-ID. With
    `membership_id` the coordinator's rules hold: `details` then say of which instrument it is (`instrument_id`).
    `cause` is whose doing it is, for nobody may flood a mailbox. Nothing is sent before the caller commits.
    """
    recipient = check_recipient(recipient)
    session.flush()  # the document of this letter may still wait to be inserted
    due = clock_now = clock(session, now)
    if letter in SECRET_LETTERS:
        due -= _AHEAD  # somebody waits for it before the screen: due yesterday, it overtakes a full outbox
    elif cause and not held_for:
        due = pacing.turn(session, cause, recipient, due)
    row = {
        "organization_id": organization_id,
        "dedup": dedup,
        "recipient": recipient,
        "language": language,
        "letter": letter,
        "details": {**details, "enclosed": True} if document_id else dict(details),
        "document_id": document_id,
        "membership_id": membership_id,
        "cause": cause,
        "state": "held" if held_for else "queued",
        "held_for": held_for,
        "due_at": due,
        "give_up_at": max(due, clock_now) + give_up_after,
        "created_at": now,
    }
    _insert(session, [row], domain)
    return session.scalars(select(Delivery).where(Delivery.dedup == dedup)).one()


def enqueue_all(
    session: Session,
    letters: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    domain: str,
    cause: str,
    apart: timedelta = timedelta(0),
) -> None:
    """Put many letters in the outbox at once; of each recipient, language, letter, details, dedup, organization_id.

    No turn is asked for here: whoever takes one to send it does. With thousands, some time `apart`, mail of others
    goes out between them.
    """
    first = clock(session, now)
    rows = []
    for number, one in enumerate(letters):
        due = first + number * apart
        times = {"due_at": due, "give_up_at": due + GIVE_UP_AFTER, "created_at": now}
        rows.append(
            {"cause": cause, "state": "queued", **times, **one, "recipient": check_recipient(one["recipient"])}
        )
    _insert(session, rows, domain)


def settled_as(letter: str) -> dict[str, Any]:
    """What a settled delivery of this letter no longer holds, by column: secrets, and all traces of respondents."""
    if letter in RESPONDENT_LETTERS:
        return {"details": {}, "recipient": "", "language": "", "dedup": uuid.uuid4().hex, "error": None}
    return {"details": {}} if letter in SECRET_LETTERS else {}


def _insert(session: Session, rows: Collection[Mapping[str, Any]], domain: str) -> None:
    """Two requests may queue the same thing at once; the second waits for the first and does nothing."""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("not a domain")
    named = [{"id": uuid.uuid4(), "message_id": f"<{uuid.uuid4().hex}@{domain}>", **row} for row in rows]
    if named:
        session.execute(insert(session, Delivery).on_conflict_do_nothing(index_elements=["dedup"]), named)


def is_gone(delivery: Delivery) -> bool:
    """Was the document of this letter deleted?"""
    return delivery.document_id is None and bool(delivery.details.get("enclosed"))


def may_be_sent(delivery: Delivery) -> bool:
    """Can a person send this now: once more, or in spite of a pause?"""
    stands = delivery.state in ("sent", "failed") or (delivery.state, delivery.held_for) == ("held", "paused")
    return stands and delivery.letter not in SECRET_LETTERS | RESPONDENT_LETTERS


def send_again(
    session: Session,
    delivery: Delivery,
    now: datetime,
    give_up_after: timedelta = GIVE_UP_AFTER,
    person: Person | None = None,
) -> bool:
    """Queue a letter that was sent, has failed or is paused, under the same Message-ID.

    False when there is nothing to do: it waits or is on its way already, or its secret was wiped. GoneError when
    its document is gone, LimitError when it was sent again three times in this hour.
    """
    if not may_be_sent(delivery):
        return False
    if is_gone(delivery):
        raise GoneError
    if delivery.state != "held":
        limits.check_sending_again(session, delivery, now)
    due = clock(session, now)
    again = (
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == delivery.state)  # two may press at once
        .values(
            state="queued",
            held_for=None,
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


def replace(session: Session, membership_id: uuid.UUID, beginning: str, now: datetime) -> None:
    """Drop what waits for a coordinator under a `dedup` that begins so: something newer takes its place.

    What is due or was tried is not touched: it may be on its way.
    """
    paced = (Delivery.state == "queued") & (Delivery.due_at > clock(session, now)) & (Delivery.attempts == 0)
    waiting = delete(Delivery).where(
        Delivery.membership_id == membership_id,
        Delivery.dedup.startswith(beginning, autoescape=True),
        (Delivery.state == "held") | paced,
    )
    session.execute(waiting.execution_options(synchronize_session="fetch"))


def rules_of(session: Session, membership: Membership) -> dict[str, str]:
    """A coordinator's rules by instrument, "hold" or "never"; what is not there is sent as it comes."""
    query = select(DeliveryRule.instrument, DeliveryRule.rule).where(DeliveryRule.membership_id == membership.id)
    return dict(session.execute(query).all())


def set_rule(session: Session, membership: Membership, instrument_id: str, rule: Rule, now: datetime) -> bool:
    """From now on this coordinator gets documents of this instrument so; what waits follows. False: it was so.

    "hold" holds what waits, "send" lets it go out, "never" drops it.
    """
    _hold_still(session, membership)
    if rules_of(session, membership).get(instrument_id, "send") == rule:
        return False
    session.execute(
        delete(DeliveryRule).where(
            DeliveryRule.membership_id == membership.id, DeliveryRule.instrument == instrument_id
        )
    )
    if rule != "send":
        session.add(DeliveryRule(membership_id=membership.id, instrument=instrument_id, rule=rule))
        session.flush()
    for delivery in _waiting(session, membership):
        if delivery.details.get("instrument_id") == instrument_id:
            _follow(session, delivery, membership, rule, now)
    session.flush()
    return True


def release(session: Session, membership: Membership, now: datetime) -> None:
    """The invitation is accepted: what waited for that goes out, unless a rule says otherwise."""
    _hold_still(session, membership)
    rules = rules_of(session, membership)
    for delivery in _waiting(session, membership):
        if delivery.held_for == "invited":
            rule = rules.get(delivery.details.get("instrument_id", ""), "send")
            _follow(session, delivery, membership, rule, now)
    session.flush()


def _hold_still(session: Session, membership: Membership) -> None:
    """Until this transaction ends nobody queues anything for this coordinator (`recipients` waits for it)."""
    session.flush()
    session.refresh(membership, with_for_update=True)


def _waiting(session: Session, membership: Membership) -> list[Delivery]:
    """What waits for a coordinator, the oldest first. What a worker has just claimed is on its way."""
    query = select(Delivery).where(Delivery.membership_id == membership.id, Delivery.state.in_(("held", "queued")))
    locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return list(session.scalars(locked.order_by(Delivery.created_at, Delivery.id)))


def _follow(session: Session, delivery: Delivery, membership: Membership, rule: str, now: datetime) -> None:
    """Make a waiting delivery as the rule says."""
    if rule == "never":
        session.delete(delivery)
    elif why := reason_to_hold(membership, rule):
        delivery.state, delivery.held_for = "held", why
    elif delivery.state == "held":
        due = clock(session, now)
        if delivery.cause:
            due = pacing.turn(session, delivery.cause, delivery.recipient, due)
        delivery.state, delivery.held_for, delivery.attempts = "queued", None, 0
        delivery.due_at, delivery.give_up_at = due, due + GIVE_UP_AFTER
    session.flush()  # the next one's turn depends on it
