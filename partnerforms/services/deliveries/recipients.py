"""Who receives an organization's documents: its coordinators, and who above asked for them too."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from partnerforms.models import DeliveryRule, Membership, Organization, Person
from partnerforms.services.inheritance import upward

HeldFor = Literal["invited", "paused"]


@dataclass(frozen=True)
class Recipient:
    """A coordinator who gets a document. With `held_for` the mail waits: for a yes, or for the end of a pause."""

    membership: Membership
    held_for: HeldFor | None

    @property
    def person(self) -> Person:
        return self.membership.person


@dataclass(frozen=True)
class Serving:
    """Whose coordinators serve an organization, who they are, and who above gets its documents too."""

    organization: Organization | None
    memberships: list[Membership]
    from_above: list[Membership]


def recipients(session: Session, organization: Organization, instrument_id: str) -> list[Recipient]:
    """Who gets a document of this instrument, each person once, by address.

    Until the transaction ends nobody accepts an invitation or changes a rule: what is queued now agrees with both.
    """
    found = _serving(session, organization, lock=True)
    memberships = [*found.memberships, *found.from_above]
    ids = [membership.id for membership in memberships]
    wanted = select(DeliveryRule.membership_id, DeliveryRule.rule)
    wanted = wanted.where(DeliveryRule.membership_id.in_(ids), DeliveryRule.instrument == instrument_id)
    rules: dict[uuid.UUID, str] = dict(session.execute(wanted).all())
    chosen: dict[uuid.UUID, Recipient] = {}
    for membership in memberships:
        rule = rules.get(membership.id, "send")
        before = chosen.get(membership.person_id)
        # A person may be a coordinator here and above: what waits by one of the two need not wait by the other.
        if rule != "never" and (before is None or before.held_for):
            here = Recipient(membership, held_for(membership, rule))
            if before is None or here.held_for is None:
                chosen[membership.person_id] = here
    return sorted(chosen.values(), key=lambda one: one.person.address)


def held_for(membership: Membership, rule: str) -> HeldFor | None:
    """Why a document waits, by a coordinator's rule for it."""
    if rule == "hold":
        return "paused"
    return "invited" if membership.accepted_at is None else None


def serving(session: Session, organization: Organization) -> Serving:
    """Who serves an organization now, for pages; those who have not yet accepted are among them."""
    return _serving(session, organization, lock=False)


def _serving(session: Session, organization: Organization, lock: bool) -> Serving:
    alive = [here for here in upward(organization) if here.archived_at is None]
    held = _coordinators(session, [here.id for here in alive], lock)
    nearest = next((place for place, here in enumerate(alive) if here.id in held), None)
    if nearest is None:
        return Serving(None, [], [])
    above = [one for here in alive[nearest + 1 :] for one in held.get(here.id, []) if one.from_below]
    return Serving(alive[nearest], held[alive[nearest].id], above)


def _coordinators(
    session: Session, organization_ids: Collection[uuid.UUID], lock: bool
) -> dict[uuid.UUID, list[Membership]]:
    query = select(Membership).where(
        Membership.organization_id.in_(organization_ids), Membership.role == "coordinator"
    )
    query = query.order_by(Membership.id)  # all who lock several lock them in this order
    if lock:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    query = query.options(selectinload(Membership.person))
    found: dict[uuid.UUID, list[Membership]] = {}
    for membership in session.scalars(query):
        found.setdefault(membership.organization_id, []).append(membership)
    for memberships in found.values():
        memberships.sort(key=lambda one: one.person.address)
    return found
