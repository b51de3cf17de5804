"""`partnerforms check`: every instrument in every language becomes a form, a filled document and a paper form."""

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from partnerforms.documents import sheets
from partnerforms.documents.context import Reader
from partnerforms.documents.fill import fill
from partnerforms.documents.shelf import Shelf
from partnerforms.documents.templates import TemplateError
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument
from partnerforms.engine.samples import sample
from partnerforms.engine.terms import unknown
from partnerforms.engine.texts import Language
from partnerforms.services import papers
from partnerforms.web.forms import AnswerPage


def check_everything(library: Library, shelf: Shelf, tell: Callable[[str], Any]) -> list[str]:
    """What is wrong, one line each; tells what it did on the way. An instrument that cannot be loaded raises."""
    problems: list[str] = []
    for instrument_id in library.definitions:
        languages = library.languages_of(instrument_id)
        for language in languages:
            problems += _check(library, shelf, instrument_id, language)
        tell(f"{instrument_id}: {', '.join(language.code for language in languages)}")
    known = {item.id for item in library.instrument("inventory").items()}
    for name, crossing in library.crosswalk.items():
        problems += [
            f"crosswalk.toml: {name}: no activity {one!r}" for one in crossing.activities if one not in known
        ]
    return problems


def _check(library: Library, shelf: Shelf, instrument_id: str, language: Language) -> list[str]:
    place = f"{instrument_id} ({language.code})"
    instrument = library.instrument(instrument_id, language.code)
    for section in instrument.sections:
        AnswerPage((section,), {})
    answers = sample(instrument)
    problems = [f"{place}: {name} is not a term" for text in _texts(asdict(instrument)) for name in unknown(text)]
    problems += [
        f"{place}: sample answer {problem.path}: {problem.code}" for problem in parse(instrument, answers).problems
    ]
    for start in instrument.starts:
        problems += [
            f"{place}: start {start.id}: {path} is not asked" for path in parse(instrument, start.answers).unknown
        ]
    if problems:
        return problems
    try:
        shelf.check(instrument, language)
        reader = papers.reader(library, instrument_id, language.code)
        papers.fill_instrument(shelf, instrument, parse(instrument, answers).answers, {}, reader, None)
        papers.blank_form(library, instrument_id, language.code)
        if instrument.use == "survey":
            _fill_sheets(shelf, instrument, parse(instrument, answers).answers, reader)
    except (TemplateError, ValueError) as error:
        problems.append(f"{place}: {error}")
    return problems


def _texts(data: Any) -> Iterator[str]:
    """Every text in a nest of lists and mappings."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from _texts(list(data.values()))
    elif isinstance(data, list | tuple):
        for part in data:
            yield from _texts(part)


def _fill_sheets(shelf: Shelf, instrument: Instrument, answers: dict[str, Any], reader: Reader) -> None:
    """Two answer sheets, as they are mailed in a batch."""
    both = [answers, answers]
    chance = random.Random(1)  # noqa: S311  the order of two equal sheets
    texts = sheets.context(instrument, both, {}, reader, chance)
    fill(shelf.answer_sheets(reader.language, None), texts, [comment["text"] for comment in texts["comments"]])
