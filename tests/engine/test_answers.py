"""Raw input to the answer of one item: right, wrong and hostile, for each kind."""

import time
from typing import Any

import pytest
from every_kind import (
    CHECKS,
    CHOICE,
    CHOICES,
    DATE,
    EMAIL,
    EVERY_KIND,
    MONEY,
    NUMBER,
    PARAGRAPH,
    SCALE,
    TABLE,
    TEXT,
    given_to,
    parse_value,
)

from partnerforms.engine.answers import clean
from partnerforms.engine.model import Checks, Choices, Item, Table


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
