"""Fields: what Word works out by itself. Some load files, start programs or run macros, so the harmless are listed.

A field's code may be cut into any number of runs, and another field may stand inside of it and make up its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from partnerforms.documents.templates.markup import W
from partnerforms.documents.templates.problems import Place
from partnerforms.documents.uploads.relations import is_harmless

_ALLOWED = """
    PAGE NUMPAGES SECTION SECTIONPAGES DATE TIME CREATEDATE SAVEDATE PRINTDATE EDITTIME TOC TOA TC TA XE INDEX REF
    PAGEREF NOTEREF STYLEREF SEQ HYPERLINK TITLE SUBJECT AUTHOR KEYWORDS COMMENTS DOCPROPERTY FILENAME LASTSAVEDBY
    REVNUM NUMWORDS NUMCHARS SYMBOL EQ ADVANCE LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT FORMTEXT FORMCHECKBOX
    FORMDROPDOWN IF COMPARE BIBLIOGRAPHY CITATION = """
_ANOTHER = "\ufffc"  # stands for a field inside of a field's code
_NAME = re.compile(r"\s*([A-Za-z]+(?=[\s\\\"]|$)|=)")
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')
_SWITCH = re.compile(r"\\\w")
_SWITCHES_WITH_WORD = frozenset(("\\l", "\\o", "\\t"))
_PARTS = [f"{W}{name}" for name in ("fldChar", "instrText", "delInstrText", "t", "fldSimple")]


@dataclass
class _Field:
    """A field that has begun. Its code ends where its result begins."""

    code: list[str] = field(default_factory=list)
    ended: bool = False


def check(root: Element) -> Iterator[tuple[str, Place, dict[str, str]]]:
    """What is wrong with the fields of a part: code, place, figures."""
    for code in codes(root):
        found = _NAME.match(code)
        name = found[1].upper() if found else ""
        place = Place(shown=" ".join(code.replace(_ANOTHER, "{…}").split())[:80])
        if name == "MERGEFIELD":
            yield "merge_field", place, {"example": "{{ about.organization }}"}
        elif name not in _ALLOWED.split():
            yield "field", place, {"field": name or place.shown}
        elif found and name == "HYPERLINK" and (target := _target(code[found.end() :])) and not is_harmless(target):
            yield "link", place, {"target": target[:100]}


def codes(root: Element) -> Iterator[str]:
    """The codes of all fields of a part, also of those that are not closed."""
    open_: list[_Field] = []
    for element in root.iter(*_PARTS):
        kind = element.get(f"{W}fldCharType") if element.tag == f"{W}fldChar" else None
        here = open_[-1] if open_ and not open_[-1].ended else None
        if element.tag == f"{W}fldSimple" or kind == "begin":
            if here:
                here.code.append(_ANOTHER)
            if kind:
                open_.append(_Field())
            else:
                yield element.get(f"{W}instr", "")
        elif kind in ("separate", "end"):
            if here:
                yield "".join(here.code)
                here.ended = True
            if kind == "end" and open_:
                open_.pop()
        elif here:
            here.code.append(element.text or "")
        elif element.tag != f"{W}t" and (element.text or "").strip():
            yield element.text or ""
    for left in open_:
        if not left.ended:
            yield "".join(left.code)


def _target(words_of_link: str) -> str:
    """Where a HYPERLINK field leads out of the document, or ""."""
    words = iter(_WORD.findall(words_of_link))
    for quoted, plain in words:
        if not _SWITCH.fullmatch(plain):
            return str(quoted or plain)
        if plain.lower() in _SWITCHES_WITH_WORD:
            next(words, None)
    return ""
