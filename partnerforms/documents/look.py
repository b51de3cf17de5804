"""How our Word files look: page, type, colours. Starter templates and paper forms are built on it.

Everything that repeats is a style of its own (Hint, Question, Table Text …), so a template is changed in Word
by changing a style.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Inches, Length, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from partnerforms.documents import tables
from partnerforms.documents.tables import CellText
from partnerforms.documents.templates.package import Writer, read

INK = RGBColor(0x1B, 0x1F, 0x24)
BLUE = RGBColor(0x1D, 0x4F, 0x91)
QUIET = RGBColor(0x4B, 0x55, 0x63)
FONT, FONT_ARABIC = "Calibri", "Arial"  # the first has no Arabic letters
WIDTH, WIDTH_WIDE, SIDE, ABOVE = Inches(8.5), Inches(11), Inches(0.8), Inches(0.6)
_FEW = 3  # rows of label and value that stay on one page
LOGO = Path(__file__).parent / "logo.png"
_PICTURE = Inches(1.75)  # room for a logo that is twice as wide as high; a wider one becomes lower

# Style, the one it goes on from, size, colour, bold, points before and after, line height, stays with the next.
_STYLES = (
    ("Normal", "", 10.5, INK, False, 0, 4, 1.08, False),
    ("Title", "", 22, BLUE, True, 0, 1, 1.0, True),
    ("Subtitle", "", 12, QUIET, False, 0, 2, 1.0, False),
    ("Facts", "Normal", 9.5, QUIET, False, 0, 2, 1.0, False),
    ("Heading 1", "", 14, BLUE, True, 10, 3, 1.0, True),
    ("Heading 2", "", 11.5, INK, True, 9, 3, 1.0, True),
    ("Footer", "", 8.5, QUIET, False, 0, 0, 1.0, False),
    ("Hint", "Normal", 9.5, QUIET, False, 0, 4, 1.05, True),
    ("Question", "Normal", 10.5, INK, True, 8, 2, 1.05, True),
    ("Option", "Normal", 10.5, INK, False, 1, 1, 1.0, False),
    ("Table Text", "Normal", 10, INK, False, 0, 0, 1.0, False),
    ("Table Label", "Table Text", 10, INK, True, 0, 0, 1.0, False),
    ("Table Head", "Table Label", 10, INK, True, 0, 0, 1.0, True),
    ("Table Small Head", "Table Head", 8, INK, True, 0, 0, 1.0, True),
    ("Table Mark", "Table Text", 12, INK, False, 0, 0, 0.9, False),
    ("Table Count", "Table Text", 10, INK, False, 0, 0, 1.0, False),
    ("Table Hint", "Table Text", 9, QUIET, False, 1, 0, 1.0, False),
)


class Paper:
    """A Word file being written, top to bottom, on letter paper; `side` and `above` are its margins."""

    def __init__(self, title: str, wide: bool = False, side: Length = SIDE, above: Length = ABOVE) -> None:
        self.doc = Document()
        self.wide, self.side = wide, side
        self._page(above)
        self._type()
        properties = self.doc.core_properties
        properties.title, properties.author, properties.comments = title, "partnerforms", ""

    @property
    def width(self) -> Emu:
        """What lies between the margins."""
        return Emu((WIDTH_WIDE if self.wide else WIDTH) - 2 * self.side)

    def bytes(self) -> bytes:
        """The file, the same bytes every time: written once more without the moment that python-docx notes."""
        buffer = BytesIO()
        self.doc.save(buffer)
        return Writer(read(buffer.getvalue()).values(), ()).write({})

    def _page(self, above: Length) -> None:
        section = self.doc.sections[0]
        size = (WIDTH_WIDE, WIDTH) if self.wide else (WIDTH, WIDTH_WIDE)
        section.page_width, section.page_height = size
        section.orientation = WD_ORIENT.LANDSCAPE if self.wide else WD_ORIENT.PORTRAIT
        section.left_margin = section.right_margin = self.side
        section.top_margin = section.bottom_margin = above
        section.header_distance = section.footer_distance = Inches(0.35)

    def _type(self) -> None:
        for row in _STYLES:
            self.add_style(*row)
        for name in ("Table Small Head", "Table Mark", "Table Count"):
            self.doc.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for spread in self.doc.styles["Subtitle"].element.xpath("w:rPr/w:spacing"):
            spread.getparent().remove(spread)
        _border(self.doc.styles["Title"])
        _border(self.doc.styles["Heading 1"], bottom=(tables.LINE, 4))
        for tabs in self.doc.styles["Footer"].element.xpath("w:pPr/w:tabs"):
            tabs.getparent().remove(tabs)
        option = self.doc.styles["Option"].paragraph_format
        option.left_indent, option.first_line_indent = Inches(0.22), Inches(-0.22)
        line_style = self._style("Writing Line", "Normal")
        _border(line_style, bottom=(tables.LINE, 6), between=(tables.LINE, 6))
        self._exactly(line_style, 21)
        gap = self._style("Table Gap", "Normal")
        self._exactly(gap, 1)
        gap.paragraph_format.space_after = Pt(4)

    def add_style(
        self, name: str, base: str, size: float, color: RGBColor, bold: bool,
        before: float = 0, after: float = 0, line: float = 1.0, stays: bool = False,
    ) -> Any:  # fmt: skip
        """A style as `_STYLES` describes them: one more, or with no base one that every Word file has."""
        style = self._style(name, base)
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), color
        style.font.bold, style.font.italic = bold, False
        _one_font(style)
        look = style.paragraph_format
        look.space_before, look.space_after, look.line_spacing = Pt(before), Pt(after), line
        look.keep_with_next = stays
        return style

    def _style(self, name: str, base: str) -> Any:
        styles = self.doc.styles
        if not base:
            return styles[name]
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        return style

    def _exactly(self, style: Any, points: float) -> None:
        look = style.paragraph_format
        look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
        look.space_after = Pt(0)

    def cover(self, title: str, subtitle: Sequence[str], facts: Sequence[str] = ()) -> None:
        """Title, subtitle and facts below each other, beside the picture that becomes the organization's logo."""
        table = tables.plain(self.doc, 1, [self.width - _PICTURE, _PICTURE])
        left, right = table.rows[0].cells
        left.paragraphs[0].style = "Title"
        left.paragraphs[0].add_run(title)
        for style, texts in (("Subtitle", subtitle), ("Facts", facts)):
            for text in texts:
                left.add_paragraph(text, style)
        picture = right.paragraphs[0].add_run().add_picture(str(LOGO), height=Inches(0.8))
        picture._inline.docPr.set("descr", "logo")
        right.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        rule = self.doc.add_paragraph(style="Table Gap")
        _border(rule, bottom=("1D4F91", 12))
        rule.paragraph_format.space_before, rule.paragraph_format.space_after = Pt(4), Pt(8)

    def footer(self, left: str, page: str, of: str) -> None:
        """One line on every page: what it is, and which page of how many."""
        paragraph = self.doc.sections[0].footer.paragraphs[0]
        paragraph.paragraph_format.tab_stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{left}\t{page} ")
        _field(paragraph, "PAGE")
        paragraph.add_run(f" {of} ")
        _field(paragraph, "NUMPAGES")

    def heading(self, text: str, level: int = 1, new_page: bool = False) -> Paragraph:
        paragraph: Paragraph = self.doc.add_heading(text, level)
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        return paragraph

    def paragraph(self, text: str, style: str = "Normal") -> Paragraph:
        paragraph: Paragraph = self.doc.add_paragraph(text, style)
        return paragraph

    def tag(self, tag: str) -> None:
        """A paragraph that holds one block tag and is gone from the filled document."""
        self.doc.add_paragraph(tag)

    def question(self, text: str, hint: str) -> None:
        """What a paper form asks, with its explanation; stays with what comes after it."""
        self.paragraph(text, "Question")
        if hint:
            self.paragraph(hint, "Hint")

    def lines(self, number: int) -> None:
        """Lines to write on, on one page."""
        for left in reversed(range(number)):
            self.paragraph("", "Writing Line").paragraph_format.keep_with_next = left > 0
        self.doc.add_paragraph(style="Table Gap")

    def options(self, texts: Sequence[str], columns: int) -> None:
        """What can be ticked, side by side."""
        table = tables.plain(self.doc, -(-len(texts) // columns), [self.width // columns] * columns)
        cells = [cell for row in table.rows for cell in row.cells]
        for cell, text in zip(cells, texts, strict=False):
            tables.write(cell, [text], "Option")
        self.end_table()

    def pairs(self, rows: Sequence[tuple[str, CellText]], label: float = 0.32) -> None:
        """Label and value, a row each."""
        widths = [int(self.width * label), int(self.width * (1 - label))]
        table = tables.lined(self.doc, widths)
        for name, value in rows:
            cells = tables.add_row(table).cells
            tables.write(cells[0], name, "Table Label", tables.PALE)
            tables.write(cells[1], value)
        if len(rows) <= _FEW:
            self.keep_together(table)
        self.end_table()

    def grid(self, head: Sequence[str], shares: Sequence[float], description: str = "") -> Table:
        """A table with a header row that repeats on every page. Add rows with `row`."""
        total = sum(shares)
        table = tables.lined(self.doc, [int(self.width * share / total) for share in shares], description)
        row = tables.add_row(table)
        tables.repeat(row)
        for cell, text in zip(row.cells, head, strict=True):
            tables.write(cell, text, "Table Head", tables.SHADE)
        return table

    def row(
        self,
        table: Table,
        texts: Sequence[CellText],
        middle: Sequence[int] = (),
        style: str = "Table Mark",
        height: Length | None = None,
    ) -> None:
        """One more row; the columns of `middle` in another style. One text for all columns makes one cell of them."""
        row = tables.add_row(table)
        row.height = height
        cells = row.cells if len(texts) > 1 else [tables.merge(row)]
        for number, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            tables.write(cell, text, style if number in middle else "Table Text")

    def middle_heads(self, table: Table, columns: Sequence[int]) -> None:
        """Put small heads over columns of marks or counts."""
        for number in columns:
            cell = table.rows[0].cells[number]
            tables.tighten(cell)
            cell.paragraphs[0].style = "Table Small Head"

    def tag_row(self, table: Table, tag: str) -> None:
        """A row that holds one row tag and is gone from the filled document."""
        tables.add_row(table).cells[0].paragraphs[0].add_run(tag)

    def card(self, title: str, shares: Sequence[float], description: str = "") -> Table:
        """A small table under one title that spans it; it is not torn from its first row. Add rows with `row`."""
        table = self.grid([title, *("" for _ in shares[1:])], shares, description)
        tables.merge(table.rows[0])
        return table

    def keep_together(self, table: Table) -> None:
        """Do not tear a small table over two pages."""
        for row in table.rows[:-1]:
            for paragraph in row.cells[0].paragraphs:
                paragraph.paragraph_format.keep_with_next = True

    def end_table(self) -> None:
        """Keeps a table from the next one; takes no room at the end of a page."""
        self.doc.add_paragraph(style="Table Gap")


def _one_font(style: Any) -> None:
    """The same font for every script, instead of the theme's."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script, font in (("ascii", FONT), ("hAnsi", FONT), ("cs", FONT_ARABIC)):
        fonts.set(qn(f"w:{script}"), font)


def _border(owner: Any, **edges: tuple[str, int]) -> None:
    """The lines of a paragraph or style: colour and eighths of a point for an edge; no edges, no lines."""
    element = getattr(owner, "_p", None)
    properties = (owner.element if element is None else element).get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    if not edges:
        return
    border = OxmlElement("w:pBdr")
    for edge, (color, eighths) in edges.items():
        line = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", color)):
            line.set(qn(f"w:{name}"), value)
        border.append(line)
    after = ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr")
    properties.insert_element_before(border, *(f"w:{name}" for name in after))


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word works out itself, such as the page number."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)
    run = paragraph.add_run("1")
    field.append(run._r)
