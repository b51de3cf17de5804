"""What stands in the XML of the parts: what may not, and how much there is of what may."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from partnerforms.documents.templates import TemplateProblem
from partnerforms.documents.templates.markup import W, parse
from partnerforms.documents.templates.package import Part
from partnerforms.documents.templates.problems import WHOLE, Place, TagError
from partnerforms.documents.templates.tags import has_mark
from partnerforms.documents.uploads import fields
from partnerforms.documents.uploads.package import SVG, TEXTS, XML
from partnerforms.documents.uploads.relations import is_harmless

# Compiling takes up to 30 microseconds an element where a document runs from right to left, so these keep the worst
# file under two seconds. A form of ten pages has about 3,000 elements in its texts.
LARGEST = 3_000_000  # bytes of one part
MOST_SIGNS = 20_000  # of <, in all texts together: half as many elements, or as many empty ones
MOST_SIGNS_IN_ALL = 80_000
MOST_TAGS = 2_000
DEEPEST = 80  # elements in each other; a text box in a table in a table has 30
MOST_ATTRIBUTES = 100  # of one element: reading them takes the square of their number

_WORDS = {
    "altChunk": "included",
    "subDoc": "included",
    "frameset": "included",
    "object": "embedded",
    "control": "activex",
    "entryMacro": "macros",
    "exitMacro": "macros",
    "mailMerge": "mail_merge",
    "saveThroughXslt": "schema",
}
_CHANGES = frozenset(
    ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "delText", "delInstrText")
)
_OTHERS = {"OLEObject": "embedded", "webVideoPr": "web_parts"}
_LEGACY = "urn:schemas-microsoft-com:"
_SCHEMA = "{http://schemas.openxmlformats.org/schemaLibrary/2006/main}"
_OPENING = re.compile(r"\{[{%]")
_LOADS = re.compile(r"url\(\s*['\"]?(?!['\"]?#)|@import", re.IGNORECASE)


@dataclass(frozen=True)
class Scanned:
    """What was found, and whether the file is small enough to be compiled."""

    problems: list[TemplateProblem]
    small_enough: bool


def check(parts: Mapping[str, Part], kinds: Mapping[str, str]) -> Scanned:
    """What is wrong with the content of parts that are XML."""
    problems: list[TemplateProblem] = []
    signs = tags = signs_in_texts = 0
    for name, kind in kinds.items():
        if not kind.endswith("xml"):
            continue
        content = parts[name].content()
        signs += content.count(b"<")
        if len(content) > LARGEST:
            problems.append(TemplateProblem("too_large", name, WHOLE, {"most": LARGEST // 1_000_000}))
        if kind in TEXTS:
            signs_in_texts += content.count(b"<")
        if len(content) > LARGEST or signs > MOST_SIGNS_IN_ALL or signs_in_texts > MOST_SIGNS:
            problems.append(TemplateProblem("too_long", name, WHOLE))
            return Scanned(problems, False)
        try:
            root = parse(content)
        except TagError as error:
            problems.append(error.of(name))
            continue
        if name.endswith(".rels"):
            continue
        if not _is_flat(root):
            problems.append(TemplateProblem("too_long", name, WHOLE))
            return Scanned(problems, False)
        if kind in TEXTS:
            tags += len(_OPENING.findall("".join(map(str, root.itertext()))))
        problems += _part(root, name, kind)
    if tags > MOST_TAGS:
        problems.append(TemplateProblem("too_many_tags", figures={"count": tags, "most": MOST_TAGS}))
    return Scanned(problems, tags <= MOST_TAGS)


def _is_flat(root: Element) -> bool:
    """Is nothing deeper, and has no element more attributes, than Word ever writes?"""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST or len(element.attrib) > MOST_ATTRIBUTES:
            return False
    return True


def _part(root: Element, name: str, kind: str) -> Iterator[TemplateProblem]:
    if kind == SVG:
        if not all(map(_is_still, root.iter("*"))):
            yield TemplateProblem("svg", figures={"name": name})
        return
    if kind == XML:  # data of somebody's own; nothing in it is shown or run
        return
    counted: Counter[str] = Counter()
    for element in root.iter("*"):
        space, _, tag = str(element.tag).removeprefix("{").rpartition("}")
        if "wordprocessingml" in space:
            if tag in _CHANGES or (tag.endswith("Change") and element.get(f"{W}author") is not None):
                counted["changes"] += 1
            elif tag == "comment":
                counted["comments"] += 1
            elif tag in _WORDS:
                yield TemplateProblem(_WORDS[tag], name, figures={"name": tag})
        elif space.startswith(_LEGACY):
            yield from _legacy(element, name)
        if tag in _OTHERS:
            yield TemplateProblem(_OTHERS[tag], name, figures={"name": tag})
        if element.tag == f"{_SCHEMA}schema" and {f"{_SCHEMA}manifestLocation", f"{_SCHEMA}schemaLocation"} & set(
            map(str, element.attrib)
        ):
            yield TemplateProblem("schema", name)
        if tag == "t" and kind not in TEXTS and has_mark(element.text or ""):
            yield TemplateProblem("not_in_text", name, Place(shown=(element.text or "")[:60]), {"element": tag})
    for code, count in counted.items():
        yield TemplateProblem(code, name, figures={"count": count})
    for control in root.iterfind(f".//{W}sdtPr/{W}dataBinding/../.."):
        text = "".join(map(str, control.itertext()))
        if has_mark(text):
            yield TemplateProblem("bound", name, Place(shown=" ".join(text.split())[:60]))
    for code_, place, figures in fields.check(root):
        yield TemplateProblem(code_, name, place, figures)


def _legacy(element: Element, part: str) -> Iterator[TemplateProblem]:
    """Drawings of old Word name what they load in the element itself."""
    for attribute, value in element.attrib.items():
        name = etree.QName(attribute).localname
        if name in ("src", "href", "althref") and value and not str(value).startswith("#"):
            pressed = name == "href" and not str(element.tag).endswith(("}imagedata", "}fill", "}stroke"))
            if not (pressed and is_harmless(str(value))):
                code = "link" if pressed else "linked_picture"
                yield TemplateProblem(code, part, figures={"target": str(value)[:100]})


def _is_still(element: Element) -> bool:
    """Is this element of an SVG picture free of scripts and of anything that is loaded?"""
    if etree.QName(element).localname in ("script", "foreignObject", "handler", "set", "animate"):
        return False
    for attribute, value in element.attrib.items():
        name, said = etree.QName(attribute).localname.lower(), str(value).strip()
        if name.startswith("on") or _LOADS.search(said):
            return False
        if name in ("href", "src") and said and not said.startswith(("#", "data:image/png", "data:image/jpeg")):
            return False
    return _LOADS.search(element.text or "") is None
