"""Reads the PO files of translations/: one catalogue a language, and the list of page texts.

A file may be changed and read again without a build step. An entry that is empty or marked fuzzy does not count.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Catalogue

FOLDER = Path(__file__).parent / "translations"


def read_library(folder: Path = FOLDER) -> Library:
    """The library with every catalogue found under the folder."""
    catalogues = {path.name: read_catalogue(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    return Library(catalogues, page_texts(folder / "public.pot"), page_texts(folder / "members.pot"))


def read_catalogue(folder: Path) -> Catalogue:
    """All PO files of one language's folder as one catalogue."""
    by_key: dict[str, str] = {}
    by_text: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id or not message.string or message.fuzzy:
                    continue
                if message.context:
                    by_key[message.context] = str(message.string)
                else:
                    by_text[str(message.id)] = str(message.string)
    return Catalogue(by_key, by_text)


@cache
def page_places() -> dict[str, str]:
    """On which page each text that respondents see stands first, by the name of its file."""
    with (FOLDER / "public.pot").open("rb") as file:
        return {str(one.id): one.locations[0][0] for one in read_po(file) if one.id and one.locations}


def page_texts(template: Path) -> frozenset[str]:
    """The English texts of pages: public.pot has those that respondents see, members.pot all others."""
    with template.open("rb") as file:
        return frozenset(str(message.id) for message in read_po(file) if message.id)
