"""QR codes as pictures for paper."""

from functools import lru_cache
from io import BytesIO

import segno

_DOTS = 300  # an inch, so that the squares have sharp edges in print
_QUIET = 4  # squares of white around the code, which phones need to find it


@lru_cache(maxsize=32)
def png(address: str, inches: float) -> bytes:
    """A PNG that is sharp when it is printed so wide. A seventh of it may be dirty or torn (error level M)."""
    code = segno.make(address, error="m", micro=False)
    squares = code.symbol_size(border=_QUIET)[0]
    content = BytesIO()
    code.save(content, kind="png", scale=-(-int(inches * _DOTS) // squares), border=_QUIET)
    return content.getvalue()
