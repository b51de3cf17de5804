"""The shape of an instrument: frozen dataclasses and nothing else.

An instrument is a form as data. It has sections, a section has items, and an item is one thing asked.
Ids are what is stored; labels are what people read and never reach the database.
The kinds of item are closed: every layer matches over `Item` and ends in `assert_never`,
so a type checker lists what a new kind needs.
"""

from dataclasses import dataclass
from typing import Any

# Of organizations, and of the forms that they fill; the highest first.
LEVELS = ("state", "district", "school")


@dataclass(frozen=True)
class Source:
    """Where the content of an item comes from: a source document and the position in it."""

    document: str
    position: str


@dataclass(frozen=True)
class Option:
    """One answer to choose. `symbol` is what a Word document prints for a mark (✓, ★)."""

    id: str
    label: str
    symbol: str = ""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What every kind of item has."""

    id: str
    label: str
    hint: str = ""
    required: bool = False
    source: Source | None = None


@dataclass(frozen=True, kw_only=True)
class Scale(_Asked):
    """A rating on labelled, ordered options; `unsure` stands apart and is never counted as a rating.

    `responsibility` is an id of the responsibility bank, `short` the name of the item in tables and reports.
    """

    options: tuple[Option, ...]
    unsure: Option
    short: str
    responsibility: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice(_Asked):
    """Exactly one of a few options."""

    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Choices(_Asked):
    """Any number of options, or `most` of them."""

    options: tuple[Option, ...]
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Checks(_Asked):
    """A statement with independent marks, such as ✓ we do this now and ★ we want to start this."""

    marks: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Text(_Asked):
    """One line of text."""

    longest: int = 200


@dataclass(frozen=True, kw_only=True)
class Paragraph(_Asked):
    """Several lines of text."""

    longest: int = 4000


@dataclass(frozen=True, kw_only=True)
class Number(_Asked):
    """A whole number."""

    least: int = 0
    greatest: int = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Money(_Asked):
    """An amount in dollars, kept as text with two decimals so that no cent is rounded away."""


@dataclass(frozen=True, kw_only=True)
class Date(_Asked):
    """A day, kept as YYYY-MM-DD."""


@dataclass(frozen=True, kw_only=True)
class Email(_Asked):
    """One mail address."""


Cell = Choice | Choices | Checks | Text | Paragraph | Number | Money | Date | Email


@dataclass(frozen=True, kw_only=True)
class Table(_Asked):
    """Rows of the same columns, such as a plan's activities. `row` names one row: "Activity"."""

    columns: tuple[Cell, ...]
    row: str
    most: int = 50


Item = Scale | Cell | Table


@dataclass(frozen=True)
class Repeat:
    """A section that is filled several times. `entry` names one of them: "Goal"."""

    entry: str
    most: int


@dataclass(frozen=True)
class Section:
    """Items under one heading. With `repeat` the answers are a list with one mapping an entry."""

    id: str
    title: str
    items: tuple[Item, ...]
    intro: str = ""
    repeat: Repeat | None = None


@dataclass(frozen=True)
class Start:
    """Answers offered as a beginning for a new record."""

    id: str
    title: str
    answers: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Instrument:
    """A whole form in one language. Two are the same only if they are one object, so caches can be keyed by them.

    `use` is "survey" (answered by link, `audience` says by whom) or "record" (filled by members,
    `level` says at which kind of organization: state, district or school).
    """

    id: str
    version: int
    use: str
    title: str
    sections: tuple[Section, ...]
    intro: str = ""
    audience: str = ""
    level: str = ""
    starts: tuple[Start, ...] = ()

    def items(self) -> tuple[Item, ...]:
        """All items of all sections, in order; the columns of tables are not among them."""
        return tuple(item for section in self.sections for item in section.items)

    def section(self, section_id: str) -> Section:
        """The section with this id; KeyError when there is none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)
