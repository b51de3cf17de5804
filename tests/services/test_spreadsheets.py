"""CSV files as spreadsheet programs and other people make them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerforms.services.jobs.spreadsheets import UnreadableError, harmless, read, write

TEXT = "name,number\nEscuela Núñez,007\nOak & Elm – “North”,12\n"
ROWS = [("name", "number"), ("Escuela Núñez", "007"), ("Oak & Elm – “North”", "12")]


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in read(content).lines]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("windows-1252"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        b"sep=;\r\n" + TEXT.replace(",", ";").encode(),
        b"\xef\xbb\xbfsep=,\n" + TEXT.encode(),
        TEXT.rstrip().encode(),
    ],
)
def test_every_usual_encoding_separator_and_line_break(content: bytes) -> None:
    assert cells(content) == ROWS


def test_quoted_cells_hold_separators_line_breaks_and_quotation_marks() -> None:
    content = b'"school, or ""site"""\t  ;  number\r\n"Oak,\r\n  North"\t12\r\n\r\n;;;\r\nElm\t"13"\r\n'
    assert cells(content) == [('school, or "site"', "; number"), ("Oak, North", "12"), ("Elm", "13")]


def test_a_separator_within_quotation_marks_is_none() -> None:
    assert cells(b'"a;b;c;d",e\n1,2') == [("a;b;c;d", "e"), ("1", "2")]


def test_lines_are_numbered_as_an_editor_shows_them() -> None:
    content = b'\n\nname,number\n"Oak\nNorth",1\n , \nElm,2'
    assert [(line.number, line.cells[0]) for line in read(content).lines] == [
        (3, "name"),
        (4, "Oak North"),
        (7, "Elm"),
    ]


def test_cells_are_clean() -> None:
    content = "n\x00ame,a\x1b[31m\n\ufeffOak\u2028School\t\x07,\u00a0 x\x85y \n".encode()
    assert cells(content) == [("name", "a[31m"), ("\ufeffOak School", "x y")]


@pytest.mark.parametrize(
    ("content", "line", "rows"),
    [
        (b'name\n"Oak\nElm\nFir\n', 2, 1),
        (b'name\nOak\n"Elm" School\nFir\n', 3, 2),
        (b'name\n"' + b"x\n" * 200_000, 2, 1),
    ],
)
def test_a_quotation_mark_that_leads_nowhere_is_named(content: bytes, line: int, rows: int) -> None:
    sheet = read(content)
    assert sheet.broken == line
    assert len(sheet.lines) == rows


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf", "empty"), (b" \r\n\t\r\n,,,\n", "empty"), (b"\xff\xfe", "empty"),
        (b"PK\x03\x04 a workbook", "workbook"), (b"\xd0\xcf\x11\xe0 an old one", "workbook"),
        (b"\xff\xfea\x00\x00\xd8", "not_text"), (b"\xff\xfea", "not_text"),
    ],
)  # fmt: skip
def test_what_is_no_csv_file(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(content)
    assert caught.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        sheet = read(content)
    except UnreadableError:
        return
    assert all("\0" not in cell for line in sheet.lines for cell in line.cells)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_no_cell_becomes_a_formula_and_comes_back_as_it_was(text: str) -> None:
    content = write([["name"], [text]])
    [_, [cell]] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert cell == "'" + text == harmless(text)
    assert cells(content)[1] == (text.strip() if text[0] not in "\t\r" else f"' {text[1:]}",)


def test_other_apostrophes_stay() -> None:
    assert cells(write([["'t Hooft School"], ["O'Neil"]])) == [("'t Hooft School",), ("O'Neil",)]
