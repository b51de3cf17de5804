"""Fill a template and make sure that no answer was lost on the way.

The document is read back with other means than it was written with: unzipped, parsed, its text put together.
A program that mails plans must rather fail than mail a plan with a hole in it.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from partnerforms.documents.templates import Template

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SAID = tuple(f"{_W}{name}" for name in ("t", "p", "br", "tab"))
# What no Word file can hold. White space is not among it; it may change, so only words are compared.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class LostWords(ValueError):
    """A filled document does not hold an answer; `text` is the first one that is missing."""

    def __init__(self, file: str, text: str) -> None:
        shown = text if len(text) <= 80 else text[:79] + "…"
        super().__init__(f"{file}: the filled document does not hold {shown!r}")
        self.file, self.text = file, text


def fill(template: Template, context: Mapping[str, Any], answers: Iterable[str]) -> bytes:
    """The document for a context. LostWords when the words of one of the answers are not found in it again.

    `answers` are texts that the template shows; one that it has no tag for is lost too.
    """
    document = template.fill(context)
    words = _words(text_of(document, template.texts))
    for answer in answers:
        if _words(_UNFIT.sub("", answer)) not in words:
            raise LostWords(template.file, answer)
    return document


def text_of(document: bytes, parts: Iterable[str]) -> str:
    """All text in some parts of a Word file; line breaks, tabs and paragraphs are white space."""
    texts: list[str] = []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)  # our own file, of any size
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        for part in parts:
            root = etree.fromstring(archive.read(part), parser)
            if root.tag.startswith(_W):
                said = root.iter(*_SAID)
                texts += [element.text or "" if element.tag == _SAID[0] else "\n" for element in said]
            else:
                texts += [f"\n{element.text}" for element in root.iter("*") if element.text]
            texts.append("\n")
    return "".join(texts)


def _words(text: str) -> str:
    return " ".join(text.split())
