"""Long forms page by page, and rows that are added, removed and moved."""

from typing import Any

import pytest

from partnerforms.engine import rows
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument, Repeat, Section, Text
from partnerforms.engine.steps import raw_of, step, step_of, steps

RECORDS = Library().instruments("record")


def section(name: str, size: int, repeat: Repeat | None = None) -> Section:
    return Section(name, name, tuple(Text(id=f"{name}_{n}", label="?") for n in range(size)), repeat=repeat)


def form(*sections: Section) -> Instrument:
    return Instrument(id="x", version=1, use="record", title="X", sections=sections)


def test_short_sections_share_a_page_up_to_ten_items() -> None:
    instrument = form(section("a", 4), section("b", 6), section("c", 1), section("d", 11), section("e", 1))
    assert [[part.id for part in page.sections] for page in steps(instrument)] == [["a", "b"], ["c"], ["d"], ["e"]]


def test_a_repeating_section_has_its_own_page() -> None:
    instrument = form(section("a", 1), section("b", 1, Repeat("B", 3)), section("c", 1))
    assert [(page.id, page.repeats) for page in steps(instrument)] == [("a", False), ("b", True), ("c", False)]


@pytest.mark.parametrize("instrument", RECORDS, ids=lambda instrument: instrument.id)
def test_every_section_of_every_form_stands_on_exactly_one_page(instrument: Instrument) -> None:
    assert [part for page in steps(instrument) for part in page.sections] == list(instrument.sections)
    for page in steps(instrument):
        assert step(instrument, page.id) == page
        for part in page.sections:
            assert step_of(instrument, part.id) == page
            assert all(step_of(instrument, item.id) == page for item in part.items)


def test_what_is_not_there_is_a_key_error() -> None:
    for find in (step, step_of):
        with pytest.raises(KeyError):
            find(RECORDS[0], "nowhere")


def test_a_page_takes_its_own_part_of_a_draft() -> None:
    instrument = form(section("a", 1), section("b", 1, Repeat("B", 3)))
    draft = {"a_0": "x", "other": "y", "b": [{"b_0": "first"}, {"b_0": "second"}]}
    first, repeating = steps(instrument)
    assert raw_of(first, None, draft) == {"a_0": "x"}
    assert raw_of(repeating, 1, draft) == {"b_0": "second"}
    assert raw_of(repeating, 7, draft) == {}
    assert raw_of(repeating, 0, {}) == {}


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("add:activities", rows.Action("add", "activities", 0)),
        ("remove:activities:0", rows.Action("remove", "activities", 0)),
        ("up:activities:12", rows.Action("up", "activities", 12)),
        ("down:goals:3", rows.Action("down", "goals", 3)),
        ("", None),
        ("leave", None),
        ("add", None),
        ("add:", None),
        ("burn:activities:1", None),
        ("remove:activities:-1", None),
        ("remove:activities:x", None),
        ("remove:activities:\u0661", None),
        ("remove:activities:99999", None),
        ("remove:activities:1:2", None),
    ],
)
def test_what_a_button_says(text: str, action: rows.Action | None) -> None:
    assert rows.read_action(text) == action


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("add:t", ["a", "b", "c", {}]),
        ("remove:t:1", ["a", "c"]),
        ("up:t:2", ["a", "c", "b"]),
        ("up:t:0", ["a", "b", "c"]),
        ("down:t:0", ["b", "a", "c"]),
        ("down:t:2", ["a", "b", "c"]),
        ("remove:t:3", ["a", "b", "c"]),
        ("up:t:9999", ["a", "b", "c"]),
    ],
)
def test_what_it_does(text: str, after: list[Any]) -> None:
    action = rows.read_action(text)
    assert action is not None
    before = ["a", "b", "c"]
    assert rows.apply(action, before) == after
    assert before == ["a", "b", "c"]


def test_empty_rows_fall_away_and_other_values_stay() -> None:
    assert rows.without_blank([{"a": " "}, {"a": "x"}, {}, {"b": []}]) == [{"a": "x"}]
    assert rows.without_blank(["a", ""]) == ["a", ""]
    assert rows.without_blank([]) == []
    assert rows.without_blank(" ") == " "


def test_one_entry_is_exchanged() -> None:
    assert rows.replaced(["a", "b", "c"], 1, "x") == ["a", "x", "c"]
    assert rows.replaced(["a"], 1, "x") == ["a", "x"]


@pytest.mark.parametrize(
    ("text", "count", "place"),
    [("add:goals", 3, 2), ("up:goals:2", 3, 1), ("up:goals:0", 3, 0), ("down:goals:1", 3, 2), ("down:goals:2", 3, 2)],
)
def test_a_row_that_was_made_or_moved_is_found_again(text: str, count: int, place: int) -> None:
    action = rows.read_action(text)
    assert action is not None
    assert rows.now_at(action, count) == place


def test_a_row_that_is_gone_is_nowhere() -> None:
    action = rows.read_action("remove:goals:1")
    assert action is not None
    assert rows.now_at(action, 2) is None
