"""Files of translations, made and changed for tests."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import openpyxl

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language
from partnerforms.mail.letters import respondent_letter_keys
from partnerforms.services.translations.texts import Texts, texts_of

SOMALI = Language("so", "Soomaali", "ltr", "so", ("so",))
HEADINGS = {"key": "Key", "where": "Where", "english": "English", "text": "Translation", "note": "Note"}


def every_text(library: Library) -> Texts:
    return texts_of(library, tuple(respondent_letter_keys().items()))


def somali(english: str) -> str:
    """A text as the tests translate it: marked, and with all its placeholders."""
    begin, end = english[: len(english) - len(english.lstrip())], english[len(english.rstrip()) :]
    return f"{begin}So: {english.strip()}{end}"


def workbook(rows: Iterable[Iterable[Any]], headings: Mapping[str, str] = HEADINGS) -> bytes:
    """A workbook with these headings and rows of key, English and translation."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([headings[name] for name in ("key", "english", "text")])
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def translated(content: bytes, translate: Callable[[str, str], str | None]) -> bytes:
    """A downloaded workbook with what `translate` makes of each key and English text in its fourth column."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.active.iter_rows(min_row=2):
        row[3].value = translate(row[0].value, row[2].value)
        if row[3].value is not None:
            row[3].data_type = "s"
    return saved(book)


def cells(content: bytes) -> dict[str, tuple[str, str, str]]:
    """English, translation and note of a downloaded workbook, by key."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        row[0]: (row[2] or "", row[3] or "", row[4] or "")
        for row in book.active.iter_rows(min_row=2, values_only=True)
    }
