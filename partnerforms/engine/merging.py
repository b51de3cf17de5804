"""Two people at one page of a draft: what each changed since the page was shown, put together item by item.

Only one changed an item: that change stays. Both did, and differently: it is a conflict, which a person settles.
Rows of a table are put together by their place: a row that was moved or removed counts as changed, so that rows of
two people never mix, and rows that both added are all kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from partnerforms.engine.answers import is_blank
from partnerforms.engine.model import Item, Table

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """The items of a page put together. At a conflict `values` has mine; `others` are items changed by them."""

    values: dict[str, Any]
    conflicts: tuple[str, ...]
    others: tuple[str, ...]


def condensed(raw: Any) -> Any:
    """Raw input without anything empty, so that what reads the same is the same. None when nothing is left."""
    if is_blank(raw):
        return None
    if isinstance(raw, Mapping):
        return {name: condensed(value) for name, value in raw.items() if not is_blank(value)}
    if isinstance(raw, list):
        return [condensed(value) for value in raw if not is_blank(value)]
    return raw


def same(one: Any, other: Any) -> bool:
    """Do two pieces of raw input read the same?"""
    return bool(condensed(one) == condensed(other))


def merge(items: Iterable[Item], base: Raw | None, mine: Raw, theirs: Raw, mixing: bool = True) -> Merged:
    """Put together what I typed (`mine`) and what stands there now (`theirs`), both begun from `base`.

    Without a base everything that differs is a conflict. Without `mixing` so is a table to which both did something.
    """
    values: dict[str, Any] = {}
    conflicts, others = [], []
    for item in items:
        one, other, was = (raw.get(item.id) for raw in (mine, theirs, base or {}))
        values[item.id] = one
        if same(one, other) or (base is not None and same(other, was)):
            continue
        if base is not None and same(one, was):
            values[item.id] = other
            others.append(item.id)
            continue
        rows = _rows(item.most, was, one, other) if base is not None and mixing and isinstance(item, Table) else None
        if rows is None:
            conflicts.append(item.id)
        else:
            values[item.id] = rows
            others.append(item.id)
    return Merged(values, tuple(conflicts), tuple(others))


def _rows(most: int, base: Any, mine: Any, theirs: Any) -> list[Any] | None:
    """The rows of both, or None when the same row was changed by both or there would be too many."""
    together, added = [], []
    for was, one, other in zip_longest(*(condensed(rows) or [] for rows in (base, mine, theirs))):
        if was is None:
            together.append(other)
            added.append(one if one != other else None)
        elif other in (was, one):
            together.append(one)
        elif one == was:
            together.append(other)
        else:
            return None
    kept = [row for row in [*together, *added] if row is not None]
    return kept if len(kept) <= most else None
