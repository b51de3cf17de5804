"""Diverging bars: how the answers to a rating are spread, around the middle of its scale. Drawn without any style,
from nothing but the shares that stand beside them as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partnerforms.engine.model import Scale
from partnerforms.services.surveys.figures import Spread

WIDTH = 1000


@dataclass(frozen=True)
class Part:
    """One step of the scale: its number from the lowest, where its part begins, and how wide that is."""

    step: int
    x: int
    width: int


@dataclass(frozen=True)
class Bar:
    """The parts of one rating, and where the middle of the scale lies."""

    parts: Sequence[Part]
    middle: int


def bars(spreads: Sequence[Spread], mirrored: bool) -> dict[str, Bar]:
    """The bars of ratings by item, with one measure and one middle; `mirrored` where one reads from the right."""
    widths = {
        spread.item.id: [spread.shares[option.id].drawn for option in spread.item.options]
        for spread in spreads
        if isinstance(spread.item, Scale) and spread.shares
    }
    low = max((_below(each) for each in widths.values()), default=0.0)
    high = max((sum(each) - _below(each) for each in widths.values()), default=0.0)
    measure = WIDTH / (low + high) if low + high else 0.0
    return {item_id: _bar(each, low, measure, mirrored) for item_id, each in widths.items()}


def _below(widths: Sequence[float]) -> float:
    """How much lies before the middle of the scale: the lower steps, and half of the one between."""
    half, odd = divmod(len(widths), 2)
    return sum(widths[:half]) + (widths[half] / 2 if odd else 0.0)


def _bar(widths: Sequence[float], low: float, measure: float, mirrored: bool) -> Bar:
    x, parts = (low - _below(widths)) * measure, []
    for step, width in enumerate(widths):
        begins, ends = round(x), round(x + width * measure)
        parts.append(Part(step, WIDTH - ends if mirrored else begins, ends - begins))
        x += width * measure
    middle = round(low * measure)
    return Bar(parts, WIDTH - middle if mirrored else middle)


def key(spreads: Sequence[Spread]) -> Mapping[int, str]:
    """What the steps of the bars are called, from the lowest; nothing where nothing is rated."""
    for spread in spreads:
        if isinstance(spread.item, Scale):
            return {step: option.label for step, option in enumerate(spread.item.options)}
    return {}
