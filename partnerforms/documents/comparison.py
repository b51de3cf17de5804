"""Two revisions beside each other: told in texts, which a page and a Word file show alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from docx.shared import RGBColor

from partnerforms.documents import tables
from partnerforms.documents.context import Reader
from partnerforms.documents.fill import fill
from partnerforms.documents.look import Paper
from partnerforms.documents.readings import reading
from partnerforms.documents.tables import Hint
from partnerforms.documents.templates import compile_template
from partnerforms.engine.comparing import ItemChange, RowChange, SectionChange, State, words
from partnerforms.engine.model import Item, Paragraph, Table, Text

# A text in pieces; True for those that the other text does not have.
Pieces = Sequence[tuple[str, bool]]
_TITLE = 70  # letters of what a row is called
_GONE, _NEW = RGBColor(0xB4, 0x23, 0x18), RGBColor(0x1E, 0x6B, 0x3A)


@dataclass(frozen=True)
class Line:
    """An answer that is not the same in both."""

    label: str
    state: State
    was: Pieces
    now: Pieces


@dataclass(frozen=True)
class Part:
    """A section, an entry, a table or a row: lines that differ, parts of it, and the names of what is the same.

    `was` and `now` are the numbers of a row or entry, `moved` says that it went past others.
    """

    kind: Literal["section", "entry", "table", "row"]
    title: str
    state: State
    lines: tuple[Line, ...] = ()
    parts: tuple["Part", ...] = ()
    same: tuple[str, ...] = ()
    was: int | None = None
    now: int | None = None
    moved: bool = False

    @property
    def differs(self) -> bool:
        return self.state != "same" or self.moved or bool(self.lines) or any(part.differs for part in self.parts)


def told(sections: Iterable[SectionChange], reader: Reader) -> list[Part]:
    """Every section in texts."""
    found = []
    for change in sections:
        section = change.section
        part = _filled(Part("section", section.title, "same"), change.items, reader)
        if section.repeat:
            part = _with_rows(part, "entry", section.repeat.entry, change.entries, reader)
        found.append(part)
    return found


def _filled(part: Part, items: Sequence[ItemChange], reader: Reader) -> Part:
    """The part with what these items have to tell."""
    lines, parts = [], []
    for one in items:
        if one.state == "same":
            continue
        if isinstance(one.item, Table) and one.rows:
            table = Part("table", one.item.label, one.state)
            parts.append(_with_rows(table, "row", one.item.row, one.rows, reader))
        else:
            was, now = words(_text(one.was, one.before, reader), _text(one.now, one.after, reader))
            lines.append(Line(one.item.label, one.state, was, now))
    same = (
        ()
        if part.moved and not lines and not parts
        else tuple(one.item.label for one in items if one.state == "same")
    )
    return replace(part, lines=tuple(lines), parts=tuple(parts), same=same)


def _with_rows(
    part: Part, kind: Literal["entry", "row"], name: str, rows: Iterable[RowChange], reader: Reader
) -> Part:
    """The part with its rows; of those that are the same only the names."""
    found = [
        _filled(
            Part(kind, _called(name, row), row.state, was=row.was, now=row.now, moved=row.moved),
            row.items,
            reader,
        )
        for row in rows
    ]
    return replace(
        part,
        parts=tuple(row for row in found if row.differs),
        same=tuple(row.title for row in found if not row.differs),
    )


def _called(name: str, row: RowChange) -> str:
    """Its name, its number and the first words written in it: "Activity 2: Reading night"."""
    written = (one.after or one.before for one in row.items if isinstance(one.item, Text | Paragraph))
    first = " ".join(str(next(written, "")).split())
    short = first if len(first) <= _TITLE else f"{first[: _TITLE - 1].rstrip()}…"
    return f"{name} {row.now or row.was}{': ' if short else ''}{short}"


def _text(item: Item | None, value: Any, reader: Reader) -> str:
    if item is None or not value:
        return ""
    if isinstance(item, Table):
        rows = ([reading(column, row.get(column.id), reader) for column in item.columns] for row in value)
        return "\n".join(reader.together([text for text in row if text]) for row in rows)
    return reading(item, value, reader)


def comparison(
    title: str,
    about: Sequence[str],
    heads: tuple[str, str],
    parts: Sequence[Part],
    said: Mapping[str, str],
    reader: Reader,
) -> bytes:
    """The comparison as a .docx. `heads` name the two revisions.

    `said` has the words changed, added, removed, moved (with a %(number)s), same and nothing in their language.
    LostWords when an answer is not found in it again.
    """
    writer = _Writer(title, heads, said, reader)
    writer.begin(title, about)
    for part in parts:
        writer.part(part)
    if not any(part.differs for part in parts):
        writer.paper.paragraph(writer.tag(said["nothing"]))
    language = reader.language
    names = {"t": dict.fromkeys(writer.texts)}
    template = compile_template(
        writer.paper.bytes(), names, file="comparison", language=language.code, direction=language.direction
    )
    return fill(template, {"t": writer.texts}, _answers(parts))


def _answers(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        for line in part.lines:
            yield from ("".join(text for text, _ in pieces) for pieces in (line.was, line.now))
        yield from _answers(part.parts)


class _Writer:
    """Writes a tag for each text and keeps the text, so that what somebody typed is never taken for a tag."""

    def __init__(self, title: str, heads: tuple[str, str], said: Mapping[str, str], reader: Reader) -> None:
        self.texts: dict[str, str] = {}
        self.heads, self.said, self.words = heads, said, reader.words
        self.paper = Paper(self.tag(title), wide=True)

    def tag(self, text: str) -> str:
        name = f"n{len(self.texts)}"
        self.texts[name] = text
        return f"{{{{ t.{name} }}}}"

    def begin(self, title: str, about: Sequence[str]) -> None:
        self.paper.cover(self.tag(title), [self.tag(text) for text in about])
        self.paper.footer(self.tag(f"{about[0]} · {title}"), self.words["page"], self.words["of"])

    def part(self, part: Part) -> None:
        """Its title, lines, the parts inside it, then the names of what is the same."""
        title = f"{part.title}{self.note(part)}"
        if part.kind in ("section", "entry"):
            self.paper.heading(self.tag(title), 1 if part.kind == "section" else 2)
        elif part.kind == "table" or not part.lines:
            self.paper.paragraph(self.tag(title), "Question")
        if part.lines:
            self.lines(title if part.kind == "row" else self.words["question"], part.lines)
        for inner in part.parts:
            self.part(inner)
        if part.same:
            self.paper.paragraph(self.tag(f"{self.said['same']} {'; '.join(part.same)}"), "Hint")

    def note(self, part: Part) -> str:
        notes = [self.said[part.state]] if part.state in ("added", "removed") else []
        notes += [self.said["moved"] % {"number": part.was}] if part.moved else []
        return f" – {', '.join(notes)}" if notes else ""

    def lines(self, head: str, lines: Sequence[Line]) -> None:
        table = self.paper.grid([self.tag(text) for text in (head, *self.heads)], [2, 3, 3])
        for line in lines:
            cells = tables.add_row(table).cells
            tables.write(cells[0], [self.tag(line.label), Hint(self.tag(self.said[line.state]))], "Table Label")
            self.pieces(cells[1], line.was, _GONE)
            self.pieces(cells[2], line.now, _NEW)
        self.paper.end_table()

    def pieces(self, cell: Any, pieces: Pieces, color: RGBColor) -> None:
        """A text with what only it has struck through or underlined: colour alone says nothing to many."""
        paragraph = cell.paragraphs[0]
        paragraph._p.style = "TableText"
        for text, differs in pieces:
            run = paragraph.add_run(self.tag(text))
            if differs:
                run.font.color.rgb = color
                run.font.strike, run.font.underline = color is _GONE or None, color is _NEW or None
