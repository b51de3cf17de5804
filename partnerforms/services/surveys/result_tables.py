"""The figures of a place as tables: what its page shows, as one CSV and as one XLSX file."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from partnerforms.engine.disclosure import Share, TooFew
from partnerforms.engine.library import Library
from partnerforms.engine.model import Checks, Scale
from partnerforms.engine.tally import Tally
from partnerforms.services import inheritance
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.surveys.figures import Figures, Heard, Spread

Value = str | int | Share | TooFew | None
# What tables are called and what stands over their columns; the page says it in the reader's language.
WORDS = (
    "about", "who", "answers", "choices", "gaps", "priorities", "years", "places", "comments", "audience", "question",
    "responsibility", "answered", "asked", "points", "chosen", "rating", "activities", "earlier", "now", "change",
    "answer", "share", "comment", "fewer", "table", "row", "column", "value",
)  # fmt: skip
_WIDEST, _NARROWEST = 60, 10  # of a column, in characters
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Row:
    """One line of a table. `audience` is an id, empty where the line is of all."""

    audience: str
    label: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Table:
    """`kind` is one of WORDS. `first` stands over the labels of the rows, `heads` over their values."""

    kind: str
    first: str
    heads: Sequence[str]
    rows: Sequence[Row]


class Writer:
    """Writes the tables of a place in one language, with these words for WORDS."""

    def __init__(self, found: Figures, library: Library, language: str, words: Mapping[str, str]) -> None:
        self.found, self.library, self.language, self.words = found, library, language, words
        self.catalogue, terms = library.catalogues[language], inheritance.terms(found.place)
        self.activities = {item.id: item.label for item in library.instrument("inventory", language, terms).items()}

    def tables(self) -> list[Table]:
        """All tables that have a row."""
        every = [
            self._who(), *self._answers(), self._choices(), self._gaps(), self._priorities(), self._years(),
            self._places(), self._comments(),
        ]  # fmt: skip
        return [table for table in every if table.rows]

    def text(self, value: Value) -> str:
        """A value as people read it."""
        if isinstance(value, TooFew):
            return self.words["fewer"] % {"least": value.least}
        return "–" if value is None else str(value).replace("-", "−") if isinstance(value, int) else str(value)

    def _table(self, kind: str, first: str, heads: Iterable[str], rows: Iterable[Row]) -> Table:
        return Table(kind, self.words[first], [self.words.get(head, head) for head in heads], list(rows))

    def _who(self) -> Table:
        rows = [Row("", self.catalogue.audience(one.audience), [_n(one), one.people]) for one in self.found.heard]
        return self._table("who", "audience", ["answered", "asked"], rows)

    def _answers(self) -> list[Table]:
        """The ratings of all audiences; those with other steps stand in a table of their own."""
        by_heads: dict[tuple[str, ...], list[Row]] = {}
        for one, spread in self._spreads():
            if isinstance(spread.item, Scale):
                options = [*spread.item.options, spread.item.unsure]
                values = [spread.shares.get(option.id) for option in options]
                row = Row(one.audience, spread.item.short, [spread.people or TooFew(one.least), *values])
                by_heads.setdefault(tuple(option.label for option in options), []).append(row)
        return [self._table("answers", "question", ["answered", *heads], rows) for heads, rows in by_heads.items()]

    def _choices(self) -> Table:
        """What was chosen, but for the choice of what to work on first, which has a table of its own."""
        rows = []
        for one, spread in self._spreads():
            options = spread.item.marks if isinstance(spread.item, Checks) else spread.item.options
            rated = {other.item.id for other in one.spreads if isinstance(other.item, Scale)}
            if isinstance(spread.item, Scale) or rated.issuperset(option.id for option in options):
                continue
            people = spread.people or TooFew(one.least)
            rows += [
                Row(one.audience, f"{spread.item.label} – {option.label}", [people, spread.shares.get(option.id)])
                for option in options
            ]
        return self._table("choices", "answer", ["answered", "share"], rows)

    def _spreads(self) -> Iterator[tuple[Heard, Spread]]:
        return ((one, spread) for one in self.found.heard for spread in one.spreads)

    def _gaps(self) -> Table:
        audiences = [one.audience for one in self.found.heard if isinstance(one.counted, Tally)]
        rows = [
            Row(
                "", self._title(gap.responsibility), [gap.points, *(gap.seen.get(audience) for audience in audiences)]
            )
            for gap in self.found.gaps
        ]
        return self._table("gaps", "responsibility", ["points", *map(self.catalogue.audience, audiences)], rows)

    def _priorities(self) -> Table:
        rows = [
            Row(
                one.audience,
                self._title(priority.responsibility),
                [priority.chosen, priority.favorable, "; ".join(self._activities(priority.activities))],
            )
            for one in self.found.heard
            for priority in one.priorities
        ]
        return self._table("priorities", "responsibility", ["chosen", "rating", "activities"], rows)

    def _activities(self, ids: Sequence[str]) -> list[str]:
        return [self.activities[one] for one in ids if one in self.activities]

    def _years(self) -> Table:
        rows = []
        for one, item in self._rated():
            now, then = one.best.get(item.id), one.before.get(item.id)
            if now and then:
                rows.append(Row(one.audience, item.short, [then, now, now.percent - then.percent]))
        return self._table("years", "question", ["earlier", "now", "change"], rows)

    def _places(self) -> Table:
        above = [
            place for place in self.found.above if any(one.higher[place.id] for one in self.found.heard if one.higher)
        ]
        rows = [
            Row(
                one.audience,
                item.short,
                [one.best.get(item.id), *(one.higher[place.id].get(item.id) for place in above)],
            )
            for one, item in self._rated()
            if above
        ]
        return Table("places", self.words["question"], [place.name for place in (self.found.place, *above)], rows)

    def _rated(self) -> Iterator[tuple[Heard, Scale]]:
        return ((one, spread.item) for one, spread in self._spreads() if isinstance(spread.item, Scale))

    def _comments(self) -> Table:
        rows = [Row(one.audience, comment, []) for one in self.found.heard for comment in one.comments]
        return self._table("comments", "comment", [], rows)

    def _title(self, responsibility: str) -> str:
        return self.library.title(responsibility, self.language) if responsibility else ""

    def csv(self) -> bytes:
        """One line for each value: in which table, of whom, in which row and column."""
        words = self.words
        lines = [[words[name] for name in ("table", "audience", "row", "column", "value")]]
        for table in self.tables():
            for row in table.rows:
                where = [words[table.kind], self._audience(row), row.label]
                values = zip(table.heads, row.values, strict=True)
                lines += [[*where, head, self.text(value)] for head, value in values] or [[*where, "", ""]]
        return spreadsheets.write(lines)

    def xlsx(self, notes: Sequence[tuple[str, str]]) -> bytes:
        """A sheet for each table, after one with these notes. Whole percents and numbers can be reckoned with."""
        book = Workbook()
        book.remove(book.active)
        _fill(book, self.words["about"], [], [list(note) for note in notes], self)
        for table in self.tables():
            audiences = any(row.audience for row in table.rows)
            heads = [*([self.words["audience"]] if audiences else []), table.first, *table.heads]
            rows = [[*([self._audience(row)] if audiences else []), row.label, *row.values] for row in table.rows]
            _fill(book, self.words[table.kind], heads, rows, self)
        content = BytesIO()
        book.save(content)
        return content.getvalue()

    def _audience(self, row: Row) -> str:
        return self.catalogue.audience(row.audience) if row.audience else ""


def _n(one: Heard) -> Value:
    return one.counted.n if isinstance(one.counted, Tally) else one.counted


def _fill(book: Workbook, name: str, heads: Sequence[str], rows: Sequence[Sequence[Value]], writer: Writer) -> None:
    sheet: Worksheet = book.create_sheet(_NO_SHEET_NAME.sub(" ", name)[:31])
    lines: list[Sequence[Value]] = [heads, *rows] if heads else [*rows]
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            _write(cell, value, writer)
            if heads and number == 1:
                cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    if heads:
        sheet.freeze_panes = "A2"
    for column, values in enumerate(zip(*lines, strict=True), 1):
        longest = max(len(writer.text(value)) for value in values) + 2
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(_NARROWEST, longest))


def _write(cell: Cell, value: Value, writer: Writer) -> None:
    """Numbers as numbers; all else as text that no spreadsheet program takes for a formula."""
    if isinstance(value, int):
        cell.value = value
    elif isinstance(value, Share) and not value.bound:
        cell.value, cell.number_format = value.percent / 100, "0%"
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", spreadsheets.harmless(writer.text(value)))
        cell.data_type = "s"
