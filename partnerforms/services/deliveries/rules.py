"""What each coordinator gets: for every form and survey sent as it comes, held, or never; asked for on pages."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from partnerforms.engine.library import Library
from partnerforms.models import DeliveryRule, Membership, Organization
from partnerforms.services import audit, deliveries
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.deliveries import Rule
from partnerforms.services.surveys import audiences_for


def instruments_for(library: Library, organization: Organization) -> tuple[list[str], list[str]]:
    """The ids of the forms and of the surveys that the organization or one below it may send documents of."""
    forms = library.records_from(organization.level)
    return [one.id for one in forms], [f"survey_{audience}" for audience in audiences_for(organization)]


def coordinators(session: Session, organization: Organization) -> list[Membership]:
    """The coordinators of an organization by name, also those who have not accepted."""
    query = select(Membership).where(Membership.organization_id == organization.id, Membership.role == "coordinator")
    query = query.options(joinedload(Membership.person))
    return sorted(session.scalars(query), key=lambda one: (one.called.casefold(), one.person.address))


def chosen(session: Session, memberships: Collection[Membership]) -> dict[uuid.UUID, dict[str, str]]:
    """The rules of several coordinators by membership, each as `deliveries.rules_of` gives them."""
    found: dict[uuid.UUID, dict[str, str]] = {membership.id: {} for membership in memberships}
    for rule in session.scalars(select(DeliveryRule).where(DeliveryRule.membership_id.in_(found))):
        found[rule.membership_id][rule.instrument] = rule.rule
    return found


def find(session: Session, reach: Reach, membership_id: uuid.UUID) -> Membership:
    """A coordinator's membership, for the person whose it is and for who runs the organization."""
    membership = session.get(Membership, membership_id)
    if membership is None or membership.role != "coordinator":
        raise NotThereError
    own = membership.person_id == reach.person.id and membership.accepted_at is not None
    reach.require("deliveries" if own else "run", membership.organization_id)
    return membership


def save(
    session: Session,
    reach: Reach,
    membership: Membership,
    rules: Mapping[str, Rule],
    from_below: bool | None,
    now: datetime,
) -> bool:
    """Change rules, by instrument, and whether documents come from all below (None: as it is). False: it was so.

    Only who runs the organization says `from_below`: it gives a coordinator more to read. NotAllowedError else.
    """
    # In one order, so that two who save at once do not wait for each other.
    changed = {
        instrument: rule
        for instrument, rule in sorted(rules.items())
        if deliveries.set_rule(session, membership, instrument, rule, now)
    }
    widened = from_below is not None and membership.from_below != from_below
    if widened:
        reach.require("run", membership.organization_id)
        membership.from_below = bool(from_below)
    if changed or widened:
        audit.note(
            session, "delivery_rules.changed", reach.person, membership.organization_id, now, membership.called,
            rules=changed, from_below=membership.from_below,
        )  # fmt: skip
    session.flush()
    return bool(changed) or widened
