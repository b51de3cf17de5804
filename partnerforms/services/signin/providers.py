"""An organization's single sign-on: which provider it trusts, and who its users are here.

A provider speaks for its organization and what lies below, for nobody else: a session that begins by it reaches no
further. Who a user is here is kept by the provider's own name for the user (`subject`), never by a mail address.
"""

import uuid
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from partnerforms.models import Identity, Membership, Organization, Person, SignInProvider
from partnerforms.services import access, audit
from partnerforms.services.signin import sessions
from partnerforms.services.signin.sealing import seal

# Whose addresses anybody can have: no organization speaks for them.
PUBLIC_DOMAINS = frozenset(
    (
        "aol.com",
        "comcast.net",
        "gmail.com",
        "gmx.com",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "verizon.net",
        "yahoo.com",
        "ymail.com",
        "zoho.com",
    )
)


class TakenError(ValueError):
    """Another organization has this mail domain."""


def of_organization(session: Session, organization_id: uuid.UUID) -> SignInProvider | None:
    return session.scalar(select(SignInProvider).where(SignInProvider.organization_id == organization_id))


def find(session: Session, provider_id: uuid.UUID) -> SignInProvider | None:
    """The provider, unless its organization is archived."""
    return session.scalar(_in_use().where(SignInProvider.id == provider_id))


def for_address(session: Session, address: str) -> SignInProvider | None:
    """Who signs in people with addresses of this domain; whether the address is known plays no part."""
    return session.scalar(_in_use().where(SignInProvider.domain == domain_of(address)))


def domain_of(address: str) -> str:
    return address.strip().lower().rpartition("@")[2]


def save(
    session: Session,
    reach: access.Reach,
    organization: Organization,
    issuer: str,
    client_id: str,
    client_secret: str,
    domain: str,
    secret_key: str,
    now: datetime,
) -> SignInProvider:
    """Set or change the single sign-on of an organization; without `client_secret` the one that is kept stays.

    TakenError when another organization has the domain. With another issuer or client the provider's names for
    people mean other people, perhaps: whoever was connected is so no longer.
    """
    reach.require("run", organization.id)
    other = session.scalar(select(SignInProvider).where(SignInProvider.domain == domain))
    if other is not None and other.organization_id != organization.id:
        raise TakenError(domain)
    provider = of_organization(session, organization.id)
    if provider is None:
        provider = SignInProvider(id=uuid.uuid4(), organization_id=organization.id, created_at=now)
        session.add(provider)
    elif (provider.issuer, provider.client_id) != (issuer, client_id):
        _forget_users(session, provider)
    provider.issuer, provider.client_id, provider.domain = issuer, client_id, domain
    if client_secret:
        provider.client_secret = seal(client_secret, secret_key)
    audit.note(session, "single_sign_on.set", reach.person, organization.id, now, domain, issuer=issuer)
    session.flush()
    return provider


def remove(session: Session, reach: access.Reach, provider: SignInProvider, now: datetime) -> None:
    """No single sign-on any more: its sessions end, and nobody is connected."""
    reach.require("run", provider.organization_id)
    _forget_users(session, provider)
    audit.note(session, "single_sign_on.removed", reach.person, provider.organization_id, now, provider.domain)
    session.delete(provider)
    session.flush()


def person_of(session: Session, provider: SignInProvider, subject: str) -> Person | None:
    """Who this user of the provider is here, when connected and still in the organization or below."""
    found = session.get(Identity, (provider.id, subject))
    return found.person if found and belongs(session, provider, found.person) else None


def is_connected(session: Session, provider: SignInProvider, subject: str) -> bool:
    return session.get(Identity, (provider.id, subject)) is not None


def belongs(session: Session, provider: SignInProvider, person: Person) -> bool:
    """Is the person, by an accepted membership, in the provider's organization or below it?"""
    query = select(Membership.organization_id).where(
        Membership.person_id == person.id, Membership.accepted_at.is_not(None)
    )
    return not set(session.scalars(query)).isdisjoint(access.below(session, [provider.organization_id]))


def connect(session: Session, provider: SignInProvider, subject: str, person: Person, now: datetime) -> bool:
    """From now on this user of the provider is this person. False when the person does not belong there."""
    if is_connected(session, provider, subject) or not belongs(session, provider, person):
        return False
    session.add(Identity(provider_id=provider.id, subject=subject, person_id=person.id, linked_at=now))
    audit.note(session, "person.connected", person, provider.organization_id, now, provider.domain)
    session.flush()
    return True


def connections(session: Session, person: Person) -> list[SignInProvider]:
    """The single sign-ons that a person is connected with."""
    query = select(SignInProvider).join(Identity, Identity.provider_id == SignInProvider.id)
    return list(session.scalars(query.where(Identity.person_id == person.id).distinct()))


def disconnect(session: Session, provider: SignInProvider, person: Person, now: datetime) -> None:
    """The provider does not sign this person in any more."""
    which = Identity.provider_id == provider.id, Identity.person_id == person.id
    session.execute(delete(Identity).where(*which))
    audit.note(session, "person.disconnected", person, provider.organization_id, now, provider.domain)


def _forget_users(session: Session, provider: SignInProvider) -> None:
    sessions.end_of_provider(session, provider)
    session.execute(delete(Identity).where(Identity.provider_id == provider.id))


def _in_use() -> Select[SignInProvider]:
    query = select(SignInProvider).join(Organization, Organization.id == SignInProvider.organization_id)
    return query.where(Organization.archived_at.is_(None))
