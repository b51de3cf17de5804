"""Sample answers, as `partnerforms check` and own Word templates are tried with."""

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
    Paragraph,
    Scale,
    Table,
    Text,
)


def sample(instrument: Instrument, word: str = "") -> dict[str, Any]:
    """Raw answers to everything an instrument asks, two rows and two entries each.

    Texts are awkward and all different; with a word they are for people to look at: the word and the question.
    """
    raw: dict[str, Any] = {}
    for section in instrument.sections:
        if section.repeat is None:
            raw |= {item.id: _sample(item, item.id, word) for item in section.items}
        else:
            raw[section.id] = [
                {item.id: _sample(item, f"{item.id} {number}", word) for item in section.items} for number in (1, 2)
            ]
    return raw


def _sample(item: Item, name: str, word: str) -> Any:
    match item:
        case Scale():
            return item.options[-1].id
        case Choice():
            return item.options[0].id
        case Choices():
            return [option.id for option in item.options][: item.most]
        case Checks():
            return [mark.id for mark in item.marks]
        case Text() | Paragraph():
            if not word:
                return f"{name} & <sample>"[-item.longest :]
            told = f"{word}: {item.label}"
            return told if len(told) <= item.longest else word[: item.longest]
        case Number():
            return str(item.least)
        case Money():
            return "1250.50"
        case Date():
            return "2026-10-15"
        case Email():
            return "sample@example.org"
        case Table():
            return [{column.id: _sample(column, f"{name} {row}", word) for column in item.columns} for row in (1, 2)]
    assert_never(item)
