"""What a part of a template becomes: a small tree that writes bytes.

Text goes in as bytes that were made ready when the template was compiled; only values are escaped while
filling. No tree of the document is built and nothing is evaluated. Nodes never change, so any number of
threads may write from the same ones at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Scope = dict[str, Any]
Path = tuple[str, ...]
Escape = Callable[[str], bytes]

_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'
# Line breaks, tabs, and what XML 1.0 cannot hold or should not (C1 controls, non-characters).
_SPECIAL = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
_IN_RUN = {**dict.fromkeys(_BREAKS, _BREAK), "\t": _TAB}
_IN_PROPERTY = dict.fromkeys([*_BREAKS, "\t"], " ")


def in_run(text: str) -> bytes:
    """A text for a w:t element; line breaks and tabs become Word's."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # False for all that is special and for little else, so nearly every answer ends here.
    if text.isprintable():
        return text.encode()
    return _SPECIAL.sub(lambda special: _IN_RUN.get(special[0], ""), text).encode()


def in_property(text: str) -> bytes:
    """A text for a document property, on one line."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(lambda special: _IN_PROPERTY.get(special[0], ""), text).encode()


class Node(Protocol):
    """Anything that writes its part of a document."""

    def write(self, scope: Scope, out: list[bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Constant:
    """What is the same in every document."""

    xml: bytes

    def write(self, scope: Scope, out: list[bytes]) -> None:
        out.append(self.xml)


@dataclass(frozen=True, slots=True)
class Value:
    """The text of a name; nothing when there is none."""

    path: Path
    escape: Escape

    def write(self, scope: Scope, out: list[bytes]) -> None:
        value = look_up(scope, self.path)
        if value.__class__ is str:
            out.append(self.escape(value))
        elif isinstance(value, dict | list | tuple | set):
            raise TypeError(f"{'.'.join(self.path)} should be a text, not a {type(value).__name__}")
        elif value is not None:
            out.append(self.escape(str(value)))


@dataclass(frozen=True, slots=True)
class For:
    """Its body once for each entry of a list."""

    variable: str
    path: Path
    body: tuple[Node, ...]

    def write(self, scope: Scope, out: list[bytes]) -> None:
        rows = look_up(scope, self.path)
        if rows is None:
            return
        if not isinstance(rows, list | tuple):
            raise TypeError(f"{'.'.join(self.path)} should be a list, not a {type(rows).__name__}")
        for row in rows:
            scope[self.variable] = row
            for node in self.body:
                node.write(scope, out)
        scope.pop(self.variable, None)


@dataclass(frozen=True, slots=True)
class If:
    """One of two bodies: is there any text, or any entry in a list?"""

    path: Path
    negated: bool
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]

    def write(self, scope: Scope, out: list[bytes]) -> None:
        holds = bool(look_up(scope, self.path)) is not self.negated
        for node in self.body if holds else self.otherwise:
            node.write(scope, out)


@dataclass(frozen=True, slots=True)
class Filler:
    """What Word needs where blocks may have left nothing: a cell without a paragraph is a damaged file."""

    xml: bytes
    unless_after: tuple[bytes, ...]

    def write(self, scope: Scope, out: list[bytes]) -> None:
        last = out[-1]
        if not last.startswith(self.unless_after, last.rfind(b"<")):
            out.append(self.xml)


PARAGRAPH = Filler(b"<w:p/>", (b"</w:p>", b"<w:p/>", b"<w:p ", b"</w:sdt>"))
ROW = Filler(b"<w:tr><w:tc><w:p/></w:tc></w:tr>", (b"</w:tr>", b"</w:sdt>", b"<w:bookmark"))


def look_up(scope: Scope, path: Path) -> Any:
    """What a path leads to, or None. Only plain dicts are entered: an object has attributes and methods."""
    value: Any = scope
    for name in path:
        if value is None:
            return None
        if value.__class__ is not dict:
            raise TypeError(f"{'.'.join(path)}: {name!r} is asked of a {type(value).__name__}, not of a plain dict")
        value = value.get(name)
    return value


def pieces(nodes: tuple[Node, ...], scope: Scope) -> list[bytes]:
    """What a part is put together from; each value is a piece of its own. Nothing is copied.

    `scope` is changed while loops run, so give it a dict of its own.
    """
    out: list[bytes] = []
    for node in nodes:
        node.write(scope, out)
    return out


def write(nodes: tuple[Node, ...], scope: Scope) -> bytes:
    """The bytes of a part."""
    return b"".join(pieces(nodes, scope))
