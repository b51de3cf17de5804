"""What the token of a respondent's page says: which page of which link it is, and when it was opened.

No cookie is needed for it: the token is a hidden field of the form. Sent twice, a page is the same response. It never
ends by itself: people keep pages open for days.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from itsdangerous import BadSignature, TimestampSigner

from partnerforms.models import SurveyLink
from partnerforms.web import house

Channel = Literal["link", "kiosk", "invitation", "preview"]
# A page of a kiosk or a preview is not taken for one of a respondent's own phone, nor the other way round.
_APART = ("kiosk", "preview")
_FILLED = "~"


@dataclass(frozen=True)
class Opened:
    """A page that we made: its nonce, which becomes the response's key, and the moment it was opened.

    `filled` is a page that came with answers already: it takes no more than a press.
    """

    nonce: str
    at: datetime

    @property
    def filled(self) -> bool:
        return self.nonce.endswith(_FILLED)


def new_token(link: SurveyLink, channel: Channel = "link", filled: bool = False) -> str:
    """The token of a page that is opened now."""
    nonce = urlsafe_b64encode(house.CHANCE.randbytes(16)).decode().rstrip("=")
    return _signer(link, channel).sign(nonce + _FILLED * filled).decode()


def opened(link: SurveyLink, token: str, channel: Channel = "link", life: timedelta | None = None) -> Opened | None:
    """The page of a token that we made for this link, and not longer ago than `life`; else None."""
    most = int(life.total_seconds()) if life else None
    try:
        nonce, at = _signer(link, channel).unsign(token, max_age=most, return_timestamp=True)
    except (BadSignature, UnicodeError):
        return None
    return Opened(nonce.decode(), at)


def _signer(link: SurveyLink, channel: Channel) -> TimestampSigner:
    kind = f"{channel} page" if channel in _APART else "page"
    return TimestampSigner(house.settings().secret_key, salt=f"survey {kind} {link.code}")
