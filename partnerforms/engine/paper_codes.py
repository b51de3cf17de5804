"""What stands beside questions and boxes on a paper form, and what is typed when the form comes back.

Items are numbered through from 1. The options of an item are numbered from 1 too, but for "I don't know", which is
9, and for a choice among the rated items: there an option bears the number of the item that it names.
"""

from collections.abc import Iterable
from typing import assert_never

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
    Paragraph,
    Scale,
    Table,
    Text,
)

UNSURE = "9"


def item_codes(instrument: Instrument) -> dict[str, str]:
    """The number of each item, by its id, in the order of the form. A repeated section counts once."""
    return {item.id: str(number) for number, item in enumerate(instrument.items(), 1)}


def option_codes(instrument: Instrument, item: Item) -> dict[str, str]:
    """The number of each option of one item, by its id and in the order of the form; empty where one writes.

    Of a choice among the rated items a number may have two figures: typing it ends with Enter or a comma.
    """
    match item:
        case Scale():
            return {**_in_order(option.id for option in item.options), item.unsure.id: UNSURE}
        case Choice() | Choices():
            numbers = item_codes(instrument)
            if all(option.id in numbers for option in item.options):
                return {option.id: numbers[option.id] for option in item.options}
            return _in_order(option.id for option in item.options)
        case Checks():
            return _in_order(mark.id for mark in item.marks)
        case Text() | Paragraph() | Number() | Money() | Date() | Email() | Table():
            return {}
    assert_never(item)


def _in_order(ids: Iterable[str]) -> dict[str, str]:
    return {one: str(number) for number, one in enumerate(ids, 1)}
