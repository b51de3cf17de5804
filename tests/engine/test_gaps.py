"""The gap between audiences, and what to work on first: ordered, and never better known than what is shown."""

import pytest

from partnerforms.engine.disclosure import Share
from partnerforms.engine.gaps import Gap, favorable, gaps, priorities
from partnerforms.engine.library import Library
from partnerforms.engine.model import Choices, Scale
from partnerforms.engine.tally import ItemTally, Tally

LIBRARY = Library()


def rated(audience: str, item_id: str, low: int, high: int, unsure: int = 0) -> ItemTally:
    """So many chose the lowest step, and so many the two highest."""
    item = next(item for item in LIBRARY.instrument(f"survey_{audience}").items() if item.id == item_id)
    assert isinstance(item, Scale)
    counts = dict.fromkeys((option.id for option in item.options), 0)
    counts[item.options[0].id], counts[item.options[-1].id] = low, high - high // 2
    counts[item.options[-2].id] = high // 2
    return ItemTally(item, low + high, counts, unsure)


def of(*items: ItemTally) -> Tally:
    return Tally(40, {one.item.id: one for one in items})


def test_a_rating_is_good_in_its_two_highest_steps_of_those_who_rated() -> None:
    assert favorable(rated("families", "school_welcome", 15, 5, unsure=80)) == Share(25)


@pytest.mark.parametrize(("low", "high", "said"), [(40, 0, Share(5, "under")), (0, 40, Share(95, "over"))])
def test_all_and_none_are_not_told(low: int, high: int, said: Share) -> None:
    assert favorable(rated("families", "school_welcome", low, high)) == said


def test_where_hardly_anybody_rated_there_is_no_percentage() -> None:
    assert favorable(rated("families", "school_welcome", 2, 2, unsure=30)) is None


def test_gaps_come_largest_first_and_need_two_sides() -> None:
    found = gaps(
        {
            "families": of(rated("families", "school_welcome", 10, 10), rated("families", "family_teachers", 1, 9)),
            "students": of(rated("students", "school_welcome", 15, 5), rated("students", "student_future", 1, 9)),
            "staff": of(rated("staff", "school_welcome", 0, 20), rated("staff", "family_teachers", 8, 2)),
        }
    )
    assert found == [
        Gap("school.welcome", {"families": Share(50), "students": Share(25), "staff": Share(95, "over")}, 70),
        Gap("family.teachers", {"families": Share(90), "staff": Share(20)}, 70),
    ]


def test_what_is_chosen_most_often_comes_first_with_its_rating_and_activities() -> None:
    choice = next(item for item in LIBRARY.instrument("survey_families").items() if isinstance(item, Choices))
    counts = {
        **dict.fromkeys((option.id for option in choice.options), 0),
        "school_welcome": 10,
        "school_partners": 30,
    }
    chosen = ItemTally(choice, 40, {**counts, "family_teachers": 1})
    counted = of(
        chosen, rated("families", "school_welcome", 10, 10), rated("families", "school_partners", 2, 1),
        rated("families", "family_teachers", 1, 9),
    )  # fmt: skip
    first, second = priorities(counted, LIBRARY.crosswalk)
    assert (first.responsibility, first.chosen, first.favorable) == ("school.partners", Share(75), None)
    assert (second.responsibility, second.chosen, second.favorable) == ("school.welcome", Share(25), Share(50))
    assert second.activities == LIBRARY.crosswalk["school.welcome"].activities
