"""A made-up right-to-left language: every text of the program between Arabic letters, and no code of its own."""

from partnerforms.engine.library import Library, keys, message_keys
from partnerforms.engine.texts import Catalogue, Language

CODE, NAME = "ar", "لغة الاختبار"
BEFORE, AFTER = "نص ", " نص"


def wrapped(text: str) -> str:
    """A text as the pseudo language says it."""
    return f"{BEFORE}{text}{AFTER}"


def with_pseudo_language(library: Library) -> Library:
    """The library with the pseudo language added, complete in every instrument and page."""
    by_key = {key: wrapped(text) for key, text in message_keys().items()}
    for definition in library.definitions.values():
        by_key |= {key: wrapped(text) for key, text in keys(definition).items()}
    by_text = {text: wrapped(text) for text in library.public_texts | library.member_texts}
    language = Language(CODE, NAME, "rtl", "ar", (CODE,))
    return Library(
        {**library.catalogues, CODE: Catalogue(by_key, by_text)},
        library.public_texts,
        library.member_texts,
        {**library.languages, CODE: language},
    )
