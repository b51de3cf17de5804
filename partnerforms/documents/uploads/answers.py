"""Does a template show every answer, whatever else is answered, and stay of a sensible size?"""

from collections.abc import Collection
from typing import Any

from partnerforms.documents.context import Reader, answer_texts, context
from partnerforms.documents.fill import LostWords, fill
from partnerforms.documents.naming import Leaf, leaves
from partnerforms.documents.templates import Template, TemplateProblem
from partnerforms.documents.templates.problems import Place
from partnerforms.engine.answers import parse
from partnerforms.engine.model import Checks, Instrument, Item, Table
from partnerforms.engine.samples import sample

LARGEST_FILLED = 15_000_000  # bytes of XML
_SIGN = "\u27e6"  # before a path that stands for an answer


def missing(template: Template, instrument: Instrument, reader: Reader) -> list[TemplateProblem]:
    """Answers that the template leaves out, always or when they are the only ones; and rows that grow too large."""
    every = leaves(instrument)
    paths = [leaf.path for leaf in every]
    filling = _Filling(template, instrument, context(instrument, {}, {}, reader))
    shown = filling.shown(paths)
    if unseen := [leaf for leaf in every if leaf.path not in shown]:
        return [_problem("not_shown", leaf) for leaf in unseen]
    dependent = [leaf for leaf in every if leaf.path not in filling.shown([leaf.path])]
    problems = [_problem("not_always_shown", leaf) for leaf in dependent]
    if filling.size(paths) > LARGEST_FILLED:
        problems.append(TemplateProblem("grows", figures={"most": LARGEST_FILLED // 1_000_000}))
    return problems


def lost(template: Template, instrument: Instrument, reader: Reader) -> list[TemplateProblem]:
    """What cannot be found again in a document that is filled with sample answers."""
    texts = context(instrument, parse(instrument, sample(instrument)).answers, {}, reader)
    try:
        fill(template, texts, answer_texts(instrument, texts))
    except LostWords as error:
        return [TemplateProblem("lost", figures={"text": error.text[:80]})]
    return []


def _problem(code: str, leaf: Leaf) -> TemplateProblem:
    figures = {"tag": leaf.tag, "opening": leaf.opening, "closing": leaf.closing}
    if code == "not_shown" and leaf.opening:
        code = "not_shown_in_rows"
    return TemplateProblem(code, place=Place(shown=leaf.label), figures=figures)


class _Filling:
    """Fills a template with the paths of answers instead of texts, so that each is known again."""

    def __init__(self, template: Template, instrument: Instrument, frame: dict[str, Any]) -> None:
        self._template, self._instrument, self._frame = template, instrument, frame
        self._blank = "-" if instrument.use == "survey" else ""

    def shown(self, given: Collection[str]) -> set[str]:
        """Which of the given answers the document holds."""
        pieces = self._template.pieces(self._texts(given))
        sign = _SIGN.encode()
        return {piece.removeprefix(sign).decode() for piece in pieces if piece.startswith(sign)} & set(given)

    def size(self, given: Collection[str]) -> int:
        """How large the document is with all the rows and entries that people may make."""
        return sum(map(len, self._template.pieces(self._texts(given, most=True))))

    def _texts(self, given: Collection[str], most: bool = False) -> dict[str, Any]:
        texts = dict(self._frame)
        for section in self._instrument.sections:
            if section.repeat is None:
                texts |= {item.id: self._value(item, item.id, given, most) for item in section.items}
            else:
                entry = {item.id: self._value(item, f"{section.id}.{item.id}", given, most) for item in section.items}
                texts[section.id] = _rows(entry, section.id, given, section.repeat.most if most else 1)
        return texts

    def _value(self, item: Item, path: str, given: Collection[str], most: bool) -> Any:
        match item:
            case Checks():
                return {mark.id: self._text(f"{path}.{mark.id}", given) for mark in item.marks}
            case Table():
                row = {column.id: self._value(column, f"{path}.{column.id}", given, most) for column in item.columns}
                return _rows(row, path, given, item.most if most else 1)
            case _:
                return self._text(path, given)

    def _text(self, path: str, given: Collection[str]) -> str:
        return f"{_SIGN}{path}" if path in given else self._blank


def _rows(row: dict[str, Any], path: str, given: Collection[str], count: int) -> list[dict[str, Any]]:
    """So many of the same row, if anything in it is given."""
    if not any(one.startswith(f"{path}.") for one in given):
        return []
    return [{"number": str(number), "entry": "x", **row} for number in range(1, count + 1)]
