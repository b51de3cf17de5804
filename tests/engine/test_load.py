"""Every rule of an instrument file: who breaks it is told the file, the place and the rule."""

import tomllib
from pathlib import Path

import pytest

from partnerforms.engine.build import RESERVED, build
from partnerforms.engine.load import Definition, InstrumentError, read_definitions, read_toml
from partnerforms.engine.model import Choices, Scale, Source, Table

GOOD = """\
id = "walk"
version = 1
use = "record"
level = "school"
title = "A walk through the school"
intro = "Look around."

[[sections]]
id = "first"
title = "First look"

[[sections.items]]
id = "day"
kind = "date"
label = "When was it?"
required = true

[[sections.items]]
id = "welcome"
kind = "scale"
scale = "well"
label = "How well were you welcomed?"
short = "Welcome"
source = { document = "paper", position = "1" }

[[sections.items]]
id = "best"
kind = "choices"
options = "scales"
most = 1
label = "What was best?"

[[sections]]
id = "goals"
title = "Goals"
repeat = { entry = "Goal", most = 3 }

[[sections.items]]
id = "steps"
kind = "table"
label = "Steps"
row = "Step"
columns = [
  { id = "what", kind = "text", label = "What" },
  { id = "who", kind = "choice", label = "Who", options = [
    { id = "all", label = "All" },
    { id = "one", label = "One" },
  ] },
  { id = "signs", kind = "checks", label = "Signs", marks = "signs" },
]

[[starts]]
id = "sample"
title = "Our sample"
answers = { day = "2026-10-15" }
"""

OPTIONS = """\
well = [{ id = "no", label = "Badly" }, { id = "yes", label = "Well" }, { id = "unsure", label = "I don't know" }]
two = [{ id = "no", label = "Badly" }, { id = "unsure", label = "I don't know" }]
twins = [{ id = "no", label = "Same" }, { id = "yes", label = "Same" }, { id = "unsure", label = "I don't know" }]
signs = [{ id = "now", label = "Now", symbol = "✓" }]
unused = [{ id = "x", label = "X" }]
"""

