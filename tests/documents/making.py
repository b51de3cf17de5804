"""Word files for the tests, made with python-docx as somebody would make them in Word."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from partnerforms.documents.templates import Names, Rows, Template, compile_template

# Names for templates: a text, a group, and a list with a list inside.
NAMES: Names = {
    "school": None,
    "about": {"person": None, "date": None},
    "goals": Rows({"title": None, "activities": Rows({"name": None, "dates": None, "marks": {"now": None}})}),
}


def saved(doc: Any) -> bytes:
    file = io.BytesIO()
    doc.save(file)
    return file.getvalue()


def opened(document: bytes) -> Any:
    return docx.Document(io.BytesIO(document))


def paper(
    paragraphs: Iterable[str] = (),
    rows: Sequence[Sequence[str]] = (),
    header: str = "",
    footer: str = "",
    title: str = "",
) -> bytes:
    """Paragraphs, then one table, with a header and a footer."""
    doc = docx.Document()
    doc.core_properties.title = title
    for text in paragraphs:
        doc.add_paragraph(text)
    if rows:
        table = doc.add_table(0, max(map(len, rows)))
        for texts in rows:
            for cell, text in zip(table.add_row().cells, texts, strict=False):
                cell.text = text
    if header:
        doc.sections[0].header.paragraphs[0].text = header
    if footer:
        doc.sections[0].footer.paragraphs[0].text = footer
    return saved(doc)


def raw(*blocks: str) -> bytes:
    """A document whose body begins with these blocks of XML."""
    doc = docx.Document()
    body = doc.element.body
    for block in parse_xml(f"<w:body {nsdecls('w', 'wp', 'a', 'r', 'pic')}>{''.join(blocks)}</w:body>"):
        body.insert(len(body) - 1, block)
    return saved(doc)


def run(text: str, look: str = "") -> str:
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r>'


def letters(text: str) -> str:
    """Every character in a run of its own, with what Word puts between."""
    between = '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="1" w:name="b"/><w:bookmarkEnd w:id="1"/>'
    return between.join(run(letter, "<w:b/>" if index % 2 else "") for index, letter in enumerate(text))


def compiled(data: bytes, names: Names, **options: Any) -> Template:
    return compile_template(data, names, file="plan.docx", **options)


def texts(document: bytes) -> list[str]:
    """The texts of the body's paragraphs."""
    return [paragraph.text for paragraph in opened(document).paragraphs]


def cells(document: bytes) -> list[list[str]]:
    """The texts of the first table, row by row."""
    return [[cell.text for cell in row.cells] for row in opened(document).tables[0].rows]


def part(document: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return archive.read(name)


def rezipped(document: bytes, **changed: bytes | None) -> bytes:
    """The package with parts changed, added or, with None, left out; "/" is written "__", "." as "_dot_"."""
    wanted = {name.replace("__", "/").replace("_dot_", "."): content for name, content in changed.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = wanted.pop(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in wanted.items():
            new.writestr(name, content or b"")
    return file.getvalue()


def png(width: int, height: int) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def jpeg_head(width: int, height: int) -> bytes:
    """The beginning of a JPEG up to its frame header, behind a segment to be skipped."""
    return (
        b"\xff\xd8"
        + (b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9))
        + (b"\xff\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + bytes(10))
    )
