"""The people of an organization: invited, accepted, given another role, removed.

An invitation is a membership that gives nothing until the person accepts it, signed in with the address it was sent
to. Handing over is in `services.people.handover`.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from partnerforms.models import Membership, Organization, Person
from partnerforms.services import audit, deliveries
from partnerforms.services.access import NotThereError, Reach, below
from partnerforms.services.deliveries import limits
from partnerforms.services.people import memberships
from partnerforms.services.people.memberships import ROLES, RefusedError
from partnerforms.services.signin import sessions
from partnerforms.services.tools import Tools


@dataclass(frozen=True)
class Invitation:
    """What a person is asked to accept, and the name of who asks; "" when that is nobody any more."""

    membership: Membership
    inviter: str


def invite(
    session: Session,
    reach: Reach,
    organization: Organization,
    address: str,
    name: str,
    role: str,
    tools: Tools,
    now: datetime,
    language: str = "en",
    *,
    cause: str = "",
    budget: int = limits.INVITATIONS_BY_HAND,
) -> Membership:
    """Invite somebody by mail. Who is invited to the same again gets the mail again.

    RefusedError ("address", "name", "role", "archived", "already") or LimitError, and then nothing is done. An
    import gives a `cause` and a `budget` of its own.
    """
    reach.require("arrange", organization.id)
    address, name = memberships.read_address(address), memberships.read_name(name)
    if role not in ROLES:
        raise RefusedError("role")
    if organization.archived_at is not None:
        raise RefusedError("archived")
    with session.begin_nested():
        person = memberships.put_person(session, address, name, known_language(language, tools))
        memberships.hold_people(session, [person, reach.person])
        membership = memberships.put(session, person, organization, role, reach.person, now)
        if membership.accepted_at is not None:
            raise RefusedError("already")
        cause = cause or limits.caused_by(reach.person)
        limits.check_invitations(session, [person.address], cause, now, budget)
        _mail(session, membership, reach.person, cause, tools, now)
        audit.note(session, "person.invited", reach.person, organization.id, now, person.address, role=role)
    return membership


def again(session: Session, reach: Reach, membership: Membership, tools: Tools, now: datetime) -> None:
    """Mail an invitation once more. RefusedError ("already", "archived") or LimitError."""
    reach.require("arrange", membership.organization_id)
    memberships.hold_people(session, [membership.person, reach.person])
    memberships.hold(session, membership)
    if membership.accepted_at is not None:
        raise RefusedError("already")
    if membership.organization.archived_at is not None:
        raise RefusedError("archived")
    cause = limits.caused_by(reach.person)
    limits.check_invitations(session, [membership.person.address], cause, now)
    membership.invited_by, membership.invited_at = reach.person.id, now
    _mail(session, membership, reach.person, cause, tools, now)
    audit.note(
        session, "person.invited_again", reach.person, membership.organization_id, now, membership.person.address,
        role=membership.role,
    )  # fmt: skip


def known_language(code: str, tools: Tools) -> str:
    """A language in which people can be written to: this one, else English."""
    return code if code in [offered.code for offered in tools.library.member_languages()] else "en"


def sign_in_link(person: Person, tools: Tools) -> str:
    """Where a person signs in, with the address filled in."""
    return f"{tools.base_url}/sign-in?{urlencode({'address': person.address})}"


def _mail(session: Session, membership: Membership, inviter: Person, cause: str, tools: Tools, now: datetime) -> None:
    person = membership.person
    deliveries.enqueue(
        session,
        recipient=person.address,
        language=person.language,
        letter=f"invitation_{membership.role}",
        details={
            "person": inviter.name,
            "organization": membership.organization.name,
            "link": sign_in_link(person, tools),
        },
        # Pressed twice, it is one mail; a minute later it is another.
        dedup=f"invitation:{membership.id}:{now:%Y-%m-%dT%H:%M}",
        now=now,
        domain=tools.domain,
        organization_id=membership.organization_id,
        cause=cause,
    )


def invitations(session: Session, person: Person, within: uuid.UUID | None = None) -> list[Invitation]:
    """What a person has been asked and has not answered, the latest first; `within` one organization and below it,
    as far as a session of its single sign-on reaches."""
    inviter = aliased(Person)
    query = (
        select(Membership, inviter.name)
        .outerjoin(inviter, inviter.id == Membership.invited_by)
        .where(Membership.person_id == person.id, Membership.accepted_at.is_(None))
        .order_by(Membership.invited_at.desc(), Membership.id)
    )
    if within is not None:
        query = query.where(Membership.organization_id.in_(below(session, [within])))
    return [Invitation(membership, name or "") for membership, name in session.execute(query)]


def accept(
    session: Session, person: Person, membership_id: uuid.UUID, now: datetime, within: uuid.UUID | None = None
) -> Membership:
    """From now on the person is what the invitation says; what waited for it is mailed. NotThereError unless it is
    the person's own, and `within`."""
    membership = _own(session, person, membership_id, within)
    if membership.accepted_at is not None:
        return membership
    membership.accepted_at = now
    audit.note(session, "person.accepted", person, membership.organization_id, now, person.name, role=membership.role)
    session.flush()
    if membership.replaces_id is not None:
        _replace(session, membership, session.get_one(Membership, membership.replaces_id), now)
    deliveries.release(session, membership, now)
    return membership


