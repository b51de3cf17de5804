"""What a place calls its teams: {team} and the like in the texts of instruments become the words of the place.

Placeholders are the names of TERMS in braces, {Team} with a capital at the beginning. Nothing else in braces is
touched, and what people write never passes through here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Terms = tuple[tuple[str, str], ...]

# Where nobody has chosen other words, these are said.
TERMS = {
    "team": "school partnership team",
    "teams": "school partnership teams",
    "committee": "school accountability committee",
}

_NAMES = "|".join([*TERMS, *(name.capitalize() for name in TERMS)])
_PLACEHOLDER = re.compile(f"{{({_NAMES})}}")
_UNKNOWN = re.compile("{[^{}]*}")


def worded(text: str, words: Mapping[str, str]) -> str:
    """The text with words for its placeholders; `words` has one for each of TERMS."""

    def word(found: re.Match[str]) -> str:
        said = words[found[1].lower()]
        return said if found[1].islower() else said[:1].upper() + said[1:]

    return _PLACEHOLDER.sub(word, text)


def worded_throughout(data: Any, words: Mapping[str, str]) -> Any:
    """The same for every text in lists and mappings, however deep."""
    match data:
        case str():
            return worded(data, words)
        case list():
            return [worded_throughout(part, words) for part in data]
        case dict():
            return {name: worded_throughout(part, words) for name, part in data.items()}
        case _:
            return data


def spoken(say: Callable[[str, str], str], terms: Terms) -> dict[str, str]:
    """A word for each of TERMS: the place's own, else the one of the language that `say` speaks."""
    return {name: say(f"terms.{name}", english) for name, english in TERMS.items()} | dict(terms)


def keys(texts: Iterable[str]) -> dict[str, str]:
    """Key to English word of the terms that these texts use: what a language must have to say them."""
    used = {name.lower() for text in texts for name in _PLACEHOLDER.findall(text)}
    return {f"terms.{name}": english for name, english in TERMS.items() if name in used}


def unknown(text: str) -> list[str]:
    """What stands in braces and is no placeholder: nobody would put a word there."""
    return [found for found in _UNKNOWN.findall(text) if not _PLACEHOLDER.fullmatch(found)]
