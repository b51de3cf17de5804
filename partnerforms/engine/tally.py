"""Many answers to counts for each item. What comes out is exact; showing it is the gate's affair (`disclosure`)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from partnerforms.engine.model import (
    Checks,
    Choice,
    Choices,
    Date,
    Email,
    Instrument,
    Item,
    Money,
    Number,
    Option,
    Paragraph,
    Scale,
    Section,
    Table,
    Text,
)


@dataclass(frozen=True)
class ItemTally:
    """How one item was answered. `counts` has every option, also those nobody chose; `unsure` of a scale apart.

    `answered` counts people who chose a rating or an option (unsure ones not), or wrote anything at all.
    """

    item: Item
    answered: int
    counts: Mapping[str, int]
    unsure: int = 0

    def __add__(self, other: "ItemTally") -> "ItemTally":
        """The same item, answered by the people of both."""
        counts = {option: count + other.counts.get(option, 0) for option, count in self.counts.items()}
        return ItemTally(self.item, self.answered + other.answered, counts, self.unsure + other.unsure)


@dataclass(frozen=True)
class Tally:
    """`n` answer sets, and one `ItemTally` for each item outside repeating sections."""

    n: int
    items: Mapping[str, ItemTally]


def tally(instrument: Instrument, answer_sets: Iterable[Mapping[str, Any]]) -> Tally:
    """Count answer sets. Answers to items the instrument does not have are passed over."""
    sets = list(answer_sets)
    once: list[Section] = [section for section in instrument.sections if section.repeat is None]
    items = {
        item.id: _item(item, [answers[item.id] for answers in sets if item.id in answers])
        for section in once
        for item in section.items
    }
    return Tally(len(sets), items)


def _item(item: Item, values: list[Any]) -> ItemTally:
    match item:
        case Scale():
            counts = Counter(values)
            rated = _each(item.options, counts)
            return ItemTally(item, sum(rated.values()), rated, counts[item.unsure.id])
        case Choice():
            return ItemTally(item, len(values), _each(item.options, Counter(values)))
        case Choices():
            return ItemTally(item, len(values), _each(item.options, _flat(values)))
        case Checks():
            return ItemTally(item, len(values), _each(item.marks, _flat(values)))
        case Text() | Paragraph() | Number() | Money() | Date() | Email() | Table():
            return ItemTally(item, len(values), {})
    assert_never(item)


def _flat(values: list[list[str]]) -> Counter[str]:
    return Counter(option for chosen in values for option in chosen)


def _each(options: tuple[Option, ...], counts: Counter[str]) -> dict[str, int]:
    return {option.id: counts[option.id] for option in options}