def _replace(session: Session, membership: Membership, left: Membership, now: datetime) -> None:
    """End the membership of who handed over to this one."""
    audit.note(
        session, "person.removed", None, left.organization_id, now, left.person.name,
        role=left.role, address=left.person.address,
    )  # fmt: skip
    membership.replaces_id = None
    memberships.pass_on_mail(session, left, membership)
    memberships.end(session, left)


def decline(
    session: Session, person: Person, membership_id: uuid.UUID, now: datetime, within: uuid.UUID | None = None
) -> None:
    """The invitation is gone. NotThereError unless it is the person's own, `within`, and not accepted."""
    membership = _own(session, person, membership_id, within)
    if membership.accepted_at is not None:
        raise NotThereError
    audit.note(
        session, "person.declined", person, membership.organization_id, now, person.address, role=membership.role
    )
    memberships.end(session, membership)


def _own(session: Session, person: Person, membership_id: uuid.UUID, within: uuid.UUID | None) -> Membership:
    membership = session.get(Membership, membership_id)
    if membership is None or membership.person_id != person.id:
        raise NotThereError
    if within is not None and membership.organization_id not in below(session, [within]):
        raise NotThereError
    memberships.hold(session, membership)
    return membership


def of_organization(session: Session, organization: Organization) -> list[Membership]:
    """Everybody in an organization, leaders first, then by name."""
    query = (
        select(Membership).where(Membership.organization_id == organization.id).options(joinedload(Membership.person))
    )
    return sorted(
        session.scalars(query), key=lambda one: (ROLES.index(one.role), one.person.name.casefold(), str(one.id))
    )


def alone_in(session: Session, person: Person, organization_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those of these organizations in which there is nobody but this person, not even somebody invited."""
    others = select(Membership.organization_id).where(
        Membership.organization_id.in_(organization_ids), Membership.person_id != person.id
    )
    return list(set(organization_ids) - set(session.scalars(others)))


def nameless(session: Session, reach: Reach, members: Collection[Membership]) -> set[uuid.UUID]:
    """Ids of people who are shown by their address: they are invited only, and have their account elsewhere."""
    invited = [one.person_id for one in members if one.accepted_at is None]
    elsewhere = select(Membership.person_id).where(
        Membership.person_id.in_(invited),
        Membership.accepted_at.is_not(None),
        Membership.organization_id.not_in(reach.where("see")),
    )
    here = {one.person_id for one in members if one.accepted_at is not None}
    return set(session.scalars(elsewhere)) - here


def successors(session: Session, membership: Membership) -> list[Person]:
    """Who has been asked to take over this very role and has not answered."""
    query = select(Person).join(Membership, Membership.person_id == Person.id)
    return list(session.scalars(query.where(Membership.replaces_id == membership.id).order_by(Person.address)))


def find(session: Session, reach: Reach, organization_id: uuid.UUID, membership_id: uuid.UUID) -> Membership:
    """A membership of an organization that the person arranges."""
    reach.require("arrange", organization_id)
    membership = session.get(Membership, membership_id)
    if membership is None or membership.organization_id != organization_id:
        raise NotThereError
    return membership


def change_role(session: Session, reach: Reach, membership: Membership, role: str, now: datetime) -> None:
    """Another role in the same organization; what was accepted stays so. RefusedError ("role", "has_role",
    "last_leader")."""
    reach.require("arrange", membership.organization_id)
    if role not in ROLES:
        raise RefusedError("role")
    memberships.hold_people(session, [membership.person])
    memberships.hold(session, membership)
    before = membership.role
    if role == before:
        return
    same = select(Membership.id).where(
        Membership.person_id == membership.person_id,
        Membership.organization_id == membership.organization_id,
        Membership.role == role,
    )
    if session.scalar(same) is not None:
        raise RefusedError("has_role")
    memberships.keep_a_leader(session, membership)
    membership.role, membership.from_below = role, False
    memberships.forget_coordinator(session, membership)
    memberships.forget_successors(session, membership)
    if membership.accepted_at is not None:
        sessions.end_all(session, membership.person)
    audit.note(
        session, "person.role_changed", reach.person, membership.organization_id, now, membership.called,
        before=before, role=role, address=membership.person.address,
    )  # fmt: skip
    session.flush()


def remove(session: Session, reach: Reach, membership: Membership, now: datetime) -> None:
    """The person is not that here any more, and their sessions end. RefusedError "last_leader"."""
    reach.require("arrange", membership.organization_id)
    memberships.hold(session, membership)
    memberships.keep_a_leader(session, membership)
    audit.note(
        session, "person.removed", reach.person, membership.organization_id, now,
        membership.called,
        role=membership.role, address=membership.person.address,
    )  # fmt: skip
    memberships.end(session, membership)
