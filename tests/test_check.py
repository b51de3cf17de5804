"""`partnerforms check` passes, and refuses what is broken with file, place and reason."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from partnerforms.checking import check_everything
from partnerforms.documents.shelf import Shelf
from partnerforms.engine.answers import parse
from partnerforms.engine.library import FOLDER, Library
from partnerforms.engine.load import SHARED_FILES, InstrumentError
from partnerforms.engine.samples import sample
from partnerforms.languages import read_library
from partnerforms.settings import checkout

TEMPLATES = checkout() / "docx_templates"

Spoil = Callable[..., Library]


@pytest.fixture
def spoiled(tmp_path: Path) -> Spoil:
    """A library of one plan and the inventory, with something in a file replaced."""

    def library(file: str = "", *replacements: str) -> Library:
        for name in (*SHARED_FILES, "inventory", "action_plan"):
            shutil.copy(FOLDER / f"{name}.toml", tmp_path)
        if file:
            old, new = replacements
            text = (tmp_path / file).read_text(encoding="utf-8")
            assert old in text
            (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return Library(folder=tmp_path)

    return library


def template_with(tmp_path: Path, old: str, new: str) -> Shelf:
    """The templates, with something in that of the action plan replaced."""
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    content = (folder / "action_plan.docx").read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for entry in before.infolist():
            data = before.read(entry)
            if entry.filename == "word/document.xml":
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode(), 1)
            after.writestr(entry, data)
    (folder / "action_plan.docx").write_bytes(made.getvalue())
    return Shelf(folder)


def test_everything_that_is_shipped_passes() -> None:
    told: list[str] = []
    library = read_library()
    assert check_everything(library, Shelf(TEMPLATES), told.append) == []
    assert len(told) == len(library.definitions) == 12
    assert "survey_families: en, es, pt, ht, zh-hans, vi, ar, fr, ru, ko" in told


@pytest.mark.parametrize("language", ["en", "es"])
def test_sample_answers_answer_everything(language: str) -> None:
    library = read_library()
    for instrument_id in library.definitions:
        if language not in [offered.code for offered in library.languages_of(instrument_id)]:
            continue
        instrument = library.instrument(instrument_id, language)
        parsed = parse(instrument, sample(instrument))
        assert (parsed.problems, parsed.unknown) == ((), ())
        for section in instrument.sections:
            answered = parsed.answers if section.repeat is None else parsed.answers[section.id][0]
            assert {item.id for item in section.items} <= set(answered)


def test_a_broken_instrument_is_refused_with_file_place_and_reason(spoiled: Spoil) -> None:
    library = spoiled("action_plan.toml", 'kind = "choice"', 'kind = "choise"')
    with pytest.raises(InstrumentError) as caught:
        check_everything(library, Shelf(TEMPLATES), str)
    assert str(caught.value) == "action_plan.toml: sections[1].items[0].kind: 'choise' is not a kind of item here"


def test_toml_that_is_none_is_refused_with_its_line(spoiled: Spoil) -> None:
    with pytest.raises(InstrumentError, match=r"action_plan\.toml: file: .*line \d+"):
        spoiled("action_plan.toml", "version = 1", "version = one")


def test_a_start_that_answers_what_is_not_asked_is_named(spoiled: Spoil) -> None:
    file = "action_plan.toml"
    text = (FOLDER / file).read_text(encoding="utf-8")
    start = '\n\n[[starts]]\nid = "sample"\ntitle = "Sample"\nanswers = { school_yaer = "x" }\n'
    problems = check_everything(spoiled(file, text, text + start), Shelf(TEMPLATES), str)
    assert "action_plan (en): start sample: ('school_yaer',) is not asked" in problems


def test_a_crosswalk_to_an_activity_that_is_not_there_is_named(spoiled: Spoil) -> None:
    activity = next(iter(read_library().crosswalk.values())).activities[0]
    problems = check_everything(spoiled("crosswalk.toml", f'"{activity}"', '"no_such"'), Shelf(TEMPLATES), str)
    assert [line for line in problems if line.startswith("crosswalk.toml: ")]
    assert any("no activity 'no_such'" in line for line in problems)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{{ title }}", "{{ tilte }}", "title"),
        ("{{ title }}", "{{ title.upper() }}", "{{ title.upper() }}"),
        ("{{ title }}", "{{ title | safe }}", "{{ title | safe }}"),
        ("{{ title }}", "{{ title ", "{{ title"),
        ("{{ title }}", "{{ 7*7 }}", "{{ 7*7 }}"),
        ("endfor", "endfro", "endfro"),
    ],
)
def test_a_broken_template_is_refused_with_file_place_and_reason(
    old: str, new: str, reason: str, spoiled: Spoil, tmp_path: Path
) -> None:
    problems = check_everything(spoiled(), template_with(tmp_path, old, new), str)
    (problem,) = [line for line in problems if line.startswith("action_plan")]
    assert problem.startswith("action_plan (en): action_plan.docx")
    assert reason in problem


def test_a_template_that_loses_an_answer_is_refused(spoiled: Spoil, tmp_path: Path) -> None:
    problems = check_everything(spoiled(), template_with(tmp_path, "{{ chairs }}", "nobody"), str)
    assert problems == ["action_plan (en): action_plan.docx: the filled document does not hold 'chairs & <sample>'"]


def test_a_template_that_is_no_word_file_is_refused(spoiled: Spoil, tmp_path: Path) -> None:
    shelf = template_with(tmp_path, "{{ title }}", "{{ title }}")
    (shelf.folder / "action_plan.docx").write_bytes(b"not a zip")
    (problem,) = check_everything(spoiled(), shelf, str)
    assert problem.startswith("action_plan (en): action_plan.docx")
