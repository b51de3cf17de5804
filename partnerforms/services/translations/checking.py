"""A file of translations, checked before anything of it is kept: everything that is wrong, with its row and key."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from partnerforms.services.translations.texts import PAGES, Asked, Texts, page_key

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
LONGEST = 5_000  # characters of one text
_MOST_PROBLEMS = 200  # nobody reads more at once

_NAMED = re.compile(r"%\(\w+\)s|{\w*}")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w{1,30});")
# Marks that turn the direction of what follows them, or cannot be seen. Joiners are not among them: Persian, Urdu
# and many languages of India are written with them.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u2028\u2029\ufeff\ufff9\ufffa\ufffb")
_ROOM = 15  # characters that a short text may grow by, however short it is


class UnreadableError(ValueError):
    """The file as a whole cannot be used; `code` is one of the reasons that `web` has a sentence for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Row:
    """One text of a file. `number` is its row or line; a `refused` one is not a text but, say, a formula."""

    number: int
    key: str
    english: str
    text: str
    refused: str = ""


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a file from being kept. `more` is what the sentence for `code` names."""

    number: int
    key: str
    code: str
    more: str = ""


@dataclass(frozen=True)
class Checked:
    """A file that can be kept: its texts, and how many of them the program does not show any more."""

    rows: Sequence[Row]
    gone: int


class BadFileError(ValueError):
    """The file can be read but not kept; `problems` are all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def check(rows: Sequence[Row], texts: Texts, others: Mapping[str, str], options: Sequence[Sequence[str]]) -> Checked:
    """The rows of a file with their texts in order. BadFileError when anything is wrong.

    `others` are texts that hold where a row says nothing, by key; no two of `options` may be alike.
    """
    if not rows:
        raise UnreadableError("no_rows")
    if len(rows) > MOST_ROWS:
        raise UnreadableError("too_many_rows")
    problems: list[Problem] = []
    kept: dict[str, Row] = {}
    gone = 0
    for row in rows:
        if row.key in kept:
            problems.append(Problem(row.number, row.key, "twice", str(kept[row.key].number)))
        elif (asked := texts.get(row.key)) is not None:
            english = asked.english if _same(row.english, asked.english) else row.english
            tidy = replace(row, english=english, text=_tidy(row.text, asked.english))
            kept[row.key] = tidy
            problems += [Problem(row.number, row.key, code, more) for code, more in _wrong(tidy, asked)]
        elif row.key.startswith(PAGES) and page_key(row.english) == row.key:
            gone += 1  # a text of an earlier version of the program
        else:
            problems.append(Problem(row.number, row.key, "unknown_key" if row.key else "no_key"))
    problems += _alike(kept, texts, others, options)
    if problems:
        raise BadFileError(sorted(problems, key=lambda problem: problem.number)[:_MOST_PROBLEMS])
    return Checked(list(kept.values()), gone)


def too_long(text: str, english: str) -> bool:
    """May it not fit where the English text does?"""
    return len(text) > most(english)


def most(english: str) -> int:
    """How many characters a translation should have at most."""
    return max(2 * len(english), len(english) + _ROOM)


def unfit(text: str) -> bool:
    """Is something in it that cannot be seen, and may change what can?"""
    return any(
        mark in _DIRECTIONS or mark in _UNSEEN or unicodedata.category(mark) in ("Cc", "Cs", "Co", "Cn")
        for mark in text
        if mark != "\n"
    )


def _same(english: str, today: str) -> bool:
    """Is it today's English? Programs change white space on the way."""
    return english.split() == today.split()


def _tidy(text: str, english: str) -> str:
    """The text in NFC, with lines only where the English has some, and with its white space at both ends."""
    text = unicodedata.normalize("NFC", text[: LONGEST + 1].replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        return ""
    if "\n" not in english:
        text = " ".join(text.split("\n"))
    begin = english[: len(english) - len(english.lstrip())]
    return f"{begin}{text}{english[len(english.rstrip()) :]}"


def _wrong(row: Row, asked: Asked) -> Iterator[tuple[str, str]]:
    """What is wrong with one text, looked at by itself: codes and what there is to name."""
    text, english = row.text, asked.english
    if row.refused:
        yield row.refused, ""
        return
    if len(row.text) > LONGEST:
        yield "too_long", str(LONGEST)
        return
    if unfit(text):
        yield "unfit", ""
    if ("<" in text and "<" not in english) or _ENTITY.search(text):
        yield "html", ""
    if not text:
        return
    wanted, given = (dict.fromkeys(_NAMED.findall(one)) for one in (english, text))
    if lacking := [name for name in wanted if name not in given]:
        yield "placeholder_missing", ", ".join(lacking)
    if added := [name for name in given if name not in wanted]:
        yield "placeholder_unknown", ", ".join(added)
    stray = "%" if asked.group == "pages" else "{}"
    if any(mark in _NAMED.sub("", text) and mark not in _NAMED.sub("", english) for mark in stray):
        yield "stray_mark", " ".join(stray)


def _alike(
    kept: Mapping[str, Row], texts: Texts, others: Mapping[str, str], options: Sequence[Sequence[str]]
) -> Iterator[Problem]:
    """Answers to one question that nobody could tell apart; each text of the file is named once."""
    told: set[str] = set()
    for group in options:
        first: dict[str, str] = {}
        for key in group:
            row = kept.get(key)
            counts = row is not None and row.text and row.english == texts[key].english
            text = row.text if row and counts else others.get(key, "")
            said = " ".join(text.casefold().split())
            if not said:
                continue
            other = first.setdefault(said, key)
            if other != key and told.isdisjoint((key, other)) and (key in kept or other in kept):
                told |= {key, other}
                at = key if key in kept else other
                yield Problem(kept[at].number, at, "alike", texts[other if at == key else key].english)
