"""Raw input to answers: right, wrong and hostile, for each kind of item."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.engine.answers import Parsed, clean, is_blank, parse, parse_sections, parse_value
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
    Option,
    Paragraph,
    Repeat,
    Scale,
    Section,
    Table,
    Text,
)

LIBRARY = Library()

YES, NO, UNSURE = Option("yes", "Yes"), Option("no", "No"), Option("unsure", "I don't know")
ABC = tuple(Option(letter, letter.upper()) for letter in "abc")

SCALE = Scale(id="one", label="?", options=(NO, YES), unsure=UNSURE, short="?")
CHOICE = Choice(id="one", label="?", options=ABC)
CHOICES = Choices(id="one", label="?", options=ABC, most=2)
CHECKS = Checks(id="one", label="?", marks=ABC)
TEXT = Text(id="one", label="?", longest=10)
PARAGRAPH = Paragraph(id="one", label="?", longest=20)
NUMBER = Number(id="one", label="?", least=1, greatest=5000)
MONEY = Money(id="one", label="?")
DATE = Date(id="one", label="?")
EMAIL = Email(id="one", label="?")
TABLE = Table(
    id="one",
    label="?",
    row="Row",
    most=3,
    columns=(Text(id="what", label="?", required=True), Number(id="many", label="?"), CHOICES),
)
EVERY_KIND: list[Item] = [SCALE, CHOICE, CHOICES, CHECKS, TEXT, PARAGRAPH, NUMBER, MONEY, DATE, EMAIL, TABLE]


def given_to(item: Item, raw: Any) -> Any:
    """The answer that comes of raw input, or the code of the problem."""
    parsed = parse_value(item, raw)
    if parsed.problems:
        assert parsed.answers == {}
        (problem,) = parsed.problems
        assert problem.path == ("one",)
        return f"!{problem.code}"
    return parsed.answers.get("one")


@pytest.mark.parametrize(
    ("item", "raw", "answer"),
    [
        (SCALE, "yes", "yes"),
        (SCALE, " yes\n", "yes"),
        (SCALE, "unsure", "unsure"),
        (SCALE, "Yes", "!not_an_option"),
        (SCALE, ["yes"], "!wrong_type"),
        (CHOICE, "a", "a"),
        (CHOICE, "", None),
        (CHOICE, None, None),
        (CHOICE, "A", "!not_an_option"),
        (CHOICE, 1, "!not_an_option"),
        (CHOICE, True, "!wrong_type"),
        (CHOICE, {"a": "a"}, "!wrong_type"),
        (CHOICES, ["b", "a"], ["a", "b"]),
        (CHOICES, ["a", "a", "a"], ["a"]),
        (CHOICES, [], None),
        (CHOICES, "", None),
        (CHOICES, ["a", "b", "c"], "!too_many"),
        (CHOICES, ["a", "x"], "!not_an_option"),
        (CHOICES, ["a", ["a"]], "!wrong_type"),
        (CHOICES, "a", "!wrong_type"),
        (CHECKS, ["c", "a", "b"], ["a", "b", "c"]),
        (CHECKS, ["d"], "!not_an_option"),
        (CHECKS, {"a": True}, "!wrong_type"),
        (TEXT, "one\r\ntwo", "one two"),
        (TEXT, "a\tb", "a\tb"),
        (TEXT, 12, "12"),
        (TEXT, 1.5, "!wrong_type"),
        (TEXT, False, "!wrong_type"),
        (TEXT, "12345678901", "!too_long"),
        (TEXT, "12345\x00678901", "!too_long"),
        (TEXT, "\x00" * 50, None),
        (TEXT, " " * 50 + "short" + " " * 50, "short"),
        (PARAGRAPH, "one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        (PARAGRAPH, "x" * 1_000_000, "!too_long"),
        (PARAGRAPH, ["x"], "!wrong_type"),
        (NUMBER, "12", "12"),
        (NUMBER, 12, "12"),
        (NUMBER, "1,200", "1200"),
        (NUMBER, "007", "7"),
        (NUMBER, "0", "!out_of_range"),
        (NUMBER, "-1", "!out_of_range"),
        (NUMBER, "5001", "!out_of_range"),
        (NUMBER, "twelve", "!not_a_number"),
        (NUMBER, "1.5", "!not_a_number"),
        (NUMBER, "9" * 10_000, "!not_a_number"),
        (NUMBER, "\u00b2", "!not_a_number"),
        (NUMBER, 1.0, "!wrong_type"),
        (MONEY, "250", "250.00"),
        (MONEY, "$1,200.5", "1200.50"),
        (MONEY, "0", "0.00"),
        (MONEY, "-0", "0.00"),
        (MONEY, "0.1", "0.10"),
        (MONEY, "0.001", "!not_money"),
        (MONEY, "-1", "!not_money"),
        (MONEY, "NaN", "!not_money"),
        (MONEY, "sNaN", "!not_money"),
        (MONEY, "Infinity", "!not_money"),
        (MONEY, "1e999999", "!not_money"),
        (MONEY, "1e-999999", "!not_money"),
        (MONEY, "1000000000", "!not_money"),
        (MONEY, "ten", "!not_money"),
        (MONEY, "9" * 10_000, "!not_money"),
        (MONEY, 12.5, "!wrong_type"),
        (DATE, "2026-10-15", "2026-10-15"),
        (DATE, "2026-02-30", "!not_a_date"),
        (DATE, "15.10.2026", "!not_a_date"),
        (DATE, "0000-00-00", "!not_a_date"),
        (DATE, "tomorrow", "!not_a_date"),
        (DATE, ["2026-10-15"], "!wrong_type"),
        (EMAIL, "ana@example.org", "ana@example.org"),
        (EMAIL, "  ana@example.org ", "ana@example.org"),
        (EMAIL, "ana", "!not_an_address"),
        (EMAIL, "ana@example", "!not_an_address"),
        (EMAIL, "ana@example.org, bo@example.org", "!not_an_address"),
        (EMAIL, "ana@example.org\nBcc: x@example.org", "!not_an_address"),
        (EMAIL, "a@" * 200_000, "!not_an_address"),
        (EMAIL, f"{'a' * 60}@{'b' * 250}.org", "!not_an_address"),
        (TABLE, [{"what": "x"}, {}, {"what": "", "many": " "}, {"what": "y"}], [{"what": "x"}, {"what": "y"}]),
        (TABLE, [], None),
        (TABLE, [{"what": "x"}] * 4, "!too_many"),
        (TABLE, [{}] * 400, None),
        (TABLE, {"what": "x"}, "!wrong_type"),
        (TABLE, "x", "!wrong_type"),
        (TABLE, ["x"], "!wrong_type"),
        (TABLE, [{"what": "x"}, None], "!wrong_type"),
    ],
)  # fmt: skip
def test_one_item(item: Item, raw: Any, answer: Any) -> None:
    assert given_to(item, raw) == answer


@pytest.mark.parametrize("item", EVERY_KIND, ids=lambda item: type(item).__name__.lower())
def test_nothing_is_no_answer_and_a_problem_only_where_one_is_required(item: Item) -> None:
    required = type(item)(**{**vars(item), "required": True})
    blank: Any
    for blank in (None, "", [], "  \r\n"):
        if blank == "  \r\n" and isinstance(item, Choices | Checks | Table):
            continue  # a text is not how these are answered
        if blank == [] and not isinstance(item, Choices | Checks | Table):
            continue
        if blank == "" and isinstance(item, Table):
            continue
        assert given_to(item, blank) is None
        assert given_to(required, blank) == "!required"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x07c\x1bd\x7fe\x9f", "abcde"),
        ("half \ud83d emoji", "half  emoji"),
        ("no character \ufffe\uffff\ufdd0!", "no character !"),
        ("0\r\n1\r2\x0b3\x0c4\x855\u20286\u20297\n8", "0\n1\n2\n3\n4\n5\n6\n7\n8"),
        ("\ttab\tstays\t", "tab\tstays"),
        ("e\u0301", "é"),
        ("e\x00\u0301", "é"),
        ("{{ 7*7 }} & < > \" ' </w:t> {% x %}", "{{ 7*7 }} & < > \" ' </w:t> {% x %}"),
        ("مرحبا 你好 😀 \u200f\u200d", "مرحبا 你好 😀 \u200f\u200d"),
        ("\u00a0 non-breaking \u00a0", "non-breaking"),
    ],
)  # fmt: skip
def test_what_no_word_file_can_hold_is_cleaned_and_the_rest_stays(typed: str, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize("before", [0, 1, 198, 199, 200, 201, 399, 400, 401])
def test_letters_and_their_marks_are_joined_wherever_they_stand(before: int) -> None:
    assert clean("x" * before + "e\u0301 u\u0308") == "x" * before + "é ü"


def test_a_text_of_nothing_but_marks_takes_no_longer_than_another() -> None:
    began = time.perf_counter()
    assert given_to(PARAGRAPH, "a" + "\u0301\u0327" * 500_000) == "!too_long"
    assert time.perf_counter() - began < 5  # normalized in one piece it would take a quarter of an hour


def test_problems_carry_the_figures_of_their_sentence() -> None:
    assert parse_value(TEXT, "x" * 11).problems[0].figures == {"most": 10, "given": 11}
    assert parse_value(NUMBER, "0").problems[0].figures == {"least": 1, "most": 5000}
    assert parse_value(CHOICES, ["a", "b", "c"]).problems[0].figures == {"most": 2, "given": 3}


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
        if not once.problems:
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
