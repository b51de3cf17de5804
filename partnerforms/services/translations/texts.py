"""What a place can translate: every text that respondents get, with its key, its English and where it shows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from partnerforms.engine.build import build
from partnerforms.engine.library import Library, keys, message_keys
from partnerforms.engine.model import Checks, Choice, Choices, Scale
from partnerforms.engine.report_texts import report_keys
from partnerforms.engine.texts import Catalogue
from partnerforms.languages import page_places

# In an organization's {key: [English, text]} the texts of pages stand behind this, by a digest of the English.
PAGES = "pages."
# A translation counts for the English that it was made from, and for no other.
Pairs = Mapping[str, tuple[str, str]]
# Keys and English texts of letters to respondents.
Letters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """A text to translate. `group` is surveys, pages, messages, letters or reports; `place` says more: of surveys the
    id of the survey ("" for what they share) and the part, of pages the file, else the part."""

    key: str
    english: str
    group: str
    place: tuple[str, ...]

    @property
    def needed(self) -> bool:
        """Must it be translated before people are asked in a language? Reports are in English until it is."""
        return self.group != "reports"


Texts = Mapping[str, Asked]


def page_key(english: str) -> str:
    """The key of a text of a page: short, and another one when the text is."""
    return PAGES + hashlib.sha256(english.encode()).hexdigest()[:12]


@lru_cache(maxsize=8)
def texts_of(library: Library, letters: Letters = ()) -> Texts:
    """By key everything that respondents get, the surveys first.

    It is the same in every language: only the English texts of the library are looked at.
    """
    found: dict[str, Asked] = {}
    for survey in library.instruments("survey"):
        for key, english in keys(library.definitions[survey.id]).items():
            found.setdefault(key, Asked(key, english, "surveys", _place(key, survey.id)))
    places = page_places()
    for english in sorted(library.public_texts, key=lambda one: (places.get(one, ""), one)):
        key = page_key(english)
        found[key] = Asked(key, english, "pages", (places.get(english, ""),))
    for group, texts in (("messages", message_keys()), ("letters", dict(letters)), ("reports", report_keys())):
        for key, english in texts.items():
            found[key] = Asked(key, english, group, tuple(key.split(".")))
    return found


def letters_in(texts: Texts) -> Letters:
    """The letters among the texts."""
    return tuple((key, asked.english) for key, asked in texts.items() if asked.group == "letters")


def _place(key: str, survey_id: str) -> tuple[str, str]:
    own = key.startswith(f"{survey_id}.")
    part = key.rpartition(".")[2] if own else key.partition(".")[0]
    return (survey_id if own else "", part)


@lru_cache(maxsize=8)
def options_of(library: Library) -> tuple[tuple[str, ...], ...]:
    """The keys of answers that stand beside each other in surveys: no two of them may be translated alike."""
    groups: dict[tuple[str, ...], None] = {}
    for survey in library.instruments("survey"):
        keyed = build(library.definitions[survey.id], lambda key, _english: key)
        for item in keyed.items():
            match item:
                case Scale():
                    options = (*item.options, item.unsure)
                case Choice() | Choices():
                    options = item.options
                case Checks():
                    options = item.marks
                case _:
                    continue
            groups[tuple(option.label for option in options)] = None
    return tuple(groups)


def pairs(kept: Mapping[str, Any] | None) -> dict[str, tuple[str, str]]:
    """What a row of the table holds, as it is worked with."""
    return {key: (pair[0], pair[1]) for key, pair in (kept or {}).items()}


def counting(kept: Pairs, texts: Texts) -> dict[str, str]:
    """The translations whose English is still today's, by key."""
    return {key: text for key, (english, text) in kept.items() if key in texts and texts[key].english == english}


def outdated(kept: Pairs, texts: Texts) -> dict[str, tuple[str, str]]:
    """The translations whose English has changed: somebody must look at them, and until then they do not count."""
    return {key: pair for key, pair in kept.items() if key in texts and texts[key].english != pair[0]}


def said(library: Library, language: str, texts: Texts) -> dict[str, str]:
    """Every text that a library has in a language, by key; what it lacks is not in it."""
    catalogue = library.catalogues.get(language)
    if catalogue is None:
        return {}
    found = {
        key: catalogue.by_text.get(asked.english) if asked.group == "pages" else catalogue.by_key.get(key)
        for key, asked in texts.items()
    }
    return {key: text for key, text in found.items() if text}


def with_keys(library: Library, code: str, texts: Texts) -> Library:
    """The library with the key of each text behind it, in one language: for who looks for the row of a text."""
    known = said(library, code, texts)
    shown = {key: f"{known.get(key, asked.english)} [{key}]" for key, asked in texts.items()}
    by_text = {asked.english: shown[key] for key, asked in texts.items() if asked.group == "pages"}
    by_key = {key: text for key, text in shown.items() if texts[key].group != "pages"}
    return library.overlaid({**library.catalogues, code: Catalogue(by_key, by_text)}, library.languages)
