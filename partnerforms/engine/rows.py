"""Rows of raw input: added, removed, moved. What a button of a form asks for is written as "verb:table:row"."""

from dataclasses import dataclass
from typing import Any

from partnerforms.engine.answers import is_blank

_VERBS = ("add", "remove", "up", "down")


@dataclass(frozen=True)
class Action:
    """Something to do with the rows of a table or the entries of a repeating section."""

    verb: str
    table: str
    row: int


def read_action(text: str) -> Action | None:
    """The action that a button's value names, or None."""
    verb, _, rest = text.partition(":")
    table, _, row = rest.partition(":")
    if verb not in _VERBS or not table or (row and not (row.isascii() and row.isdecimal() and len(row) < 5)):
        return None
    return Action(verb, table, int(row or 0))


def apply(action: Action, rows: list[Any]) -> list[Any]:
    """The rows after the action. A row that is not there changes nothing."""
    done = list(rows)
    if action.verb == "add":
        return [*done, {}]
    if action.row >= len(done):
        return done
    row = done.pop(action.row)
    if action.verb != "remove":
        done.insert(max(0, action.row + (-1 if action.verb == "up" else 1)), row)
    return done


def now_at(action: Action, rows: int) -> int | None:
    """Where the row of an action is among so many rows after it, or None when it is gone."""
    match action.verb:
        case "add":
            return rows - 1
        case "up":
            return max(0, action.row - 1)
        case "down":
            return min(action.row + 1, rows - 1)
        case _:
            return None


def without_blank(value: Any) -> Any:
    """A list of rows without the empty ones; any other value as it is."""
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        return [row for row in value if not is_blank(row)]
    return value


def replaced(entries: list[Any], number: int, entry: Any) -> list[Any]:
    """The entries with one of them exchanged."""
    return [*entries[:number], entry, *entries[number + 1 :]]
