"""The tree of organizations as a person sees it: in order, with places and counts, and searched."""

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Organization
from partnerforms.services.access import Reach, below


@dataclass(frozen=True)
class Node:
    """An organization in the tree. `place` names those above it, as far as the person sees them, the top first;
    `below` counts by level what stands below it and is not archived."""

    id: uuid.UUID
    level: str
    name: str
    number: str
    archived: bool
    place: tuple[str, ...]
    below: Mapping[str, int]

    @property
    def depth(self) -> int:
        return len(self.place)


def tree(session: Session, reach: Reach, within: uuid.UUID | None = None) -> list[Node]:
    """What the person sees, each followed by what stands below it, by name; only `within` and below, if given."""
    ids = set(reach.where("see"))
    if within is not None:
        ids &= set(below(session, [within]))
    columns = (
        Organization.id,
        Organization.parent_id,
        Organization.level,
        Organization.name,
        Organization.number,
        Organization.archived_at,
    )
    children: dict[uuid.UUID | None, list[Any]] = {}
    for row in session.execute(select(*columns).where(Organization.id.in_(ids))):
        children.setdefault(row.parent_id if row.parent_id in ids else None, []).append(row)
    for rows in children.values():
        rows.sort(key=lambda row: (_in_order(row.name), row.id))
    return list(_walk(children, None, ()))


def _walk(
    children: Mapping[uuid.UUID | None, list[Any]], parent: uuid.UUID | None, place: tuple[str, ...]
) -> Iterator[Node]:
    for row in children.get(parent, ()):
        inside = list(_walk(children, row.id, (*place, row.name)))
        yield Node(
            id=row.id,
            level=row.level,
            name=row.name,
            number=row.number or "",
            archived=row.archived_at is not None,
            place=place,
            below=Counter(node.level for node in inside if not node.archived),
        )
        yield from inside


def search(nodes: Iterable[Node], words: str) -> list[Node]:
    """Those whose name or number holds every word; capitals and accents do not matter."""
    wanted = _plain(words).split()
    return [node for node in nodes if all(word in _plain(f"{node.name} {node.number}") for word in wanted)]


def _in_order(name: str) -> str:
    """A key to sort by: School 2 stands before School 10."""
    return re.sub("[0-9]+", lambda found: found[0].zfill(9), _plain(name))


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))
