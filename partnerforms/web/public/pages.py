"""What the token of a respondent's page says: which page of which link it is, and when it was opened.

No cookie is needed for it: the token is a hidden field of the form. Sent twice, a page is the same response. It never
ends by itself: people keep pages open for days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from partnerforms.models import SurveyLink
from partnerforms.web import house


@dataclass(frozen=True)
class Opened:
    """A page that we made: its nonce, which becomes the response's key, and the moment it was opened."""

    nonce: str
    at: datetime


def new_token(link: SurveyLink) -> str:
    """The token of a page that is opened now."""
    return _signer(link).dumps(f"{house.CHANCE.getrandbits(128):032x}")


def opened(link: SurveyLink, token: str, life: timedelta | None = None) -> Opened | None:
    """The page of a token that we made for this link, and not longer ago than `life`; else None."""
    try:
        nonce, at = _signer(link).loads(
            token, max_age=int(life.total_seconds()) if life else None, return_timestamp=True
        )
    except BadSignature:
        return None
    return Opened(nonce, at)


def _signer(link: SurveyLink) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house.settings().secret_key, salt=f"survey page {link.code}")
