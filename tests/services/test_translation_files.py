"""Files of translations: read as they were written, and refused with a reason whatever is wrong with them."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula
from translating import HEADINGS, SOMALI, saved, workbook

from partnerforms.services.translations import po
from partnerforms.services.translations import workbook as workbooks
from partnerforms.services.translations.checking import MOST_ROWS, Row, UnreadableError

READABLE = st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"))
TEXTS = st.text(READABLE | st.sampled_from("\n=+-@'\"\\%{}_x000D"), max_size=60)


def read(content: bytes) -> list[Row]:
    return workbooks.read(content, [HEADINGS])


def reason(reader: Callable[[bytes], list[Row]], content: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        reader(content)
    return caught.value.code


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_both_kinds_are_read_as_they_were_written(texts: list[str]) -> None:
    rows = [Row(number, f"key.{number}", f"English {number}", text) for number, text in enumerate(texts, 2)]
    book = workbooks.write(SOMALI, HEADINGS, "Soomaali", [(row, "Here", "Note") for row in rows])
    assert read(book) == [Row(row.number, row.key, row.english, row.text.replace("_x000D_", "")) for row in rows]
    written = po.write(SOMALI, [(row, "Here\nNote", "") for row in rows])
    assert [(row.key, row.english, row.text) for row in po.read(written)] == [
        (row.key, row.english, row.text) for row in rows
    ]
    # What others read is the same: Poedit and Weblate know what babel knows.
    assert {one.context: one.string for one in read_po(io.BytesIO(written)) if one.id} == {
        row.key: row.text for row in rows
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_what_looks_like_a_formula_is_written_as_text(text: str) -> None:
    content = workbooks.write(SOMALI, HEADINGS, "Soomaali", [(Row(2, "key", text, text), text, text)])
    for cell in openpyxl.load_workbook(io.BytesIO(content)).active[2][1:]:
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert [row.text for row in read(content)] == [text]


def test_a_cell_that_is_no_text_is_named() -> None:
    book = openpyxl.Workbook()
    rows = [
        [HEADINGS[name] for name in ("key", "english", "text")],
        ["a", "A", "=1+1"], ["b", "B", 12], ["c", "C", date(2026, 1, 1)], ["d", "D", True], ["=e", "E", "e"],
        [None, None, None], ["f", "F", None],
    ]  # fmt: skip
    for row in rows:
        book.active.append(row)
    book.active["C9"] = ArrayFormula("C9", "=A1:A2")
    found = {row.number: (row.refused, row.text) for row in read(saved(book))}
    assert found == {
        2: ("formula", "=1+1"), 3: ("not_text", ""), 4: ("not_text", ""), 5: ("not_text", ""), 6: ("formula", "e"),
        8: ("", ""), 9: ("formula", ""),
    }  # fmt: skip


def test_headings_are_found_where_people_leave_them() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["a", "A", "x"]])))
    book.active.insert_rows(1, 3)
    book.active.insert_cols(1, 2)
    book.create_sheet("First", 0).append(["Something else"])
    assert read(saved(book)) == [Row(5, "a", "A", "x")]
    other = {**HEADINGS, "text": "Traducción"}
    assert workbooks.read(workbook([["a", "A", "x"]], other), [HEADINGS, other])[0].text == "x"
    assert reason(read, workbook([["a", "A", "x"]], other)) == "no_headings"


def changed(content: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """A workbook whose parts were changed by hand."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
LINK = (
    b'<Relationships xmlns="x"><Relationship Id="r9" Type="x/externalLink" Target="http://x" TargetMode="External"/>'
)
HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "entity bomb": (lambda parts: parts.update({SHEET: BOMB + parts[SHEET]}), "odd_parts"),
    "entity bomb, hidden": (
        lambda parts: parts.update({SHEET: (BOMB + parts[SHEET]).decode().encode("utf-16")}), "damaged"
    ),
    "another encoding": (
        lambda parts: parts.update({SHEET: b'<?xml version="1.0" encoding="UTF-7"?>' + parts[SHEET]}), "damaged"
    ),
    "zip bomb": (lambda parts: parts.update({"xl/media/x.bin": bytes(19_000_000)}), "unpacks_large"),
    "larger bomb": (lambda parts: parts.update({SHEET: b"<!-- " + b"ab" * 15_000_000}), "unpacks_large"),
    "macros": (lambda parts: parts.update({"xl/vbaProject.bin": b"x"}), "odd_parts"),
    "link to a file": (lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "odd_parts"),
    "external relation": (lambda parts: parts.update({"xl/worksheets/_rels/sheet1.xml.rels": LINK}), "odd_parts"),
    "no sheet": (lambda parts: parts.pop(SHEET), "no_headings"),
    "no book": (lambda parts: parts.pop("xl/workbook.xml"), "damaged"),
    "broken markup": (lambda parts: parts.update({SHEET: parts[SHEET][:-40]}), "damaged"),
    "nonsense": (lambda parts: parts.update({SHEET: b"<worksheet/>"}), "no_headings"),
    "path upward": (lambda parts: parts.update({"../x": b"x"}), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused(name: str) -> None:
    change, code = HOSTILE[name]
    assert reason(read, changed(workbook([["a", "A", "x"]]), change)) == code


def test_a_million_rows_are_not_read() -> None:
    few = workbook([["a", "A", "x"]])
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>k</t></is></c></row>'
    many = b"".join(row % (number, number) for number in range(3, MOST_ROWS + 20))
    content = changed(
        few, lambda parts: parts.update({SHEET: parts[SHEET].replace(b"</sheetData>", many + b"</sheetData>")})
    )
    assert reason(read, content) == "too_many_rows"
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    content = changed(few, lambda parts: parts.update({SHEET: parts[SHEET].replace(b"</sheetData>", far)}))
    assert read(content) == [Row(2, "a", "A", "x")]


@given(st.binary(max_size=400), st.integers(0, 6000), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_whatever_is_broken_in_a_workbook_is_told(noise: bytes, at: int, size: int) -> None:
    content = workbook([["a", "A", "x"]])
    broken = content[:at] + noise[:size] + content[at + size :]
    for tried in (broken, b"PK\3\4" + noise):
        try:
            read(tried)
        except UnreadableError:
            continue


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('msgid "a"\nmsgstr "é"'.encode("latin-1"), "not_utf8"),
        ('msgid "a"\nmsgstr "b"'.encode("utf-16"), "not_utf8"),
        (b'msgid "a"\nmsgstr "b\0"', "not_utf8"),
        (b'msgid "a"', "not_po"),
        (b'msgid "a"\nmsgstr "b', "not_po"),
        (b'"a"\nmsgstr "b"', "not_po"),
        (b'msgid "a"\nmsgstr "b"\nmsgstr "c"', "not_po"),
        (b"<html>", "not_po"),
        (b'msgid "a"\nmsgstr "b"\n\n' * (MOST_ROWS + 1), "too_many_rows"),
    ],
)
def test_po_files_that_cannot_be_read(content: bytes, code: str) -> None:
    assert reason(po.read, content) == code


