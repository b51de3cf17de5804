"""The gate: below the smallest group nothing passes, and nobody can lower it."""

import pytest

from partnerforms.engine.disclosure import FLOOR, TooFew, gate, gather, least, roll_up, share
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


ABOVE = {"state": None, "north": "state", "south": "state", "a": "north", "b": "north", "c": "south"}


@pytest.mark.parametrize(
    ("sizes", "where"),
    [
        ({"a": 12, "b": 10}, {"a": "a", "b": "b"}),
        ({"a": 12, "b": 4}, {"a": "a", "b": None}),
        ({"a": 6, "b": 4}, {"a": "north", "b": "north"}),
        ({"a": 12, "b": 4, "c": 6}, {"a": "a", "b": "state", "c": "state"}),
        ({"a": 0, "b": 10}, {"b": "b"}),
        ({}, {}),
    ],
)
def test_few_count_further_up_with_other_few_or_wait(sizes: dict[str, int], where: dict[str, str | None]) -> None:
    assert gather(ABOVE, sizes, 10) == where


def test_a_place_shows_what_counts_there_and_below() -> None:
    shown = roll_up(ABOVE, {"a": Tally(12, {}), "north": Tally(10, {}), "state": Tally(11, {})})
    assert {place: view.n for place, view in shown.items()} == {"a": 12, "north": 22, "state": 33}


@pytest.mark.parametrize(
    ("part", "said"),
    [(0, "< 5 %"), (1, "< 5 %"), (2, "5 %"), (20, "50 %"), (38, "95 %"), (39, "> 95 %"), (40, "> 95 %")],
)
def test_nearly_all_and_nearly_none_are_only_bounds(part: int, said: str) -> None:
    assert str(share(part, 40)) == said
    assert 5 <= share(part, 40).percent <= 95
