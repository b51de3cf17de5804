"""All instruments in all languages, with the responsibility bank and the crosswalk."""

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from partnerforms.engine import terms as terms_of_places
from partnerforms.engine.build import build
from partnerforms.engine.load import Definition, InstrumentError, read_definitions, read_toml
from partnerforms.engine.model import LEVELS, Instrument, Source
from partnerforms.engine.terms import Terms, spoken, worded, worded_throughout
from partnerforms.engine.texts import (
    AUDIENCE_NAMES,
    DOCUMENT_WORDS,
    PROBLEMS,
    Catalogue,
    Language,
    read_languages,
)

FOLDER = Path(__file__).parents[1] / "instruments"


@dataclass(frozen=True)
class Responsibility:
    """One of the 21 responsibilities that surveys ask about. `group` says whose it is."""

    id: str
    group: str
    title: str
    source: Source


@dataclass(frozen=True)
class Crossing:
    """What a responsibility meets: types of involvement 1-6, national standards 1-6, inventory activities."""

    types: tuple[int, ...]
    standards: tuple[int, ...]
    activities: tuple[str, ...]


class Library:
    """Reads the instrument folder once; hands out instruments by id and language.

    `catalogues` holds one catalogue for each language but English. `public_texts` are the English texts that a
    language must have translated before a survey is offered in it, `member_texts` those of the other pages.
    """

    def __init__(
        self,
        catalogues: Mapping[str, Catalogue] | None = None,
        public_texts: frozenset[str] = frozenset(),
        member_texts: frozenset[str] = frozenset(),
        languages: Mapping[str, Language] | None = None,
        folder: Path = FOLDER,
    ) -> None:
        self.definitions = read_definitions(folder)
        self.languages = dict(languages or read_languages(read_toml(folder / "languages.toml")))
        self.catalogues = {"en": Catalogue(), **(catalogues or {})}
        self.public_texts = public_texts
        self.member_texts = member_texts
        self.responsibilities = _read_responsibilities(folder)
        self.crosswalk = _read_crosswalk(folder, self.responsibilities)
        self._begin_caches()

    def overlaid(self, catalogues: Mapping[str, Catalogue], languages: Mapping[str, Language]) -> "Library":
        """The same instruments with other catalogues and languages."""
        other = copy(self)
        other.catalogues, other.languages = dict(catalogues), dict(languages)
        other._begin_caches()
        return other

    def _begin_caches(self) -> None:
        self._built = lru_cache(1024)(self._build)
        self._terms_in = cache(lambda instrument_id: _terms_in(self.definitions[instrument_id]))
        self.languages_of = cache(self._languages_of)
        self.public_languages = cache(lambda: self._complete(self.public_texts))
        self.member_languages = cache(lambda: self._complete(self.public_texts | self.member_texts))

    def instrument(self, instrument_id: str, language: str = "en", terms: Terms = ()) -> Instrument:
        """The instrument in a language and with the words of a place (`services.inheritance.terms`).

        KeyError when there is no such instrument or language.
        """
        return self._built(instrument_id, language, terms if self._terms_in(instrument_id) else ())

    def _build(self, instrument_id: str, language: str, terms: Terms) -> Instrument:
        return _build_with(self.definitions[instrument_id], self.catalogues[language].say, terms)

    def instruments(self, use: str) -> list[Instrument]:
        """All instruments of one use ("survey" or "record") in English, by id."""
        every = [self.instrument(instrument_id) for instrument_id in self.definitions]
        return [instrument for instrument in every if instrument.use == use]

    def records_from(self, level: str) -> list[Instrument]:
        """The forms that an organization of a level and those below it fill, the highest level first."""
        levels = LEVELS[LEVELS.index(level) :]
        found = [one for one in self.instruments("record") if one.level in levels]
        return sorted(found, key=lambda one: levels.index(one.level))

    def title(self, responsibility_id: str, language: str = "en") -> str:
        """What a responsibility is called in a language."""
        english = self.responsibilities[responsibility_id].title
        return self.catalogues[language].say(f"responsibilities.{responsibility_id}", english)

    def missing(self, instrument_id: str, language: str) -> list[str]:
        """Keys and public page texts that keep a language from being offered for this instrument."""
        if language == "en":
            return []
        catalogue = self.catalogues.get(language, Catalogue())
        needed = [*keys(self.definitions[instrument_id]), *message_keys()]
        return [key for key in needed if not catalogue.by_key.get(key)] + _untranslated(self.public_texts, catalogue)

    def _languages_of(self, instrument_id: str) -> list[Language]:
        """The languages in which instrument and pages are complete, English first."""
        return [language for code, language in self.languages.items() if not self.missing(instrument_id, code)]

    def _complete(self, texts: frozenset[str]) -> list[Language]:
        """The languages in which all these texts of pages are translated, English first."""
        return [
            language
            for code, language in self.languages.items()
            if code == "en" or not _untranslated(texts, self.catalogues.get(code, Catalogue()))
        ]

    def freeze(self, instrument_id: str) -> str:
        """The instrument as it is today, in every complete language, as JSON that is the same every time.

        Placeholders for terms stay: whoever reads it again says whose words to put in.
        """
        definition = self.definitions[instrument_id]
        wanted = keys(definition)
        texts = {
            language.code: {key: self.catalogues[language.code].by_key[key] for key in wanted}
            for language in self.languages_of(instrument_id)
            if language.code != "en"
        }
        return json.dumps({"definition": definition.data, "texts": texts}, sort_keys=True, ensure_ascii=False)


