"""How fast people are, and how many come at once: families all get through, a flood does not."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from partnerforms.models import SurveyLink
from partnerforms.services.surveys.suspicion import Watch

NOW = datetime(2026, 11, 22, 18, 0, 30, tzinfo=UTC)
LONG = timedelta(minutes=3)


def link(people: int | None = None) -> SurveyLink:
    return SurveyLink(id=uuid.uuid4(), people=people)


def arriving(watch: Watch, there: SurveyLink, count: int, over: timedelta, now: datetime = NOW) -> list[str | None]:
    """What is said of so many who come one after the other."""
    return [watch.doubt(there, {"a": "well"}, LONG, False, now + over * n / count) for n in range(count)]


def test_two_hundred_families_in_ten_minutes_all_get_through() -> None:
    assert set(arriving(Watch(), link(), 200, timedelta(minutes=10))) == {None}
    assert set(arriving(Watch(), link(), 200, timedelta(seconds=5))) == {None}


def test_of_a_flood_what_is_over_the_measure_waits() -> None:
    watch, there = Watch(), link()
    said = arriving(watch, there, 3000, timedelta(minutes=5))
    assert said.count(None) == watch.most
    assert set(said[watch.most :]) == {"too_many"}
    assert arriving(watch, link(), 1, LONG) == [None], "another link must not suffer"
    later = NOW + timedelta(minutes=16)
    assert arriving(watch, there, 1, LONG, later) == [None], "when it is over, it is over"


def test_a_steady_stream_is_no_flood() -> None:
    assert set(arriving(Watch(), link(), 2400, timedelta(hours=1))) == {None}


def test_everybody_who_was_asked_may_come_at_once() -> None:
    assert set(arriving(Watch(), link(people=2000), 2000, timedelta(minutes=2))) == {None}
    assert "too_many" in arriving(Watch(), link(people=20), 600, timedelta(minutes=2))


def test_who_is_suspect_anyway_does_not_fill_the_measure() -> None:
    watch, there = Watch(), link()
    for _ in range(2 * watch.most):
        assert watch.doubt(there, {}, LONG, True, NOW) == "hidden_field"
    assert arriving(watch, there, 1, LONG) == [None]


@pytest.mark.parametrize(
    ("answers", "seconds", "doubt"),
    [
        ({}, 0.5, "too_fast"),
        ({}, 1.5, None),
        (dict.fromkeys(map(str, range(20)), "well"), 4, "too_fast"),
        (dict.fromkeys(map(str, range(20)), "well"), 6, None),
        ({"first": ["a", "b", "c"], "x": "well", "y": "well"}, 1.1, "too_fast"),
        ({"x": "well"}, 60 * 60 * 24 * 30, None),
    ],
)
def test_more_answers_take_longer(answers: dict[str, Any], seconds: float, doubt: str | None) -> None:
    assert Watch().doubt(link(), answers, timedelta(seconds=seconds), False, NOW) == doubt