# What is replaced in the good file, by what, and the error that this must be.
FAULTS = [
    ('use = "record"', 'use = "poll"', "use: must be one of survey, record"),
    ('use = "record"', "", "use: is missing"),
    ('level = "school"', 'level = "town"', "level: must be one of state, district, school"),
    ('level = "school"', "", "level: is missing"),
    ('use = "record"', 'use = "survey"', "audience: is missing"),
    (
        'use = "record"',
        'use = "survey"\naudience = "everybody"',
        "audience: must be one of families, students, community, staff, district, state",
    ),
    ('level = "school"', 'level = "school"\naudience = "staff"', "audience: is not a known name here"),
    ("version = 1", "", "version: is missing"),
    ("version = 1", 'version = "1"', "version: must be a whole number"),
    ("version = 1", "version = true", "version: must be a whole number"),
    ("version = 1", "version = 1.0", "version: must be a whole number"),
    ("version = 1", "version = 1\ncolour = 3", "colour: is not a known name here"),
    ('title = "A walk through the school"', "", "title: is missing"),
    ('title = "A walk through the school"', 'title = ""', "title: must not be empty"),
    ('title = "A walk through the school"', 'title = " A walk"', "title: must not begin or end with white space"),
    ('title = "First look"', 'title = "First look"\nhint = "no"', "sections[0].hint: is not a known name here"),
    ('title = "First look"', "", "sections[0].title: is missing"),
    ('id = "first"', "", "sections[0].id: is missing"),
    (
        'id = "first"',
        'id = "First"',
        "sections[0].id: 'First' must be small letters, digits and _, beginning with a letter",
    ),
    ('id = "first"', 'id = "hints"', "sections[0].id: 'hints' is a name that documents and pages use themselves"),
    ('id = "goals"', 'id = "first"', "sections[1].id: 'first' is used twice"),
    ('id = "best"', 'id = "day"', "sections[0].items[2].id: 'day' is used twice"),
    ('id = "steps"', 'id = "day"', "sections[1].items[0].id: 'day' is used twice"),
    ('id = "day"', 'id = "9day"', "sections[0].items[0].id: '9day' must be small letters, digits and _, beginning"),
    ('id = "day"', f'id = "{"d" * 61}"', "must be small letters, digits and _, beginning with a letter"),
    ('id = "day"', 'id = "day-one"', "sections[0].items[0].id: 'day-one' must be small letters"),
    ('kind = "date"', 'kind = "time"', "sections[0].items[0].kind: 'time' is not a kind of item here"),
    ('kind = "date"', "", "sections[0].items[0].kind: is missing"),
    ('kind = "date"', 'kind = "date"\nleast = 3', "sections[0].items[0].least: is not a known name here"),
    ('label = "When was it?"', "", "sections[0].items[0].label: is missing"),
    ('label = "When was it?"', 'label = ""', "sections[0].items[0].label: must not be empty"),
    ('label = "When was it?"', "label = 3", "sections[0].items[0].label: must be text"),
    ("required = true", 'required = "yes"', "sections[0].items[0].required: must be true or false"),
    ('scale = "well"', 'scale = "good"', "sections[0].items[1].scale: there is no list of options named 'good'"),
    (
        'scale = "well"',
        'scale = "two"',
        "sections[0].items[1].scale: needs at least two options and, last, the one for being unsure",
    ),
    ('scale = "well"', 'scale = "twins"', "options.twins.options[0]: two options have the same label"),
    ('short = "Welcome"', "", "sections[0].items[1].short: is missing"),
    ('position = "1" }', 'page = 1, position = "1" }', "sections[0].items[1].source.page: is not a known name here"),
    (', position = "1" }', " }", "sections[0].items[1].source.position: is missing"),
    ('options = "scales"', "options = []", "sections[0].items[2].options: must not be empty"),
    ('options = "scales"', "options = 3", "sections[0].items[2].options: must be an array"),
    ('options = "scales"', "options = [1]", "sections[0].items[2].options[0]: must be a table"),
    ("most = 1", 'most = "one"', "sections[0].items[2].most: must be a whole number"),
    (', most = 3 }', " }", "sections[1].repeat.most: is missing"),
    (', most = 3 }', ", most = 3, least = 1 }", "sections[1].repeat.least: is not a known name here"),
    ('repeat = { entry = "Goal", most = 3 }', "repeat = 3", "sections[1].repeat: must be a table"),
    ('row = "Step"', "", "sections[1].items[0].row: is missing"),
    ('{ id = "what", kind = "text"', '{ id = "what", kind = "table"', "columns[0].kind: 'table' is not a kind"),
    ('{ id = "what", kind = "text"', '{ id = "what", kind = "scale"', "columns[0].kind: 'scale' is not a kind"),
    ('{ id = "what"', '{ width = 3, id = "what"', "sections[1].items[0].columns[0].width: is not a known name here"),
    ('{ id = "what"', '{ id = "who"', "sections[1].items[0].columns[1].id: 'who' is used twice"),
    ('{ id = "one"', '{ id = "all"', "sections[1].items[0].columns[1].options[1].id: 'all' is used twice"),
    ('label = "One"', 'label = "All"', "sections[1].items[0].columns[1].options[0]: two options have the same label"),
    ('label = "One"', 'label = "One", n = 1', "columns[1].options[1].n: is not a known name here"),
    ('marks = "signs"', 'marks = "sings"', "columns[2].marks: there is no list of options named 'sings'"),
    ('title = "Our sample"', "", "starts[0].title: is missing"),
    ('answers = { day = "2026-10-15" }', "", "starts[0].answers: is missing"),
    ('answers = { day', 'points = 3\nanswers = { day', "starts[0].points: is not a known name here"),
]  # fmt: skip


