"""Reads documents of results back, without any code of the program: tables, and what lies inside their charts.

A figure is what people see: "41 %", "< 5 %". `told` has every figure of a document, for those who attack it.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from openpyxl import load_workbook

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FIGURE = re.compile(r"(?:[<>]\s)?\d+(?:\s%)?")


@dataclass(frozen=True)
class ReadTable:
    """A table, and the headings it stands under, the highest first."""

    headings: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True)
class ReadChart:
    """What a chart draws, and the same cells of the workbook inside it as Excel shows them."""

    alt: str
    xml: etree._Element
    drawn: list[list[str]]
    workbook: list[list[str]]


def tables(content: bytes) -> list[ReadTable]:
    """Every table under a heading, in order; the cells of a merged row once."""
    found, path = [], list[str]()
    document = Document(io.BytesIO(content))
    for block in document.iter_inner_content():
        style = getattr(getattr(block, "style", None), "name", "") or ""
        if style.startswith("Heading"):
            path = [*path[: int(style[-1]) - 1], block.text]
        elif hasattr(block, "rows") and path:
            rows = [[cell.text for cell in dict.fromkeys(row.cells)] for row in block.rows]
            found.append(ReadTable(tuple(path), rows))
    return found


def charts(content: bytes) -> list[ReadChart]:
    """Every chart in the order of the document."""
    document = Document(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        targets = _targets(archive, "word/document.xml")
        found = []
        for place in document.element.iter(qn("wp:inline")):
            for chart in place.iter(f"{_C}chart"):
                part = targets[chart.get(f"{_R}id")]
                root = etree.fromstring(archive.read(part))
                (external,) = root.iter(f"{_C}externalData")
                embedded = archive.read(_targets(archive, part)[external.get(f"{_R}id")])
                alt = place.find(qn("wp:docPr")).get("descr")
                found.append(ReadChart(alt, root, _drawn(root), _cells(embedded)))
    return found


def told(content: bytes, words: Mapping[str, str] | None = None) -> list[tuple[tuple[str, ...], str, str, str]]:
    """Every figure of all tables: headings, row, head of the column, figure. A bound is "< 5 %" also where a language
    has `words` for it."""
    bounds = {}
    if words is not None:  # no key may be empty, or empty cells would be figures
        bounds = {words["under"].format(percent=5): "< 5 %", words["over"].format(percent=95): "> 95 %"}
    found = []
    for table in tables(content):
        head = table.rows[0]
        for row in table.rows[1:]:
            for column, cell in list(zip(head, row, strict=False))[1:]:
                figure = bounds.get(cell, cell)
                if _FIGURE.fullmatch(figure):
                    found.append((table.headings, row[0], column, figure))
    return found


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    folder, name = posixpath.split(part)
    root = etree.fromstring(archive.read(f"{folder}/_rels/{name}.rels"))
    return {one.get("Id"): posixpath.normpath(posixpath.join(folder, one.get("Target"))).lstrip("/") for one in root}


def _drawn(root: etree._Element) -> list[list[str]]:
    """Head, then a row for each category, as the workbook is laid out."""
    series = list(root.iter(f"{_C}ser"))
    names = ["", *("".join(one.find(f"{_C}tx").itertext(f"{_C}v")) for one in series)]
    categories = [point.findtext(f"{_C}v") for point in series[0].find(f"{_C}cat").iter(f"{_C}pt")]
    rows = [[category, *("" for _ in series)] for category in categories]
    for column, one in enumerate(series, 1):
        for point in one.find(f"{_C}val").iter(f"{_C}pt"):
            rows[int(point.get("idx"))][column] = shown(float(point.findtext(f"{_C}v")), point.get("formatCode"))
    return [names, *rows]


def _cells(workbook: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(workbook)).active
    return [
        [
            ""
            if cell.value is None
            else cell.value
            if isinstance(cell.value, str)
            else shown(cell.value, cell.number_format)
            for cell in row
        ]
        for row in sheet.iter_rows()
    ]


def shown(number: float, code: str) -> str:
    """A number in one of the two formats that charts use: a text in quotes, or digits before one."""
    digits, quoted = re.fullmatch(r'(0?)"([^"]*)"', code).groups()  # type: ignore[union-attr]
    return f"{number:.0f}{quoted}" if digits else quoted
