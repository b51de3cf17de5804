"""Tables of our Word files, as `look.Paper` uses them: widths, lines, shades, rows that stay whole or repeat."""

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt
from docx.table import Table, _Cell

SHADE = "E7EFFA"
PALE = "F5F7FA"
LINE = "B8C0CC"


class Hint(str):
    """A paragraph of a cell in small, quiet type."""


class Box(str):
    """A paragraph of a cell that is a large box to mark, with this small number beside it."""


# One text, or paragraphs. A paragraph is a text, or a label and what it is the label of.
CellText = str | Sequence[str | tuple[str, str]]


def plain(doc: Any, rows: int, widths: Sequence[int]) -> Table:
    """A table that only puts things side by side: no lines, and its text is flush with the page's."""
    table = _table(doc, rows, widths)
    _margins(table, 0, 0)
    return table


def lined(doc: Any, widths: Sequence[int], description: str = "") -> Table:
    """A table with lines and no rows yet. The description, if any, is what a screen reader says before it enters."""
    table = _table(doc, 0, widths)
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{edge}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    # The order of a table's properties is fixed: borders, layout, margins, …, caption.
    _layout(table).addprevious(borders)
    _margins(table, 30, 90)
    if description:
        caption = OxmlElement("w:tblCaption")
        caption.set(qn("w:val"), description)
        table._tbl.tblPr.append(caption)
    return table


def add_row(table: Any) -> Any:
    """One more row, which is not torn over two pages."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def repeat(row: Any) -> None:
    """Make it a header row, shown again on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def write(cell: _Cell, text: CellText, style: str = "Table Text", shade: str = "") -> None:
    """Put text into an empty cell."""
    for number, part in enumerate([text] if isinstance(text, str) else text):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        # By id: python-docx looks through all styles for a name, which took three quarters of a paper form's time.
        paragraph._p.style = ("Table Hint" if isinstance(part, Hint) else style).replace(" ", "")
        if isinstance(part, Box):
            paragraph.add_run("☐").font.size = Pt(18)
            paragraph.add_run(part).font.size = Pt(8)
        elif isinstance(part, tuple):
            paragraph.add_run(f"{part[0]} ").bold = True
            paragraph.add_run(part[1])
        elif part:
            paragraph.add_run(part)
    if shade:
        fill = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", shade)):
            fill.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(fill)


def merge(row: Any) -> _Cell:
    """All cells of a row as one."""
    merged: _Cell = row.cells[0].merge(row.cells[-1])
    return merged


def tighten(cell: _Cell) -> None:
    """Less room beside the text: a long word of a narrow column stays whole."""
    pad(cell, left=15, right=15)


def pad(cell: _Cell, **edges: int) -> None:
    """Other room between the lines and the text of one cell, in twentieths of a point, top, left, bottom or right.

    Left is where lines begin: in a right-to-left document it is on the right.
    """
    margins = OxmlElement("w:tcMar")
    for edge in ("top", "left", "bottom", "right"):
        if edge in edges:
            margin = OxmlElement(f"w:{edge}")
            margin.set(qn("w:w"), str(edges[edge]))
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
    properties: Any = cell._tc.get_or_add_tcPr()
    properties.insert_element_before(margins, "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")


def _table(doc: Any, rows: int, widths: Sequence[int]) -> Table:
    table: Table = doc.add_table(rows, len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(width)
        for cell in column.cells:
            cell.width = Emu(width)
    return table


def _layout(table: Table) -> Any:
    return table._tbl.tblPr.xpath("w:tblLayout")[0]


def _margins(table: Table, above: int, beside: int) -> None:
    """Room between the lines and the text, in twentieths of a point."""
    margins = OxmlElement("w:tblCellMar")
    for edge, width in (("top", above), ("left", beside), ("bottom", above), ("right", beside)):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), str(width))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    _layout(table).addnext(margins)
