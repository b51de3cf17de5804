"""Every document that the program makes, opened by other programs: python-docx and LibreOffice."""

import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.ns import qn
from leaving_out import left_out
from pseudo_language import CODE, with_pseudo_language

from partnerforms.documents.shelf import Shelf
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.samples import sample
from partnerforms.languages import read_library
from partnerforms.services import papers
from partnerforms.settings import checkout

from .making import opened

pytestmark = pytest.mark.xdist_group("libreoffice")  # one worker, so LibreOffice starts once

ABOUT = {"organization": "Maple School", "record": "2026-27", "person": "Dana", "date": "today", "revision": "1"}
PSEUDO = ("survey_families", "action_plan")
LIBRARY = with_pseudo_language(read_library())
MADE = [
    (instrument_id, language.code, kind)
    for instrument_id in LIBRARY.definitions
    for language in LIBRARY.languages_of(instrument_id)
    if language.code != CODE or instrument_id in PSEUDO
    for kind in ("filled", "paper")
]
each = pytest.mark.parametrize("name", [f"{one[0]}-{one[1]}-{one[2]}" for one in MADE])


def document(library: Library, shelf: Shelf, instrument_id: str, language: str, kind: str) -> bytes:
    if kind == "paper":
        return papers.blank_form(library, instrument_id, language, "Maple School")
    instrument = library.instrument(instrument_id, language)
    answers = parse(instrument, sample(instrument)).answers
    reader = papers.reader(library, instrument_id, language)
    return papers.fill_instrument(shelf, instrument, answers, ABOUT, reader, None)


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    shelf = Shelf(checkout() / "docx_templates")
    return {"-".join(one): document(LIBRARY, shelf, *one) for one in MADE}


@pytest.fixture(scope="module")
def pdfs(documents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All documents as PDF, converted by one LibreOffice with a profile of its own."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        left_out("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")
    paths = []
    for name, content in documents.items():
        paths.append(folder / f"{name}.docx")
        paths[-1].write_bytes(content)
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, timeout=240, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {path.stem: path.read_bytes() for path in Path(folder).glob("*.pdf")}


def pages(pdf: bytes) -> int:
    """How many pages a PDF of LibreOffice has; its page objects stand in it as they are."""
    return pdf.count(b"/Type/Page/")


@each
def test_libreoffice_makes_pages_of_it(pdfs: dict[str, bytes], name: str) -> None:
    assert name in pdfs, "LibreOffice did not convert it"
    assert 1 <= pages(pdfs[name]) <= 20
    assert not all_blank(pdfs[name])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_family_survey_is_short_on_paper(pdfs: dict[str, bytes], language: str) -> None:
    assert pages(pdfs[f"survey_families-{language}-paper"]) <= 3
    assert pages(pdfs[f"survey_families-{language}-filled"]) <= 2


@each
def test_it_has_a_title_and_its_language(documents: dict[str, bytes], name: str) -> None:
    instrument_id, _, rest = name.partition("-")
    language = rest.rpartition("-")[0]
    doc = opened(documents[name])
    assert doc.core_properties.title == LIBRARY.instrument(instrument_id, language).title
    assert doc.core_properties.language == language
    lang = doc.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    # Word speaks of Chinese and Korean apart from Latin letters, which have a language of their own in one text.
    said = lang.get(qn("w:eastAsia" if language in ("zh-hans", "ko") else "w:val"))
    assert said.split("-")[0] == language.split("-")[0]


@each
def test_headings_are_real_and_in_order(documents: dict[str, bytes], name: str) -> None:
    doc = opened(documents[name])
    levels = [int(p.style.name[-1]) for p in doc.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    titles = [p.style.name for p in doc.tables[0].cell(0, 0).paragraphs]
    assert titles[0] == "Title"


@each
def test_heads_of_tables_repeat_and_rows_stay_whole(documents: dict[str, bytes], name: str) -> None:
    tables = [table for table in opened(documents[name]).tables if heads(table)]
    assert tables or name.startswith("roles")  # they have labels beside answers, and no heads
    for table in tables:
        assert table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in table.rows)


def heads(table: Any) -> list[Any]:
    """The paragraphs of a table that look like heads of columns."""
    return [p for row in table.rows for cell in row.cells for p in cell.paragraphs if p.style.name == "Table Head"]


@each
def test_pictures_say_what_they_are(documents: dict[str, bytes], name: str) -> None:
    pictures = list(opened(documents[name]).element.iter(qn("wp:docPr")))
    assert pictures
    assert all(picture.get("descr") for picture in pictures)


@each
def test_pages_are_numbered(documents: dict[str, bytes], name: str) -> None:
    (footer,) = [section.footer for section in opened(documents[name]).sections]
    fields = [field.get(qn("w:instr")) for field in footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


@each
def test_no_tag_and_no_empty_cell_without_paragraph_is_left(documents: dict[str, bytes], name: str) -> None:
    doc = opened(documents[name])
    text = "".join(part.text or "" for part in doc.element.iter(qn("w:t")))
    assert "{{" not in text
    assert "{%" not in text
    assert all(cell[-1].tag == qn("w:p") for cell in doc.element.iter(qn("w:tc")))


@pytest.mark.parametrize("instrument_id", PSEUDO)
@pytest.mark.parametrize("kind", ["filled", "paper"])
def test_right_to_left_documents_are_turned(documents: dict[str, bytes], instrument_id: str, kind: str) -> None:
    doc = opened(documents[f"{instrument_id}-{CODE}-{kind}"])
    assert all(p.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None for p in doc.element.iter(qn("w:p")))
    assert all(t.find(f"{qn('w:tblPr')}/{qn('w:bidiVisual')}") is not None for t in doc.element.iter(qn("w:tbl")))


def all_blank(pdf: bytes) -> bool:
    """Is there no page that shows any text?"""
    return not any(b" Tf" in stream for stream in streams(pdf))


def streams(pdf: bytes) -> Iterator[bytes]:
    """The packed parts of a PDF that unpack."""
    parts: Iterable[bytes] = pdf.split(b"stream\r\n" if b"stream\r\n" in pdf else b"stream\n")[1:]
    for part in parts:
        try:
            yield zlib.decompressobj().decompress(part)
        except zlib.error:
            continue
