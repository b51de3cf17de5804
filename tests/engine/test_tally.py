"""Counting: every option is there, whoever is unsure stands apart, and nothing is counted twice."""

from partnerforms.engine.library import Library
from partnerforms.engine.model import (
    Checks,
    Choice,
    Choices,
    Instrument,
    Item,
    Option,
    Paragraph,
    Repeat,
    Scale,
    Section,
    Table,
    Text,
)
from partnerforms.engine.tally import tally

ABC = tuple(Option(letter, letter.upper()) for letter in "abc")
UNSURE = Option("unsure", "I don't know")


def asking(*items: Item, repeat: Repeat | None = None) -> Instrument:
    return Instrument(id="x", version=1, use="survey", title="X", sections=(Section("s", "S", items, repeat=repeat),))


def test_nobody_answered() -> None:
    counted = tally(asking(Choice(id="one", label="?", options=ABC)), [])
    assert counted.n == 0
    assert counted.items["one"].answered == 0
    assert counted.items["one"].counts == {"a": 0, "b": 0, "c": 0}


def test_who_is_unsure_is_counted_apart_and_not_among_the_ratings() -> None:
    scale = Scale(id="one", label="?", options=ABC, unsure=UNSURE, short="?")
    counted = tally(asking(scale), [{"one": "a"}, {"one": "unsure"}, {"one": "a"}, {}, {"one": "c"}])
    assert counted.n == 5
    item = counted.items["one"]
    assert (item.answered, dict(item.counts), item.unsure) == (3, {"a": 2, "b": 0, "c": 1}, 1)


def test_of_several_options_each_counts_and_the_person_once() -> None:
    for item in (Choices(id="one", label="?", options=ABC), Checks(id="one", label="?", marks=ABC)):
        counted = tally(asking(item), [{"one": ["a", "b"]}, {"one": ["b"]}, {}]).items["one"]
        assert (counted.answered, dict(counted.counts)) == (2, {"a": 1, "b": 2, "c": 0})


def test_words_are_counted_and_not_shown() -> None:
    for item in (
        Text(id="one", label="?"),
        Paragraph(id="one", label="?"),
        Table(id="one", label="?", row="R", columns=()),
    ):
        counted = tally(asking(item), [{"one": "a secret"}, {}]).items["one"]
        assert (counted.answered, dict(counted.counts), counted.unsure) == (1, {}, 0)


def test_answers_to_what_is_not_asked_are_passed_over() -> None:
    counted = tally(asking(Choice(id="one", label="?", options=ABC)), [{"two": "a", "one": "b"}])
    assert list(counted.items) == ["one"]


def test_an_option_of_another_wording_is_not_counted_as_one_of_this() -> None:
    counted = tally(asking(Choice(id="one", label="?", options=ABC)), [{"one": "old"}]).items["one"]
    assert dict(counted.counts) == {"a": 0, "b": 0, "c": 0}


def test_what_repeats_is_left_out() -> None:
    instrument = asking(Text(id="one", label="?"), repeat=Repeat("Goal", 3))
    assert tally(instrument, [{"s": [{"one": "x"}]}]).items == {}


def test_every_survey_counts_every_item_of_its_own() -> None:
    for instrument in Library().instruments("survey"):
        counted = tally(instrument, [])
        assert list(counted.items) == [item.id for item in instrument.items()]
