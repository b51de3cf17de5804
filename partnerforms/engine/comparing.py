"""Two sets of answers item by item: what stayed, what changed, what came and what went.

Each set brings the instrument that it answers, so an item may be new or gone. Rows of tables and entries of repeating
sections are matched by what is written in them: one that was moved or put in between leaves the others as they are.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from partnerforms.engine.answers import parse_sections
from partnerforms.engine.merging import condensed
from partnerforms.engine.model import Instrument, Item, Paragraph, Section, Table, Text

State = Literal["same", "changed", "added", "removed"]

_ALIKE = 0.4  # the share of words that two rows must have in common to be the same row, changed
_WORDS = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
_FEW = 0.25  # texts with less in common than this are shown whole, without marks in them


@dataclass(frozen=True)
class Asked:
    """An instrument, or a part of one, and the raw answers to it."""

    instrument: Instrument
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class ItemChange:
    """One item: as it was asked and answered then, and as it is now. A table has its rows in `rows`.

    `item` is the one of now, if it is still asked.
    """

    state: State
    item: Item
    was: Item | None
    now: Item | None
    before: Any = None
    after: Any = None
    rows: tuple["RowChange", ...] = ()


@dataclass(frozen=True)
class RowChange:
    """A row of a table or an entry of a section, with its numbers then and now; `moved` past others that stayed."""

    state: State
    was: int | None
    now: int | None
    moved: bool
    items: tuple[ItemChange, ...]


@dataclass(frozen=True)
class SectionChange:
    """A section, as it is now if it still is: its items, or the entries of a repeating one."""

    section: Section
    items: tuple[ItemChange, ...] = ()
    entries: tuple[RowChange, ...] = ()


def compare(was: Asked, now: Asked) -> list[SectionChange]:
    """All sections of both instruments in the order of the new one; those that are gone come last."""
    old, new = _settled(was), _settled(now)
    found = []
    gone = {item.id: item for section in was.instrument.sections if not section.repeat for item in section.items}
    asked = {item.id: item for section in now.instrument.sections if not section.repeat for item in section.items}
    for section in now.instrument.sections:
        earlier = _section(was.instrument, section)
        if section.repeat:
            items = (earlier.items if earlier else (), section.items)
            before = old.get(section.id) if earlier else None
            found.append(SectionChange(section, entries=_rows(*items, before, new.get(section.id))))
            continue
        pairs = [(gone.get(item.id), item) for item in section.items]
        left = [(item, None) for item in (earlier.items if earlier else ()) if item.id not in asked]
        found.append(SectionChange(section, items=_items([*pairs, *left], old, new)))
    for section in was.instrument.sections:
        if _section(now.instrument, section) is not None:
            continue
        if section.repeat:
            found.append(SectionChange(section, entries=_rows(section.items, (), old.get(section.id), None)))
        else:
            pairs_gone = [(item, None) for item in section.items if item.id not in asked]
            found.append(SectionChange(section, items=_items(pairs_gone, old, new)))
    return [one for one in found if one.items or one.entries]


def words(was: str, now: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both texts in pieces; True for those that the other one does not have."""
    one, other = _WORDS.findall(was), _WORDS.findall(now)
    matcher = SequenceMatcher(None, one, other, autojunk=len(one) + len(other) > 2000)
    if matcher.quick_ratio() < _FEW or matcher.ratio() < _FEW:
        return _joined([(was, True)]), _joined([(now, True)])
    codes = matcher.get_opcodes()
    return (
        _joined(("".join(one[code[1] : code[2]]), code[0] != "equal") for code in codes),
        _joined(("".join(other[code[3] : code[4]]), code[0] != "equal") for code in codes),
    )


