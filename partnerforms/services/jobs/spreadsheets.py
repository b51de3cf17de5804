"""CSV files as spreadsheet programs write and read them.

Reading takes any of the usual encodings and separators. Writing keeps a spreadsheet from taking a text for a
formula, and reading takes that protection off again, so that a file that was downloaded can be uploaded.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from partnerforms.engine.answers import clean

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATORS = "\t;,"  # a tab stands in no heading, a comma may
_BLANK = f" {_SEPARATORS}"
_TOLD = re.compile(r'\ufeff?"?sep=([,;\t])"?\n', re.IGNORECASE)  # how Excel is told the separator
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 2_000


class UnreadableError(ValueError):
    """It is no CSV file; `code` is not_text, workbook or empty."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Line:
    """The cells of a row, each one line of clean text, and the line of the file on which it begins."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows that are not blank. `broken` is the line on which a quotation mark leads nowhere, or None:
    what follows it was not read."""

    lines: tuple[Line, ...]
    broken: int | None = None


def read(content: bytes) -> Sheet:
    """The rows of a CSV file. UnreadableError when it is none, or nothing is in it."""
    text = _text(content).replace("\r\n", "\n").replace("\r", "\n")
    told = _TOLD.match(text)
    skipped = text[: told.end()].count("\n") if told else 0
    text = text[told.end() :] if told else text
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=told[1] if told else _separator(text), strict=True)
    lines: list[Line] = []
    broken = None
    while True:
        number = skipped + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:  # also a cell of more than 128 kB, which is a quotation mark that never ends
            broken = number
            break
        cells = tuple(_plain(cell) for cell in row)
        if any(cell.strip(_BLANK) for cell in cells):
            lines.append(Line(number, cells))
    if not lines and broken is None:
        raise UnreadableError("empty")
    return Sheet(tuple(lines), broken)


def write(rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file that spreadsheet programs open as it is meant: UTF-8 with its mark, and no cell a formula."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(content: bytes) -> str:
    """The text in whichever encoding it is; Windows-1252 when it is in no other."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableError("workbook")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding.startswith("utf-16"):
            raise UnreadableError("not_text") from None
        return content.decode("windows-1252", errors="replace")


def _unmarked(content: bytes) -> str:
    """The encoding of a text without a mark: English in UTF-16 has a NUL in every other byte."""
    sample = content[:400]
    if b"\0" not in sample:
        return "utf-8"
    little, big = sample[1::2].count(0), sample[0::2].count(0)
    if max(little, big) * 4 < len(sample):  # fewer than half of the characters
        return "utf-8"
    return "utf-16-le" if little > big else "utf-16-be"


def _separator(text: str) -> str:
    """What stands most often between the headings, outside of quotation marks."""
    first = next((line for line in text.split("\n") if line.strip(_BLANK)), "")
    bare = re.sub(r'"[^"]*"', "", first)
    found = max(_SEPARATORS, key=bare.count)
    return found if found in bare else ","


def _plain(cell: str) -> str:
    """One line of clean text, without the apostrophe that `write` put there."""
    text = " ".join(clean(cell[:_LONGEST_CELL]).split())
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
