"""How our Word files look: page, type, colours, tables. Starter templates and paper forms are built on it."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Inches, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

INK = RGBColor(0x1B, 0x1F, 0x24)
BLUE = RGBColor(0x1D, 0x4F, 0x91)
QUIET = RGBColor(0x4B, 0x55, 0x63)
SHADE = "E7EFFA"
PALE = "F5F7FA"
LINE = "B8C0CC"
FONT = "Calibri"
WIDTH, WIDTH_WIDE, SIDE = Inches(8.5), Inches(11), Inches(0.8)
LOGO = Path(__file__).parent / "logo.png"


class Paper:
    """A Word file being written, top to bottom, on letter paper."""

    def __init__(self, title: str, wide: bool = False) -> None:
        self.doc = Document()
        self.wide = wide
        self._page()
        self._type()
        properties = self.doc.core_properties
        properties.title, properties.author, properties.comments = title, "partnerforms", ""

    @property
    def width(self) -> Emu:
        """What lies between the margins."""
        return Emu((WIDTH_WIDE if self.wide else WIDTH) - 2 * SIDE)

    def bytes(self) -> bytes:
        buffer = BytesIO()
        self.doc.save(buffer)
        return buffer.getvalue()

    def _page(self) -> None:
        section = self.doc.sections[0]
        size = (WIDTH_WIDE, WIDTH) if self.wide else (WIDTH, WIDTH_WIDE)
        section.page_width, section.page_height = size
        section.orientation = WD_ORIENT.LANDSCAPE if self.wide else WD_ORIENT.PORTRAIT
        section.left_margin = section.right_margin = SIDE
        section.top_margin, section.bottom_margin = Inches(0.7), Inches(0.75)
        section.header_distance = section.footer_distance = Inches(0.4)

    def _type(self) -> None:
        for name, size, color, before, after in (
            ("Normal", 10.5, INK, 0, 4),
            ("Title", 24, BLUE, 0, 2),
            ("Heading 1", 15, BLUE, 16, 4),
            ("Heading 2", 11.5, INK, 10, 3),
        ):
            style = self.doc.styles[name]
            style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), color
            style.font.bold = name.startswith("Heading") or name == "Title"
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            for script in ("ascii", "hAnsi", "cs"):
                fonts.set(qn(f"w:{script}"), FONT)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        border = self.doc.styles["Title"].element.pPr.find(qn("w:pBdr"))
        if border is not None:
            self.doc.styles["Title"].element.pPr.remove(border)

    def cover(self, title: str, subtitle: str) -> None:
        """Title and subtitle beside the picture that becomes the organization's logo."""
        table = self._grid(1, [self.width - Inches(1.1), Inches(1.1)], "layout")
        left, right = table.rows[0].cells
        heading = left.paragraphs[0]
        heading.style = self.doc.styles["Title"]
        heading.add_run(title)
        self._say(left.add_paragraph(), subtitle, size=12, color=QUIET)
        picture = right.paragraphs[0].add_run().add_picture(str(LOGO), height=Inches(0.85))
        picture._inline.docPr.set("descr", "logo")
        right.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        rule = self.doc.add_paragraph()
        _bottom_line(rule, "1D4F91", 12)
        rule.paragraph_format.space_after = Pt(6)

    def footer(self, left: str, page: str, of: str) -> None:
        """One line on every page: what it is, and which page of how many."""
        paragraph = self.doc.sections[0].footer.paragraphs[0]
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)
        self._say(paragraph, f"{left}\t{page} ", size=8.5, color=QUIET)
        _field(self._say(paragraph, "", size=8.5, color=QUIET), "PAGE")
        self._say(paragraph, f" {of} ", size=8.5, color=QUIET)
        _field(self._say(paragraph, "", size=8.5, color=QUIET), "NUMPAGES")

    def heading(self, text: str, level: int = 1, new_page: bool = False) -> Paragraph:
        paragraph: Paragraph = self.doc.add_heading(text, level)
        paragraph.paragraph_format.page_break_before = new_page
        return paragraph

    def paragraph(self, text: str, quiet: bool = False) -> Paragraph:
        paragraph = self.doc.add_paragraph()
        self._say(paragraph, text, color=QUIET if quiet else INK)
        return paragraph

    def bullet(self, text: str) -> None:
        self.doc.add_paragraph(text, style="List Bullet")

    def question(self, text: str, hint: str) -> None:
        """What a paper form asks, with its explanation; stays with what comes after it."""
        paragraph = self.doc.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.keep_with_next = True
        self._say(paragraph, text, bold=True)
        if hint:
            self.paragraph(hint, quiet=True).paragraph_format.keep_with_next = True

    def lines(self, number: int) -> None:
        """Lines to write on."""
        for _ in range(number):
            paragraph = self.doc.add_paragraph()
            paragraph.paragraph_format.space_before = Pt(12)
            _bottom_line(paragraph, LINE, 6)

    def tag(self, tag: str) -> None:
        """A paragraph that holds one block tag and is gone from the filled document."""
        self.doc.add_paragraph(tag)

    def pairs(self, rows: Sequence[tuple[str, str]], label: float = 0.3) -> Table:
        """Label and value, a row each."""
        widths = [int(self.width * label), int(self.width * (1 - label))]
        table = self._grid(len(rows), widths, "pairs")
        for row, (name, value) in zip(table.rows, rows, strict=True):
            self.cell(row.cells[0], name, bold=True, shade=PALE)
            self.cell(row.cells[1], value)
        self._gap()
        return table

    def grid(self, head: Sequence[str], shares: Sequence[float], description: str) -> Table:
        """A table with a header row that repeats on every page. Add rows with `row`."""
        total = sum(shares)
        table = self._grid(1, [int(self.width * share / total) for share in shares], description)
        for cell, text in zip(table.rows[0].cells, head, strict=True):
            self.cell(cell, text, bold=True, shade=SHADE)
        flag = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(flag)
        return table

    def row(
        self, table: Table, texts: Sequence[str], centered: Sequence[int] = (), labels: Sequence[int] = ()
    ) -> None:
        """One more row; the columns of `centered` in the middle, those of `labels` as labels."""
        row = _add_row(table)
        self._keep_whole(row)
        for number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            self.cell(cell, text, bold=number in labels, shade=PALE if number in labels else "")
            if number in centered:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER

    def card_title(self, table: Table, text: str) -> None:
        """A row that is one shaded cell and stays with the row below it."""
        row = _add_row(table)
        self._keep_whole(row)
        cell = row.cells[0].merge(row.cells[-1])
        self.cell(cell, text, bold=True, shade=SHADE)
        cell.paragraphs[0].paragraph_format.keep_with_next = True

    def tag_row(self, table: Table, tag: str) -> None:
        """A row that holds one row tag and is gone from the filled document."""
        _add_row(table).cells[0].paragraphs[0].add_run(tag)

    def cell(self, cell: _Cell, text: str, bold: bool = False, shade: str = "", size: float = 10) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        self._say(paragraph, text, size=size, bold=bold)
        if shade:
            fill = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", shade)):
                fill.set(qn(f"w:{name}"), value)
            cell._tc.get_or_add_tcPr().append(fill)

    def end_table(self) -> None:
        self._gap()

    def _grid(self, rows: int, widths: Sequence[int], description: str) -> Table:
        table: Table = self.doc.add_table(rows, len(widths))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Emu(width)
            for cell in column.cells:
                cell.width = Emu(width)
        if description != "layout":
            _borders(table)
            _describe(table, description)
        for row in table.rows:
            self._keep_whole(row)
        return table

    def _keep_whole(self, row: Any) -> None:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))

    def _say(self, paragraph: Paragraph, text: str, size: float = 0, bold: bool = False, color: Any = None) -> Any:
        run = paragraph.add_run(text)
        run.bold = bold or None
        if size:
            run.font.size = Pt(size)
        if color is not None:
            run.font.color.rgb = color
        return run

    def _gap(self) -> None:
        paragraph = self.doc.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(6)


def _add_row(table: Any) -> Any:
    return table.add_row()


def _borders(table: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for edge, width in (("top", "50"), ("left", "100"), ("bottom", "50"), ("right", "100")):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The order of these properties is fixed: borders, layout, margins.
    layout = table._tbl.tblPr.xpath("w:tblLayout")[0]
    layout.addprevious(borders)
    layout.addnext(margins)


def _describe(table: Table, description: str) -> None:
    """What a screen reader says before it enters the table; the last thing the table's properties may hold."""
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), description)
    table._tbl.tblPr.append(caption)


def _bottom_line(paragraph: Paragraph, color: str, eighths: int) -> None:
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", color)):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    paragraph._p.get_or_add_pPr().append(border)


def _field(run: Any, code: str) -> None:
    """A field that Word works out itself, such as the page number."""
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)
