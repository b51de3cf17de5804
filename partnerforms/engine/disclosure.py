"""The gate in front of every result: screen, file, document and mail.

Today one survey of one organization and one audience is shown, once, after it has closed. There is nothing to
add up or subtract, so a single threshold is enough. A view over several organizations or moments needs more
(suppression until no sum or difference gives a small group) and must be built here before it is shown anywhere.
"""

from dataclasses import dataclass

from partnerforms.engine.tally import Tally

FLOOR = 5
_LEAST = {"staff": 5, "district": 5, "state": 5}
_LEAST_OTHERS = 10


@dataclass(frozen=True)
class TooFew:
    """Nothing is shown: fewer than `least` answered, or nobody did. The two look alike on purpose."""

    least: int


def least(audience: str, chosen: int | None) -> int:
    """The smallest group whose results are shown. An organization's own choice can only raise it."""
    return max(FLOOR, _LEAST.get(audience, _LEAST_OTHERS), chosen or 0)


def gate(counted: Tally, smallest: int) -> Tally | TooFew:
    """The tally if enough people answered."""
    return counted if counted.n >= smallest else TooFew(smallest)