def folder_with(tmp_path: Path, text: str, name: str = "walk.toml") -> Path:
    (tmp_path / "options.toml").write_text(OPTIONS, encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_file_becomes_an_instrument(tmp_path: Path) -> None:
    instrument = build(read_definitions(folder_with(tmp_path, GOOD))["walk"])
    assert (instrument.id, instrument.version, instrument.use, instrument.level) == ("walk", 1, "record", "school")
    assert [section.id for section in instrument.sections] == ["first", "goals"]
    day, welcome, best, steps = instrument.items()
    assert day.required
    assert isinstance(welcome, Scale)
    assert [option.id for option in welcome.options] == ["no", "yes"]
    assert welcome.unsure.id == "unsure"
    assert welcome.source == Source("paper", "1")
    assert isinstance(best, Choices)
    assert [(option.id, option.label) for option in best.options] == [("welcome", "Welcome")]
    assert isinstance(steps, Table)
    assert [column.id for column in steps.columns] == ["what", "who", "signs"]
    assert instrument.sections[1].repeat is not None
    assert instrument.starts[0].answers == {"day": "2026-10-15"}


@pytest.mark.parametrize(("old", "new", "error"), FAULTS, ids=[error for _, _, error in FAULTS])
def test_a_fault_is_named_with_file_place_and_rule(old: str, new: str, error: str, tmp_path: Path) -> None:
    assert GOOD.count(old) == 1
    definition = read_definitions(folder_with(tmp_path, GOOD.replace(old, new)))["walk"]
    with pytest.raises(InstrumentError) as caught:
        build(definition)
    assert str(caught.value).startswith("walk.toml: ")
    assert error in str(caught.value)
    assert str(caught.value) == f"{caught.value.file}: {caught.value.path}: {caught.value.rule}"


@pytest.mark.parametrize("sections", [None, [], "none", [3]])
def test_sections_must_be_tables_and_there_must_be_one(sections: object) -> None:
    data = {"id": "walk", "version": 1, "use": "record", "level": "school", "title": "A walk", "sections": sections}
    if sections is None:
        del data["sections"]
    with pytest.raises(InstrumentError, match=r"^walk\.toml: sections(\[0\])?: (is missing|must )"):
        build(Definition(data, "walk.toml"))


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_that_documents_and_pages_use_are_not_free(name: str) -> None:
    data = tomllib.loads(GOOD.replace('id = "day"', f'id = "{name}"'))
    with pytest.raises(InstrumentError, match="is a name that documents and pages use themselves"):
        build(Definition({**data, "options": tomllib.loads(OPTIONS)}, "walk.toml"))


def test_the_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError) as caught:
        read_definitions(folder_with(tmp_path, GOOD, "stroll.toml"))
    assert str(caught.value) == "stroll.toml: id: must be the file's name, 'stroll'"


def test_toml_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"^walk\.toml: file: .*at line 3, column 7"):
        read_definitions(folder_with(tmp_path, 'id = "walk"\nversion = 1\nuse = record\n'))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk.toml").write_bytes(b'id = "w\xe4lk"')
    with pytest.raises(InstrumentError, match=r"^walk\.toml: file: 'utf-8' codec"):
        read_toml(tmp_path / "walk.toml")


def test_a_definition_holds_the_shared_lists_it_uses_and_no_other(tmp_path: Path) -> None:
    definition = read_definitions(folder_with(tmp_path, GOOD))["walk"]
    assert sorted(definition.data["options"]) == ["signs", "well"]


def test_every_text_is_said_once_and_can_be_translated(tmp_path: Path) -> None:
    definition = read_definitions(folder_with(tmp_path, GOOD))["walk"]
    said: list[str] = []

    def shout(key: str, english: str) -> str:
        said.append(key)
        return english.upper()

    instrument = build(definition, shout)
    assert instrument.title == "A WALK THROUGH THE SCHOOL"
    assert instrument.items()[0].label == "WHEN WAS IT?"
    texts = [key for key in said if not key.startswith("options.")]
    assert len(texts) == len(set(texts))
    assert {"walk.title", "walk.first.title", "walk.day.label", "walk.goals.entry", "walk.steps.who.one"} <= set(said)
    assert {"options.well.unsure", "options.signs.now", "walk.starts.sample.title"} <= set(said)
