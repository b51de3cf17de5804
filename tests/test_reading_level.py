"""What families and students read is for readers of grade 6 at most: every text of a sentence, and all together."""

import re
from collections.abc import Iterable

import pytest
import textstat

from partnerforms.engine.library import Library
from partnerforms.engine.texts import PROBLEMS
from partnerforms.languages import read_library

GRADE = 6
FEWEST = 5  # of fewer words no formula can tell anything
SAID_ON_SURVEYS = ("required", "not_an_option", "too_many", "too_long")
_PLACE = re.compile(r"%\(place\)s|%\(\w+\)s|{\w+}")


def filled(text: str) -> str:
    """A text as it stands on the page."""
    return _PLACE.sub(lambda found: "Maple School" if "place" in found[0] else "ten", text)


def grade(text: str) -> float:
    return float(textstat.flesch_kincaid_grade(text))


def too_hard(texts: Iterable[str]) -> dict[str, float]:
    """The texts that are too hard, and all of them as one when they are."""
    said = [filled(text) for text in texts if text]
    whole = " ".join(text if text[-1] in ".?!" else f"{text}." for text in said)
    return {text: grade(text) for text in [*said, whole] if len(text.split()) >= FEWEST and grade(text) > GRADE}


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


@pytest.mark.parametrize("audience", ["families", "students"])
def test_what_is_asked_is_easy_to_read(audience: str, library: Library) -> None:
    asked = library.instrument(f"survey_{audience}")
    items = asked.items()
    texts = [asked.title, asked.intro, *(section.intro for section in asked.sections)]
    texts += [item.label for item in items] + [item.hint for item in items]
    assert len(texts) > 30
    assert too_hard(texts) == {}


def test_what_stands_around_it_is_easy_to_read(library: Library) -> None:
    assert len(library.public_texts) > 20
    assert too_hard(library.public_texts) == {}
    assert too_hard(PROBLEMS[code] for code in SAID_ON_SURVEYS) == {}


def test_hard_words_are_found() -> None:
    hard = "Institutional accountability necessitates comprehensive stakeholder participation."
    assert hard in too_hard(["We like it here and you can come.", hard])
