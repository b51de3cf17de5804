"""What somebody types from a paper form, and the answers that it is: the numbers of `paper_codes`, and own words.

On paper people leave out what a page would ask for, so nothing is required. A number that was not offered is a
problem of the item, never a guess.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnerforms.engine.answers import Answers, Problem, parse
from partnerforms.engine.model import Checks, Choice, Choices, Instrument, Item, Option, Scale, Table
from partnerforms.engine.paper_codes import item_codes, option_codes

NO_CODE = "no_code"
NOTHING = "0"  # is typed where the paper is empty; no option has this number
_BETWEEN = re.compile(r"[\s,;.]+")


@dataclass(frozen=True)
class Field:
    """One item to type: its number on the paper, and its options by their codes; none where people write."""

    item: Item
    number: str
    options: Mapping[str, Option]

    @property
    def several(self) -> bool:
        """May more than one code be typed?"""
        return isinstance(self.item, Choices | Checks)


@dataclass(frozen=True)
class Typed:
    """What was typed as answers, and what cannot be read."""

    answers: Answers
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Difference:
    """An item that was typed once so and once so, and is not yet decided."""

    field: Field
    first: Any
    second: Any


def fields(instrument: Instrument, entry: int = 1) -> list[Field]:
    """What is typed of a form. The second time only what has codes: nobody writes a comment the same way twice."""
    numbers = item_codes(instrument)
    found = [_field(instrument, item, numbers[item.id]) for item in instrument.items()]
    return [one for one in found if one.options or (entry == 1 and not isinstance(one.item, Table))]


def _field(instrument: Instrument, item: Item, number: str) -> Field:
    codes = option_codes(instrument, item)
    return Field(item, number, {codes[one.id]: one for one in _options(item)})


def _options(item: Item) -> tuple[Option, ...]:
    if isinstance(item, Scale):
        return (*item.options, item.unsure)
    if isinstance(item, Choice | Choices):
        return item.options
    return item.marks if isinstance(item, Checks) else ()


def read(instrument: Instrument, typed: Mapping[str, str], entry: int = 1) -> Typed:
    """What stands in the fields as answers. Nothing, or a 0, is no answer."""
    raw: dict[str, Any] = {}
    problems: list[Problem] = []
    for one in fields(instrument, entry):
        value = _read(one, typed.get(one.item.id, "").strip())
        if value is None:
            problems.append(Problem((one.item.id,), NO_CODE, one.item))
        else:
            raw[one.item.id] = value
    parsed = parse(instrument, raw)
    problems += [problem for problem in parsed.problems if problem.code != "required"]
    return Typed(parsed.answers, tuple(problems))


def _read(one: Field, text: str) -> Any:
    """The raw answer of one field, None when it has a code that there is not."""
    if not one.options:
        return text
    codes = [code for code in (_BETWEEN.split(text) if one.several else [text]) if code not in ("", NOTHING)]
    if not set(codes) <= one.options.keys():
        return None
    chosen = [one.options[code].id for code in codes]
    return chosen if one.several else "".join(chosen)


def written(one: Field, answer: Any) -> str:
    """An answer as it is typed."""
    if not one.options:
        return str(answer or "")
    chosen = answer if isinstance(answer, list) else [answer]
    return " ".join(code for code, option in one.options.items() if option.id in chosen)


def said(one: Field, answer: Any) -> str:
    """An answer in words, with its codes; empty when there is none. What somebody wrote stands as it is."""
    if not one.options:
        return str(answer or "")
    chosen = answer if isinstance(answer, list) else [answer]
    return "; ".join(f"{code}  {option.label}" for code, option in one.options.items() if option.id in chosen)


def differences(instrument: Instrument, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Where the second typing of a sheet says something else than the first."""
    found = []
    for one in fields(instrument, entry=2):
        values = first.get(one.item.id), second.get(one.item.id)
        if values[0] != values[1]:
            found.append(Difference(one, *values))
    return found
