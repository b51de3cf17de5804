"""The figures of a chart: how shares become bars and cells, and the workbook that lies inside a chart."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from partnerforms.documents.templates.package import Writer, read
from partnerforms.engine.disclosure import Share

SHEET = "Sheet1"
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True)
class Series:
    """What a legend names: one share for each row of the chart, None where there is none, in one colour."""

    name: str
    color: str
    shares: Sequence[Share | None]


def format_of(share: Share, words: Mapping[str, str]) -> str:
    """How a cell or a bar says it: a number format that writes the bound where only that is told."""
    return f'"{share.said(words)}"' if share.bound else '0" %"'


def workbook(
    categories: Sequence[str], columns: Sequence[Series], words: Mapping[str, str], right_to_left: bool
) -> bytes:
    """The figures of a chart as an .xlsx, which Word opens on "Edit data". The same bytes every time."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.sheet_view.rightToLeft = right_to_left
    sheet.column_dimensions["A"].width = 45
    for row, category in enumerate(categories, 2):
        _text(sheet.cell(row, 1), category)
    for column, series in enumerate(columns, 2):
        _text(sheet.cell(1, column), series.name)
        for row, share in enumerate(series.shares, 2):
            if share is not None:
                cell = sheet.cell(row, column, share.drawn)
                cell.number_format = format_of(share, words)
    buffer = io.BytesIO()
    book.save(buffer)
    parts = read(buffer.getvalue())
    properties = "docProps/core.xml"
    told = _MOMENT.sub(rb"\g<1>2000-01-01T00:00:00Z", parts[properties].content())
    return Writer(parts.values(), [properties]).write({properties: told})


def _text(cell: Any, text: str) -> None:
    """A text that is never taken for a formula."""
    cell.value = text
    cell.data_type = "s"
