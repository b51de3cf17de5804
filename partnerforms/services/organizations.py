"""Organizations: their place in the tree, their settings, and who receives their documents."""

import uuid
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Membership, Organization, Person


def listed(session: Session, organization_ids: Iterable[uuid.UUID]) -> list[Organization]:
    """These organizations, states before districts before schools, then by name."""
    found = session.scalars(select(Organization).where(Organization.id.in_(list(organization_ids)))).all()
    order = {"state": 0, "district": 1, "school": 2}
    return sorted(found, key=lambda organization: (order[organization.level], organization.name.casefold()))


def upward(organization: Organization) -> Iterator[Organization]:
    """The organization, the one above it, and so on up to the top."""
    here: Organization | None = organization
    while here is not None:
        yield here
        here = here.parent


def coordinators(session: Session, organization: Organization) -> list[Person]:
    """Who receives an organization's documents: its coordinators, or those of the nearest organization above."""
    for here in upward(organization):
        query = (
            select(Person)
            .join(Membership)
            .where(Membership.organization_id == here.id, Membership.role == "coordinator")
            .order_by(Person.address)
        )
        if people := list(session.scalars(query)):
            return people
    return []


def logo(organization: Organization) -> bytes | None:
    """The picture of the organization or of the nearest one above that has one."""
    return next((here.logo for here in upward(organization) if here.logo), None)


def minimum_n(organization: Organization) -> int | None:
    """The highest smallest-group size that the organization or any above it has chosen."""
    chosen = [here.minimum_n for here in upward(organization) if here.minimum_n is not None]
    return max(chosen, default=None)
