"""The responsibility bank, the six surveys, the crosswalk and their Spanish texts hold together."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import partnerforms
from partnerforms.engine.library import Library, keys, message_keys
from partnerforms.engine.model import Checks, Choices, Instrument, Paragraph, Scale

LIBRARY = Library()
SPANISH = Path(partnerforms.__file__).parent / "translations" / "es"
HEADINGS = {"State": 2, "Districts": 3, "Schools": 6, "Families": 4, "Community leaders": 2, "Students": 4}
# Who answers -> whose responsibilities are rated, in the order of the survey.
RATED = {
    "families": ["school", "families", "students", "community"],
    "students": ["school", "students", "community"],
    "staff": ["school", "families", "students", "community", "district"],
    "community": ["school", "community", "district"],
    "district": ["school", "community", "district", "state"],
    "state": ["school", "community", "district", "state"],
}
COUNTS = {"families": 16, "students": 12, "staff": 19, "community": 11, "district": 13, "state": 13}
RATINGS = ["not_at_all", "a_little", "somewhat", "well", "very_well"]

every_survey = pytest.mark.parametrize("audience", RATED)


def survey(audience: str) -> Instrument:
    return LIBRARY.instrument(f"survey_{audience}")


def scales(audience: str) -> list[Scale]:
    return [item for item in survey(audience).items() if isinstance(item, Scale)]


def test_each_heading_of_the_source_is_covered_exactly_once() -> None:
    expected = {f"{group} {number}" for group, most in HEADINGS.items() for number in range(1, most + 1)}
    entries = LIBRARY.responsibilities.values()
    assert len(expected) == len(entries) == 21
    assert {entry.source.position for entry in entries} == expected
    assert {entry.source.document for entry in entries} == {"responsibilities-policy-guidance"}
    assert Counter(entry.group for entry in entries) == Counter(
        state=2, district=3, school=6, families=4, community=2, students=4
    )
    assert len({entry.title for entry in entries}) == 21


def test_there_is_one_survey_for_each_audience() -> None:
    assert {built.id: built.audience for built in LIBRARY.instruments("survey")} == {
        f"survey_{audience}": audience for audience in RATED
    }


@every_survey
def test_each_audience_rates_every_responsibility_of_its_groups(audience: str) -> None:
    bank = LIBRARY.responsibilities
    asked = [item.responsibility for item in scales(audience)]
    expected = [entry.id for group in RATED[audience] for entry in bank.values() if entry.group == group]
    assert asked == expected
    assert len(asked) == COUNTS[audience]
    assert [section.id for section in survey(audience).sections] == [*RATED[audience], "closing"]


@every_survey
def test_items_are_named_and_sourced_as_in_the_bank(audience: str) -> None:
    for section in survey(audience).sections[:-1]:
        for item in section.items:
            assert isinstance(item, Scale)
            assert item.id == item.responsibility.replace(".", "_")
            assert item.source == LIBRARY.responsibilities[item.responsibility].source
            assert LIBRARY.responsibilities[item.responsibility].group == section.id
            assert item.required == (section.id == "school")


@every_survey
def test_each_rating_is_one_plain_question_on_five_labels_and_a_separate_unsure(audience: str) -> None:
    for item in scales(audience):
        assert [option.id for option in item.options] == RATINGS
        assert item.unsure.id == "unsure"
        assert item.label.startswith("How well ")
        assert item.label.count("?") == 1
        assert item.label.endswith("?")
        assert not re.search(r"\b(and|or|agree|disagree)\b", item.label)
        assert item.hint.startswith("For example, ")
        assert item.hint.endswith(".")
        assert item.hint.count(".") <= 3, "a few short sentences"
        assert 2 <= len(item.short.split()) <= 6


def test_one_responsibility_has_one_short_name_in_all_surveys() -> None:
    names = {(item.responsibility, item.short) for audience in RATED for item in scales(audience)}
    assert len(names) == len({short for _, short in names}) == 21


def test_students_are_never_asked_about_families() -> None:
    items = scales("students")
    assert not [item.id for item in items if item.responsibility.startswith("family.")]
    about_themselves = [item for item in items if item.responsibility.startswith("student.")]
    assert about_themselves
    for item in items:
        text = f"{item.label} {item.hint}".lower()
        assert not re.search(r"\byour (own )?(famil|parent|home|mother|father)", text)
        if item in about_themselves:
            assert not re.search(r"famil|parent|home|mother|father", text)


@every_survey
def test_the_closing_questions_are_optional_and_offer_what_was_rated(audience: str) -> None:
    first, comment = survey(audience).section("closing").items
    assert isinstance(first, Choices)
    assert isinstance(comment, Paragraph)
    assert [(option.id, option.label) for option in first.options] == [
        (item.id, item.short) for item in scales(audience)
    ]
    assert (first.most, comment.longest) == (3, 2000)
    assert not first.required
    assert not comment.required
    assert "names" in comment.hint


def test_the_crosswalk_leads_from_every_responsibility_to_every_activity() -> None:
    activities = {item.id for item in LIBRARY.instrument("inventory").items() if isinstance(item, Checks)}
    assert len(activities) == 49
    assert LIBRARY.crosswalk.keys() == LIBRARY.responsibilities.keys()
    for crossing in LIBRARY.crosswalk.values():
        assert 1 <= len(crossing.activities) <= 6
        for values in (crossing.activities, crossing.types, crossing.standards):
            assert values
            assert len(set(values)) == len(values)
        assert set(crossing.activities) <= activities
        assert set(crossing.types) | set(crossing.standards) <= set(range(1, 7))
    assert {name for crossing in LIBRARY.crosswalk.values() for name in crossing.activities} == activities


def survey_keys() -> dict[str, str]:
    found: dict[str, str] = {}
    for audience in RATED:
        found |= keys(LIBRARY.definitions[f"survey_{audience}"])
    return found


@pytest.mark.parametrize(
    ("file", "wanted"),
    [("surveys.po", survey_keys()), ("messages.po", message_keys())],
    ids=["surveys", "messages"],
)
def test_spanish_has_every_text_of_today(file: str, wanted: dict[str, str]) -> None:
    with (SPANISH / file).open("rb") as stream:
        catalogue = read_po(stream, abort_invalid=True)
    assert str(catalogue.locale) == "es"
    entries = {str(message.context): message for message in catalogue if message.id}
    assert {key: message.id for key, message in entries.items()} == wanted
    for key, message in entries.items():
        spanish = message.string
        assert isinstance(spanish, str), key
        assert spanish == spanish.strip() != "", key
        assert not message.fuzzy, key
        assert "<" not in spanish, key
        assert sorted(re.findall(r"{.*?}", spanish)) == sorted(re.findall(r"{.*?}", wanted[key])), key
        assert ("?" in wanted[key]) == ("?" in spanish) == ("¿" in spanish), key


def test_spanish_labels_stay_distinct() -> None:
    with (SPANISH / "surveys.po").open("rb") as stream:
        spanish = {str(message.context): str(message.string) for message in read_po(stream) if message.id}
    ratings = [text for key, text in spanish.items() if key.startswith("options.how_well.")]
    assert len(ratings) == len(set(ratings)) == 6
    for audience in RATED:
        for end in ("label", "short"):
            texts = [spanish[f"survey_{audience}.{item.id}.{end}"] for item in scales(audience)]
            assert len(set(texts)) == len(texts)
