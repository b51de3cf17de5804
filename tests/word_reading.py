"""Reads Word documents back without any code of the program."""

import io
import zipfile
from email.message import EmailMessage

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def lines_of(content: bytes) -> list[str]:
    """Every paragraph of the body, in tables too; line breaks are \\n, tabs \\t."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        root = etree.fromstring(archive.read("word/document.xml"))
    signs = {f"{_W}br": "\n", f"{_W}tab": "\t"}
    return [
        "".join(signs.get(part.tag, part.text or "") for part in paragraph.iter(f"{_W}t", *signs))
        for paragraph in root.iter(f"{_W}p")
    ]


def words_of(content: bytes) -> str:
    """All words of the body with single spaces."""
    return " ".join(" ".join(lines_of(content)).split())


def attachment(mail: EmailMessage) -> bytes:
    """The one document of a mail."""
    (part,) = mail.iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return content


def pairs_of(content: bytes) -> dict[str, str]:
    """What stands beside each other in rows of two cells: label and answer."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    rows = [row.findall(f"{_W}tc") for row in root.iter(f"{_W}tr")]
    texts = [["".join(part.text or "" for part in cell.iter(f"{_W}t")) for cell in cells] for cells in rows]
    return {row[0]: row[1] for row in texts if len(row) == 2}


def rows_of(content: bytes) -> list[list[str]]:
    """The cells of every row of every table."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    rows = [row.findall(f"{_W}tc") for row in root.iter(f"{_W}tr")]
    return [["".join(part.text or "" for part in cell.iter(f"{_W}t")) for cell in cells] for cells in rows]
