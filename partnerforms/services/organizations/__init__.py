"""Organizations: made, named, moved, archived, and the tree they stand in.

A state stands at the top, a district below a state or at the top, a school below either or at the top. A parent is
always of a higher level, so the tree has no circles. Whoever changes it holds it still for the rest of the
transaction: two people cannot give the same name at once, or move a school below what is just archived.
"""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from partnerforms.engine.answers import clean
from partnerforms.engine.model import LEVELS
from partnerforms.models import Organization
from partnerforms.services import audit
from partnerforms.services.access import Ability, Reach, below
from partnerforms.services.inheritance import upward

LONGEST_NAME, LONGEST_NUMBER = 200, 40


class TreeError(Exception):
    """It cannot be done to the tree.

    `code` says why: name, number (missing or too long), same_name, same_number, level, archived, parent_archived.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def listed(session: Session, organization_ids: Iterable[uuid.UUID]) -> list[Organization]:
    """These organizations, states before districts before schools, then by name."""
    found = session.scalars(select(Organization).where(Organization.id.in_(list(organization_ids)))).all()
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.name.casefold()))


def called(session: Session, text: str) -> list[Organization]:
    """Every organization with this name, number or id: how commands are told which one is meant."""
    found = select(Organization).where(or_(Organization.name == text, Organization.number == text))
    with suppress(ValueError):  # it is no id, as is usual
        found = select(Organization).where(Organization.id == uuid.UUID(text))
    return list(session.scalars(found.order_by(Organization.name, Organization.id)))


def find(session: Session, reach: Reach, organization_id: uuid.UUID, ability: Ability = "see") -> Organization:
    """The organization with this id, where the person has the ability; else as `Reach.require` says."""
    reach.require(ability, organization_id)
    return session.get_one(Organization, organization_id)


def levels_below(level: str) -> tuple[str, ...]:
    """The levels of organizations that may stand below one of this level."""
    return LEVELS[LEVELS.index(level) + 1 :]


def create(
    session: Session, reach: Reach, parent: Organization, level: str, name: str, number: str, now: datetime
) -> Organization:
    """A new organization below another. TreeError when its place, name or number does not do."""
    _require_arranging(reach, parent)
    hold_still(session, parent)
    if level not in levels_below(parent.level):
        raise TreeError("level")
    if parent.archived_at is not None:
        raise TreeError("parent_archived")
    organization = Organization(
        level=level,
        name=_free_name(session, name, parent.id),
        number=_free_number(session, number, parent),
        parent_id=parent.id,
    )
    session.add(organization)
    session.flush()
    audit.note(
        session, "organization.created", reach.person, organization.id, now, organization.name,
        level=level, parent=parent.name,
    )  # fmt: skip
    return organization


def rename(session: Session, reach: Reach, organization: Organization, name: str, now: datetime) -> None:
    """Give it another name; what was mailed and submitted before keeps the old one."""
    _require_arranging(reach, organization)
    hold_still(session, organization)
    free, before = _free_name(session, name, organization.parent_id, organization.id), organization.name
    if free != before:
        organization.name = free
        audit.note(
            session, "organization.renamed", reach.person, organization.id, now, organization.name, before=before
        )
    session.flush()


def set_number(session: Session, reach: Reach, organization: Organization, number: str, now: datetime) -> None:
    """Give it its official number, or with an empty text none."""
    _require_arranging(reach, organization)
    hold_still(session, organization)
    free, before = _free_number(session, number, organization), organization.number
    if free != before:
        organization.number = free
        audit.note(
            session, "organization.numbered", reach.person, organization.id, now, organization.name,
            number=free or "", before=before or "",
        )  # fmt: skip
    session.flush()


def move(session: Session, reach: Reach, organization: Organization, parent: Organization, now: datetime) -> None:
    """Put it, and all that stands below it, below another parent.

    The person arranges it, the old parent and the new one; what stands at the top moves only with who runs it.
    """
    _require_arranging(reach, organization)
    _require_arranging(reach, parent)
    if organization.parent is not None:
        _require_arranging(reach, organization.parent)
    else:
        reach.require("run", organization.id)
    hold_still(session, organization, parent)
    if organization.level not in levels_below(parent.level):
        raise TreeError("level")
    if organization.archived_at is not None:
        raise TreeError("archived")
    if parent.archived_at is not None:
        raise TreeError("parent_archived")
    if organization.parent_id == parent.id:
        return
    _free_name(session, organization.name, parent.id)
    _check_numbers(session, organization, parent)
    before = organization.parent.name if organization.parent else ""
    organization.parent = parent
    audit.note(
        session, "organization.moved", reach.person, organization.id, now, organization.name,
        before=before, parent=parent.name,
    )  # fmt: skip
    session.flush()


def archive(session: Session, reach: Reach, organization: Organization, now: datetime) -> int:
    """Archive it and all below it that is not archived yet, with one moment; how many that were."""
    _require_arranging(reach, organization)
    hold_still(session, organization)
    if organization.archived_at is not None:
        raise TreeError("archived")
    going = [one for one in _subtree(session, organization) if one.archived_at is None]
    for one in going:
        one.archived_at = now
    audit.note(
        session, "organization.archived", reach.person, organization.id, now, organization.name, count=len(going)
    )
    session.flush()
    return len(going)


def restore(session: Session, reach: Reach, organization: Organization, now: datetime) -> int:
    """Bring it back with what was archived together with it; how many that were."""
    _require_arranging(reach, organization)
    hold_still(session, organization)
    moment = organization.archived_at
    if moment is None:
        return 0
    if organization.parent is not None and organization.parent.archived_at is not None:
        raise TreeError("parent_archived")
    coming = [one for one in _subtree(session, organization) if one.archived_at == moment]
    for one in coming:
        one.archived_at = None
    audit.note(
        session, "organization.restored", reach.person, organization.id, now, organization.name, count=len(coming)
    )
    session.flush()
    return len(coming)


def parents_for(session: Session, reach: Reach, organization: Organization) -> list[Organization]:
    """Where the person may move it, its present parent among them; nowhere when it must stay where it is."""
    here = organization.parent_id
    if organization.archived_at or not (reach.can("arrange", here) if here else reach.can("run", organization.id)):
        return []
    query = select(Organization.id).where(
        Organization.id.in_(reach.where("arrange")),
        Organization.level.in_(LEVELS[: LEVELS.index(organization.level)]),
        Organization.archived_at.is_(None),
    )
    return listed(session, session.scalars(query))


def _require_arranging(reach: Reach, organization: Organization) -> None:
    """Who arranges an organization arranges what stands below, also what was made after the reach was taken."""
    if not any(reach.can("arrange", here.id) for here in upward(organization)):
        reach.require("arrange", organization.id)


def hold_still(session: Session, *organizations: Organization) -> None:
    """Wait for whoever else changes a tree, and see these organizations as they are then.

    The tops of all trees are locked in one order, so nobody waits in a circle; rows may still point to them.
    """
    tops = select(Organization.id).where(Organization.parent_id.is_(None)).order_by(Organization.id)
    session.execute(tops.with_for_update(key_share=True)).all()
    for organization in organizations:
        session.refresh(organization, ["name", "number", "level", "parent_id", "parent", "archived_at"])


def _subtree(session: Session, organization: Organization) -> list[Organization]:
    ids = below(session, [organization.id])
    query = select(Organization).where(Organization.id.in_(ids)).order_by(Organization.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _plain(text: str) -> str:
    return " ".join(clean(text).split())


def _free_name(session: Session, text: str, parent_id: uuid.UUID | None, own: uuid.UUID | None = None) -> str:
    """The name as it is kept. TreeError when it is none, or another below the same parent has it, archived or not."""
    name = _plain(text)
    if not 0 < len(name) <= LONGEST_NAME:
        raise TreeError("name")
    if parent_id is not None:
        siblings = select(Organization.name).where(Organization.parent_id == parent_id, Organization.id != own)
        if name.casefold() in {taken.casefold() for taken in session.scalars(siblings)}:
            raise TreeError("same_name")
    return name


def _free_number(session: Session, text: str, place: Organization) -> str | None:
    """The number as it is kept. TreeError when another of the tree in which `place` stands has it."""
    number = _plain(text)
    if len(number) > LONGEST_NUMBER:
        raise TreeError("number")
    if number and number != place.number:
        _check_taken(session, [number], _top(place), set())
    return number or None


def _check_numbers(session: Session, organization: Organization, parent: Organization) -> None:
    """The numbers of what moves to another tree must be free there."""
    moving = _subtree(session, organization)
    _check_taken(session, [one.number for one in moving if one.number], _top(parent), {one.id for one in moving})


def _check_taken(session: Session, numbers: list[str], top: uuid.UUID, but: set[uuid.UUID]) -> None:
    having = session.scalars(select(Organization).where(Organization.number.in_(numbers)))
    if any(one.id not in but and _top(one) == top for one in having):
        raise TreeError("same_number")


def _top(organization: Organization) -> uuid.UUID:
    *_, top = upward(organization)
    return top.id
