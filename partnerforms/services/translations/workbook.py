"""Excel workbooks of translations: written so that no cell is a formula, read only when nothing odd is inside."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill

from partnerforms.documents.templates import package
from partnerforms.documents.templates.package import Limits
from partnerforms.documents.templates.problems import PackageError
from partnerforms.engine.texts import Language
from partnerforms.services.translations.checking import MOST_ROWS, Row, UnreadableError

COLUMNS = ("key", "where", "english", "text", "note")
_WIDTHS = (34, 34, 60, 60, 44)
_LIMITS = Limits(parts=100)
_MOST_COLUMNS = 30
_HEADINGS_WITHIN = 10  # rows at the top among which the headings are looked for
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_YELLOW = PatternFill("solid", fgColor="FFF8E1")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WRITTEN = {"ltr": _WRAPPED, "rtl": Alignment(wrap_text=True, vertical="top", readingOrder=2)}
# What a package may not hold: nobody needs it for a list of texts.
_ODD = ("vbaproject", "externallinks/", "embeddings/", "activex/", "connections.xml", "customui/")


def write(language: Language, headings: Mapping[str, str], title: str, rows: Iterable[tuple[Row, str, str]]) -> bytes:
    """A workbook with a row for each text: key, where it shows, English, translation, note."""
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "1"
    sheet.append([_text(sheet, headings[name], bold=True) for name in COLUMNS])
    for row, where, note in rows:
        cells = [_text(sheet, text) for text in (row.key, where, row.english, row.text, note)]
        cells[3].fill = _YELLOW
        cells[3].alignment = _WRITTEN[language.direction]
        sheet.append(cells)
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "D2"
    book.properties.title, book.properties.creator = title, "partnerforms"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _text(sheet: Any, text: str, bold: bool = False) -> Cell:
    """A cell that is text whatever it begins with, and stays so when somebody edits it."""
    cell = Cell(sheet, value=_ILLEGAL.sub("", text))
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    cell.alignment = _WRAPPED
    if bold:
        cell.font = Font(bold=True)
    return cell


def read(content: bytes, headings: Sequence[Mapping[str, str]]) -> list[Row]:
    """The texts of the first sheet that has the headings, in any of the languages that these are given in."""
    _look_into(content)
    try:
        # Read only: row by row, whatever the sheet says of its size.
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                if (found := _rows(sheet, headings)) is not None:
                    return found
        finally:
            book.close()
    except UnreadableError:
        raise
    except Exception:  # a hostile workbook makes the reader fail in any way there is
        raise UnreadableError("damaged") from None
    raise UnreadableError("no_headings")


def _look_into(content: bytes) -> None:
    """Refuse what unpacks to much more than it is, what is not whole, and XML that defines things of its own."""
    try:
        parts = package.read(content, _LIMITS)
    except PackageError as error:
        large = error.problem.code in ("unpacks_large", "packed_small", "too_many_parts")
        raise UnreadableError("unpacks_large" if large else "damaged") from None
    for name, part in parts.items():
        if any(odd in name.lower() for odd in _ODD):
            raise UnreadableError("odd_parts")
        if name.endswith((".xml", ".rels", ".vml")):
            xml = part.content()
            # In UTF-8 the words below are these very bytes; every program writes it.
            if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in xml or _foreign(xml):
                raise UnreadableError("damaged")
            if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
                raise UnreadableError("odd_parts")
            if name.endswith(".rels") and b'TargetMode="External"' in xml and b"/hyperlink" not in xml:
                raise UnreadableError("odd_parts")


def _foreign(xml: bytes) -> bool:
    """Does it say that it is in an encoding in which markup may be other bytes?"""
    said = re.match(rb"""\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([^"']*)""", xml[:200])
    return said is not None and said[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")


def _rows(sheet: Any, headings: Sequence[Mapping[str, str]]) -> list[Row] | None:
    """The texts below the headings; None when this sheet has none."""
    columns: dict[str, int] | None = None
    found: list[Row] = []
    cells = sheet.iter_rows(max_row=MOST_ROWS + _HEADINGS_WITHIN + 1, max_col=_MOST_COLUMNS)
    for number, row in enumerate(cells, 1):
        if columns is None:
            columns = _columns([str(cell.value or "").strip() for cell in row], headings)
            if columns is None and number >= _HEADINGS_WITHIN:
                return None
            continue
        key, english, text = (row[columns[name]] for name in ("key", "english", "text"))
        if key.value is None and english.value is None and text.value is None:
            continue
        refused = _refused(text) or _refused(key) or _refused(english)
        found.append(Row(number, _said(key).strip(), _said(english), _said(text), refused))
        if len(found) > MOST_ROWS:
            raise UnreadableError("too_many_rows")
    return found if columns is not None else None


def _columns(cells: Sequence[str], headings: Sequence[Mapping[str, str]]) -> dict[str, int] | None:
    for named in headings:
        if all(named[name] in cells for name in ("key", "english", "text")):
            return {name: cells.index(named[name]) for name in ("key", "english", "text")}
    return None


def _refused(cell: Any) -> str:
    """Why a cell is no text: a formula, a number, a day. An empty one is."""
    if cell.value is None or cell.data_type in ("s", "inlineStr"):
        return ""
    return "formula" if cell.data_type == "f" else "not_text"


def _said(cell: Any) -> str:
    """The text of a cell. Excel writes the first half of a line break as _x000D_."""
    return cell.value.replace("_x000D_", "") if isinstance(cell.value, str) else ""
