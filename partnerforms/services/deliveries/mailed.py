"""What was mailed, as people look at it: lists, counts, documents, and why something failed in one word."""

import re
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, undefer

from partnerforms.models import Delivery, Document, Membership, Organization
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.deliveries import RESPONDENT_LETTERS

STATES = ("held", "queued", "sending", "sent", "failed")

_STATUS = re.compile(r"\b[45]\.(\d{1,3})\.(\d{1,3})\b")
_BY_STATUS = {  # of RFC 3463; "1" is every 1.x
    "1": "no_address",
    "2.1": "no_address",
    "2.2": "full",
    "2.3": "too_large",
    "3.4": "too_large",
    "4": "unreachable",
    "7": "unwanted",
}
_BY_NUMBER = {"550": "no_address", "551": "no_address", "553": "no_address", "552": "full", "554": "unwanted"}
_BY_OUR_WORDS = {
    "The document is no longer there": "document_gone",
    "Its time was over": "too_late",
    "The letter cannot be written": "not_written",
    "The mail worker stopped": "not_written",
    "The mail server cannot be reached": "unreachable",
    "The mail server did not answer": "unreachable",
    "The connection broke": "unreachable",
}


def list_for(
    session: Session,
    organization_ids: Collection[uuid.UUID],
    limit: int,
    *,
    state: str | None = None,
    recipient: str = "",
    place: str = "",
    skip: int = 0,
) -> list[Delivery]:
    """Deliveries of these organizations, newest first; `recipient` and `place` are parts of an address and a name."""
    query = select(Delivery).where(*_wanted(organization_ids, recipient, place))
    if state is not None:
        query = query.where(Delivery.state == state)
    query = query.order_by(Delivery.created_at.desc(), Delivery.id).offset(skip).limit(limit)
    query = query.options(joinedload(Delivery.document))
    return list(session.scalars(query))


def counts(
    session: Session, organization_ids: Collection[uuid.UUID], recipient: str = "", place: str = ""
) -> dict[str, int]:
    """How many deliveries are in each state; all states are there."""
    query = select(Delivery.state, func.count()).where(*_wanted(organization_ids, recipient, place))
    return dict.fromkeys(STATES, 0) | dict(session.execute(query.group_by(Delivery.state)).all())


def counts_of(session: Session, document_id: uuid.UUID) -> dict[str, int]:
    """How many deliveries of a document are in each state; all states are there."""
    query = select(Delivery.state, func.count()).where(Delivery.document_id == document_id).group_by(Delivery.state)
    return dict.fromkeys(STATES, 0) | dict(session.execute(query).all())


def _wanted(organization_ids: Collection[uuid.UUID], recipient: str, place: str) -> list[ColumnElement[bool]]:
    # Who was invited or reminded is nobody's to read: it would tell who has answered.
    found: list[ColumnElement[bool]] = [
        Delivery.organization_id.in_(organization_ids), Delivery.letter.not_in(RESPONDENT_LETTERS)
    ]  # fmt: skip
    if recipient:
        found.append(Delivery.recipient.icontains(recipient, autoescape=True))
    if place:
        named = select(Organization.id).where(Organization.name.icontains(place, autoescape=True))
        found.append(Delivery.organization_id.in_(named))
    return found


def find(session: Session, delivery_id: uuid.UUID, organization_ids: Collection[uuid.UUID]) -> Delivery | None:
    """The delivery if it belongs to one of these organizations, else None."""
    query = select(Delivery).where(Delivery.id == delivery_id, *_wanted(organization_ids, "", ""))
    return session.scalars(query).one_or_none()


def may_open(reach: Reach, delivery: Delivery) -> bool:
    """May the person open the document of a delivery on the list?

    Sheets with people's answers are for who runs the survey's organization and for whom they were mailed to.
    """
    if delivery.document is None or delivery.organization_id is None:
        return False
    if delivery.document.survey_id is None:
        return reach.can("see", delivery.organization_id)
    return reach.can("run", delivery.organization_id) or delivery.recipient == reach.person.address


def document_of(session: Session, reach: Reach, delivery_id: uuid.UUID) -> Document:
    """The document of a delivery as it was mailed, content included. NotThereError unless the person may open it."""
    delivery = find(session, delivery_id, reach.where("deliveries"))
    if delivery is None or not may_open(reach, delivery):
        raise NotThereError
    return session.get_one(Document, delivery.document_id, options=[undefer(Document.content)])


def changeable(session: Session, reach: Reach, deliveries: Iterable[Delivery]) -> set[uuid.UUID]:
    """The memberships, of those that these went to, for which the person may change what they get."""
    ids = {one.membership_id for one in deliveries if one.membership_id is not None}
    memberships = session.scalars(select(Membership).where(Membership.id.in_(ids)))
    return {one.id for one in memberships if _is_theirs(reach, one) or reach.can("run", one.organization_id)}


def own(session: Session, reach: Reach) -> list[Membership]:
    """The person's own memberships as a coordinator."""
    query = select(Membership).where(
        Membership.person_id == reach.person.id,
        Membership.organization_id.in_(reach.where("deliveries")),
        Membership.role == "coordinator",
        Membership.accepted_at.is_not(None),
    )
    query = query.options(joinedload(Membership.organization))
    return sorted(session.scalars(query), key=lambda one: one.organization.name.casefold())


def _is_theirs(reach: Reach, membership: Membership) -> bool:
    mine = membership.person_id == reach.person.id and membership.accepted_at is not None
    return mine and reach.can("deliveries", membership.organization_id)


def waits_for_room(delivery: Delivery, now: datetime) -> bool:
    """Does it wait because its recipient got enough mail in this hour?"""
    return delivery.state == "queued" and delivery.error is None and delivery.due_at > now


def reason(error: str) -> str:
    """Why a mail did not arrive, as a name for which pages have a sentence; "other" when the words say nothing."""
    for words, name in _BY_OUR_WORDS.items():
        if words in error:
            return name
    if status := _STATUS.search(error):
        subject, detail = status.groups()
        return _BY_STATUS.get(f"{subject}.{detail}") or _BY_STATUS.get(subject, "other")
    return _BY_NUMBER.get(error[:3], "other")
