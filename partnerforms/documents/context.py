"""What a template may say about an instrument, and the texts it then shows.

`names` is the list of names a template of the instrument may use; `context` is the same shape filled with
texts in the reader's language. Both walk the instrument the same way, so they stand side by side here.

    title  intro  version          of the instrument
    about.…                        whose document it is (`ABOUT`)
    words.…                        fixed words in the reader's language
    labels.ID  hints.ID            of a section or an item; columns.TABLE.ID of a column
    marks.ID                       what a mark of check items means
    ID                             the answer; ID.MARK for check items
    SECTION, TABLE                 rows for `for`; each row has number (and entry in a section) and its own ids
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from partnerforms.documents.templates import Names, Rows
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
    Table,
    Text,
)
from partnerforms.engine.texts import DOCUMENT_WORDS, Language

ABOUT = ("organization", "record", "person", "date", "revision", "reference", "audience")


@dataclass(frozen=True)
class Reader:
    """For whom a document is written: a language, and the fixed words in it. `blank` stands for no answer."""

    language: Language
    words: Mapping[str, str]
    blank: str = ""

    def day(self, iso: str) -> str:
        """A date of an answer as people write it."""
        return str(format_date(date.fromisoformat(iso), "long", locale=self.language.locale))

    def together(self, texts: list[str]) -> str:
        """Options that were chosen. Their names hold commas and "and", so neither may part them."""
        return ("\u061b " if self.language.direction == "rtl" else "; ").join(texts)


def names(instrument: Instrument) -> Names:
    """Every name that a template of the instrument may use."""
    items = instrument.items()
    tables = [item for item in items if isinstance(item, Table)]
    known: dict[str, Names | Rows | None] = {
        "title": None,
        "intro": None,
        "version": None,
        "about": dict.fromkeys(ABOUT),
        "words": dict.fromkeys(DOCUMENT_WORDS),
        "labels": dict.fromkeys([*(section.id for section in instrument.sections), *(item.id for item in items)]),
        "hints": dict.fromkeys([*(section.id for section in instrument.sections), *(item.id for item in items)]),
        "columns": {table.id: dict.fromkeys(column.id for column in table.columns) for table in tables},
        "marks": dict.fromkeys(mark.id for mark in _marks(items)),
    }
    for section in instrument.sections:
        inside = {item.id: _name(item) for item in section.items}
        if section.repeat is None:
            known |= inside
        else:
            known[section.id] = Rows({"number": None, "entry": None, **inside})
    return known


def _name(item: Item) -> Names | Rows | None:
    match item:
        case Checks():
            return {mark.id: None for mark in item.marks}
        case Table():
            return Rows({"number": None, **{column.id: _name(column) for column in item.columns}})
        case _:
            return None


def listed(names: Names, before: str = "") -> Iterator[str]:
    """The names as a template writes them, one a line; those inside rows stand behind the rows and []."""
    for name, inside in names.items():
        match inside:
            case None:
                yield f"{before}{name}"
            case Rows():
                yield f"{before}{name} (rows)"
                yield from listed(inside.names, f"{before}{name}[].")
            case _:
                yield from listed(inside, f"{before}{name}.")


def context(
    instrument: Instrument, answers: Mapping[str, Any], about: Mapping[str, str], reader: Reader
) -> dict[str, Any]:
    """The texts for every name of `names`. Answers must be those of `engine.answers.parse`."""
    items = instrument.items()
    texts: dict[str, Any] = {
        "title": instrument.title,
        "intro": instrument.intro,
        "version": str(instrument.version),
        "about": {name: about.get(name, "") for name in ABOUT},
        "words": dict(reader.words),
        "labels": {**{section.id: section.title for section in instrument.sections}, **_each(items, "label")},
        "hints": {**{section.id: section.intro for section in instrument.sections}, **_each(items, "hint")},
        "columns": {item.id: _each(item.columns, "label") for item in items if isinstance(item, Table)},
        "marks": {mark.id: f"{mark.symbol} {mark.label}".strip() for mark in _marks(items)},
    }
    for section in instrument.sections:
        if section.repeat is None:
            texts |= {item.id: shown(item, answers.get(item.id), reader) for item in section.items}
        else:
            texts[section.id] = [
                {
                    "number": str(number),
                    "entry": section.repeat.entry,
                    **{item.id: shown(item, entry.get(item.id), reader) for item in section.items},
                }
                for number, entry in enumerate(answers.get(section.id, []), 1)
            ]
    return texts


def shown(item: Item, value: Any, reader: Reader) -> Any:
    """An answer as a document shows it: a text, a mapping of marks, or rows."""
    if not value and not isinstance(item, Checks | Table):
        return reader.blank
    match item:
        case Scale():
            return _label((*item.options, item.unsure), value)
        case Choice():
            return _label(item.options, value)
        case Choices():
            return reader.together([option.label for option in item.options if option.id in value])
        case Checks():
            return {mark.id: mark.symbol if mark.id in (value or ()) else "" for mark in item.marks}
        case Text() | Paragraph() | Email():
            return value
        case Number():
            return format_decimal(int(value), locale=reader.language.locale)
        case Money():
            return format_currency(Decimal(value), "USD", locale=reader.language.locale)
        case Date():
            return reader.day(value)
        case Table():
            return [
                {
                    "number": str(number),
                    **{column.id: shown(column, row.get(column.id), reader) for column in item.columns},
                }
                for number, row in enumerate(value or [], 1)
            ]
    assert_never(item)


def answer_texts(instrument: Instrument, texts: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a context that somebody answered, for the check that the document holds it."""
    for section in instrument.sections:
        if section.repeat is None:
            yield from _leaves(texts[item.id] for item in section.items)
        else:
            for entry in texts[section.id]:
                yield from _leaves(entry[item.id] for item in section.items)


def _leaves(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from _leaves(value.values())
        else:
            for row in value:
                yield from _leaves(text for name, text in row.items() if name != "number")


def _label(options: Iterable[Option], chosen: str) -> str:
    return next(option.label for option in options if option.id == chosen)


def _each(items: Iterable[Item], attribute: str) -> dict[str, str]:
    return {item.id: getattr(item, attribute) for item in items}


def _marks(items: Iterable[Item]) -> dict[Option, None]:
    """The distinct marks of all check items, in order; as keys of a dict because a set has no order."""
    return {mark: None for item in items if isinstance(item, Checks) for mark in item.marks}
