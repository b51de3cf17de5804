"""What kind of file it is, and the kinds of its parts."""

from collections.abc import Iterator, Mapping

from partnerforms.documents.templates import TemplateProblem
from partnerforms.documents.templates import package as packages
from partnerforms.documents.templates.markup import parse
from partnerforms.documents.templates.package import TYPES, Limits, Part
from partnerforms.documents.templates.problems import PackageError, TagError

MOST_BYTES = 2_000_000
_LIMITS = Limits(parts=200)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_OFFICE = "application/vnd.openxmlformats-officedocument."
_WORD = f"{_OFFICE}wordprocessingml."
MAIN = f"{_WORD}document.main+xml"
TEXTS = (MAIN, *(f"{_WORD}{kind}+xml" for kind in ("header", "footer", "footnotes", "endnotes")))
XML = "application/xml"
SVG = "image/svg+xml"
PRINTER = f"{_WORD}printerSettings"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_WORD_KINDS = """styles settings webSettings fontTable numbering comments commentsExtended commentsIds
    commentsExtensible people document.glossary"""
_ALLOWED = frozenset(
    (
        *TEXTS,
        *(f"{_WORD}{kind}+xml" for kind in _WORD_KINDS.split()),
        *(f"{_OFFICE}{kind}+xml" for kind in ("theme", "extended-properties", "custom-properties")),
        *(f"{_OFFICE}drawingml.diagram{kind}+xml" for kind in ("Data", "Layout", "Style", "Colors")),
        f"{_OFFICE}customXmlProperties+xml",
        "application/vnd.openxmlformats-package.core-properties+xml",
        "application/vnd.ms-word.stylesWithEffects+xml",
        "application/vnd.ms-office.drawingml.diagramDrawing+xml",
        "application/vnd.ms-office.intelligence2+xml",
        "application/vnd.ms-office.classificationlabels+xml",
    )
)
_PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/jpg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF8",),
    "image/bmp": (b"BM",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "image/x-emf": (b"\x01\0\0\0",),
    "image/x-wmf": (b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0"),
}
# What a file may say of all parts with an ending at once. Kinds that mean something to us are said part by part.
_BY_ENDING = frozenset((_RELATIONS, XML, SVG, PRINTER, *_PICTURES))

# Words in the kind of a part that is refused, and what is said of it.
_REFUSED = {
    "vbaproject": "macros",
    "vbadata": "macros",
    "macroenabled": "macros",
    "keymapcustomizations": "macros",
    "attachedtoolbars": "macros",
    "activex": "activex",
    "oleobject": "embedded",
    "spreadsheetml": "embedded",
    "presentationml": "embedded",
    "wordprocessingml.document": "included",
    "font": "fonts",
    "signature": "signed",
    "webextension": "web_parts",
    "chart": "chart",
    "audio/": "media",
    "video/": "media",
    "html": "included",
    "rtf": "included",
    "text/plain": "included",
}


def read(data: bytes) -> dict[str, Part]:
    """The parts of an uploaded file. PackageError when it is of another kind, too large or no sound package."""
    if not data:
        raise PackageError("empty")
    if len(data) > MOST_BYTES:
        raise PackageError("too_large_file", most=MOST_BYTES // 1_000_000)
    if data.startswith(_OLE):
        raise PackageError("password" if _ENCRYPTED in data else "legacy_doc")
    if not data.startswith(b"PK\3\4"):
        raise PackageError("other_file")
    if b"mimetypeapplication/vnd.oasis.opendocument" in data[:100]:
        raise PackageError("opendocument")
    try:
        return packages.read(data, _LIMITS)
    except PackageError as error:
        # It begins like a Word file, so it was one before it was cut or changed on the way.
        raise PackageError("incomplete_file") if error.problem.code == "not_word" else error from None


def kinds(parts: Mapping[str, Part]) -> dict[str, str]:
    """The content type of every part, "" where none is said. PackageError when this is no Word document."""
    try:
        types = parse(parts[TYPES].content())
    except TagError:
        raise PackageError("damaged", name=TYPES) from None
    by_ending: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for said in types:
        kind = said.get("ContentType", "")
        if ending := said.get("Extension"):
            by_ending[ending.lower()] = kind
        elif name := said.get("PartName", "").removeprefix("/"):
            if name in by_name:
                raise PackageError("damaged", name=TYPES)
            by_name[name] = kind
    lower = {name.lower() for name in by_name}
    if any(name.lower() in lower and name not in by_name for name in parts):
        raise PackageError("damaged", name=TYPES)
    found = {
        name: by_name.get(name) or by_ending.get(name.rpartition(".")[2].lower(), "")
        for name in parts
        if name != TYPES
    }
    _check_main(list(found.values()))
    if any(kind in _ALLOWED - _BY_ENDING for name, kind in found.items() if name not in by_name):
        raise PackageError("not_docx")
    return found


def _check_main(said: list[str]) -> None:
    if said.count(MAIN) == 1:
        return
    every = " ".join(said)
    if "ms-word.document.macroEnabled" in every or "ms-word.template.macroEnabled" in every:
        raise PackageError("macro_file")
    raise PackageError("template_file" if f"{_WORD}template.main+xml" in said else "not_docx")


def check(parts: Mapping[str, Part], kinds: Mapping[str, str]) -> Iterator[TemplateProblem]:
    """What is wrong with the kinds of parts, and with parts that are not of the kind they are said to be."""
    for name, kind in kinds.items():
        content = parts[name].content()
        if "vbaproject" in name.lower():
            yield TemplateProblem("macros")
        elif content.startswith(_OLE):
            yield TemplateProblem("embedded", figures={"name": name})
        elif kind in _PICTURES:
            if not content.startswith(_PICTURES[kind]):
                yield TemplateProblem("not_a_picture", figures={"name": name})
        elif not _fits(name, kind):
            code = next((code for word, code in _REFUSED.items() if word in kind.lower()), "unknown_part")
            yield TemplateProblem(code, figures={"name": name})


def _fits(name: str, kind: str) -> bool:
    if kind == _RELATIONS:
        return name.endswith(".rels")
    if kind == XML:
        return name.startswith("customXml/")
    if kind == PRINTER:
        return name.startswith("word/printerSettings")
    return (kind in _ALLOWED or kind == SVG) and not name.endswith(".rels")
