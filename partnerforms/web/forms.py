"""Instrument to WTForms: the only room that knows both.

One flat form class is made for each page, with a field for every question that is on it. Names are the path of the
answer joined by "-" behind the prefix "q": q-school_welcome, q-activities-0-dates. Rows are counted from what was
posted and numbered anew, so gaps do no harm. What is right is decided by `engine.answers` alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, assert_never

from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from partnerforms.engine.answers import Parsed, Path, Problem, clean, parse_sections
from partnerforms.engine.model import (
    Cell,
    Checks,
    Choice,
    Choices,
    Date,
    Email,
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
from partnerforms.engine.texts import Catalogue

PREFIX = "q"
_SPARE_ROWS = 10  # rows over the limit of a table that are still shown with the error that there are too many


@dataclass(frozen=True)
class Question:
    """An item and its field. `widget` names the macro that draws it, `attributes` go on its input."""

    item: Item
    field: Any
    widget: str
    attributes: dict[str, str]

    @property
    def id(self) -> str:
        return str(self.field.id)

    @property
    def focus_id(self) -> str:
        """The id of the first input, where a link in the error summary leads."""
        return f"{self.id}-0" if self.widget in ("radios", "checkboxes") else self.id


@dataclass(frozen=True)
class Grid:
    """A table: rows of questions. `errors` are those of the table as a whole."""

    item: Table
    id: str
    rows: list[list[Question]]
    errors: list[str] = field(default_factory=list)

    @property
    def focus_id(self) -> str:
        return self.id


@dataclass(frozen=True)
class Part:
    """One section on a page."""

    section: Section
    questions: list[Question | Grid]


class AnswerPage:
    """Everything that a page asks, filled with raw input: from a draft, or from what was posted."""

    def __init__(
        self, sections: Iterable[Section], raw: Mapping[str, Any], posted: MultiDict[str, str] | None = None
    ) -> None:
        # On the page of one entry of a repeating section, its items are asked like those of any other section.
        self.sections = tuple(Section(s.id, s.title, s.items, s.intro) for s in sections)
        rows = _rows_of(self.sections, raw)
        if posted is not None:
            posted, rows = _renumbered(posted)
        fields = dict(_fields(self.sections, rows))
        self.form = type("AnswerForm", (Form,), fields)(posted, prefix=PREFIX, data=_flat(raw))
        self.parts = [
            Part(section, [self._question(item, rows) for item in section.items]) for section in self.sections
        ]

    def raw(self) -> dict[str, Any]:
        """The input as it stands on the page, in the shape of the answers."""
        return {question.item.id: self._raw(question) for part in self.parts for question in part.questions}

    def check(self, catalogue: Catalogue) -> Parsed:
        """Check the input; each problem is put at its field, in the reader's language."""
        parsed = parse_sections(self.sections, self.raw())
        self.show(parsed.problems, catalogue)
        return parsed

    def show(self, problems: Iterable[Problem], catalogue: Catalogue) -> None:
        """Put the sentences of problems at the fields they are about."""
        for problem in problems:
            errors = self._errors_at(problem.path)
            if errors is not None:
                errors.append(catalogue.problem(problem.code, problem.figures))

    @property
    def has_required(self) -> bool:
        """Must anything on this page be answered? Only then is it worth saying what need not be."""
        return any(question.item.required for question in self._each())

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Where to go, what it is called, what is wrong: one line of the error summary each."""
        found = []
        for question in self._each():
            messages = question.errors if isinstance(question, Grid) else question.field.errors
            found += [(question.focus_id, question.item.label, str(message)) for message in messages]
        return found

    def _each(self) -> Iterator[Question | Grid]:
        for part in self.parts:
            for question in part.questions:
                yield question
                if isinstance(question, Grid):
                    for row in question.rows:
                        yield from row

    def _errors_at(self, path: Path) -> list[str] | None:
        name = _id(path)
        for question in self._each():
            if question.id == name:
                if isinstance(question, Grid):
                    return question.errors
                question.field.errors = list(question.field.errors)
                errors: list[str] = question.field.errors
                return errors
        return None

    def _question(self, item: Item, rows: Mapping[str, int]) -> Question | Grid:
        if isinstance(item, Table):
            numbers = range(_row_count(item, rows))
            return Grid(
                item,
                _id((item.id,)),
                [[self._cell(c, (item.id, n, c.id)) for c in item.columns] for n in numbers],
            )
        return self._cell(item, (item.id,))

    def _cell(self, item: Scale | Cell, path: Path) -> Question:
        answer_field = self.form[_name(path)]
        widget, attributes = _widget(item, answer_field.data)
        return Question(item, answer_field, widget, attributes)

    def _raw(self, question: Question | Grid) -> Any:
        if isinstance(question, Grid):
            return [{cell.item.id: self._raw(cell) for cell in row} for row in question.rows]
        return question.field.data or ([] if question.widget == "checkboxes" else "")


def _fields(sections: Iterable[Section], rows: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    for section in sections:
        for item in section.items:
            if isinstance(item, Table):
                for number in range(_row_count(item, rows)):
                    for column in item.columns:
                        yield _name((item.id, number, column.id)), _field(column)
            else:
                yield _name((item.id,)), _field(item)


def _row_count(table: Table, rows: Mapping[str, int]) -> int:
    """How many rows of a table stand on the page: at least an empty one to begin with."""
    return min(max(1, rows.get(table.id, 0)), table.most + _SPARE_ROWS)


def _field(item: Scale | Cell) -> Any:
    """The unbound field of an item. It takes any text: the engine, not the field, says what is wrong with it."""
    match item:
        case Scale():
            return RadioField(item.label, choices=_choices((*item.options, item.unsure)), validate_choice=False)
        case Choice():
            return RadioField(item.label, choices=_choices(item.options), validate_choice=False)
        case Choices():
            return SelectMultipleField(item.label, choices=_choices(item.options), validate_choice=False)
        case Checks():
            return SelectMultipleField(item.label, choices=_choices(item.marks), validate_choice=False)
        case Paragraph():
            return TextAreaField(item.label, filters=[_fit])
        case Text() | Number() | Money() | Date() | Email():
            return StringField(item.label, filters=[_fit])
    assert_never(item)


def _fit(value: Any) -> Any:
    """What was typed, without what neither a page nor a document can hold."""
    return clean(value) if isinstance(value, str) else value


def _widget(item: Scale | Cell, value: Any) -> tuple[str, dict[str, str]]:
    """The macro that draws an item, and what its input says to phones and browsers."""
    match item:
        case Scale() | Choice():
            return "radios", {}
        case Choices() | Checks():
            return "checkboxes", {}
        case Paragraph():
            return "lines", {}
        case Text():
            return "line", {"type": "text"}
        case Number():
            return "line", {"type": "text", "inputmode": "numeric"}
        case Money():
            return "line", {"type": "text", "inputmode": "decimal"}
        case Email():
            return "line", {"type": "email", "autocomplete": "email"}
        case Date():
            # A date input drops what is not a date; what somebody typed must stay to be corrected.
            return "line", {"type": "date" if not value or _is_date(value) else "text"}
    assert_never(item)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _choices(options: Iterable[Option]) -> list[SelectChoice]:
    return [SelectChoice(option.id, f"{option.symbol} {option.label}".strip()) for option in options]


def _name(path: Path) -> str:
    return "-".join(str(part) for part in path)


def _id(path: Path) -> str:
    return f"{PREFIX}-{_name(path)}"


def _rows_of(sections: Iterable[Section], raw: Mapping[str, Any]) -> dict[str, int]:
    tables = [item.id for section in sections for item in section.items if isinstance(item, Table)]
    return {table: len(raw.get(table) or []) for table in tables}


_ROW = re.compile(rf"{PREFIX}-([a-z][a-z0-9_]*)-(\d{{1,3}})-(.+)")


def _renumbered(posted: MultiDict[str, str]) -> tuple[MultiDict[str, str], dict[str, int]]:
    """What was posted with the rows of every table numbered 0, 1, 2 …, and how many rows each table has."""
    rows: dict[str, set[int]] = {}
    for name in posted:
        if match := _ROW.fullmatch(name):
            rows.setdefault(match[1], set()).add(int(match[2]))
    places = {table: {number: place for place, number in enumerate(sorted(found))} for table, found in rows.items()}

    def renamed(name: str) -> str:
        match = _ROW.fullmatch(name)
        return f"{PREFIX}-{match[1]}-{places[match[1]][int(match[2])]}-{match[3]}" if match else name

    compact = MultiDict([(renamed(name), clean(value)) for name, value in posted.items(multi=True)])
    return compact, {table: len(found) for table, found in rows.items()}


def _flat(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Raw input by field name: rows become numbered names."""
    flat: dict[str, Any] = {}
    for name, value in raw.items():
        if isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            for number, row in enumerate(value):
                flat |= {_name((name, number, column)): cell for column, cell in row.items()}
        else:
            flat[name] = value
    return flat
