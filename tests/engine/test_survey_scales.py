"""A survey has one scale, of five steps: its results stand under one row of headings."""

from typing import Any

import pytest

from partnerforms.engine.build import build
from partnerforms.engine.load import Definition, InstrumentError


def survey(*steps: int) -> Definition:
    """A survey with a scale item for each number of steps."""
    lists = {f"of_{n}": [{"id": f"o{k}", "label": f"Step {k}"} for k in range(n + 1)] for n in steps}
    items: list[dict[str, Any]] = [
        {"id": f"item{k}", "kind": "scale", "scale": f"of_{n}", "label": "How well?", "short": "Well"}
        for k, n in enumerate(steps)
    ]
    sections = [{"id": "all", "title": "All", "items": items}]
    head = {"id": "mine", "version": 1, "use": "survey", "audience": "staff", "title": "Mine"}
    return Definition({**head, "options": lists, "sections": sections}, "mine.toml")


def test_five_steps_and_being_unsure_are_good() -> None:
    assert len(build(survey(5, 5)).items()) == 2


@pytest.mark.parametrize(("steps", "blamed"), [((4,), "item0"), ((5, 4), "item1"), ((6, 5), "item0")])
def test_any_other_scale_is_refused_by_name(steps: tuple[int, ...], blamed: str) -> None:
    with pytest.raises(InstrumentError) as refused:
        build(survey(*steps))
    assert str(refused.value) == f"mine.toml: {blamed}: the scales of a survey must be one, of 5 steps"
