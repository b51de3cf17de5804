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
from partnerforms.documents.templates.problems import Place, TagError
from partnerforms.documents.templates.tags import Names, Rows, Tag

_DEEPEST = 50
_MOST_ERRORS = 50  # finding the nearest name takes time
_ONCE = re.compile(rb"<w:(?:drawing|pict|object|footnoteReference|endnoteReference|commentReference)\b")


@dataclass(frozen=True)
class _Known:
    """What a name stands for, and its path in the instrument."""

    what: Names | Rows | None
    path: str


# Stands for a name that is not there: it was blamed once, and everything asked of it is right.
_NOTHING = _Known(None, "")


@dataclass(frozen=True)
class _Block:
    """An open `for` or `if`: the tag that opened it, the names inside it, the innermost loop around it."""

    tag: Tag | None
    known: Mapping[str, _Known]
    loop: Tag | None = None
    rows: str = ""
    depth: int = 0


class Builder:
    """Builds the nodes of all parts of one template and gathers in `used` which names they show."""

    def __init__(self, names: Names) -> None:
        self._top = _Block(None, {name: _Known(what, name) for name, what in names.items()})
        self.used: set[str] = set()

    def build(self, pieces: Iterable[Piece], escape: Escape) -> tuple[tuple[Node, ...], list[TagError]]:
        """The nodes of one part, and what is wrong: names that are unknown, blocks that do not fit."""
        reading = _Reading(iter(pieces), escape, self.used)
        nodes: tuple[Node, ...] = ()
        try:
            nodes, _ = reading.nodes(self._top)
        except TagError as error:  # blocks do not fit, so nothing can be said about what follows
            reading.errors.append(error)
        return nodes, reading.errors


class _Reading:
    """One pass over the pieces of a part."""

    def __init__(self, pieces: Iterator[Piece], escape: Escape, used: set[str]) -> None:
        self._pieces, self._escape, self._used = pieces, escape, used
        self.errors: list[TagError] = []

    def nodes(self, block: _Block) -> tuple[tuple[Node, ...], str]:
        """The nodes up to the tag that ends or divides the block, and the word of that tag."""
        nodes: list[Node] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                if block.loop and _ONCE.search(piece):
                    self.errors.append(TagError("once_in_loop", block.loop.place))
                nodes.append(Constant(piece))
            elif isinstance(piece, Filler):
                nodes.append(piece)
            elif piece.word == "value":
                nodes.append(self._value(piece, block))
            elif piece.word == "for":
                nodes.append(self._for(piece, block))
            elif piece.word == "if":
                nodes.append(self._if(piece, block))
            elif block.tag is None:
                self.errors.append(TagError("nothing_open", piece.place, word=piece.word))
            else:
                _check_end(block.tag, piece)
                return tuple(nodes), piece.word
        if block.tag is not None:
            raise TagError("unclosed", block.tag.place, wanted=f"{{%{block.tag.level} end{block.tag.word} %}}")
        return tuple(nodes), ""

    def _value(self, tag: Tag, block: _Block) -> Value:
        known = self._known(tag, block)
        if isinstance(known.what, Rows):
            advice = f"{{%tr for … in {'.'.join(tag.path)} %}}"
            self.errors.append(TagError("is_list", tag.place, name=known.path, example=advice))
        elif known.what is not None:
            self.errors.append(_group(tag.place, known.path, known.what))
        return Value(tag.path, self._escape)

    def _for(self, tag: Tag, block: _Block) -> For:
        known = self._known(tag, block)
        rows = known.what if isinstance(known.what, Rows) else None
        if rows is None and known is not _NOTHING:
            self.errors.append(TagError("not_list", tag.place, name=known.path))
        elif tag.variable in block.known:
            self.errors.append(TagError("taken", tag.place, name=tag.variable))
        elif block.loop and block.rows and rows and not known.path.startswith(f"{block.rows}."):
            # Every list inside of every other would take all entries times all entries.
            self.errors.append(TagError("loop_in_loop", tag.place, outer=block.loop.text))
        inside = {tag.variable: _Known(rows.names, known.path) if rows else _NOTHING}
        body, _ = self.nodes(_Block(tag, {**block.known, **inside}, tag, known.path, _deeper(tag, block)))
        return For(tag.variable, tag.path, body)

    def _if(self, tag: Tag, block: _Block) -> If:
        known = self._known(tag, block)
        if isinstance(known.what, Mapping):
            self.errors.append(_group(tag.place, known.path, known.what))
        inside = _Block(tag, block.known, block.loop, block.rows, _deeper(tag, block))
        body, end = self.nodes(inside)
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            otherwise, end = self.nodes(inside)
            if end == "else":
                raise TagError("two_else", tag.place)
        return If(tag.path, tag.negated, body, otherwise)

    def _known(self, tag: Tag, block: _Block) -> _Known:
        """What the path of a tag leads to; _NOTHING, and an error, when it leads nowhere."""
        try:
            known = _look_up(tag, block.known)
        except TagError as error:
            if len(self.errors) >= _MOST_ERRORS:
                raise
            self.errors.append(error)
            return _NOTHING
        if known is not _NOTHING:
            self._used.add(known.path)
        return known


def _look_up(tag: Tag, names: Mapping[str, _Known]) -> _Known:
    first, *others = tag.path
    if first not in names:
        raise _unknown(tag.place, first, names, "")
    known = names[first]
    for name in others:
        if known is _NOTHING:
            break
        if not isinstance(known.what, Mapping):
            code = "inside_list" if isinstance(known.what, Rows) else "inside_text"
            raise TagError(code, tag.place, path=known.path, name=name)
        if name not in known.what:
            raise _unknown(tag.place, name, known.what, known.path)
        known = _Known(known.what[name], f"{known.path}.{name}")
    return known


def _check_end(opener: Tag, tag: Tag) -> None:
    """May this tag end or divide the block that is open?"""
    if tag.word != f"end{opener.word}" and (opener.word, tag.word) != ("if", "else"):
        raise TagError("still_open", tag.place, opener=opener.text)
    if tag.level != opener.level or tag.parent != opener.parent:
        raise TagError("closed_elsewhere", tag.place, opener=opener.text)


def _deeper(tag: Tag, block: _Block) -> int:
    if block.depth == _DEEPEST:
        raise TagError("too_deep", tag.place, most=_DEEPEST)
    return block.depth + 1


def _group(place: Place, path: str, names: Names) -> TagError:
    return TagError("is_group", place, name=path, example=f"{path}.{next(iter(names), '…')}")


def _unknown(place: Place, name: str, choices: Iterable[str], where: str) -> TagError:
    """The error for a name that is not there, with the nearest one that is."""
    nearest = get_close_matches(name, list(choices), 1)
    if where and nearest:
        return TagError("unknown_in_near", place, name=name, where=where, nearest=nearest[0])
    if nearest:
        return TagError("unknown_near", place, name=name, nearest=nearest[0])
    return TagError("unknown_in", place, name=name, where=where) if where else TagError("unknown", place, name=name)
