"""Whatever is sent, it parses to an answer or a problem, and what is kept parses to itself."""

from typing import Any

import pytest
from every_kind import EVERY_KIND, parse_value
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import (
    Checks,
    Choice,
    Choices,
    Date,
    Email,
    Instrument,
    Item,
    Money,
    Number,
    Scale,
    Table,
)

LIBRARY = Library()

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=6,
)


def raw_for(item: Item) -> st.SearchStrategy[Any]:
    """Input that is nearly right for an item, or anything at all."""
    near: st.SearchStrategy[Any]
    match item:
        case Scale() | Choice():
            near = st.sampled_from([option.id for option in item.options])
        case Choices():
            near = st.lists(st.sampled_from([option.id for option in item.options]), max_size=5)
        case Checks():
            near = st.lists(st.sampled_from([mark.id for mark in item.marks]), max_size=3)
        case Number():
            near = st.integers(-5, 2_000_000_000) | st.integers().map(str)
        case Money():
            near = st.decimals(-5, 2_000_000_000).map(str)
        case Date():
            near = st.dates().map(str)
        case Email():
            near = st.emails()
        case Table():
            near = st.lists(raw_of_items(item.columns), max_size=3)
        case _:
            near = ANY_TEXT
    return near | JSON_LIKE


def raw_of_items(items: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={item.id: raw_for(item) for item in items})


def raw_of(instrument: Instrument) -> st.SearchStrategy[dict[str, Any]]:
    known: dict[str, st.SearchStrategy[Any]] = {}
    for section in instrument.sections:
        if section.repeat:
            known[section.id] = st.lists(raw_of_items(section.items), max_size=2) | JSON_LIKE
        else:
            known |= {item.id: raw_for(item) for item in section.items}
    return st.fixed_dictionaries({}, optional=known) | st.dictionaries(ANY_TEXT, JSON_LIKE, max_size=4)


def without_blank_rows(value: Any) -> Any:
    """The answers without rows of which nothing was right."""
    if isinstance(value, dict):
        kept = {name: without_blank_rows(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner}
    if isinstance(value, list):
        return [kept for kept in map(without_blank_rows, value) if kept]
    return value


@pytest.mark.parametrize("item", EVERY_KIND, ids=lambda item: type(item).__name__.lower())
def test_any_input_to_any_kind_is_an_answer_or_a_problem(item: Item) -> None:
    @given(raw=raw_for(item))
    @settings(max_examples=100, deadline=None, database=None)
    def holds(raw: Any) -> None:
        once = parse_value(item, raw)
        again = parse_value(item, once.answers.get("one"))
        assert again.answers == without_blank_rows(once.answers)
        if not once.problems and not once.unknown:
            assert again == once

    holds()


@pytest.mark.parametrize("instrument_id", ["action_plan", "inventory", "survey_families"])
def test_any_input_to_an_instrument_parses_and_what_is_kept_parses_to_itself(instrument_id: str) -> None:
    instrument = LIBRARY.instrument(instrument_id)

    @given(raw=raw_of(instrument))
    @settings(max_examples=40, deadline=None, database=None)
    def holds(raw: dict[str, Any]) -> None:
        once = parse(instrument, raw)
        again = parse(instrument, once.answers)
        assert again.answers == without_blank_rows(once.answers)
        assert again.unknown == ()

    holds()
