"""The tag language of Word templates: names, for and if. There is nothing in it to call or to compute.

    {{ school.name }}                                            anywhere in text
    {%tr for goal in goals %} … {%tr endfor %}                   each in a table row of its own
    {%p if [not] goals %} … {%p else %} … {%p endif %}           each in a paragraph of its own

The syntax and its meaning are docxtpl's, without filters, calls and expressions. Whatever looks like a tag
and is none of these is an error: a misspelt tag must not reach a family as text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from partnerforms.documents.templates.problems import Place, TagError

_NAME = "[a-z][a-z0-9_]*"
_PATH = rf"{_NAME}(?:\.{_NAME})*"
_VALUE = re.compile(rf"\s*(?P<path>{_PATH})\s*")
_FOR = re.compile(rf"(?P<level>tr|p)\s+for\s+(?P<variable>{_NAME})\s+in\s+(?P<path>{_PATH})\s*")
_IF = re.compile(rf"(?P<level>tr|p)\s+if\s+(?P<negated>not\s+)?(?P<path>{_PATH})\s*")
_PLAIN = re.compile(r"(?P<level>tr|p)\s+(?P<word>else|endfor|endif)\s*")
_MARK = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_BLOCKS = "{%tr for x in list %}, {%tr if name %}, {%tr else %}, {%tr endfor %}, {%tr endif %}"
_CLOSING = {"{{": "}}", "{%": "%}"}
# Words that mean something in docxtpl's language and would read as nonsense as a variable.
_RESERVED = frozenset(
    (
        "and",
        "else",
        "elif",
        "endfor",
        "endif",
        "false",
        "for",
        "if",
        "in",
        "is",
        "loop",
        "none",
        "not",
        "or",
        "true",
    )
)


@dataclass(frozen=True)
class Rows:
    """A list whose entries are mappings with these names."""

    names: "Names"


# What a template may say: None is a text, a mapping a group of names, Rows a list.
Names = Mapping[str, "Names | Rows | None"]


@dataclass(frozen=True)
class Tag:
    """One tag. `word` is value, for, if, else, endfor or endif; `level` is tr, p or nothing for a value.

    `start` and `end` say where it stands in its paragraph, `parent` numbers the element that holds its row or
    paragraph: a block must open and close in the same one.
    """

    text: str
    place: Place
    start: int
    end: int
    word: str
    level: str = ""
    path: tuple[str, ...] = ()
    variable: str = ""
    negated: bool = False
    parent: int = 0


def has_mark(text: str) -> bool:
    """Does the text have anything that opens or closes a tag?"""
    return _MARK.search(text) is not None


def find(text: str, place: Place) -> list[Tag]:
    """The tags of a text, in order. TagError when anything looks like a tag and is none.

    Goes from mark to mark and so takes time in proportion to the text, whatever is in it.
    """
    tags = []
    marks = _MARK.finditer(text)
    for opening in marks:
        closing = next(marks, None)
        if closing is None or _CLOSING.get(opening[0]) != closing[0]:
            shown = " ".join(text[opening.start() : opening.start() + 40].split())
            raise TagError("incomplete", replace(place, shown=shown))
        tags.append(_read(text[opening.start() : closing.end()], place, opening.start()))
    return tags


def _read(text: str, place: Place, start: int) -> Tag:
    inner = text[2:-2]
    shown = " ".join(text.split())
    place = replace(place, shown=shown if len(shown) <= 80 else shown[:79] + "…")
    end = start + len(text)
    if text.startswith("{{"):
        if match := _VALUE.fullmatch(inner):
            return Tag(text, place, start, end, "value", path=tuple(match["path"].split(".")))
        raise TagError("not_a_name", place, opening="{{", closing="}}", example="{{ school.name }}")
    if match := _PLAIN.fullmatch(inner):
        return Tag(text, place, start, end, match["word"], match["level"])
    if match := _FOR.fullmatch(inner):
        if match["variable"] in _RESERVED:
            raise TagError("reserved", place, name=match["variable"])
        path = tuple(match["path"].split("."))
        return Tag(text, place, start, end, "for", match["level"], path, match["variable"])
    if match := _IF.fullmatch(inner):
        path = tuple(match["path"].split("."))
        return Tag(text, place, start, end, "if", match["level"], path, negated=bool(match["negated"]))
    raise TagError("not_a_block", place, examples=_BLOCKS)
