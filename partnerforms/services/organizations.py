"""Organizations: their place in the tree, and who receives their documents."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Membership, Organization, Person
from partnerforms.services.inheritance import upward


def listed(session: Session, organization_ids: Iterable[uuid.UUID]) -> list[Organization]:
    """These organizations, states before districts before schools, then by name."""
    found = session.scalars(select(Organization).where(Organization.id.in_(list(organization_ids)))).all()
    order = {"state": 0, "district": 1, "school": 2}
    return sorted(found, key=lambda organization: (order[organization.level], organization.name.casefold()))


def coordinators(session: Session, organization: Organization) -> list[Person]:
    """Who receives an organization's documents: its coordinators, or those of the nearest organization above."""
    for here in upward(organization):
        query = (
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                Membership.organization_id == here.id,
                Membership.role == "coordinator",
                Membership.accepted_at.is_not(None),
            )
            .order_by(Person.address)
        )
        if people := list(session.scalars(query)):
            return people
    return []
