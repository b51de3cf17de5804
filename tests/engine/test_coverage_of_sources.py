"""Every numbered part of the source documents is asked exactly once.

What the sources hold is written out here, so the proof needs nothing but this repository.
The responsibilities have a test of their own.
"""

import re
from collections import Counter

import pytest

from partnerforms.engine import answers, model
from partnerforms.engine.library import FOLDER, Library

STRATEGIES = {
    "create_awareness": ("Create awareness", 9),
    "align_policy": ("Align program and policy", 8),
    "guide_learning": ("Guide learning and program development", 9),
    "share_knowledge": ("Share knowledge", 7),
    "celebrate": ("Celebrate milestones", 8),
    "document_progress": ("Document progress and evaluate outcomes", 8),
}
POSITIONS = {
    "inventory-of-district-strategies": [
        f"{heading} {number}" for heading, count in STRATEGIES.values() for number in range(1, count + 1)
    ],
    "state-leadership-roles": [f"Role {number}" for number in range(1, 13)],
    "district-leadership-roles": [f"Role {number}" for number in range(1, 13)],
}
ASKED_IN = {
    "inventory-of-district-strategies": "inventory",
    "state-leadership-roles": "roles_state",
    "district-leadership-roles": "roles_district",
}
SAMPLE_ACTIVITIES = (5, 5, 4)
PLANS = ("leadership_plan_state", "leadership_plan_district")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


def test_the_inventory_lists_49_activities() -> None:
    assert len(POSITIONS["inventory-of-district-strategies"]) == 49


@pytest.mark.parametrize("document", POSITIONS)
def test_each_position_is_covered_exactly_once(library: Library, document: str) -> None:
    found = [
        (instrument_id, item.source.position)
        for instrument_id in library.definitions
        for item in library.instrument(instrument_id).items()
        if item.source is not None and item.source.document == document
    ]
    assert Counter(found) == Counter((ASKED_IN[document], position) for position in POSITIONS[document])


def test_inventory_sections_follow_the_strategies(library: Library) -> None:
    inventory = library.instrument("inventory")
    sections = [section for section in inventory.sections if section.id != "about_district"]
    assert [section.id for section in sections] == list(STRATEGIES)
    for section in sections:
        heading, count = STRATEGIES[section.id]
        *activities, own = section.items
        assert all(isinstance(item, model.Checks) for item in activities)
        positions = [item.source.position for item in activities if item.source]
        assert positions == [f"{heading} {number}" for number in range(1, count + 1)]
        assert isinstance(own, model.Table)


def test_nobody_must_do_all_of_the_inventory(library: Library) -> None:
    assert not any(item.required for item in library.instrument("inventory").items())
    assert "50" not in (FOLDER / "inventory.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("level", ["state", "district"])
def test_each_role_has_a_choice_and_a_note_and_the_last_is_free(library: Library, level: str) -> None:
    sections = library.instrument(f"roles_{level}").sections
    assert len(sections) == 12
    for number, section in enumerate(sections, start=1):
        choice, note = section.items[-2:]
        assert isinstance(choice, model.Choice)
        assert choice.source == model.Source(f"{level}-leadership-roles", f"Role {number}")
        assert isinstance(note, model.Paragraph)
        assert note.id == f"{choice.id}_note"
        assert [type(item) for item in section.items[:-2]] == ([model.Text] if number == 12 else [])


@pytest.mark.parametrize("plan", PLANS)
def test_the_sample_plan_is_offered_whole(library: Library, plan: str) -> None:
    instrument = library.instrument(plan)
    (start,) = instrument.starts
    parsed = answers.parse(instrument, start.answers)
    left_open = {((item.id,), "required") for item in instrument.section("plan").items if item.required}
    assert {(problem.path, problem.code) for problem in parsed.problems} == left_open
    assert not parsed.unknown
    assert parsed.answers == start.answers

    goals = parsed.answers["goals"]
    assert tuple(len(goal["own_level"]) + len(goal["next_level"]) for goal in goals) == SAMPLE_ACTIVITIES
    assert all(goal["own_level"] and goal["next_level"] and goal["audience"] for goal in goals)
    assert Counter(strategy for goal in goals for strategy in goal["strategies"]) == Counter(list(STRATEGIES))


@pytest.mark.parametrize("plan", PLANS)
def test_the_sample_plan_names_the_source_of_each_activity_once(plan: str) -> None:
    text = (FOLDER / f"{plan}.toml").read_text(encoding="utf-8")
    beside_a_row = r"# sample-state-leadership-plan, Goal (\d) activity (\d)\n  \{ activity = "
    assert Counter(re.findall(beside_a_row, text)) == Counter(
        (str(goal), str(number))
        for goal, count in enumerate(SAMPLE_ACTIVITIES, start=1)
        for number in range(1, count + 1)
    )
