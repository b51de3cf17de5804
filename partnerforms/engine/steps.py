"""A long form goes page by page. A step is one page: some sections, or one entry of a repeating section."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnerforms.engine.model import Instrument, Item, Section

_FULL = 10  # items on a page before the next section begins another


@dataclass(frozen=True)
class Step:
    """`id` is the first section's id; a step of a repeating section stands for each of its entries."""

    id: str
    sections: tuple[Section, ...]

    @property
    def repeats(self) -> bool:
        return self.sections[0].repeat is not None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)


def steps(instrument: Instrument) -> list[Step]:
    """The pages of an instrument: short sections share one, a repeating section has its own."""
    pages: list[list[Section]] = []
    for section in instrument.sections:
        last = pages[-1] if pages else None
        fits = last and section.repeat is None and last[0].repeat is None
        if last and fits and sum(len(part.items) for part in [*last, section]) <= _FULL:
            last.append(section)
        else:
            pages.append([section])
    return [Step(page[0].id, tuple(page)) for page in pages]


def step(instrument: Instrument, step_id: str) -> Step:
    """The step with this id; KeyError when there is none."""
    for page in steps(instrument):
        if page.id == step_id:
            return page
    raise KeyError(step_id)


def step_of(instrument: Instrument, path_start: str) -> Step:
    """The step on which the item or repeating section with this id stands; KeyError when there is none."""
    for page in steps(instrument):
        for section in page.sections:
            if section.id == path_start or any(item.id == path_start for item in section.items):
                return page
    raise KeyError(path_start)


def raw_of(page: Step, entry: int | None, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a draft that stands on a page: of one entry, where the page repeats."""
    if entry is not None:
        entries = raw.get(page.id) or []
        return dict(entries[entry]) if entry < len(entries) else {}
    return {item.id: raw[item.id] for item in page.items if item.id in raw}
