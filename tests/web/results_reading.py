"""Reads what pages and files show of results, all in one form, without any code of the program that writes them.

A figure is of an audience, of a row, under a head: `("Families", "rated_most", "highest", "< 5 %")`. Where a table is
of all audiences the first is empty. `shown` figures are as people read them.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from browser import Browser
from documents.report_reading import told
from openpyxl import load_workbook
from pages import Page, text

Figure = tuple[str, str, str, str]
WHO, ANSWERED = "Who answered", "Answered"
# Heads of the report that the page words differently.
_HEADS = {
    "Answers counted": ANSWERED,
    "Chosen": "Chosen by",
    "Good ratings": "Rated well or very well",
    "Points apart": "Gap in points",
}
_ONLY_THERE = ("Share who answered", "Smallest group shown")  # of the report


def of_page(page: Page, audiences: Sequence[str]) -> Counter[Figure]:
    """The figures of all tables of the page of results."""
    found: Counter[Figure] = Counter()
    for region in page.root.iter("div"):
        if region.get("role") == "region":
            named = region.get("aria-label", "").rpartition(": ")[2]
            lines = [[_words(cell) for cell in row if cell.tag in ("th", "td")] for row in region.iter("tr")]
            found.update(_figures(named if named in audiences else "", lines))
    return found


def of_csv(content: bytes) -> Counter[Figure]:
    """The figures of the CSV."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return Counter((audience, row, head, value) for _, audience, row, head, value in lines[1:])


def of_xlsx(content: bytes) -> Counter[Figure]:
    """The figures of the XLSX, its percents as Excel shows them."""
    found: Counter[Figure] = Counter()
    for sheet in load_workbook(io.BytesIO(content)).worksheets[1:]:
        lines = [[_cell(cell.value, cell.number_format) for cell in row] for row in sheet.rows]
        if lines[0][0] == "Asked" and sheet.title != WHO:
            for line in lines[1:]:
                found.update(_figures(line[0], [lines[0][1:], line[1:]]))
        else:
            found.update(_figures("", lines))
    return found


def of_report(content: bytes, audiences: Sequence[str]) -> set[Figure]:
    """The figures of all tables of the Word report, under the heads of the page."""
    return {
        (headings[0] if headings[0] in audiences else "", row, _HEADS.get(head, head), figure)
        for headings, row, head, figure in told(content)
        if head not in _ONLY_THERE
    }


def lists_of(browser: Browser, address: str) -> tuple[str, list[tuple[str, str]]]:
    """The page of a closed survey: its number of answers, then name and share of every list."""
    page = browser.get(address).page
    (number,) = [_words(one) for one in page.root.iter("p") if _words(one).startswith("Answers: ")] or [""]
    lines = [_words(line) for one in page.root.iter("ol") for line in one.iter("li")]
    parted = [line.rpartition(": ") for line in lines]
    return number.removeprefix("Answers: "), [(name, share) for name, _, share in parted]


def _figures(audience: str, lines: Sequence[Sequence[str]]) -> Iterator[Figure]:
    for row, *values in lines[1:]:
        for head, value in zip(lines[0][1:], values, strict=True):
            yield audience, row, head, value


def _words(element: Element) -> str:
    return text(element).replace("\xa0", " ")


def _cell(value: object, number_format: str) -> str:
    if isinstance(value, float) and number_format == "0%":
        return f"{round(100 * value)} %"
    return "" if value is None else str(value).replace("-", "−") if isinstance(value, int) else str(value)
