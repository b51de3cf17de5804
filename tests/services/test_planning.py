"""Who takes part in a survey over many places: named in a text, and written down again."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerforms.services.surveys.planning import Place, Unknown, choose, with_above, written

TOP = uuid.uuid4()


def _tree() -> list[Place]:
    """Three districts; two schools have the same name, one of them a number; one school is below the state itself."""
    found = []
    for name, schools in (("North", ("Lincoln", "Oak")), ("South", ("Lincoln", "Maple")), ("West", ())):
        district = Place(uuid.uuid4(), "district", name, "", TOP, "State")
        found.append(district)
        for school in schools:
            number = "77" if (name, school) == ("South", "Lincoln") else ""
            found.append(Place(uuid.uuid4(), "school", school, number, district.id, name))
    return [*found, Place(uuid.uuid4(), "school", "Deaf and Blind", "", TOP, "State")]


TREE = _tree()


def names(chosen: set[uuid.UUID]) -> set[str]:
    return {f"{place.name}/{place.above}" for place in TREE if place.id in chosen}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("maple", {"Maple/South", "South/State"}),
        (" 77 \n\n", {"Lincoln/South", "South/State"}),
        ("LINCOLN,  north", {"Lincoln/North", "North/State"}),
        ("South", {"South/State", "Lincoln/South", "Maple/South"}),
        ("Deaf and Blind", {"Deaf and Blind/State"}),
        ("", set()),
    ],
)
def test_places_are_named_by_name_number_or_district(text: str, found: set[str]) -> None:
    chosen, unknown = choose(TREE, "only", text)
    assert names(chosen) == found
    assert unknown == []


def test_what_nobody_understands_is_named() -> None:
    chosen, unknown = choose(TREE, "without", "Lincoln\nElm\nOak")
    assert unknown == [Unknown("Lincoln", several=True), Unknown("Elm", several=False)]
    assert names(chosen) == names({place.id for place in TREE}) - {"Oak/North"}


@given(st.sets(st.sampled_from([place.id for place in TREE if place.level == "school"]), min_size=1))
def test_what_is_written_is_read_again(schools: set[uuid.UUID]) -> None:
    which, text = written(TREE, schools)
    chosen, unknown = choose(TREE, which, text)
    assert unknown == []
    having = {place.parent_id for place in TREE}
    assert {one for one in chosen if one in having or one in schools} == with_above(TREE, schools)
    assert {place.id for place in TREE if place.level == "school"} & chosen == schools
