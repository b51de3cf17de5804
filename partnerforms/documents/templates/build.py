"""From a part cut at its tags to nodes that write it; every name is looked up on the way.

A list is walked under another name (`for goal in goals`), so what a name means depends on the loops around
it. The paths that are noted as used are the instrument's: `goals.activities.dates`, whatever the variables
are called.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from partnerforms.documents.templates.markup import Piece
from partnerforms.documents.templates.nodes import Constant, Escape, Filler, For, If, Node, Value
from partnerforms.documents.templates.tags import Names, Rows, Tag, TagError

_DEEPEST = 50
_ONCE = re.compile(rb"<w:(?:drawing|pict|object|footnoteReference|endnoteReference|commentReference)\b")


@dataclass(frozen=True)
class _Known:
    """What a name stands for, and its path in the instrument."""

    what: Names | Rows | None
    path: str


@dataclass(frozen=True)
class _Block:
    """An open `for` or `if`: the tag that opened it, the names inside it, the innermost loop around it."""

    tag: Tag | None
    known: Mapping[str, _Known]
    loop: Tag | None = None
    depth: int = 0


class Builder:
    """Builds the nodes of all parts of one template and gathers in `used` which names they show."""

    def __init__(self, names: Names) -> None:
        self._top = _Block(None, {name: _Known(what, name) for name, what in names.items()})
        self.used: set[str] = set()

    def build(self, pieces: Iterable[Piece], escape: Escape) -> tuple[Node, ...]:
        """The nodes of one part. TagError when blocks do not fit or a name is unknown."""
        nodes, _ = _Reading(iter(pieces), escape, self.used).nodes(self._top)
        return nodes


class _Reading:
    """One pass over the pieces of a part."""

    def __init__(self, pieces: Iterator[Piece], escape: Escape, used: set[str]) -> None:
        self._pieces, self._escape, self._used = pieces, escape, used

    def nodes(self, block: _Block) -> tuple[tuple[Node, ...], str]:
        """The nodes up to the tag that ends or divides the block, and the word of that tag."""
        nodes: list[Node] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                if block.loop and _ONCE.search(piece):
                    raise TagError(block.loop.place, "a picture, note or comment cannot stand inside of a loop")
                nodes.append(Constant(piece))
            elif isinstance(piece, Filler):
                nodes.append(piece)
            elif piece.word == "value":
                nodes.append(self._value(piece, block))
            elif piece.word == "for":
                nodes.append(self._for(piece, block))
            elif piece.word == "if":
                nodes.append(self._if(piece, block))
            else:
                _check_end(block.tag, piece)
                return tuple(nodes), piece.word
        if block.tag is not None:
            wanted = f"{{%{block.tag.level} end{block.tag.word} %}}"
            raise TagError(block.tag.place, f"there is no {wanted} for it")
        return tuple(nodes), ""

    def _value(self, tag: Tag, block: _Block) -> Value:
        known = self._known(tag, block)
        if isinstance(known.what, Rows):
            advice = f"{{%tr for … in {'.'.join(tag.path)} %}}"
            raise TagError(tag.place, f'"{known.path}" is a list; go through it with {advice}')
        if known.what is not None:
            raise _group(tag, known.path, known.what)
        return Value(tag.path, self._escape)

    def _for(self, tag: Tag, block: _Block) -> For:
        known = self._known(tag, block)
        if not isinstance(known.what, Rows):
            raise TagError(tag.place, f'"{known.path}" is not a list')
        if tag.variable in block.known:
            raise TagError(tag.place, f'"{tag.variable}" already means something here; choose another name')
        variable = {tag.variable: _Known(known.what.names, known.path)}
        body, _ = self.nodes(_Block(tag, {**block.known, **variable}, tag, _deeper(tag, block)))
        return For(tag.variable, tag.path, body)

    def _if(self, tag: Tag, block: _Block) -> If:
        known = self._known(tag, block)
        if isinstance(known.what, Mapping):
            raise _group(tag, known.path, known.what)
        inside = _Block(tag, block.known, block.loop, _deeper(tag, block))
        body, end = self.nodes(inside)
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            otherwise, end = self.nodes(inside)
            if end == "else":
                raise TagError(tag.place, "this if has two else")
        return If(tag.path, tag.negated, body, otherwise)

    def _known(self, tag: Tag, block: _Block) -> _Known:
        """What the path of a tag leads to."""
        first, *others = tag.path
        if first not in block.known:
            raise TagError(tag.place, _unknown(first, block.known, ""))
        known = block.known[first]
        for name in others:
            if not isinstance(known.what, Mapping):
                kind = "list" if isinstance(known.what, Rows) else "text"
                raise TagError(tag.place, f'"{known.path}" is a {kind}; there is no "{name}" inside of it')
            if name not in known.what:
                raise TagError(tag.place, _unknown(name, known.what, known.path))
            known = _Known(known.what[name], f"{known.path}.{name}")
        self._used.add(known.path)
        return known


def _check_end(opener: Tag | None, tag: Tag) -> None:
    """May this tag end or divide the block that is open?"""
    if opener is None:
        raise TagError(tag.place, f"there is nothing open that this {tag.word} belongs to")
    if tag.word != f"end{opener.word}" and (opener.word, tag.word) != ("if", "else"):
        raise TagError(tag.place, f"{opener.text} is still open here")
    if tag.level != opener.level or tag.parent != opener.parent:
        raise TagError(tag.place, f"it must stand in the same table, cell or text as {opener.text}")


def _deeper(tag: Tag, block: _Block) -> int:
    if block.depth == _DEEPEST:
        raise TagError(tag.place, f"blocks stand more than {_DEEPEST} deep in each other")
    return block.depth + 1


def _group(tag: Tag, path: str, names: Names) -> TagError:
    return TagError(tag.place, f'"{path}" is a group of names, such as "{path}.{next(iter(names), "…")}"')


def _unknown(name: str, choices: Iterable[str], where: str) -> str:
    nearest = get_close_matches(name, list(choices), 1)
    hint = f'; did you mean "{nearest[0]}"?' if nearest else ""
    return f'there is no "{name}"{f" in {where}" if where else ""}{hint}'
