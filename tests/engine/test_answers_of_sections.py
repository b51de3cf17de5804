"""Raw input to whole sections: entries and rows, what is not asked, what is blank."""

from typing import Any

import pytest
from every_kind import TABLE, given_to

from partnerforms.engine.answers import Parsed, is_blank, parse, parse_sections
from partnerforms.engine.model import Instrument, Paragraph, Repeat, Section, Table, Text

REPEATING = Instrument(
    id="plan",
    version=1,
    use="record",
    title="Plan",
    sections=(
        Section("about", "About", (Text(id="year", label="Year"),)),
        Section(
            "goals",
            "Goals",
            (Paragraph(id="goal", label="Goal", required=True), Table(**{**vars(TABLE), "id": "steps"})),
            repeat=Repeat("Goal", 2),
        ),
    ),
)


def problems(parsed: Parsed) -> list[tuple[Any, str]]:
    return [(problem.path, problem.code) for problem in parsed.problems]


def test_entries_and_rows_are_addressed_as_they_were_typed() -> None:
    raw = {"goals": [{}, {"goal": "x", "steps": [{}, {"many": "3"}, {"what": "y", "many": "z"}]}]}
    parsed = parse(REPEATING, raw)
    assert problems(parsed) == [
        (("goals", 1, "steps", 1, "what"), "required"),
        (("goals", 1, "steps", 2, "many"), "not_a_number"),
    ]
    assert parsed.answers == {"goals": [{"goal": "x", "steps": [{"many": "3"}, {"what": "y"}]}]}


def test_an_entry_is_needed_where_one_of_its_items_is_required() -> None:
    assert problems(parse(REPEATING, {})) == [(("goals",), "no_entries")]
    assert problems(parse(REPEATING, {"goals": [{"goal": " "}]})) == [(("goals",), "no_entries")]
    assert problems(parse(REPEATING, {"goals": [{"goal": "x"}] * 3})) == [(("goals",), "too_many")]
    assert problems(parse(REPEATING, {"goals": "x"})) == [(("goals",), "wrong_type")]


def test_what_is_not_asked_is_named_and_not_kept() -> None:
    raw = {"yaer": "x", "goals": [{"goal": "x", "goals": 1, "steps": [{"what": "x", "why": "y"}]}], "goal": "x"}
    parsed = parse(REPEATING, raw)
    assert set(parsed.unknown) == {("yaer",), ("goal",), ("goals", 0, "goals"), ("goals", 0, "steps", 0, "why")}
    assert parsed.answers == {"goals": [{"goal": "x", "steps": [{"what": "x"}]}]}


def test_some_sections_alone_know_only_their_own_items() -> None:
    parsed = parse_sections(REPEATING.sections[:1], {"year": "2026", "goals": []})
    assert (parsed.answers, parsed.unknown) == ({"year": "2026"}, (("goals",),))


@pytest.mark.parametrize("raw", [None, "", " \r\n\x00", [], {}, [{}, {"a": ["", None]}], {"a": {"b": [" "]}}])
def test_blank_however_deep(raw: Any) -> None:
    assert is_blank(raw)


@pytest.mark.parametrize("raw", ["x", 0, False, [{}, {"a": ["", 0]}], {"a": {"b": ["."]}}])
def test_not_blank(raw: Any) -> None:
    assert not is_blank(raw)


def test_nesting_without_end_is_a_wrong_type_and_not_a_crash() -> None:
    nested: Any = []
    for _ in range(20_000):
        nested = [nested]
    assert given_to(TABLE, nested) == "!wrong_type"
    assert problems(parse(REPEATING, {"goals": [{"goal": nested}]})) in (
        [(("goals",), "no_entries")],
        [(("goals", 0, "goal"), "wrong_type")],
    )
