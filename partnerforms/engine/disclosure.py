"""The gate in front of every result: screen, file, document and mail.

Everything shown is a sum of groups, and no group is ever smaller than the minimum n. People of a place with fewer
answers count one level up, together with those of other such places; where even the whole is too few, they wait.
So no sum or difference of anything shown, at any time, gives a group between 1 and k − 1: both are made of whole
groups. The price is small: a view may leave out up to k − 1 people, and says how many people it is of.

Answer sheets that were mailed are known to their readers one by one. So they never make up for others: they count
where they came from, as a group of their own, or not yet; and an item that too few of them answered is left out.

A plain threshold would not do: in 94 % of random small states it lets somebody subtract the schools that are shown
from their district and be left with the few of a school that is not.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from partnerforms.engine.model import Scale
from partnerforms.engine.tally import ItemTally, Tally

FLOOR = 5
LOW, HIGH = 5, 95  # percent: beyond, only this much is said, so that nobody is known to have said what all did
_LEAST = {"staff": 5, "district": 5, "state": 5}
_LEAST_OTHERS = 10

Place = TypeVar("Place", bound=Hashable)


@dataclass(frozen=True)
class TooFew:
    """Nothing is shown: fewer than `least` answered, or nobody did. The two look alike on purpose."""

    least: int


@dataclass(frozen=True)
class Share:
    """How many of a hundred: a whole number, or only that it is "under" LOW or "over" HIGH; `percent` is then that
    bound and no better known."""

    percent: int
    bound: str = ""

    def __str__(self) -> str:
        return {"under": f"< {LOW} %", "over": f"> {HIGH} %"}.get(self.bound, f"{self.percent} %")

    @property
    def drawn(self) -> float:
        """How long a bar is, in percent: a bound ends in the middle of what it leaves open, and tells no more."""
        return {"under": self.percent / 2, "over": (self.percent + 100) / 2}.get(self.bound, float(self.percent))

    def said(self, words: Mapping[str, str]) -> str:
        """In the words of a language, which has its own for "under" and "over": among words that run from the right,
        a "<" would be read as a ">"."""
        return words[self.bound].format(percent=self.percent) if self.bound else str(self)


def least(audience: str, chosen: int | None) -> int:
    """The smallest group whose results are shown. An organization's own choice can only raise it."""
    return max(FLOOR, _LEAST.get(audience, _LEAST_OTHERS), chosen or 0)


def gather(above: Mapping[Place, Place | None], sizes: Mapping[Place, int], least: int) -> dict[Place, Place | None]:
    """Where the people of each place count first: there, at a place above it, or nowhere yet (None).

    `above` names the place above each, None at the top; `sizes` says how many people each has. Every place that is
    counted at has at least `least` people to count. Only places with people are in what you get.
    """
    waiting: dict[Place, list[Place]] = {place: [place] if sizes.get(place) else [] for place in above}
    found: dict[Place, Place | None] = {}
    for place in _deepest_first(above):
        here, parent = waiting[place], above[place]
        if sum(sizes[source] for source in here) >= least:
            found.update(dict.fromkeys(here, place))
        elif parent is not None:
            waiting[parent] += here
        else:
            found.update(dict.fromkeys(here))
    return found


def _deepest_first(above: Mapping[Place, Place | None]) -> list[Place]:
    def depth(place: Place) -> int:
        parent = above[place]
        return 0 if parent is None else 1 + depth(parent)

    return sorted(above, key=depth, reverse=True)


def gather_items(
    above: Mapping[Place, Place | None], groups: Mapping[Place, Tally], least: int
) -> dict[Place, dict[str, ItemTally]]:
    """The items of some groups, each counted where enough people gave an answer to it; else with others above.

    An item that too few answered in all of them is left out.
    """
    found: dict[Place, dict[str, ItemTally]] = {}
    for item_id in dict.fromkeys(item_id for tally in groups.values() for item_id in tally.items):
        given = {place: tally.items[item_id] for place, tally in groups.items() if item_id in tally.items}
        holders = gather(above, {place: one.answered + one.unsure for place, one in given.items()}, least)
        for place, holder in holders.items():
            if holder is not None:
                here = found.setdefault(holder, {})
                here[item_id] = here[item_id] + given[place] if item_id in here else given[place]
    return found


def gate(counted: Tally, smallest: int) -> Tally | TooFew:
    """A sum of groups as it may be shown, or that there is nothing to show."""
    return counted if counted.n >= smallest else TooFew(smallest)


def share(part: int, whole: int) -> Share:
    """How many of a hundred that is, as far as it may be said. `whole` is more than 0."""
    if 100 * part < LOW * whole:
        return Share(LOW, "under")
    return Share(HIGH, "over") if 100 * part > HIGH * whole else Share(round(100 * part / whole))


def shares(counts: Mapping[str, int], whole: int) -> dict[str, Share]:
    """The share of each option."""
    return {option: share(count, whole) for option, count in counts.items()}


def spread(one: ItemTally) -> dict[str, Share]:
    """The share of each option among all who answered an item, a scale's "I don't know" last; empty without any."""
    whole, counts = one.answered + one.unsure, dict(one.counts)
    if isinstance(one.item, Scale):
        counts[one.item.unsure.id] = one.unsure
    return shares(counts, whole) if whole and one.counts else {}


def total(groups: Iterable[Tally]) -> Tally:
    """Groups as one."""
    n, items = 0, dict[str, ItemTally]()
    for group in groups:
        n += group.n
        for item_id, one in group.items.items():
            items[item_id] = items[item_id] + one if item_id in items else one
    return Tally(n, items)


def roll_up(above: Mapping[Place, Place | None], groups: Mapping[Place, Tally]) -> dict[Place, Tally]:
    """What each place shows: the total of the groups that count there and below. Places without any are not there."""
    members: dict[Place, list[Tally]] = {}
    for place, group in groups.items():
        step: Place | None = place
        while step is not None:
            members.setdefault(step, []).append(group)
            step = above[step]
    return {place: total(here) for place, here in members.items()}
