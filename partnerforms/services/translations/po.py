"""PO files, as Poedit, Weblate and others read and write them.

Read by an own reader of the few lines that are needed: it knows the line of every text, sees a key that stands
twice, and takes nothing but UTF-8.
"""

import io
import re
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from partnerforms.engine.texts import Language
from partnerforms.services.translations.checking import MOST_ROWS, Row, UnreadableError

_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def write(language: Language, entries: Iterable[tuple[Row, str, str]]) -> bytes:
    """A PO file of texts, each with what is told to translators and, when its English has changed, what it was."""
    catalog = Catalog()
    for row, note, before in entries:
        catalog.add(
            row.english,
            row.text,
            flags=["fuzzy"] if before else [],
            auto_comments=note.splitlines(),
            previous_id=before or (),
            context=row.key,
        )
    content = io.BytesIO()
    write_po(content, catalog, width=0, omit_header=True, include_lineno=False, include_previous=True)
    head = (
        'msgid ""\nmsgstr ""\n"Project-Id-Version: partnerforms\\n"\n'
        f'"Language: {language.code}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    )
    return f"{head}\n{content.getvalue().decode().strip()}\n".encode()


def read(content: bytes) -> list[Row]:
    """The texts of a PO file but its head. A text marked fuzzy counts for the English that it was made from."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("not_utf8") from None
    if "\0" in text:
        raise UnreadableError("not_utf8")
    found = []
    for row in _rows(text):
        if row.key or row.english:
            found.append(row)
        if len(found) > MOST_ROWS:
            raise UnreadableError("too_many_rows")
    return found


class _Entry:
    """What was read of one text so far."""

    def __init__(self) -> None:
        self.number = 0
        self.parts: dict[str, list[str]] = {}
        self.last = ""
        self.fuzzy = False
        self.before: list[str] = []

    def row(self, number: int) -> Row:
        if "msgstr" not in self.parts and not any(name.startswith("msgstr[") for name in self.parts):
            raise UnreadableError("not_po")
        said = {name: "".join(parts) for name, parts in self.parts.items()}
        english = said.get("msgid", "")
        if self.fuzzy:
            before = "".join(self.before)
            english = before if before != english else ""
        refused = "plural" if "msgid_plural" in said else ""
        return Row(self.number or number, said.get("msgctxt", ""), english, said.get("msgstr", ""), refused)


def _rows(text: str) -> Iterator[Row]:
    entry, number = _Entry(), 0
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        line = line.strip(" \t")
        if not line or line.startswith(("#~", "# ", "#.", "#:")) or line == "#":
            continue
        if line.startswith("#"):
            if entry.parts:
                yield entry.row(number)
                entry = _Entry()
            _remark(entry, line)
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise UnreadableError("not_po")
        keyword, quoted = found[1] or "", _ESCAPE.sub(_unescaped, found[2])
        if keyword in ("msgctxt", "msgid") and "msgid" in entry.parts:
            yield entry.row(number)
            entry = _Entry()
        _take(entry, keyword, quoted, number)
    if entry.parts:
        yield entry.row(number)


def _remark(entry: _Entry, line: str) -> None:
    """A comment that says something about the text after it: that it is fuzzy, and what the English was."""
    if line.startswith("#,"):
        entry.fuzzy = "fuzzy" in line
    elif line.startswith("#|"):
        found = _LINE.fullmatch(line[2:].strip())
        if found and found[1] in (None, "msgid"):
            entry.before.append(_ESCAPE.sub(_unescaped, found[2]))


def _take(entry: _Entry, keyword: str, quoted: str, number: int) -> None:
    if not keyword and not entry.last:
        raise UnreadableError("not_po")
    if keyword in entry.parts:
        raise UnreadableError("not_po")
    entry.number = entry.number or number
    entry.last = keyword or entry.last
    entry.parts.setdefault(entry.last, []).append(quoted)


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])
