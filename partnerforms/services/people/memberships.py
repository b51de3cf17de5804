"""Memberships as rows: made, held while they are worked on, ended with all that hangs on them.

What people do with them is in `services.people` and `services.people.handover`.
"""

import re
import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from partnerforms.database import insert
from partnerforms.engine.answers import clean
from partnerforms.models import Delivery, DeliveryRule, Membership, Organization, Person
from partnerforms.services.access import NotThereError
from partnerforms.services.deliveries import check_recipient
from partnerforms.services.inheritance import upward
from partnerforms.services.signin import sessions

ROLES = ("leader", "member", "coordinator")
LONGEST_NAME = 200

_WAITS = ("held", "queued")
_TURNS_TEXT = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class RefusedError(Exception):
    """It cannot be done. `reason` is a name for which the pages have a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_address(text: str) -> str:
    """The mail address in the form in which people are found; RefusedError "address"."""
    try:
        return check_recipient(text.strip()).lower()
    except ValueError:
        raise RefusedError("address") from None


def read_name(text: str) -> str:
    """A name as one line, without marks that turn the direction of a page; RefusedError "name"."""
    name = " ".join(_TURNS_TEXT.sub("", clean(text)).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise RefusedError("name")
    return name


def put_person(session: Session, address: str, name: str, language: str) -> Person:
    """The person with this address; a new one when there is none. Two requests may do it at once."""
    new = insert(session, Person).values(id=uuid.uuid4(), address=address, name=name, language=language)
    session.execute(new.on_conflict_do_nothing(index_elements=["address"]))
    return session.scalars(select(Person).where(Person.address == address)).one()


def hold_people(session: Session, people: Collection[Person]) -> None:
    """Nobody else counts their mail or gives them roles until we commit. In the order of ids, so that two who
    hold the same people do not wait for each other."""
    ids = [person.id for person in people]
    query = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    session.execute(query).all()


def put(
    session: Session, person: Person, organization: Organization, role: str, inviter: Person, now: datetime
) -> Membership:
    """The membership of a person; an invitation when there is none. Hold the person first."""
    query = select(Membership).where(
        Membership.person_id == person.id,
        Membership.organization_id == organization.id,
        Membership.role == role,
    )
    membership = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if membership is None:
        membership = Membership(person=person, organization=organization, role=role)
        session.add(membership)
    if membership.accepted_at is None:
        membership.invited_by, membership.invited_at = inviter.id, now
    session.flush()
    return membership


def hold(session: Session, membership: Membership) -> None:
    """Nobody else changes this membership until we commit; NotThereError when somebody has just ended it."""
    query = select(Membership).where(Membership.id == membership.id).with_for_update()
    if session.scalars(query.execution_options(populate_existing=True)).one_or_none() is None:
        raise NotThereError


def leads_alone(session: Session, membership: Membership) -> bool:
    """Is this the only membership by which somebody leads the organization, here or from above?"""
    if membership.role != "leader" or membership.accepted_at is None:
        return False
    others = select(func.count()).where(
        Membership.organization_id.in_([here.id for here in upward(membership.organization)]),
        Membership.role == "leader",
        Membership.accepted_at.is_not(None),
        Membership.id != membership.id,
    )
    return not session.scalar(others)


def keep_a_leader(session: Session, membership: Membership) -> None:
    """RefusedError "last_leader" when without this membership nobody would lead the organization."""
    *_, top = upward(membership.organization)
    # Two leaders may remove each other at once: the second waits here, then counts without the first.
    session.execute(select(Organization.id).where(Organization.id == top.id).with_for_update(key_share=True))
    if leads_alone(session, membership):
        raise RefusedError("last_leader")


def forget_coordinator(session: Session, membership: Membership) -> None:
    """Rules and mail that waits go; mail that went out stays in the list, of nobody's membership."""
    of_it = Delivery.membership_id == membership.id
    session.execute(delete(DeliveryRule).where(DeliveryRule.membership_id == membership.id))
    session.execute(delete(Delivery).where(of_it, Delivery.state.in_(_WAITS)))
    session.execute(update(Delivery).where(of_it).values(membership_id=None))


def forget_successors(session: Session, membership: Membership) -> None:
    """Whoever was asked to take it over may still accept, and then nothing ends by it."""
    session.execute(update(Membership).where(Membership.replaces_id == membership.id).values(replaces_id=None))


def pass_on_mail(session: Session, membership: Membership, heir: Membership) -> None:
    """What waits for the coordinator who leaves waits for the successor, until `deliveries.release`. What the
    successor has of the same document already is enough."""
    theirs = aliased(Delivery)
    has_it = exists().where(theirs.membership_id == heir.id, theirs.document_id == Delivery.document_id)
    session.execute(
        update(Delivery)
        .where(Delivery.membership_id == membership.id, Delivery.state.in_(_WAITS), ~has_it)
        .values(
            membership_id=heir.id,
            recipient=heir.person.address,
            language=heir.person.language,
            state="held",
            held_for="invited",
        )
    )


def end(session: Session, membership: Membership) -> None:
    """The membership is gone, and so is every session of somebody who had accepted it."""
    forget_coordinator(session, membership)
    forget_successors(session, membership)
    if membership.accepted_at is not None:
        sessions.end_all(session, membership.person)
    session.delete(membership)
    session.flush()
