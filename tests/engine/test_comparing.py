"""Two sets of answers beside each other: items, rows, entries, words, and instruments that changed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerforms.checking import sample
from partnerforms.engine.answers import parse
from partnerforms.engine.comparing import Asked, ItemChange, RowChange, SectionChange, compare, counts, words
from partnerforms.engine.library import Library
from partnerforms.engine.model import Choice, Instrument, Money, Option, Paragraph, Repeat, Section, Table, Text

LIBRARY = Library()
STEPS = Table(
    id="steps",
    label="Steps",
    row="Step",
    columns=(Paragraph(id="what", label="What"), Text(id="who", label="Who"), Money(id="costs", label="Costs")),
)
NAME, PLACE = Text(id="name", label="Name"), Text(id="place", label="Place")
READ = {"what": "Reading night in the library", "who": "J. Bell"}
LOG = {"what": "A weekly reading log", "who": "Teachers"}
SWAP = {"what": "Book swap before the winter break"}


def form(*sections: Section) -> Instrument:
    return Instrument("plan", 1, "record", "Plan", sections or (Section("about", "About", (NAME, PLACE, STEPS)),))


def states(changes: list[SectionChange]) -> dict[str, str]:
    return {item.item.id: item.state for change in changes for item in change.items}


def told(rows: tuple[RowChange, ...]) -> list[tuple[str, int | None, int | None, bool]]:
    return [(row.state, row.was, row.now, row.moved) for row in rows]


def rows(old: list[Any], new: list[Any]) -> list[tuple[str, int | None, int | None, bool]]:
    ((change,),) = (one.items for one in compare(Asked(form(), {"steps": old}), Asked(form(), {"steps": new})))
    return told(change.rows)


def test_each_item_is_the_same_changed_added_or_removed() -> None:
    both = Asked(form(), {"name": "a", "place": "b"}), Asked(form(), {"name": "a", "steps": [READ]})
    assert states(compare(*both)) == {"name": "same", "place": "removed", "steps": "added"}
    (changed,) = compare(Asked(form(), {"name": "a"}), Asked(form(), {"name": "b"}))
    assert [(one.state, one.before, one.after) for one in changed.items] == [("changed", "a", "b")]
    assert compare(Asked(form(), {}), Asked(form(), {"name": " ", "steps": [{}]})) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ([READ, LOG], [SWAP, READ, LOG], [("added", None, 1, False), ("same", 1, 2, False), ("same", 2, 3, False)]),
        ([READ, LOG], [LOG], [("removed", 1, None, False), ("same", 2, 1, False)]),
        ([READ, LOG, SWAP], [READ, LOG], [("same", 1, 1, False), ("same", 2, 2, False), ("removed", 3, None, False)]),
        ([READ, LOG, SWAP], [SWAP, READ, LOG], [("same", 3, 1, True), ("same", 1, 2, False), ("same", 2, 3, False)]),
        ([READ, LOG], [READ, {**LOG, "who": "Ana"}], [("same", 1, 1, False), ("changed", 2, 2, False)]),
        # the same activity with everything else anew, behind one that was put in
        ([READ, LOG], [SWAP, {"what": READ["what"], "costs": "9"}, LOG],
         [("added", None, 1, False), ("changed", 1, 2, False), ("same", 2, 3, False)]),
        # reworded and moved
        ([READ, LOG], [LOG, {"what": "Reading night in the gym", "who": "J. Bell"}],
         [("same", 2, 1, False), ("changed", 1, 2, True)]),
        ([READ], [SWAP], [("removed", 1, None, False), ("added", None, 1, False)]),
        ([READ, READ], [READ], [("same", 1, 1, False), ("removed", 2, None, False)]),
    ],
)  # fmt: skip
def test_rows_are_found_again_wherever_they_are(old: list[Any], new: list[Any], found: list[Any]) -> None:
    assert sorted(rows(old, new), key=str) == sorted(found, key=str)
    assert [row[2] for row in rows(old, new) if row[2]] == list(range(1, len(new) + 1))


def test_entries_are_matched_with_all_that_is_in_them() -> None:
    goals = form(Section("goals", "Goals", (NAME, STEPS), repeat=Repeat("Goal", 4)))
    one, two = {"name": "Read", "steps": [READ, LOG]}, {"name": "Welcome", "steps": [SWAP]}
    changed = {"name": "Read at home", "steps": [SWAP, READ, LOG]}
    (change,) = compare(Asked(goals, {"goals": [one, two]}), Asked(goals, {"goals": [two, changed]}))
    assert [(entry.state, entry.was, entry.now) for entry in change.entries] == [("same", 2, 1), ("changed", 1, 2)]
    inside = {item.item.id: item for item in change.entries[1].items}
    assert inside["name"].state == "changed"
    assert [row[0] for row in told(inside["steps"].rows)] == ["added", "same", "same"]


def test_items_may_be_new_gone_or_elsewhere() -> None:
    colour = Choice(id="colour", label="Colour", options=(Option("red", "Red"),))
    was = form(Section("about", "About", (NAME, PLACE)), Section("old", "Old", (colour,)))
    now = form(
        Section("about", "About", (replace(NAME, label="Full name"),)), Section("more", "More", (STEPS, PLACE))
    )
    changes = compare(
        Asked(was, {"name": "a", "place": "b", "colour": "red"}), Asked(now, {"name": "a", "place": "b"})
    )
    assert [change.section.id for change in changes] == ["about", "more", "old"]
    assert states(changes) == {"name": "same", "place": "same", "colour": "removed"}
    assert changes[0].items[0].item.label == "Full name"
    assert (changes[2].items[0].was, changes[2].items[0].now) == (colour, None)


def test_a_section_that_began_or_ceased_to_repeat_is_another() -> None:
    single, many = (Section("goal", "Goal", (NAME,), repeat=repeat) for repeat in (None, Repeat("Goal", 4)))
    changes = compare(Asked(form(single), {"name": "a"}), Asked(form(many), {"goal": [{"name": "b"}]}))
    assert [(change.section.repeat is None, len(change.items), len(change.entries)) for change in changes] == [
        (False, 0, 1),
        (True, 1, 0),
    ]


def test_what_is_not_right_yet_is_compared_as_it_was_typed() -> None:
    draft = {"name": "x" * 999, "steps": [{}, {"what": "", "costs": "about 5"}, {"what": "y", "costs": "5"}]}
    kept = {"name": "x", "steps": [{"costs": "1.00"}, {"what": "y", "costs": "5.00"}]}
    (change,) = compare(Asked(form(), kept), Asked(form(), draft))
    name, steps = change.items
    assert name.after == "x" * 999
    assert {"costs": "about 5"} in steps.after
    assert ("same", 2, 2, False) in told(steps.rows)
    crowded = {"goals": [{"name": "x" * 999}] * 9}
    goals = form(Section("goals", "Goals", (NAME,), repeat=Repeat("Goal", 4)))
    (many,) = compare(Asked(goals, {}), Asked(goals, crowded))
    assert len(many.entries) == 9


@pytest.mark.parametrize(
    ("was", "now", "left", "right"),
    [
        ("We read at home.", "We read daily at home.", "We read at home.", "We read[ daily] at home."),
        ("Sam and Ana Lopez", "Sam and Priya Nair", "Sam and [Ana Lopez]", "Sam and [Priya Nair]"),
        ("75 percent", "80 percent", "[75] percent", "[80] percent"),
        ("", "new", "", "[new]"),
        ("gone", "", "[gone]", ""),
        ("one thing", "quite another", "[one thing]", "[quite another]"),
        ("学校，家庭", "学校、家庭", "学校[，]家庭", "学校[、]家庭"),
    ],
)
def test_words_that_the_other_text_lacks_are_marked(was: str, now: str, left: str, right: str) -> None:
    marked = ["".join(f"[{text}]" if differs else text for text, differs in side) for side in words(was, now)]
    assert marked == [left, right]


@given(st.text(alphabet="ab c\n.", max_size=40), st.text(alphabet="ab c\n.", max_size=40))
def test_marking_words_loses_none(was: str, now: str) -> None:
    for side, text in zip(words(was, now), (was, now), strict=True):
        assert "".join(piece for piece, _ in side) == text
        assert all(piece for piece, _ in side)


def cells(changes: list[SectionChange]) -> Iterator[ItemChange]:
    for change in changes:
        for items in (change.items, *(entry.items for entry in change.entries)):
            for item in items:
                yield from (cell for row in item.rows for cell in row.items) if item.rows else (item,)


@pytest.mark.parametrize("form_id", [one.id for one in LIBRARY.instruments("record")])
def test_every_form_is_the_same_as_itself_and_all_of_it_new_beside_nothing(form_id: str) -> None:
    instrument = LIBRARY.instrument(form_id)
    full, empty = Asked(instrument, parse(instrument, sample(instrument)).answers), Asked(instrument, {})
    assert set(counts(compare(full, full))) == {"same"}
    assert set(counts(compare(empty, full))) == {"added"}
    assert set(counts(compare(full, empty))) == {"removed"}
    assert counts(compare(empty, full)).total() == len(list(cells(compare(empty, full)))) > 5


def test_many_long_rows_take_no_time_to_speak_of() -> None:
    old = [{"what": f"{number} " + "Families read together " * 40, "who": str(number)} for number in range(50)]
    new = [{**row, "who": f"new {row['who']}"} for row in reversed(old)]
    assert all(
        row.was and row.now
        for row in compare(*(Asked(form(), {"steps": one}) for one in (old, new)))[0].items[0].rows
    )
