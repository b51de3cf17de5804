"""Codes that people copy from paper: no letters that look alike, and a last one that shows a slip of the pen."""

import random
import re

# Of 0 and O, 1 and I and L none is left, of 5 and S, 2 and Z only the figure. 29 of them, a prime, so that the
# check letter notices every single wrong letter (8 for B, say) and every swap of two.
LETTERS = "23456789ABCDEFGHJKMNPQRTUVWXY"
LENGTH = 8
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015._]+")


def make(chance: random.Random) -> str:
    """A new code of eight letters: seven by chance and the check letter."""
    letters = "".join(chance.choice(LETTERS) for _ in range(LENGTH - 1))
    return letters + _check(letters)


def read(typed: str) -> str | None:
    """The code that somebody typed, in capitals without hyphens; None when it cannot be one."""
    letters = _SEPARATORS.sub("", typed).upper()
    if len(letters) != LENGTH or any(letter not in LETTERS for letter in letters):
        return None
    return letters if _check(letters[:-1]) == letters[-1] else None


def printed(code: str) -> str:
    """The code as it stands on paper: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def _check(letters: str) -> str:
    total = sum(place * LETTERS.index(letter) for place, letter in enumerate(letters, 2))
    return LETTERS[total % len(LETTERS)]
