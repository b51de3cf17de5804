"""Two revisions beside each other in a Word file: every word of both, marked, in any language."""

import io
import re
import zipfile
from typing import Any

import pytest
from docx.text.paragraph import Paragraph
from pseudo_language import CODE, with_pseudo_language

from partnerforms.documents.comparison import Part, comparison, told
from partnerforms.engine.answers import parse
from partnerforms.engine.comparing import Asked, compare
from partnerforms.engine.library import Library
from partnerforms.engine.samples import sample
from partnerforms.languages import read_library
from partnerforms.services import papers

from .making import opened
from .test_hostile_strings import STRINGS

LIBRARY = with_pseudo_language(read_library())
SAID = {
    "changed": "Changed", "added": "Added", "removed": "Removed", "moved": "Was number %(number)s",
    "same": "The same in both:", "nothing": "Both are the same.",
}  # fmt: skip
FORMS = [one.id for one in LIBRARY.instruments("record")]
GOAL = {"goal_kind": "academic", "goal": "Every child reads"}
READ, LOG = {"activity": "Reading night", "dates": "October 8"}, {"activity": "Reading log", "grades": "1-3"}


def parts(form: str, was: dict[str, Any], now: dict[str, Any], language: str = "en") -> list[Part]:
    instrument = LIBRARY.instrument(form, language)
    return told(compare(Asked(instrument, was), Asked(instrument, now)), papers.reader(LIBRARY, form, language))


def document(form: str, was: dict[str, Any], now: dict[str, Any], language: str = "en") -> bytes:
    instrument = LIBRARY.instrument(form, language)
    about = ["Maple School · Plan", "Revision 1 → Revision 2"]
    made = parts(form, was, now, language)
    reader = papers.reader(LIBRARY, form, language)
    return comparison(instrument.title, about, ("Revision 1", "Revision 2"), made, SAID, reader)


def paragraphs(content: bytes) -> list[str]:
    """Every paragraph in the order of the file, in tables too."""
    return ["".join(run.text for run in paragraph.iter_inner_content()) for paragraph in _all(opened(content))]


def _all(doc: Any) -> list[Any]:
    return [Paragraph(element, doc) for element in doc.element.body.iter(f"{{{doc.element.nsmap['w']}}}p")]


def everything(form: str, language: str = "en") -> dict[str, Any]:
    instrument = LIBRARY.instrument(form, language)
    return parse(instrument, sample(instrument)).answers


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["en", CODE])
def test_every_form_can_be_compared_in_every_direction(form: str, language: str) -> None:
    full = everything(form, language)
    for was, now, state in (({}, full, "Added"), (full, {}, "Removed"), (full, full, "The same in both:")):
        content = document(form, was, now, language)
        texts = paragraphs(content)
        assert any(state in text for text in texts)
        assert ("Both are the same." in texts) == (was == now)
        doc = opened(content)
        assert doc.core_properties.title == LIBRARY.instrument(form, language).title
        assert doc.core_properties.language == language
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            body = archive.read("word/document.xml").decode()
        assert ("<w:bidi/>" in body) == (language == CODE)
        assert all(table.rows[0]._tr.xpath(".//w:tblHeader") for table in doc.tables[1:])
        styles = {paragraph.style.name for paragraph in doc.paragraphs}
        assert "Heading 1" in styles


def test_what_only_one_says_is_struck_through_or_underlined() -> None:
    content = document("action_plan", {"chairs": "Sam and Ana"}, {"chairs": "Sam and Priya"})
    cells = opened(content).tables[1].rows[1].cells
    assert [cell.text for cell in cells] == [
        "Chair or co-chairs of the team\nChanged",
        "Sam and Ana",
        "Sam and Priya",
    ]
    runs = [run for cell in cells[1:] for run in cell.paragraphs[0].runs]
    assert [(run.text, bool(run.font.strike), bool(run.font.underline)) for run in runs] == [
        ("Sam and ", False, False), ("Ana", True, False), ("Sam and ", False, False), ("Priya", False, True),
    ]  # fmt: skip


def test_rows_are_told_by_name_and_those_that_are_the_same_only_named() -> None:
    was = {"goals": [{**GOAL, "activities": [READ, LOG]}]}
    now = {"goals": [{**GOAL, "activities": [{"activity": "Book swap"}, READ, {**LOG, "grades": "K-3"}]}]}
    texts = paragraphs(document("action_plan", was, now))
    heading = texts.index("Goal 1: Every child reads")
    assert "Activity 1: Book swap – Added" in texts[heading:]
    changed = texts.index("Activity 3: Reading log")
    assert texts[changed : changed + 7] == [
        "Activity 3: Reading log", "Revision 1", "Revision 2", "Grade levels", "Changed", "1-3", "K-3",
    ]  # fmt: skip
    assert "The same in both: Activity 2: Reading night" in texts
    assert "October 8" not in " ".join(texts)


def test_a_row_that_only_moved_says_from_where() -> None:
    rows = [READ, LOG, {"activity": "Book swap"}]
    was, now = ({"goals": [{**GOAL, "activities": one}]} for one in (rows, [rows[2], *rows[:2]]))
    assert "Activity 1: Book swap – Was number 3" in paragraphs(document("action_plan", was, now))


@pytest.mark.parametrize("name", STRINGS)
def test_odd_texts_are_texts(name: str) -> None:
    typed = f"Team: {STRINGS[name][0]}"
    kept = parse(LIBRARY.instrument("action_plan"), {"team_members": typed, "school_year": "x"}).answers
    for was, now in (({}, kept), (kept, {}), (kept, {"team_members": f"{kept['team_members']} {{{{ more }}}}"})):
        said = " ".join(" ".join(paragraphs(document("action_plan", was, now))).split())
        assert " ".join(kept["team_members"].split()) in said


def test_the_same_comparison_is_the_same_file() -> None:
    full = everything("inventory")
    assert document("inventory", {}, full) == document("inventory", {}, full)


def test_an_instrument_of_then_is_told_with_its_own_words() -> None:
    then = Library().instrument("action_plan", "en")
    now = LIBRARY.instrument("action_plan", CODE)
    changes = compare(Asked(then, {"seen_by": ["faculty"]}), Asked(now, {"seen_by": ["faculty", "families"]}))
    (review,) = told(changes, papers.reader(LIBRARY, "action_plan", CODE))
    (line,) = review.lines
    assert "".join(text for text, _ in line.was) == "Faculty"
    assert re.search(r"\bFaculty\b", "".join(text for text, _ in line.now))
