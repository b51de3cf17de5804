"""What a file of organizations says: its columns found by their headings, its rows checked one by one.

Whether a row fits the organizations that there are is for `services.organizations.importing` to say.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from partnerforms.engine.model import LEVELS
from partnerforms.services.jobs.spreadsheets import Line, Sheet
from partnerforms.services.organizations import LONGEST_NAME, LONGEST_NUMBER
from partnerforms.services.people.memberships import RefusedError, read_address, read_name

MOST_ROWS = 5_000


def _addresses(role: str, whose: str) -> tuple[str, ...]:
    mail = ("address", "mail", "mail address", "email", "email address", "e-mail", "e-mail address")
    return (*(f"{role} {word}" for word in mail), f"correo {whose}", f"correo electrónico {whose}")


# What people write above a column, and for a level, beside what the page's language says.
HEADINGS = {
    "level": ("level", "type", "kind", "nivel", "tipo"),
    "name": (
        "name",
        "organization",
        "organization name",
        "school name",
        "district name",
        "school",
        "nombre",
        "nombre de la organización",
    ),
    "number": ("number", "id", "code", "official number", "school number", "school code", "número", "código"),
    "parent": ("parent", "parent number", "parent name", "belongs to", "below", "district", "pertenece a"),
    "leader_name": ("leader name", "leader", "nombre del líder", "líder"),
    "leader_address": _addresses("leader", "del líder"),
    "coordinator_name": ("coordinator name", "coordinator", "nombre del coordinador", "coordinador"),
    "coordinator_address": _addresses("coordinator", "del coordinador"),
}
COLUMNS = tuple(HEADINGS)
NEEDED = ("level", "name")
LEVEL_WORDS = {
    "state": ("state", "estado"),
    "district": ("district", "school district", "distrito", "distrito escolar"),
    "school": ("school", "escuela"),
}
ROLES = ("leader", "coordinator")


@dataclass(frozen=True)
class Row:
    """One organization as the file has it; "" where nothing stands. `line` is where in the file."""

    line: int
    level: str = ""
    name: str = ""
    number: str = ""
    parent: str = ""
    leader_name: str = ""
    leader_address: str = ""
    coordinator_name: str = ""
    coordinator_address: str = ""

    def person(self, role: str) -> tuple[str, str]:
        """Name and address of whoever is to be invited."""
        return getattr(self, f"{role}_name"), getattr(self, f"{role}_address")


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place of the file: `value` stands there, `more` is what the sentence for `code` needs."""

    line: int
    column: str
    code: str
    value: str = ""
    more: str = ""


@dataclass(frozen=True)
class Table:
    """The rows, good and bad, and what is wrong. `unused` are headings that mean nothing to us. Without a column
    for parents nothing that is there is moved."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    unused: tuple[str, ...] = ()
    has_parents: bool = False

    def kept(self) -> dict[str, Any]:
        """The rows in a form that a job can keep; `restored` makes a table of it again."""
        return {"rows": [asdict(row) for row in self.rows], "has_parents": self.has_parents}


def restored(kept: Mapping[str, Any]) -> Table:
    return Table(tuple(Row(**row) for row in kept["rows"]), (), has_parents=kept["has_parents"])


def table(sheet: Sheet, headings: Mapping[str, str], levels: Mapping[str, str]) -> Table:
    """The rows of a sheet; `headings` and `levels` are their words in the reader's language."""
    problems = [Problem(sheet.broken, "", "quotation_mark")] if sheet.broken is not None else []
    if not sheet.lines:
        return Table((), tuple(problems))
    head, *lines = sheet.lines
    places, unused, wrong = _columns(head, headings)
    problems += wrong
    if len(lines) > MOST_ROWS:
        problems.append(Problem(lines[MOST_ROWS].number, "", "too_many_rows", more=str(MOST_ROWS)))
    if any(problem.code in ("column_missing", "column_twice", "too_many_rows") for problem in problems):
        return Table((), tuple(problems), unused)
    if not lines:
        problems.append(Problem(head.number, "", "no_rows"))
    words = {_key(word): level for level in LEVELS for word in (*LEVEL_WORDS[level], levels.get(level, ""))}
    rows = []
    for line in lines:
        row = _row(line, places, words)
        rows.append(row)
        if any(line.cells[len(head.cells) :]):
            problems.append(Problem(line.number, "", "too_many_cells", line.cells[len(head.cells)]))
        problems += _problems(row)
    return Table(tuple(rows), tuple(problems + _twice(rows)), unused, "parent" in places)


def _columns(head: Line, headings: Mapping[str, str]) -> tuple[dict[str, int], tuple[str, ...], list[Problem]]:
    """Where each column stands, the headings that are none, and what is wrong with the headings."""
    known = {_key(word): column for column in COLUMNS for word in (*HEADINGS[column], headings.get(column, ""))}
    places: dict[str, int] = {}
    unused, problems = [], []
    for place, heading in enumerate(head.cells):
        column = known.get(_key(heading))
        if column is None or not heading:
            unused += [heading] if heading else []
        elif column in places:
            problems.append(Problem(head.number, column, "column_twice", heading, head.cells[places[column]]))
        else:
            places[column] = place
    problems += [Problem(head.number, column, "column_missing") for column in NEEDED if column not in places]
    return places, tuple(unused), problems


def _row(line: Line, places: Mapping[str, int], words: Mapping[str, str]) -> Row:
    cells = {column: line.cells[place] for column, place in places.items() if place < len(line.cells)}
    level = cells.pop("level", "")
    return Row(line.number, level=words.get(_key(level), level) if level else "", **cells)


def _problems(row: Row) -> list[Problem]:
    """What is wrong with a row by itself."""
    found = []

    def wrong(column: str, code: str, more: str = "") -> None:
        found.append(Problem(row.line, column, code, str(getattr(row, column))[:100], more))

    if row.level not in LEVELS:
        wrong("level", "level_unknown" if row.level else "missing")
    if not row.name:
        wrong("name", "missing")
    if len(row.name) > LONGEST_NAME:
        wrong("name", "too_long", str(LONGEST_NAME))
    if len(row.number) > LONGEST_NUMBER:
        wrong("number", "too_long", str(LONGEST_NUMBER))
    for role in ROLES:
        name, address = row.person(role)
        if name and not address:
            wrong(f"{role}_address", "address_missing", name[:100])
        if address and not _reads(read_address, address):
            wrong(f"{role}_address", "address")
        if address and not name:
            wrong(f"{role}_name", "person_missing", address[:100])
        elif address and not _reads(read_name, name):
            wrong(f"{role}_name", "too_long", str(LONGEST_NAME))
    return found


def _twice(rows: list[Row]) -> list[Problem]:
    """Numbers that stand in the file twice."""
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        if row.number and first.setdefault(row.number, row.line) != row.line:
            problems.append(Problem(row.line, "number", "number_twice", row.number, str(first[row.number])))
    return problems


def _reads(read: Callable[[str], str], text: str) -> bool:
    try:
        read(text)
    except RefusedError:
        return False
    return True


def _key(text: str) -> str:
    """Headings and levels without capitals, accents, spaces and signs."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if letter.isalnum())