def _joined(pieces: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The pieces without empty ones; what differs is one piece if only white space lies between."""
    joined: list[tuple[str, bool]] = []
    for text, differs in pieces:
        if not text:
            continue
        if differs and len(joined) > 1 and joined[-2][1] and joined[-1][0].isspace():
            space, before = joined.pop(), joined.pop()
            joined.append((before[0] + space[0] + text, True))
        elif joined and joined[-1][1] == differs:
            joined.append((joined.pop()[0] + text, differs))
        else:
            joined.append((text, differs))
    return joined


def counts(sections: Iterable[SectionChange]) -> Counter[State]:
    """How many answers are in which state; one of a row counts as one of any other."""
    found: Counter[State] = Counter()
    for section in sections:
        for items in (section.items, *(entry.items for entry in section.entries)):
            for item in items:
                inside = [cell for row in item.rows for cell in row.items]
                found.update(cell.state for cell in inside or [item])
    return found


def _section(instrument: Instrument, like: Section) -> Section | None:
    """The section of the same id, if it repeats like the other or neither does."""
    found = (one for one in instrument.sections if one.id == like.id and bool(one.repeat) == bool(like.repeat))
    return next(found, None)


def _settled(asked: Asked) -> dict[str, Any]:
    """The answers as they are kept once submitted; what is not right yet stays as it was typed."""
    raw = condensed({**asked.answers}) or {}
    parsed = parse_sections(asked.instrument.sections, raw)
    settled = parsed.answers
    for problem in parsed.problems:
        *way, last = problem.path
        try:
            source, target = _at(raw, way), _at(settled, way)
            target[last] = source[last]
        except (KeyError, IndexError):  # missing, or inside rows that were too many and stand there as they are
            continue
    return settled


def _at(values: Any, way: Iterable[str | int]) -> Any:
    for part in way:
        values = values[part]
    return values


def _items(
    pairs: Iterable[tuple[Item | None, Item | None]], old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[ItemChange, ...]:
    """The items that have an answer in either."""
    found = (
        _item(was, now, old.get(was.id) if was else None, new.get(now.id) if now else None) for was, now in pairs
    )
    return tuple(one for one in found if one is not None)


def _item(was: Item | None, now: Item | None, before: Any, after: Any) -> ItemChange | None:
    item = now or was
    if item is None or not (before or after):
        return None
    state: State = "same" if before == after else "changed" if before and after else "added" if after else "removed"
    rows: tuple[RowChange, ...] = ()
    if isinstance(was or now, Table) and isinstance(now or was, Table):
        columns = [item.columns if isinstance(item, Table) else () for item in (was, now)]
        rows = _rows(columns[0], columns[1], before, after)
    return ItemChange(state, item, was, now, before, after, rows)


def _rows(was: Sequence[Item], now: Sequence[Item], before: Any, after: Any) -> tuple[RowChange, ...]:
    """Rows in their new order; those that are gone stand where they were."""
    old, new = _list(before), _list(after)
    partner = _matched(was, now, old, new)
    stayed = set(_rising([place for place in partner if place is not None]))
    by_id = {item.id: item for item in was}
    pairs: list[tuple[Item | None, Item | None]] = [(by_id.get(item.id), item) for item in now]
    pairs += [(item, None) for item in was if item.id not in {one.id for one in now}]
    found = []
    for number, place in enumerate(partner):
        row = {} if place is None else old[place]
        items = _items(pairs, row, new[number])
        state: State = "added" if place is None else "same" if _same(items) else "changed"
        moved = place is not None and place not in stayed
        found.append(RowChange(state, None if place is None else place + 1, number + 1, moved, items))
    for place in range(len(old)):
        if place not in partner:
            gone = RowChange("removed", place + 1, None, False, _items(pairs, old[place], {}))
            before_it = [at for at, row in enumerate(found) if row.was is not None and row.was <= place]
            found.insert(before_it[-1] + 1 if before_it else 0, gone)
    return tuple(found)


def _same(items: Iterable[ItemChange]) -> bool:
    return all(item.state == "same" for item in items)


def _list(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _matched(was: Sequence[Item], now: Sequence[Item], old: list[Any], new: list[Any]) -> list[int | None]:
    """For each new row the place of the old one that it was: the very same first, then the most alike."""
    partner: list[int | None] = [None] * len(new)
    left = list(range(len(old)))
    for same in SequenceMatcher(
        None, [repr(row) for row in old], [repr(row) for row in new], False
    ).get_matching_blocks():
        for step in range(same.size):
            partner[same.b + step] = same.a + step
            left.remove(same.a + step)
    texts, words = [_said(now, row) for row in new], {place: _said(was, old[place]) for place in left}
    alike = [
        (_likeness(words[place], texts[number]), -abs(place - number), place, number)
        for number, taken in enumerate(partner)
        if taken is None
        for place in left
    ]
    for likeness, _, place, number in sorted(alike, reverse=True):
        if likeness >= _ALIKE and partner[number] is None and place in left:
            partner[number] = place
            left.remove(place)
    return partner


def _said(items: Sequence[Item], row: Mapping[str, Any]) -> tuple[str, Counter[str]]:
    """The first words written in a row, by which people know it, and all words in it."""
    first = next((row[item.id] for item in items if isinstance(item, Text | Paragraph) and row.get(item.id)), "")
    return str(first), Counter(_tokens(row))


def _tokens(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _tokens(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tokens(inner)
    else:
        yield from re.findall(r"\w+", str(value).casefold())


def _likeness(one: tuple[str, Counter[str]], other: tuple[str, Counter[str]]) -> float:
    """1 and more for rows of the same name, else the share of their words that both have."""
    total = one[1].total() + other[1].total()
    shared = 2 * (one[1] & other[1]).total() / total if total else 0.0
    return shared + 1 if one[0] and one[0] == other[0] else shared


def _rising(numbers: Sequence[int]) -> list[int]:
    """The longest rising part of some numbers: rows that kept their order."""
    best: list[list[int]] = []
    for number in numbers:
        before = max((one for one in best if one[-1] < number), key=len, default=[])
        best.append([*before, number])
    return max(best, key=len, default=[])
