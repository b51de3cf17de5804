"""An own template of the action plan, and ways to spoil it."""

import io
import zipfile
from functools import cache

from lxml import etree

from partnerforms.documents import starter, uploads
from partnerforms.documents.context import Reader
from partnerforms.documents.templates import TemplateProblem
from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language

from .making import part

LIBRARY = Library()
PLAN = LIBRARY.instrument("action_plan")
WORDS = LIBRARY.catalogues["en"].words()
ENGLISH = Reader(LIBRARY.languages["en"], WORDS)
ARABIC = Reader(Language("ar", "العربية", "rtl", "ar", ("ar",)), WORDS)
BOTH = [(PLAN, ENGLISH), (PLAN, ARABIC)]

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "word/_rels/document.xml.rels"
TYPES = "[Content_Types].xml"
_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wp15="http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing" '
    f'xmlns:r="{OFFICE}"'
)


@cache
def good() -> bytes:
    """A template that is right."""
    return starter.build(PLAN)


def check(data: bytes) -> list[TemplateProblem]:
    return uploads.check(data, BOTH)


def codes(data: bytes) -> set[str]:
    return {problem.code for problem in check(data)}


def replaced(name: str, old: str, new: str, data: bytes = b"") -> bytes:
    """The template with a text in a part exchanged once."""
    content = part(data or good(), name).decode()
    assert old in content, (name, old)
    return changed(data or good(), **{name: content.replace(old, new, 1).encode()})


def changed(data: bytes, **parts: bytes) -> bytes:
    """Parts exchanged or added, by their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return file.getvalue()


def with_body(xml: str) -> bytes:
    """Blocks of XML before the last section."""
    root = etree.fromstring(part(good(), "word/document.xml"))
    body = root[0]
    for block in etree.fromstring(f"<x {_SPACES}>{xml}</x>"):
        body.insert(len(body) - 1, block)
    return changed(good(), **{"word/document.xml": etree.tostring(root)})


def with_relation(kind: str, target: str, mode: str = "External") -> bytes:
    """A relationship of the main text; the kind is short for one of Office's."""
    kind = kind if ":" in kind else f"{OFFICE}/{kind}"
    mode = f' TargetMode="{mode}"' if mode else ""
    relation = f'<Relationship Id="rIdX" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    return replaced(RELATIONS, "</Relationships>", relation)


def with_part(name: str, kind: str, content: bytes) -> bytes:
    """A part of a kind that is said for it."""
    said = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    return changed(replaced(TYPES, "</Types>", said), **{name: content})


def field(*pieces: str) -> str:
    """A paragraph with a field whose code is cut into runs."""
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{one}</w:instrText></w:r>' for one in pieces)
    ends = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"<w:p>{ends[0]}{runs}{ends[1]}<w:r><w:t>result</w:t></w:r>{ends[2]}</w:p>"
