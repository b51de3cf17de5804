"""Handing over: everything a person is in an organization goes to a successor; the work stays where it is."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Membership, Organization, Person
from partnerforms.services import audit, deliveries
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.deliveries import limits
from partnerforms.services.people import known_language, memberships, sign_in_link
from partnerforms.services.people.memberships import RefusedError
from partnerforms.services.tools import Tools


def hand_over(
    session: Session,
    reach: Reach,
    organization: Organization,
    person: Person,
    address: str,
    name: str,
    at_once: bool,
    tools: Tools,
    now: datetime,
    language: str = "en",
) -> None:
    """Invite a successor to all that the person is here. What the person is ends `at_once`, or when the successor
    accepts it. Both get a letter.

    RefusedError ("address", "name", "archived", "same_person", "last_leader") or LimitError; then nothing is done.
    """
    reach.require("arrange", organization.id)
    address, name = memberships.read_address(address), memberships.read_name(name)
    if organization.archived_at is not None:
        raise RefusedError("archived")
    if address == person.address:
        raise RefusedError("same_person")
    with session.begin_nested():
        successor = memberships.put_person(session, address, name, known_language(language, tools))
        memberships.hold_people(session, [successor, person, reach.person])
        cause = limits.caused_by(reach.person)
        limits.check_invitations(session, [successor.address, person.address], cause, now)
        left = [
            _pass_on(session, membership, successor, at_once, reach.person, now)
            for membership in _held(session, organization, person)
        ]
        _mail(session, organization, person, successor, reach.person, cause, all(left), tools, now)
        audit.note(
            session, "person.handed_over", reach.person, organization.id, now, person.name,
            successor=successor.address,
        )  # fmt: skip


def _held(session: Session, organization: Organization, person: Person) -> list[Membership]:
    """All that the person is here; NotThereError when nothing of it was accepted."""
    query = (
        select(Membership)
        .where(Membership.person_id == person.id, Membership.organization_id == organization.id)
        .order_by(Membership.role)
    )
    found = list(session.scalars(query))
    for membership in found:
        memberships.hold(session, membership)
    if not any(membership.accepted_at for membership in found):
        raise NotThereError
    return found


def _pass_on(
    session: Session, membership: Membership, successor: Person, at_once: bool, inviter: Person, now: datetime
) -> bool:
    """Make the successor's membership; True when the old one has ended, False when it ends by and by."""
    heir = memberships.put(session, successor, membership.organization, membership.role, inviter, now)
    heir.from_below = heir.from_below or membership.from_below
    if heir.accepted_at is None and membership.accepted_at is not None and not at_once:
        heir.replaces_id = membership.id
        session.flush()
        return False
    memberships.keep_a_leader(session, membership)
    if heir.accepted_at is None:  # else the heir has had it all along
        memberships.pass_on_mail(session, membership, heir)
    memberships.end(session, membership)
    return True


def _mail(
    session: Session,
    organization: Organization,
    person: Person,
    successor: Person,
    inviter: Person,
    cause: str,
    ended: bool,
    tools: Tools,
    now: datetime,
) -> None:
    about = {"person": inviter.name, "organization": organization.name}
    asked = {**about, "predecessor": person.name, "link": sign_in_link(successor, tools)}
    told = {**about, "successor": successor.address}
    letters: Iterable[tuple[Person, str, dict[str, str]]] = (
        (successor, "taking_over", asked),
        (person, "handed_over" if ended else "handing_over", told),
    )
    for recipient, letter, details in letters:
        deliveries.enqueue(
            session,
            recipient=recipient.address,
            language=recipient.language,
            letter=letter,
            details=details,
            dedup=f"hand-over:{uuid.uuid4()}",
            now=now,
            domain=tools.domain,
            organization_id=organization.id,
            cause=cause,
        )
