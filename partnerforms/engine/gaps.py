"""One responsibility as several audiences see it, and what they want to work on first.

Made of what has passed the gate (`disclosure`), and of nothing that is not said there: where only a bound is told,
the bound is what is reckoned with.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from partnerforms.engine.disclosure import FLOOR, Share, share
from partnerforms.engine.library import Crossing
from partnerforms.engine.model import Choices, Scale
from partnerforms.engine.tally import ItemTally, Tally

_HIGHEST = 2  # so many steps at the upper end of a scale are a good rating


@dataclass(frozen=True)
class Gap:
    """How far apart audiences see a responsibility. `seen` is the share of good ratings of each that rated it,
    `points` the highest less the lowest; at an end that is only a bound the gap may be a little larger."""

    responsibility: str
    seen: Mapping[str, Share]
    points: int


@dataclass(frozen=True)
class Priority:
    """What an audience wants to be worked on first: chosen by how many of those who chose, how good it is now,
    and the activities of the inventory that answer it."""

    responsibility: str
    chosen: Share
    favorable: Share | None
    activities: tuple[str, ...]


def favorable(one: ItemTally) -> Share | None:
    """The share of the two highest steps among those who rated.

    None of an item that is no rating, and where so few rated that a percentage would say nothing.
    """
    if not isinstance(one.item, Scale) or one.answered < FLOOR:
        return None
    best = [option.id for option in one.item.options[-_HIGHEST:]]
    return share(sum(one.counts.get(option, 0) for option in best), one.answered)


def ends(counted: Tally, most: int) -> tuple[list[tuple[Scale, Share]], list[tuple[Scale, Share]]]:
    """The ratings that are best, and those that are lowest, with their shares of good ratings; nothing is in both."""
    rated = [
        (one.item, good)
        for one in counted.items.values()
        if isinstance(one.item, Scale) and (good := favorable(one)) is not None
    ]
    rated.sort(key=lambda rating: -rating[1].drawn)
    few = min(most, len(rated) // 2)
    return rated[:few], rated[len(rated) - few :][::-1]


def gaps(tallies: Mapping[str, Tally]) -> list[Gap]:
    """Every responsibility that at least two audiences rate, the largest gap first."""
    seen: dict[str, dict[str, Share]] = {}
    for audience, counted in tallies.items():
        for one in counted.items.values():
            good = favorable(one)
            if good is not None and isinstance(one.item, Scale) and one.item.responsibility:
                seen.setdefault(one.item.responsibility, {})[audience] = good
    found = [Gap(name, by, _apart(by)) for name, by in seen.items() if len(by) > 1]
    return sorted(found, key=lambda gap: -gap.points)


def _apart(seen: Mapping[str, Share]) -> int:
    percents = [good.percent for good in seen.values()]
    return max(percents) - min(percents)


def priorities(counted: Tally, crosswalk: Mapping[str, Crossing]) -> list[Priority]:
    """What one audience chose to work on first, most often first; what hardly anybody chose is left out."""
    rated = {one.item.id: one for one in counted.items.values() if isinstance(one.item, Scale)}
    found = []
    for chosen in counted.items.values():
        if not isinstance(chosen.item, Choices) or chosen.answered < FLOOR:
            continue
        for item_id, count in chosen.counts.items():
            part = share(count, chosen.answered)
            if item_id in rated and part.bound != "under":
                found.append(_priority(rated[item_id], part, crosswalk))
    return sorted(found, key=lambda priority: -priority.chosen.percent)


def _priority(rated: ItemTally, chosen: Share, crosswalk: Mapping[str, Crossing]) -> Priority:
    responsibility = rated.item.responsibility if isinstance(rated.item, Scale) else ""
    crossing = crosswalk.get(responsibility)
    return Priority(responsibility, chosen, favorable(rated), crossing.activities if crossing else ())