def test_what_po_editors_write_is_understood() -> None:
    content = (
        b'\xef\xbb\xbfmsgid ""\r\nmsgstr "Language: so\\n"\r\n\r\n'
        b'# By hand.\r\n#. Where\r\n#: here:1\r\n#, fuzzy\r\n#| msgid "Old "\r\n#| "text"\r\n'
        b'msgctxt "k"\r\nmsgid "New text"\r\nmsgstr ""\r\n"One\\n"\r\n"\\"two\\" \\\\ three"\r\n\r\n'
        b'#, fuzzy\nmsgctxt "l"\nmsgid "L"\nmsgstr "l"\n\n'
        b'msgctxt "m"\nmsgid "M"\nmsgid_plural "Ms"\nmsgstr[0] "m"\nmsgstr[1] "ms"\n\n'
        b'#~ msgctxt "gone"\n#~ msgid "x"\n#~ msgstr "y"\n'
    )
    assert po.read(content) == [
        Row(10, "k", "Old text", 'One\n"two" \\ three'),
        Row(17, "l", "", "l"),
        Row(21, "m", "M", "", "plural"),
    ]


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_whatever_is_no_po_file_is_told(content: bytes) -> None:
    for tried in (content, b'msgid "a"\nmsgstr "b"\n' + content):
        try:
            po.read(tried)
        except UnreadableError:
            continue
