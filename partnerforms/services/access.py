"""Who may do what, where. Everything a signed-in person asks for passes through a `Reach`.

A leader runs an organization; a member fills its forms; a coordinator receives its documents. A leader also sees
what lies below, and arranges it: makes organizations, names and moves them, and says who is in them. An invitation
gives nothing before it is accepted. What is archived can be seen, and its leaders can bring it back.
What a person cannot see does not exist for them: a foreign id is answered like an unknown one.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from partnerforms.models import Membership, Organization, Person

Ability = Literal["see", "fill", "run", "deliveries", "arrange"]

_ABILITIES: dict[str, frozenset[Ability]] = {
    "leader": frozenset(("see", "fill", "run", "deliveries", "arrange")),
    "member": frozenset(("see", "fill")),
    "coordinator": frozenset(("see", "deliveries")),
}
_BELOW_A_LEADER: frozenset[Ability] = frozenset(("see", "deliveries", "arrange"))
_WHEN_ARCHIVED: frozenset[Ability] = frozenset(("see", "arrange"))


class NotThereError(LookupError):
    """There is no such thing, as far as this person can see."""


class NotAllowedError(PermissionError):
    """The person sees it but may not do this with it."""


@dataclass(frozen=True)
class Reach:
    """What one person may do in which organization."""

    person: Person
    abilities: Mapping[uuid.UUID, frozenset[Ability]]

    def can(self, ability: Ability, organization_id: uuid.UUID) -> bool:
        return ability in self.abilities.get(organization_id, ())

    def where(self, ability: Ability) -> list[uuid.UUID]:
        """The ids of all organizations in which the person has this ability."""
        return [organization_id for organization_id, held in self.abilities.items() if ability in held]

    def require(self, ability: Ability, organization_id: uuid.UUID) -> None:
        """NotThereError where the person sees nothing, NotAllowedError where only this ability is missing."""
        if not self.can("see", organization_id):
            raise NotThereError
        if not self.can(ability, organization_id):
            raise NotAllowedError


def reach(session: Session, person: Person, within: uuid.UUID | None = None) -> Reach:
    """The reach of a person, from the memberships as they are now; `within` one organization and what lies below."""
    abilities: dict[uuid.UUID, frozenset[Ability]] = {}
    memberships = session.scalars(
        select(Membership).where(Membership.person_id == person.id, Membership.accepted_at.is_not(None))
    ).all()
    led = [membership.organization_id for membership in memberships if membership.role == "leader"]
    for organization_id in below(session, led):
        abilities[organization_id] = _BELOW_A_LEADER
    for membership in memberships:
        held = abilities.get(membership.organization_id, frozenset())
        abilities[membership.organization_id] = held | _ABILITIES[membership.role]
    if within is not None:
        inside = set(below(session, [within]))
        abilities = {
            organization_id: held for organization_id, held in abilities.items() if organization_id in inside
        }
    archived = select(Organization.id).where(Organization.archived_at.is_not(None))
    for organization_id in session.scalars(archived):
        if organization_id in abilities:
            abilities[organization_id] &= _WHEN_ARCHIVED
    return Reach(person, abilities)


def below(session: Session, roots: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """The ids of these organizations and of all below them."""
    return list(session.scalars(subtree(roots)))


def subtree(roots: Collection[uuid.UUID]) -> Select[tuple[uuid.UUID]]:
    """The query of `below`, for use inside others: a state has more ids than a statement should carry many times."""
    tree = select(Organization.id).where(Organization.id.in_(roots)).cte("tree", recursive=True)
    child = aliased(Organization)
    tree = tree.union(select(child.id).where(child.parent_id == tree.c.id))
    return select(tree.c.id)