def _untranslated(texts: frozenset[str], catalogue: Catalogue) -> list[str]:
    return sorted(text for text in texts if not catalogue.by_text.get(text))


@lru_cache(maxsize=512)
def thaw(frozen: str, language: str = "en", terms: Terms = ()) -> Instrument:
    """The instrument of `Library.freeze`, in one of the languages it was frozen with, else in English."""
    data = json.loads(frozen)
    catalogue = Catalogue(by_key=data["texts"].get(language, {}))
    return _build_with(Definition(data["definition"], "kept instrument"), catalogue.say, terms)


@lru_cache(maxsize=512)
def languages_in(frozen: str) -> frozenset[str]:
    """The codes of the languages that an instrument was frozen with."""
    return frozenset({"en", *json.loads(frozen)["texts"]})


def keys(definition: Definition) -> dict[str, str]:
    """Key to English text of everything in an instrument that is translated."""
    found: dict[str, str] = {}

    def record(key: str, english: str) -> str:
        found[key] = english
        return english

    build(definition, record)
    return found | _terms_in(definition)


def _build_with(definition: Definition, say: Callable[[str, str], str], terms: Terms) -> Instrument:
    """The instrument with words for the placeholders in all its texts and in the answers it offers as a start."""
    words = spoken(say, terms)
    built = build(definition, lambda key, english: worded(say(key, english), words))
    starts = [replace(start, answers=worded_throughout(start.answers, words)) for start in built.starts]
    return replace(built, starts=tuple(starts))


def _terms_in(definition: Definition) -> dict[str, str]:
    """Key to English word of the terms that an instrument uses anywhere."""
    return terms_of_places.keys([json.dumps(definition.data)])


def message_keys() -> dict[str, str]:
    """Key to English text of the messages and fixed words that are not part of any instrument."""
    problems = {f"problems.{code}": text for code, text in PROBLEMS.items()}
    words = {f"documents.{name}": text for name, text in DOCUMENT_WORDS.items()}
    return problems | words | _titles() | {f"audiences.{name}": text for name, text in AUDIENCE_NAMES.items()}


@cache
def _titles() -> dict[str, str]:
    return {f"responsibilities.{one.id}": one.title for one in _read_responsibilities(FOLDER).values()}


def _read_responsibilities(folder: Path) -> dict[str, Responsibility]:
    entries = read_toml(folder / "responsibilities.toml").get("responsibilities", [])
    found = {
        entry["id"]: Responsibility(entry["id"], entry["group"], entry["title"], Source(**entry["source"]))
        for entry in entries
    }
    if len(found) < len(entries):
        raise InstrumentError("responsibilities.toml", "responsibilities", "an id is used twice")
    return found


def _read_crosswalk(folder: Path, bank: Mapping[str, Responsibility]) -> dict[str, Crossing]:
    data = read_toml(folder / "crosswalk.toml")
    for responsibility_id in data:
        if responsibility_id not in bank:
            raise InstrumentError("crosswalk.toml", responsibility_id, "is not a responsibility of the bank")
    return {
        name: Crossing(tuple(row["types"]), tuple(row["standards"]), tuple(row["activities"]))
        for name, row in data.items()
    }
