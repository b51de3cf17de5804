"""QR codes as pictures, for paper and for screens."""

from functools import lru_cache
from io import BytesIO

import segno

_DOTS = 300  # an inch, so that the squares have sharp edges in print
_QUIET = 4  # squares of white around the code, which phones need to find it


def on_screen(address: str) -> str:
    """A picture as the address of an <img>: dark on white, also where the page is dark."""
    code = segno.make(address, error="l", micro=False)
    return code.svg_data_uri(scale=3, border=_QUIET, light="#fff", svgclass=None, lineclass=None)


@lru_cache(maxsize=32)
def png(address: str, inches: float) -> bytes:
    """A PNG that is sharp when it is printed so wide. A seventh of it may be dirty or torn (error level M)."""
    code = segno.make(address, error="m", micro=False)
    squares = code.symbol_size(border=_QUIET)[0]
    content = BytesIO()
    code.save(content, kind="png", scale=-(-int(inches * _DOTS) // squares), border=_QUIET)
    return content.getvalue()
