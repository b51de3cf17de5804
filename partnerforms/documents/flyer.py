"""A page to hang at the door: it invites to a survey with a QR code, in one language."""

from functools import lru_cache

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Inches, Pt, RGBColor

from partnerforms.documents import invitations, tables
from partnerforms.documents.invitations import Form, Invitation
from partnerforms.documents.look import BLUE, INK, LOGO, QUIET, Paper
from partnerforms.documents.templates import Template
from partnerforms.engine.texts import Language

_CODE = 2.9  # inches
_LOGO_HEIGHT, _LOGO_ROOM = Inches(0.8), Inches(1.75)
_BAND, _WHITE = "1D4F91", RGBColor(0xFF, 0xFF, 0xFF)
_LEFT, _CENTER = None, WD_ALIGN_PARAGRAPH.CENTER

# Style, size, colour, bold, points before and after, alignment; the second size is for a place with a long name.
_STYLES = (
    ("Flyer Place", (24, 15), INK, True, 0, 0, _LEFT),
    ("Flyer Audience", (15, 12), QUIET, False, 2, 4, _LEFT),
    ("Flyer Headline", (42, 34), _WHITE, True, 6, 0, _LEFT),
    ("Flyer Title", (17, 15), _WHITE, False, 2, 8, _LEFT),
    ("Flyer Lead", (16, 14), INK, False, 10, 6, _LEFT),
    ("Flyer When", (16, 14), BLUE, True, 0, 6, _LEFT),
    ("Flyer Step", (20, 17), INK, True, 0, 14, _LEFT),
    ("Flyer Small Head", (13, 11), BLUE, True, 4, 1, _LEFT),
    ("Flyer Small", (12.5, 11), INK, False, 0, 4, _LEFT),
    ("Flyer Address", (15, 12.5), INK, True, 0, 2, _LEFT),
    ("Flyer Others", (11, 10.5), INK, False, 0, 0, _CENTER),
    ("Flyer Note", (9, 9), QUIET, False, 4, 0, _CENTER),
)


def flyer(invitation: Invitation, language: Language, words: dict[str, str], logo: bytes | None) -> bytes:
    """The flyer as a .docx of one page."""
    form = Form(language, words["qr_code"], logo, invitations.crowded(invitation.place))
    return invitations.filled(_template(form), invitation, words, _CODE)


@lru_cache(maxsize=128)
def _template(form: Form) -> Template:
    return invitations.compiled(build, form)


def build(form: Form) -> bytes:
    """The template of a flyer, before it is compiled."""
    paper = Paper("{{ place }}: {{ title }}", side=Inches(0.75), above=Inches(0.45))
    for name, sizes, color, bold, before, after, alignment in _STYLES:
        style = paper.add_style(name, "Normal", sizes[form.crowded], color, bold, before, after)
        style.paragraph_format.alignment = alignment
    _who(paper, form)
    _headline(paper)
    paper.paragraph("{{ intro }}", "Flyer Lead")
    paper.paragraph("{{ when }}", "Flyer When")
    _ways(paper, form)
    _seen_by(paper)
    paper.tag("{%p if others %}")
    paper.paragraph("{{ words.other_languages }}", "Flyer Others").paragraph_format.space_before = Pt(6)
    paper.paragraph("{{ others }}", "Flyer Others")
    paper.tag("{%p endif %}")
    if not form.language.reviewed_by:
        paper.paragraph("{{ words.not_reviewed }}", "Flyer Note")
    return paper.bytes()


def _who(paper: Paper, form: Form) -> None:
    """Who invites whom, beside the logo if there is one."""
    widths = [paper.width - _LOGO_ROOM, _LOGO_ROOM] if form.logo else [paper.width]
    cells = tables.plain(paper.doc, 1, widths).rows[0].cells
    cells[0].paragraphs[0].style = "Flyer Place"
    cells[0].paragraphs[0].add_run("{{ place }}")
    cells[0].add_paragraph("{{ audience }}", "Flyer Audience")
    if form.logo:
        picture = cells[1].paragraphs[0].add_run().add_picture(str(LOGO), height=_LOGO_HEIGHT)
        picture._inline.docPr.set("descr", "logo")
        cells[1].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paper.end_table()


def _headline(paper: Paper) -> None:
    """What it is about, on a band of colour."""
    (cell,) = tables.plain(paper.doc, 1, [paper.width]).rows[0].cells
    tables.write(cell, "{{ words.tell_us }}", "Flyer Headline", _BAND)
    cell.add_paragraph("{{ title }}", "Flyer Title")
    tables.pad(cell, left=240, right=240)
    paper.end_table()


def _ways(paper: Paper, form: Form) -> None:
    """The QR code, and the other ways to answer."""
    shown = int(Inches(_CODE))
    left, right = tables.plain(paper.doc, 1, [shown, paper.width - shown]).rows[0].cells
    invitations.put_code(left.paragraphs[0], _CODE, form.picture_says)
    right.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    tables.write(right, "{{ words.use_camera }}", "Flyer Step")
    right.add_paragraph("{{ words.ask_for_paper }}", "Flyer Small")
    tables.pad(right, left=240)
    paper.end_table()
    for_code = int(Inches(1.75))
    cells = tables.plain(paper.doc, 1, [paper.width - for_code, for_code]).rows[0].cells
    tables.pad(cells[1], left=160)
    for cell, head, text in ((cells[0], "go_to", "address"), (cells[1], "code", "code")):
        tables.write(cell, f"{{{{ words.{head} }}}}", "Flyer Small Head")
        invitations.put_left_to_right(paper, cell.add_paragraph(style="Flyer Address"), f"{{{{ {text} }}}}")
    paper.end_table()


def _seen_by(paper: Paper) -> None:
    (cell,) = tables.plain(paper.doc, 1, [paper.width]).rows[0].cells
    tables.write(cell, "{{ words.who_sees }}", "Flyer Small Head", tables.SHADE)
    cell.add_paragraph("{{ seen_by }}", "Flyer Small")
    tables.pad(cell, top=60, bottom=60, left=240, right=240)
    paper.end_table()
