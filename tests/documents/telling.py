"""Results of a school for tests of documents: three audiences that answered, and one that is too few."""

import random
from typing import Any

from partnerforms.documents.results import Heard, Results
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.gaps import favorable, gaps, priorities
from partnerforms.engine.library import Library
from partnerforms.engine.model import Choices, Instrument, Scale
from partnerforms.engine.report_texts import REPORT_WORDS
from partnerforms.engine.tally import Tally, tally

COMMENTS = ("Thank you & <all>!", "{{ t.n1 }} is no tag, nor is {%p if x %}", "Más tardes, por favor")
# How the answers of an audience lean, from the lowest step to "I don't know".
_LEANING = {"families": (1, 3, 5, 8, 2, 3), "students": (0, 1, 3, 8, 9, 1), "staff": (0, 0, 1, 3, 60, 0)}


def results(library: Library, language: str = "en") -> Results:
    """The same answers in every language."""
    catalogue = library.catalogues[language]
    words = {name: catalogue.say(f"reports.{name}", text) for name, text in REPORT_WORDS.items()}
    heard = [
        _heard(library, language, audience, people, invited)
        for audience, people, invited in (("families", 124, 400), ("students", 212, None), ("staff", 31, 40))
    ]
    few = library.instrument("survey_community", language)
    heard.append(Heard("community", catalogue.audience("community"), few, TooFew(10), 10, 20))
    inventory = library.instrument("inventory", language)
    return Results(
        organization="Maple School",
        survey="How we share the work",
        dates="October 1 – October 30",
        made_on="November 22",
        language=library.languages[language],
        words={**catalogue.words(), **words},
        heard=heard,
        gaps=gaps({one.audience: one.counted for one in heard if isinstance(one.counted, Tally)}),
        responsibilities={
            one.id: catalogue.say(f"responsibilities.{one.id}", one.title)
            for one in library.responsibilities.values()
        },
        activities={item.id: item.label for item in inventory.items()},
    )


def _heard(library: Library, language: str, audience: str, people: int, invited: int | None) -> Heard:
    instrument = library.instrument(f"survey_{audience}", language)
    counted = tally(instrument, answers(instrument, audience, people))
    told = {item_id: favorable(one) for item_id, one in counted.items.items()}
    good = {item_id: share for item_id, share in told.items() if share is not None}
    least = 5 if audience == "staff" else 10
    return Heard(
        audience,
        library.catalogues[language].audience(audience),
        instrument,
        counted,
        least,
        invited,
        priorities(counted, library.crosswalk),
        {"Riverside District": good, "Far away": {}},
        COMMENTS if audience == "families" else (),
    )


def answers(instrument: Instrument, audience: str, people: int) -> list[dict[str, Any]]:
    """So many people's answers, the same every time."""
    chance, found = random.Random(audience), []
    for _ in range(people):
        one: dict[str, Any] = {}
        for item in instrument.items():
            if isinstance(item, Scale):
                steps = [option.id for option in (*item.options, item.unsure)]
                one[item.id] = chance.choices(steps, _LEANING[audience])[0]
            elif isinstance(item, Choices):
                one[item.id] = chance.sample([option.id for option in item.options[:5]], 3)
        found.append(one)
    return found
