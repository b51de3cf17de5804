"""Codes on paper: easy to read, and one slip of the pen never opens another survey."""

import random

import pytest

from partnerforms.engine import codes

SOME = [codes.make(random.Random(seed)) for seed in range(25)]


def test_no_two_letters_look_alike() -> None:
    assert len(set(codes.LETTERS)) == len(codes.LETTERS) == 29
    assert not set("01OILSZ") & set(codes.LETTERS)


def test_a_code_is_read_as_it_was_made_and_printed() -> None:
    for code in SOME:
        assert len(code) == codes.LENGTH
        assert codes.read(code) == code
        assert codes.read(codes.printed(code)) == code
    assert codes.printed("ABCDEFGH") == "ABCD-EFGH"


@pytest.mark.parametrize(
    "change", [str.lower, " {} ".format, lambda code: " ".join(code), lambda c: f"{c[:4]}\u2013{c[4:]}"]
)
def test_it_does_not_matter_how_it_is_typed(change: object) -> None:
    for code in SOME:
        assert codes.read(change(code)) == code  # type: ignore[operator]


def test_every_single_wrong_letter_is_noticed() -> None:
    for code in SOME:
        for place in range(codes.LENGTH):
            for letter in codes.LETTERS:
                if letter != code[place]:
                    assert codes.read(code[:place] + letter + code[place + 1 :]) is None


def test_every_swap_of_two_letters_is_noticed() -> None:
    for code in SOME:
        for one in range(codes.LENGTH):
            for other in range(one):
                if code[one] != code[other]:
                    swapped = list(code)
                    swapped[one], swapped[other] = code[other], code[one]
                    assert codes.read("".join(swapped)) is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-",
        "ABCD",
        "ABCDEFGHJ",
        "ABCD-EFG0",
        "ÀBCDEFGH",
        "ABCD\x00EFGH",
        "{{7*7}}!",
        "١٢٣٤٥٦٧٨",
        "ß" * 4,
        "A" * 9999,
    ],
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.read(typed) is None


def test_codes_are_spread_over_all_letters() -> None:
    many = [codes.make(random.Random(seed)) for seed in range(500)]
    assert len(set(many)) == 500
    assert all({code[place] for code in many} == set(codes.LETTERS) for place in range(codes.LENGTH))
