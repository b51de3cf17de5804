"""One answer as a plain text, wherever it stands: beside another one, or in a sentence.

Takes raw input too: what is not right yet is read as it was typed.
"""

from collections.abc import Mapping
from typing import Any

from partnerforms.documents.context import Reader, shown
from partnerforms.engine.answers import parse_sections
from partnerforms.engine.model import Cell, Checks, Scale, Section, Table


def reading(item: Scale | Cell, raw: Any, reader: Reader) -> str:
    """The answer as people read it, "" when there is none."""
    value = parse_sections([Section("", "", (item,))], {item.id: raw}).answers.get(item.id)
    if value is None:
        return reader.together([str(one) for one in raw]) if isinstance(raw, list) else str(raw or "")
    if isinstance(item, Checks):
        marks = [f"{mark.symbol} {mark.label}".strip() for mark in item.marks if mark.id in value]
        return reader.together(marks)
    return str(shown(item, value, reader))


def row_readings(table: Table, row: Mapping[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """What was answered in a row of a table: the name of a column and the text in it."""
    texts = ((column.label, reading(column, row.get(column.id), reader)) for column in table.columns)
    return [(label, text) for label, text in texts if text]
