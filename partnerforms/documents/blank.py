"""The paper form of any instrument in any language: the same items and wording, with boxes and lines to write on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import count, groupby

from docx.shared import Inches

from partnerforms.documents import tables
from partnerforms.documents.context import Reader
from partnerforms.documents.look import ABOVE, SIDE, Paper
from partnerforms.documents.starter import CARD_FROM, MARK, is_long, share, wide
from partnerforms.documents.tables import Box, CellText, Hint
from partnerforms.documents.templates import Names, Template, compile_template
from partnerforms.engine.model import (
    Cell,
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
from partnerforms.engine.paper_codes import option_codes
from partnerforms.engine.texts import Language

CIRCLE, BOX = "○", "☐"
_ENTRIES = 4  # printed for a repeating section, unless fewer are allowed
_ROWS, _BOXED = 5, 2  # empty rows of a table, and of one with boxes to tick
_CARDS = 5  # the same, when each row is a card
_PARAGRAPH_LINES, _NOTE_LINES = 3, 2
_SIDE, _ABOVE = Inches(0.6), Inches(0.45)  # margins of surveys
_LINE = 110  # letters that fit on a line of options


@dataclass(frozen=True)
class Twin:
    """What the paper form of a survey that is open says besides: how it comes back, and who sees it."""

    code: str = ""
    give_back: str = ""
    seen_by: str = ""


_NAMES: Names = {"organization": None, **{field.name: None for field in fields(Twin)}}


def blank(
    instrument: Instrument,
    reader: Reader,
    organization: str = "",
    twin: Twin | None = None,
    logo: bytes | None = None,
) -> bytes:
    """The instrument as a .docx to print. Items are numbered through, and in surveys the boxes are numbered too
    (`engine.paper_codes`), so that paper answers can be typed in."""
    named = organization or f"{reader.words['organization']}: {'_' * 40}"
    template = _template(instrument, reader.language, tuple(reader.words.items()), twin is not None, logo)
    return template.fill({"organization": named, **asdict(twin or Twin())})


@lru_cache(maxsize=256)
def _template(
    instrument: Instrument,
    language: Language,
    words: tuple[tuple[str, str], ...],
    is_twin: bool,
    logo: bytes | None,
) -> Template:
    """The form with tags for what each place says: a state prints it for all its schools."""
    survey = instrument.use == "survey"
    # Small margins: a family's survey on one sheet is answered more often than on two.
    side, above = (_SIDE, _ABOVE) if survey else (SIDE, ABOVE)
    form = _Form(Paper(instrument.title, wide(instrument), side, above), dict(words), instrument)
    paper = form.paper
    facts = ["{{ give_back }}"] if is_twin else []
    if is_twin and not language.reviewed_by:
        facts.append(form.words["not_reviewed"])
    paper.cover(instrument.title, ["{{ organization }}"], facts)
    # The marks keep a code that begins with figures in order where lines begin on the right.
    code = " · \u200e{{ code }}\u200e" if is_twin else ""
    paper.footer(f"{instrument.title}{code}", form.words["page"], form.words["of"])
    if is_twin:
        _for_staff(paper, form.words)
    if instrument.intro:
        paper.paragraph(instrument.intro)
    if is_twin:
        paper.paragraph(f"{{{{ seen_by }}}} {form.words['no_name']}")
    if survey:
        paper.paragraph(form.words["mark_boxes"], "Question")
    for section in instrument.sections:
        form.section(section)
    # The compiler sets the language and turns the page for right-to-left.
    return compile_template(
        paper.bytes(), _NAMES, file=instrument.id, language=language.code, direction=language.direction, logo=logo
    )


def _for_staff(paper: Paper, words: Mapping[str, str]) -> None:
    """Where staff write which pile and sheet it is before they type it in."""
    table = tables.lined(paper.doc, [paper.width // 4] * 4, words["for_staff"])
    row = tables.add_row(table)
    row.height = Inches(0.32)
    shown = (words["pile"], ""), (words["sheet"], ""), (words["code"], "\u200e{{ code }}\u200e")
    tables.write(row.cells[0], words["for_staff"], "Table Hint", tables.PALE)
    for cell, (label, value) in zip(row.cells[1:], shown, strict=True):
        tables.write(cell, [(f"{label}:", value)], "Table Hint")
    paper.end_table()


class _Form:
    def __init__(self, paper: Paper, words: Mapping[str, str], instrument: Instrument) -> None:
        self.paper, self.words, self.instrument = paper, words, instrument
        self.numbers = count(1)
        self.numbered = instrument.use == "survey"  # its boxes are

    def section(self, section: Section) -> None:
        if section.repeat is None:
            self.paper.heading(section.title)
            if section.intro:
                self.paper.paragraph(section.intro, "Hint")
            self.items(section.items)
            return
        for number in range(1, min(section.repeat.most, _ENTRIES) + 1):
            # Each on a sheet of its own, so that it can be handed to those who work on it.
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
            table = self.paper.grid(
                head, [7.8 if self.numbered else 7.2, *(1 for _ in options)], self.words["question"]
            )
            columns = range(1, len(head))
            self.paper.middle_heads(table, columns)
            for item in group:
                boxes: list[CellText] = [CIRCLE for _ in options]
                if self.numbered:
                    boxes = [[Box(code)] for code in option_codes(self.instrument, item).values()]
                self.paper.row(table, [self.with_hint(item), *boxes], columns)
            self.paper.end_table()

    def checks(self, items: list[Checks]) -> None:
        for marks, group in groupby(items, lambda item: item.marks):
            self.paper.paragraph(self.words["mark_any"], "Hint")
            head = [self.words["activity"], *(f"{mark.symbol} {mark.label}" for mark in marks)]
            table = self.paper.grid(head, [6, *(MARK for _ in marks)], self.words["activity"])
            columns = range(1, len(head))
            self.paper.middle_heads(table, columns)
            for item in group:
                self.paper.row(table, [self.with_hint(item), *(BOX for _ in marks)], columns)
            self.paper.end_table()

    def one(self, item: Item) -> None:
        match item:
            case Table() if len(item.columns) >= CARD_FROM:
                self.cards(item)
            case Table():
                self.table(item)
            case Choice():
                self.options(item, item.options, CIRCLE, self.words["choose_one"])
            case Choices():
                # With a limit the question itself says how many.
                self.options(item, item.options, BOX, "" if item.most else self.words["choose_any"])
            case Paragraph():
                self.paper.question(self.asked(item), item.hint)
                self.paper.lines(_NOTE_LINES if item.id.endswith("_note") else _PARAGRAPH_LINES)
            case _:
                self.paper.question(self.asked(item), item.hint)
                self.paper.lines(1)

    def options(self, item: Item, options: Sequence[Option], box: str, rule: str) -> None:
        self.paper.question(self.asked(item), f"{item.hint} {rule}".strip())
        codes = option_codes(self.instrument, item) if self.numbered else {}
        texts = [f"{box}  {codes.get(option.id, '')}  {option.label}".replace("    ", "  ") for option in options]
        beside = _LINE // max(len(text) for text in texts)
        self.paper.options(texts, len(texts) if len(texts) <= min(beside, 4) else max(1, min(beside, 3)))

    def table(self, item: Table) -> None:
        self.paper.question(self.asked(item), item.hint)
        head: list[str] = []
        shares: list[float] = []
        boxes: list[int] = []
        for column in item.columns:
            marks = column.marks if isinstance(column, Checks) else ()
            boxes += range(len(head), len(head) + len(marks))
            head += [f"{mark.symbol} {mark.label}" for mark in marks] or [column.label]
            shares += [MARK for _ in marks] or [share(column)]
        if boxes:
            shares[0] = 6
        table = self.paper.grid(head, shares, item.label)
        self.paper.middle_heads(table, boxes)
        for _ in range(_BOXED if boxes else _ROWS):
            cells = [BOX if number in boxes else "" for number in range(len(head))]
            self.paper.row(table, cells, boxes, height=Inches(0.32 if boxes else 0.5))
        if boxes:
            self.paper.keep_together(table)
        self.paper.end_table()

    def cards(self, item: Table) -> None:
        """A card for each row to be written: what needs one line side by side, the rest below it."""
        self.paper.question(self.asked(item), item.hint)
        others = item.columns[1:]
        ticked = [column for column in others if isinstance(column, Choice | Choices | Checks)]
        long = [column for column in others if is_long(column)]
        short = [column for column in others if column not in ticked and column not in long]
        for number in range(1, _CARDS + 1):
            table = self.paper.card(f"{item.row} {number}:", [1, 1], f"{item.row} {number}")
            for column in ticked:
                self.paper.row(table, [self.ticks(column)])
            for group, height in ((short, 0.28), (long, 0.45)):
                for left, right in zip(group[::2], [*group[1::2], None], strict=False):
                    texts = [[(f"{left.label}:", "")], [(f"{right.label}:", "")] if right else ""]
                    self.paper.row(table, texts, height=Inches(height))
            self.paper.keep_together(table)
            self.paper.end_table()

    def ticks(self, column: Choice | Choices | Checks) -> CellText:
        options = column.marks if isinstance(column, Checks) else column.options
        box = CIRCLE if isinstance(column, Choice) else BOX
        # The space inside is one that does not break, so a box stays with its label.
        ticks = "   ".join(f"{box} {option.label}".replace(" ", "\u00a0") for option in options)
        return [(f"{column.label}:", ticks)]

    def with_hint(self, item: Cell | Scale) -> CellText:
        return [self.asked(item), Hint(item.hint)] if item.hint else self.asked(item)

    def asked(self, item: Item) -> str:
        return f"{next(self.numbers)}. {item.label}"
