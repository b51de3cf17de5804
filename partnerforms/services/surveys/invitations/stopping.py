"""No more mail: the address is erased at once, and a digest of it keeps later lists from bringing it back."""

import hashlib
import hmac
import uuid
from collections.abc import Collection

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from partnerforms.models import Delivery, Invitation, Organization, Stop, SurveyLink
from partnerforms.services.access import below
from partnerforms.services.deliveries import RESPONDENT_LETTERS
from partnerforms.services.inheritance import upward
from partnerforms.services.tools import Tools


def address_digest(address: str, secret_key: str) -> str:
    """What is kept of an address: without the installation's secret nobody can find out whose it is."""
    key = hmac.new(secret_key.encode(), b"partnerforms addresses", hashlib.sha256).digest()
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def around(session: Session, organization: Organization) -> set[uuid.UUID]:
    """The organization, all above it and all below it: whose lists a stop holds for."""
    return {here.id for here in upward(organization)} | set(below(session, [organization.id]))


def stop(session: Session, invitation: Invitation, tools: Tools) -> None:
    """Its person gets no more mail of this kind from the organization, from any above it or below it.

    The invitation itself can still be used; its own letter may have been sent on. Doing it twice changes nothing.
    """
    address = invitation.address
    if address is None:
        return
    organization, digest = invitation.link.organization, address
    places = around(session, organization)
    if "@" in address:  # else it was used before, and is a digest already
        digest = address_digest(address, tools.secret_key)
        waiting = delete(Delivery).where(
            Delivery.recipient == address,
            Delivery.letter.in_(RESPONDENT_LETTERS),
            Delivery.organization_id.in_(places),
            Delivery.state == "queued",
        )
        session.execute(waiting.execution_options(synchronize_session=False))
    links = select(SurveyLink.id).where(SurveyLink.organization_id.in_(places))
    theirs = update(Invitation).where(Invitation.link_id.in_(links), Invitation.address.in_({address, digest}))
    session.execute(theirs.values(address=None, sealed_code=None).execution_options(synchronize_session=False))
    known = exists().where(Stop.organization_id == organization.id, Stop.address_digest == digest)
    if not session.scalar(select(known)):
        session.add(Stop(organization_id=organization.id, address_digest=digest))
    session.flush()


def stopped(session: Session, organization: Organization, addresses: Collection[str], tools: Tools) -> set[str]:
    """Those of these addresses whose people want no mail from the organization."""
    places = around(session, organization)
    digests = set(session.scalars(select(Stop.address_digest).where(Stop.organization_id.in_(places))))
    return {address for address in addresses if address_digest(address, tools.secret_key) in digests}
