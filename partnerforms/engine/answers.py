"""Raw input to answers: cleaned, checked, and nothing that the instrument does not ask.

Raw input has the shape of the answers: item id to text (or a list of option ids, or a list of rows), a
repeating section to a list of entries. It may come from a web form, a JSON file or a draft. The same rules
serve them all, so what is refused on a page is refused on the command line.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
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
    Repeat,
    Scale,
    Section,
    Table,
    Text,
)

Answers = dict[str, Any]
Path = tuple[str | int, ...]

# What XML 1.0 cannot hold (control characters, surrogates, non-characters) is dropped or becomes a line break.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Putting marks in order takes the square of their number, so a text is normalized in pieces; each begins with an
# ASCII character, which never joins what stands before it, or is long enough already.
_PIECE = re.compile("(?s:.){1,200}[^\x00-\x7f]{0,200}")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]{2,}")


@dataclass(frozen=True)
class Problem:
    """One thing that keeps answers from being complete: where, which rule, and the figures of the rule."""

    path: Path
    code: str
    item: Item | None = None
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """Answers that hold, what is wrong with the others, and ids that the instrument does not know."""

    answers: Answers
    problems: tuple[Problem, ...] = ()
    unknown: tuple[Path, ...] = ()


class _WrongError(Exception):
    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(code)
        self.code, self.figures = code, figures


def clean(text: str) -> str:
    """The text in NFC with \\n for every kind of line break and without what a Word file cannot hold.

    Tabs and line breaks survive; white space at both ends goes.
    """
    fit = _UNFIT.sub("", _BREAKS.sub("\n", text))
    return "".join(unicodedata.normalize("NFC", piece) for piece in _PIECE.findall(fit)).strip()


def read_date(text: str) -> date | None:
    """The day of a text like 2026-10-15, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse(instrument: Instrument, raw: Mapping[str, Any]) -> Parsed:
    """Check the raw input of a whole instrument."""
    return parse_sections(instrument.sections, raw)


def parse_sections(sections: Iterable[Section], raw: Mapping[str, Any]) -> Parsed:
    """Check the raw input of some sections; input for other ids is reported as unknown."""
    reader = _Reader()
    answers: Answers = {}
    known: set[str] = set()
    for section in sections:
        if section.repeat is None:
            known.update(item.id for item in section.items)
            answers |= reader.items(section.items, raw, ())
        else:
            known.add(section.id)
            if entries := reader.entries(section, section.repeat, raw.get(section.id)):
                answers[section.id] = entries
    reader.note_unknown(raw, known, ())
    return Parsed(answers, tuple(reader.problems), tuple(reader.unknown))


class _Reader:
    """One pass over raw input; gathers what is wrong instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.unknown: list[Path] = []

    def note_unknown(self, raw: Mapping[str, Any], known: set[str], path: Path) -> None:
        self.unknown.extend((*path, str(name)) for name in raw if name not in known)

    def items(self, items: Iterable[Item], raw: Mapping[str, Any], path: Path) -> Answers:
        answers: Answers = {}
        for item in items:
            here = (*path, item.id)
            try:
                value = self.value(item, raw.get(item.id), here)
                if not value and item.required:
                    raise _WrongError("required")
            except _WrongError as wrong:
                self.problems.append(Problem(here, wrong.code, item, wrong.figures))
                continue
            if value:
                answers[item.id] = value
        return answers

    def value(self, item: Item, raw: Any, path: Path) -> Any:
        match item:
            case Scale():
                return _one(raw, [*(option.id for option in item.options), item.unsure.id])
            case Choice():
                return _one(raw, [option.id for option in item.options])
            case Choices():
                return _several(raw, [option.id for option in item.options], item.most)
            case Checks():
                return _several(raw, [mark.id for mark in item.marks], None)
            case Text():
                return _short(" ".join(_text(raw).split("\n")), item.longest)
            case Paragraph():
                return _short(_text(raw), item.longest)
            case Number():
                return _number(_text(raw), item)
            case Money():
                return _money(_text(raw))
            case Date():
                return _date(_text(raw))
            case Email():
                return _email(_text(raw))
            case Table():
                return self.rows(item, raw, path)
        assert_never(item)

    def rows(self, table: Table, raw: Any, path: Path) -> list[Answers]:
        return self._filled(table.columns, raw, path, table.most)

    def entries(self, section: Section, repeat: Repeat, raw: Any) -> list[Answers]:
        path: Path = (section.id,)
        try:
            entries = self._filled(section.items, raw, path, repeat.most)
            if not entries and any(item.required for item in section.items):
                raise _WrongError("no_entries")
        except _WrongError as wrong:
            self.problems.append(Problem(path, wrong.code, None, wrong.figures))
            return []
        return entries

    def _filled(self, items: Iterable[Item], raw: Any, path: Path, most: int) -> list[Answers]:
        """Rows with anything in them. An empty row is no row, whatever its required columns are."""
        if raw is None:
            return []
        if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
            raise _WrongError("wrong_type")
        known = {item.id for item in items}
        rows = []
        for number, row in enumerate(raw):
            self.note_unknown(row, known, (*path, number))
            if not is_blank(row):
                rows.append(self.items(items, row, (*path, number)))
        if len(rows) > most:
            raise _WrongError("too_many", most=most, given=len(rows))
        return rows


def is_blank(raw: Any) -> bool:
    """Is there nothing in it, however deep? True for "", "  ", [], {} and rows of these."""
    left = [raw]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif clean(value) if isinstance(value, str) else value is not None:
            return False
    return True


def _text(raw: Any) -> str:
    if raw is None:
        return ""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if not isinstance(raw, str):
        raise _WrongError("wrong_type")
    return clean(raw)


def _one(raw: Any, allowed: list[str]) -> str:
    value = _text(raw)
    if value and value not in allowed:
        raise _WrongError("not_an_option")
    return value


def _several(raw: Any, allowed: list[str], most: int | None) -> list[str]:
    """The chosen ids in the order of the options, each once."""
    if raw is None or raw == "":
        return []
    if not isinstance(raw, list) or not all(isinstance(value, str) for value in raw):
        raise _WrongError("wrong_type")
    if not set(raw) <= set(allowed):
        raise _WrongError("not_an_option")
    chosen = [value for value in allowed if value in raw]
    if most is not None and len(chosen) > most:
        raise _WrongError("too_many", most=most, given=len(chosen))
    return chosen


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise _WrongError("too_long", most=longest, given=len(text))
    return text


def _number(text: str, item: Number) -> str:
    if not text:
        return ""
    try:
        value = int(text.replace(",", "")) if len(text) <= 20 else None
    except ValueError:
        value = None
    if value is None:
        raise _WrongError("not_a_number")
    if not item.least <= value <= item.greatest:
        raise _WrongError("out_of_range", least=item.least, most=item.greatest)
    return str(value)


def _money(text: str) -> str:
    if not text:
        return ""
    try:
        amount = Decimal(text.replace("$", "").replace(",", "").strip()) if len(text) <= 20 else Decimal("NaN")
    except InvalidOperation:
        raise _WrongError("not_money") from None
    if not amount.is_finite() or not 0 <= amount < 1_000_000_000 or amount != round(amount, 2):
        raise _WrongError("not_money")
    return f"{abs(amount):.2f}"  # of -0 too


def _date(text: str) -> str:
    if not text:
        return ""
    day = read_date(text)
    if day is None:
        raise _WrongError("not_a_date")
    return day.isoformat()


def _email(text: str) -> str:
    if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
        raise _WrongError("not_an_address")
    return text
