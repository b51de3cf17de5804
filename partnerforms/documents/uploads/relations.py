"""What ties the parts of a file together, and leads out of it. Only links to web pages and mail may."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from lxml.etree import _Element as Element

from partnerforms.documents.templates import TemplateProblem
from partnerforms.documents.templates.markup import parse
from partnerforms.documents.templates.package import Part
from partnerforms.documents.templates.problems import TagError

_OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_KINDS = """officeDocument styles settings webSettings fontTable theme numbering header footer footnotes endnotes
    image hyperlink extended-properties custom-properties customXml customXmlProps comments glossaryDocument
    printerSettings diagramData diagramLayout diagramQuickStyle diagramColors"""
_ALLOWED = frozenset(
    (
        *(f"{base}{kind}" for base in _OFFICE for kind in _KINDS.split()),
        *(f"{_PACKAGE}{kind}" for kind in ("core-properties", "thumbnail")),
        f"{_MICROSOFT}2007/relationships/stylesWithEffects",
        f"{_MICROSOFT}2007/relationships/diagramDrawing",
        f"{_MICROSOFT}2011/relationships/people",
        f"{_MICROSOFT}2011/relationships/commentsExtended",
        f"{_MICROSOFT}2016/09/relationships/commentsIds",
        f"{_MICROSOFT}2018/08/relationships/commentsExtensible",
        f"{_MICROSOFT}2020/10/relationships/intelligence",
        f"{_MICROSOFT}2020/02/relationships/classificationlabels",
    )
)
_REFUSED = {
    "attachedTemplate": "attached_template",
    "oleObject": "embedded",
    "package": "embedded",
    "control": "activex",
    "activeXControlBinary": "activex",
    "vbaProject": "macros",
    "wordVbaData": "macros",
    "keyMapCustomizations": "macros",
    "attachedToolbars": "macros",
    "aFChunk": "included",
    "subDocument": "included",
    "frame": "included",
    "font": "fonts",
    "chart": "chart",
    "chartEx": "chart",
    "audio": "media",
    "video": "media",
    "media": "media",
    "mailMergeSource": "mail_merge",
    "mailMergeHeaderSource": "mail_merge",
    "recipientData": "mail_merge",
    "webextension": "web_parts",
    "webextensiontaskpanes": "web_parts",
    "origin": "signed",
    "signature": "signed",
    "transform": "schema",
}
_LONGEST = 2_000
_LINK = re.compile(r"https?://[^/\\@\s?#]+([/?#][^\\\s]*)?|mailto:[^\\/\s]+", re.IGNORECASE)


def is_harmless(target: str) -> bool:
    """May a link lead there? To web pages and mail addresses, when somebody presses it."""
    return len(target) <= _LONGEST and _LINK.fullmatch(target) is not None and target.isprintable()


def check(parts: Mapping[str, Part], kinds: Mapping[str, str]) -> Iterator[TemplateProblem]:
    """What is wrong with the relationships of all parts."""
    for name in [name for name in kinds if name.endswith(".rels")]:
        folder = posixpath.dirname(posixpath.dirname(name))
        owner = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
        try:
            root = parse(parts[name].content())
        except TagError as error:
            yield error.of(name)
            continue
        for relation in root:
            yield from _relation(relation, folder, owner if owner in parts else "", parts)


def _relation(relation: Element, folder: str, owner: str, parts: Mapping[str, Part]) -> Iterator[TemplateProblem]:
    kind, target = relation.get("Type", ""), relation.get("Target", "")
    short = kind.rpartition("/")[2]
    inside = posixpath.normpath(posixpath.join(f"/{folder}", target)).lstrip("/")
    shown = target if len(target) <= 100 else f"{target[:99]}…"
    if short in _REFUSED and kind not in _ALLOWED:
        figures = {"target": shown, "name": inside if inside in parts else shown}
        yield TemplateProblem(_REFUSED[short], owner, figures=figures)
    elif kind not in _ALLOWED:
        yield TemplateProblem("relation", owner, figures={"kind": short[:100]})
    elif relation.get("TargetMode", "Internal") == "Internal":
        # A name of a part, or a bookmark of this very document.
        if inside not in parts and not (short == "hyperlink" and target.startswith("#")):
            yield TemplateProblem("external", owner, figures={"target": shown})
    elif short != "hyperlink":
        code = "linked_picture" if short == "image" else "external"
        yield TemplateProblem(code, owner, figures={"target": shown})
    elif not is_harmless(target) and not target.startswith("#"):
        yield TemplateProblem("link", owner, figures={"target": shown})
