"""Eight small invitations on one page, to be cut apart and handed out."""

from functools import lru_cache
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Inches

from partnerforms.documents import invitations, tables
from partnerforms.documents.invitations import Form, Invitation
from partnerforms.documents.look import BLUE, INK, QUIET, Paper
from partnerforms.documents.templates import Template
from partnerforms.engine.texts import Language

ROWS, COLUMNS = 4, 2
_CODE = 1.65  # inches
_HEIGHT = Inches(2.5)

# Style, size, colour, bold, points before and after; the second size is for a place with a long name.
_STYLES = (
    ("Slip Place", (10.5, 8.5), INK, True, 0, 0),
    ("Slip Audience", (9.5, 8.5), QUIET, False, 0, 4),
    ("Slip Headline", (14, 12), BLUE, True, 0, 4),
    ("Slip When", (9.5, 8.5), INK, False, 0, 4),
    ("Slip Address", (8.5, 7.5), INK, False, 0, 0),
    ("Slip Code", (11, 11), INK, True, 0, 0),
)


def slips(invitation: Invitation, language: Language, words: dict[str, str], logo: bytes | None) -> bytes:
    """The sheet as a .docx of one page. A logo would be too small to be one; slips do without."""
    form = Form(language, words["qr_code"], None, invitations.crowded(invitation.place))
    return invitations.filled(_template(form), invitation, words, _CODE)


@lru_cache(maxsize=128)
def _template(form: Form) -> Template:
    return invitations.compiled(build, form)


def build(form: Form) -> bytes:
    """The template of a sheet of slips, before it is compiled."""
    paper = Paper("{{ place }}: {{ title }}", side=Inches(0.35), above=Inches(0.4))
    for name, sizes, color, bold, before, after in _STYLES:
        paper.add_style(name, "Normal", sizes[form.crowded], color, bold, before, after)
    sheet = tables.lined(paper.doc, [paper.width // COLUMNS] * COLUMNS)
    for line in sheet._tbl.iter(qn("w:tblBorders")):
        for edge in line:
            edge.set(qn("w:val"), "dashed" if edge.tag.startswith(qn("w:inside")) else "nil")
    for _ in range(ROWS):
        row = tables.add_row(sheet)
        row.height, row.height_rule = _HEIGHT, WD_ROW_HEIGHT_RULE.EXACTLY
        for cell in row.cells:
            _slip(paper, cell, paper.width // COLUMNS, form)
    _nearly_nothing(paper.doc.add_paragraph())
    return paper.bytes()


def _slip(paper: Paper, cell: Any, width: int, form: Form) -> None:
    """The code on one side, what it is about on the other."""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    shown, between = int(Inches(_CODE)), int(Inches(0.15))
    left, right = tables.plain(cell, 1, [shown + between, width - shown - 3 * between]).rows[0].cells
    left.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    invitations.put_code(left.paragraphs[0], _CODE, form.picture_says)
    under = left.add_paragraph(style="Slip Code")
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    invitations.put_left_to_right(paper, under, "{{ code }}")
    tables.write(right, "{{ place }}", "Slip Place")
    right.add_paragraph("{{ audience }}", "Slip Audience")
    right.add_paragraph("{{ words.tell_us }}", "Slip Headline")
    right.add_paragraph("{{ when }}", "Slip When")
    invitations.put_left_to_right(paper, right.add_paragraph(style="Slip Address"), "{{ address }}")
    cell._tc.remove(cell.paragraphs[0]._p)  # a new cell has one; the text after a table must be there, and be small
    _nearly_nothing(cell.add_paragraph())


def _nearly_nothing(paragraph: Any) -> None:
    """Word wants a paragraph after a table; it must not make a page of its own."""
    paragraph.style = "Table Gap"
    paragraph.paragraph_format.space_after = 0
