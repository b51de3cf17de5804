"""Two people at one page: what is put together, and what is a conflict."""

from typing import Any

import pytest

from partnerforms.engine.merging import condensed, merge, same
from partnerforms.engine.model import Paragraph, Table, Text

NAME = Text(id="name", label="Name")
STEPS = Table(
    id="steps",
    label="Steps",
    row="Step",
    most=5,
    columns=(Paragraph(id="what", label="What"), Text(id="who", label="Who")),
)
A, B, C, D = ({"what": letter} for letter in "ABCD")


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "there", "conflict"),
    [
        ("a", "b", "a", "b", False),
        ("a", "a", "b", "b", False),
        ("a", "b", "b", "b", False),
        ("a", "b", "c", "b", True),
        ("a", "", "b", "", True),
        ("a", "b", "", "b", True),
        ("a", "a", "", "", False),
        ("", " ", None, " ", False),
        (["x"], [], ["x"], [], False),
        (["x"], ["x", "y"], [], ["x", "y"], True),
    ],
)
def test_an_answer_is_taken_from_who_changed_it(
    base: Any, mine: Any, theirs: Any, there: Any, conflict: bool
) -> None:
    merged = merge([NAME], {"name": base}, {"name": mine}, {"name": theirs})
    assert (merged.values["name"], bool(merged.conflicts)) == (there, conflict)
    assert merged.others == (("name",) if not conflict and not same(there, mine) else ())


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "rows"),
    [
        ([A], [A, B], [A, C], [A, C, B]),  # both added
        ([], [A], [B], [B, A]),
        ([], [A], [A], [A]),
        ([A, B], [A, {}, {**B, "who": "I"}], [{**A, "who": "they"}, B], [{**A, "who": "they"}, {**B, "who": "I"}]),
        ([A, B], [B], [A, B, C], [B, C]),  # I removed one, they added one
        ([A, B], [B, A], [A, B, C], [B, A, C]),
        ([A, B], [B, A], [{**A, "who": "they"}, B], None),  # a row that was moved is a row that was changed
        ([A, B], [B], [A, {**B, "who": "they"}], None),
        ([A, B], [A], [A, {**B, "who": "they"}], None),
        ([A], [B], [C], None),
        ([A, B, C], [A, B, C, D, A], [A, B, C, B], None),  # too many together
        ([A, B], [{}, {}], [A, B], [{}, {}]),
    ],
)
def test_rows_of_both_are_put_together_by_their_place(base: Any, mine: Any, theirs: Any, rows: Any) -> None:
    merged = merge([STEPS], {"steps": base}, {"steps": mine}, {"steps": theirs})
    assert merged.conflicts == (("steps",) if rows is None else ())
    assert merged.values["steps"] == (mine if rows is None else rows)


def test_without_mixing_a_table_that_both_changed_is_a_conflict() -> None:
    rows = {"steps": [A]}, {"steps": [A, B]}, {"steps": [A, C]}
    assert merge([STEPS], *rows, mixing=False).conflicts == ("steps",)
    assert merge([STEPS], rows[0], rows[0], rows[2], mixing=False).values == {"steps": [A, C]}


def test_when_nobody_knows_what_was_shown_all_that_differs_is_a_conflict() -> None:
    merged = merge([NAME, STEPS], None, {"name": "a", "steps": [A, {}]}, {"name": "b", "steps": [A]})
    assert merged.conflicts == ("name",)


def test_what_is_empty_is_the_same_as_nothing() -> None:
    assert condensed({"a": " ", "b": [{}, {"c": ""}, {"c": "x", "d": []}], "e": None}) == {"b": [{"c": "x"}]}
    assert same({"a": ""}, {})
    assert same([{}], None)
    assert not same(["a", "b"], ["b", "a"])
