"""The gate: below the smallest group nothing passes, and nobody can lower it."""

import pytest

from partnerforms.engine.disclosure import FLOOR, TooFew, gate, least
from partnerforms.engine.tally import Tally


@pytest.mark.parametrize("audience", ["families", "students", "community"])
def test_ten_of_those_who_could_be_recognized(audience: str) -> None:
    assert least(audience, None) == 10


@pytest.mark.parametrize("audience", ["staff", "district", "state"])
def test_five_of_the_staff(audience: str) -> None:
    assert least(audience, None) == 5


def test_an_audience_nobody_thought_of_is_protected_like_families() -> None:
    assert least("somebody", None) == 10


@pytest.mark.parametrize(
    ("audience", "chosen", "smallest"),
    [("families", 12, 12), ("families", 9, 10), ("families", 0, 10), ("staff", 8, 8), ("staff", -1, 5)],
)
def test_an_organization_can_only_raise_it(audience: str, chosen: int, smallest: int) -> None:
    assert least(audience, chosen) == smallest
    assert least(audience, chosen) >= FLOOR


@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_and_nobody_look_alike(n: int) -> None:
    assert gate(Tally(n, {}), 10) == TooFew(10)


@pytest.mark.parametrize("n", [10, 11, 1000])
def test_enough_is_shown_as_it_was_counted(n: int) -> None:
    counted = Tally(n, {})
    assert gate(counted, 10) is counted
