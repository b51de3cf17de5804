"""The paper form of any instrument in any language: the same items and wording, with boxes and lines to write on."""

from collections.abc import Iterable
from itertools import count, groupby

from partnerforms.documents.context import Reader
from partnerforms.documents.look import Paper
from partnerforms.documents.templates import compile_template
from partnerforms.engine.model import (
    Checks,
    Choice,
    Choices,
    Instrument,
    Item,
    Option,
    Paragraph,
    Scale,
    Section,
    Table,
)

CIRCLE, BOX = "○", "☐"
_ENTRIES = 4  # printed for a repeating section, unless fewer are allowed
_ROWS = 4  # empty rows of a table
_PARAGRAPH_LINES = 3


def blank(instrument: Instrument, reader: Reader, organization: str = "") -> bytes:
    """The instrument as a .docx to print. Items are numbered through, so that paper answers can be typed in."""
    wide = any(isinstance(item, Table) and len(item.columns) > 4 for item in instrument.items())
    form = _Form(Paper(instrument.title, wide), reader)
    form.paper.cover(instrument.title, organization or f"{reader.words['organization']}: {'_' * 30}")
    form.paper.footer(instrument.title, reader.words["page"], reader.words["of"])
    if instrument.intro:
        form.paper.paragraph(instrument.intro)
    for section in instrument.sections:
        form.section(section)
    language = reader.language
    # The compiler sets the language and turns the page for right-to-left; there are no tags in it.
    compiled = compile_template(
        form.paper.bytes(), {}, file=instrument.id, language=language.code, direction=language.direction
    )
    return compiled.fill({})


class _Form:
    def __init__(self, paper: Paper, reader: Reader) -> None:
        self.paper, self.words = paper, reader.words
        self.numbers = count(1)

    def section(self, section: Section) -> None:
        if section.repeat is None:
            self.paper.heading(section.title)
            if section.intro:
                self.paper.paragraph(section.intro, quiet=True)
            self.items(section.items)
            return
        for number in range(1, min(section.repeat.most, _ENTRIES) + 1):
            self.paper.heading(f"{section.repeat.entry} {number}", new_page=True)
            self.items(section.items)

    def items(self, items: Iterable[Item]) -> None:
        for kind, group in groupby(items, lambda item: type(item) if isinstance(item, Scale | Checks) else None):
            together = list(group)
            if kind is Scale:
                self.scales([item for item in together if isinstance(item, Scale)])
            elif kind is Checks:
                self.checks([item for item in together if isinstance(item, Checks)])
            else:
                for item in together:
                    self.one(item)

    def scales(self, items: list[Scale]) -> None:
        for options, group in groupby(items, lambda item: (*item.options, item.unsure)):
            head = [self.words["question"], *(option.label for option in options)]
            table = self.paper.grid(head, [4.5, *(1 for _ in options)], self.words["question"])
            for item in group:
                self.paper.row(table, [self.asked(item), *(CIRCLE for _ in options)], centered=range(1, len(head)))
            self.paper.end_table()

    def checks(self, items: list[Checks]) -> None:
        for marks, group in groupby(items, lambda item: item.marks):
            self.paper.paragraph(self.words["mark_any"], quiet=True)
            head = [self.words["activity"], *(f"{mark.symbol} {mark.label}" for mark in marks)]
            table = self.paper.grid(head, [6, *(1.1 for _ in marks)], self.words["activity"])
            for item in group:
                self.paper.row(table, [self.asked(item), *(BOX for _ in marks)], centered=range(1, len(head)))
            self.paper.end_table()

    def one(self, item: Item) -> None:
        match item:
            case Table():
                self.table(item)
            case Choice():
                self.options(item, item.options, CIRCLE, self.words["choose_one"])
            case Choices():
                rule = self.words["choose_most"].format(most=item.most) if item.most else self.words["choose_any"]
                self.options(item, item.options, BOX, rule)
            case Paragraph():
                self.paper.question(self.asked(item), item.hint)
                self.paper.lines(_PARAGRAPH_LINES)
            case _:
                self.paper.question(self.asked(item), item.hint)
                self.paper.lines(1)

    def options(self, item: Item, options: tuple[Option, ...], box: str, rule: str) -> None:
        self.paper.question(self.asked(item), f"{item.hint} {rule}".strip())
        for option in options:
            self.paper.paragraph(f"{box}  {option.label}")

    def table(self, item: Table) -> None:
        self.paper.question(self.asked(item), item.hint)
        head = [column.label for column in item.columns]
        table = self.paper.grid(head, [2 if isinstance(c, Paragraph) else 1.2 for c in item.columns], item.label)
        for _ in range(_ROWS):
            self.paper.row(table, [self.cell(column) for column in item.columns])
        self.paper.end_table()

    def cell(self, column: Item) -> str:
        match column:
            case Checks():
                return "\n".join(f"{BOX} {mark.symbol}" for mark in column.marks)
            case Choice():
                return "\n".join(f"{CIRCLE} {option.label}" for option in column.options)
            case Choices():
                return "\n".join(f"{BOX} {option.label}" for option in column.options)
            case _:
                return "\n\n"

    def asked(self, item: Item) -> str:
        return f"{next(self.numbers)}. {item.label}"
