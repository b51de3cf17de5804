"""Codes of languages, and the locales of which a language borrows how days and amounts are written."""

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError, localedata

# Language, script, region, variants of BCP 47; extensions and private tags name no language.
_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*", re.IGNORECASE | re.ASCII
)
_NO_LANGUAGE = ("mul", "und", "zxx", "mis", "root")
LONGEST_CODE = 35


def is_code(text: str) -> bool:
    """Is it a tag of a language other than English?"""
    language = text.lower().partition("-")[0]
    fits = len(text) <= LONGEST_CODE and _TAG.fullmatch(text) is not None
    return fits and language not in (*_NO_LANGUAGE, "en")


def own_locale(code: str) -> str:
    """The locale of the language itself, "" when nobody has written one, as for Samoan or Marshallese."""
    try:
        return str(Locale.parse(code, sep="-"))
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


@lru_cache(maxsize=4)
def named(reader: str) -> dict[str, str]:
    """Every locale that can lend, with its name as readers of a locale say it, by name."""
    names = Locale.parse(reader)
    found = {}
    for code in localedata.locale_identifiers():
        language, *more = code.split("_")
        called = names.languages.get(language)
        if called and code != "root":
            about = [names.scripts.get(part) or names.territories.get(part) or part for part in more]
            found[code] = f"{called} ({', '.join(about)})" if about else called
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


def search(typed: str, reader: str, most: int) -> dict[str, str]:
    """The locales whose code or name has these words in it, names that begin so first."""
    words = typed.casefold().split()
    if not words:
        return {}
    fitting = {
        code: name
        for code, name in named(reader).items()
        if all(word in f"{code} {name}".casefold() for word in words)
    }
    ordered = sorted(fitting.items(), key=lambda one: (not one[1].casefold().startswith(words[0]), len(one[0])))
    return dict(ordered[:most])
