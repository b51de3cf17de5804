"""What is typed from paper, and the answers that it is: there and back for every survey."""

import random

import pytest

from partnerforms.engine.library import Library
from partnerforms.engine.model import Choices, Paragraph, Scale
from partnerforms.engine.paper_typing import differences, fields, read, said, written

LIBRARY = Library()
SURVEYS = [one.id for one in LIBRARY.instruments("survey")]


def sheet(instrument_id: str, seed: int) -> dict[str, object]:
    """Answers as somebody may give them on paper: some left out."""
    chance, answers = random.Random(seed), dict[str, object]()
    for item in LIBRARY.instrument(instrument_id).items():
        if chance.random() < 0.3:
            continue
        if isinstance(item, Scale):
            answers[item.id] = chance.choice([*item.options, item.unsure]).id
        elif isinstance(item, Choices):
            few = chance.sample(range(len(item.options)), item.most or 2)
            answers[item.id] = [item.options[number].id for number in sorted(few)]
        elif isinstance(item, Paragraph):
            answers[item.id] = f"Line {seed}\nand 9 more"
    return answers


@pytest.mark.parametrize("instrument_id", SURVEYS)
def test_answers_are_typed_and_read_again(instrument_id: str) -> None:
    instrument = LIBRARY.instrument(instrument_id)
    for seed in range(20):
        answers = sheet(instrument_id, seed)
        typed = {one.item.id: written(one, answers.get(one.item.id)) for one in fields(instrument)}
        assert read(instrument, typed) == read(instrument, {name: text for name, text in typed.items() if text})
        assert (read(instrument, typed).answers, read(instrument, typed).problems) == (answers, ())


@pytest.mark.parametrize("text", ["6", "99", "1 2", "x", "-1", "1.", "¹", "٣"])
def test_a_code_that_there_is_not_is_a_problem(text: str) -> None:
    found = read(LIBRARY.instrument("survey_families"), {"school_welcome": text, "school_partners": "2"})
    assert [problem.path for problem in found.problems] == [("school_welcome",)]
    assert set(found.answers) == {"school_partners"}


@pytest.mark.parametrize("text", ["", " ", "0"])
def test_nothing_is_no_answer(text: str) -> None:
    found = read(LIBRARY.instrument("survey_families"), {"school_welcome": text, "first_choices": text})
    assert (found.answers, found.problems) == ({}, ())


@pytest.mark.parametrize("text", ["1 12", "12,1", " 1 , 12 ", "1;12", "1 0 12 12"])
def test_several_codes_stand_apart_as_people_write_them(text: str) -> None:
    found = read(LIBRARY.instrument("survey_families"), {"first_choices": text})
    assert found.answers == {"first_choices": ["school_welcome", "student_organization"]}


def test_the_second_typing_is_compared_and_comments_are_not() -> None:
    instrument = LIBRARY.instrument("survey_families")
    first = {"school_welcome": "well", "school_partners": "unsure", "comment": "Once"}
    (one,) = differences(instrument, first, {"school_welcome": "a_little", "school_partners": "unsure"})
    assert (one.field.item.id, said(one.field, one.first), said(one.field, one.second)) == (
        "school_welcome", "4  Well", "2  A little",
    )  # fmt: skip
    assert "comment" not in [field.item.id for field in fields(instrument, entry=2)]
