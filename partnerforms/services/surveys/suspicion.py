"""Doubts: which answers a person should look at before they count. Nothing is dropped, and nobody who sends is told.

No captcha, no address, no cookie. What is looked at is a field that people never meet, how long a page was open for
so many answers, and how many answers come over one link in a while. How many came is counted by the minute, in the
memory of one process, and written nowhere.
"""

import threading
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from partnerforms.models import SurveyLink
from partnerforms.services.surveys.answering import Doubt

_MINUTES = 10


class Watch:
    """Looks at what comes in over all links of one process.

    An answer takes a person at least `each`, and a page at least `least`: half of what somebody needs who presses
    without reading. Over one link come at most `most` answers in ten minutes, or as many as people were asked.
    """

    def __init__(
        self,
        least: timedelta = timedelta(seconds=1),
        each: timedelta = timedelta(seconds=0.25),
        most: int = 500,
    ) -> None:
        self.least, self.each, self.most = least, each, most
        self._lock = threading.Lock()
        self._counts: dict[uuid.UUID, dict[int, int]] = {}

    def doubt(
        self, link: SurveyLink, answers: Mapping[str, Any], took: timedelta, baited: bool, now: datetime
    ) -> Doubt | None:
        """What speaks against these answers, None when nothing does; call it once for each response.

        `took` is how long the answers were in the making, `baited` that the hidden field was filled.
        """
        if baited:
            return "hidden_field"
        given = sum(len(answer) if isinstance(answer, list) else 1 for answer in answers.values())
        if took < max(self.least, given * self.each):
            return "too_fast"
        if self._one_more(link.id, now) > max(self.most, link.people or 0):
            return "too_many"
        return None

    def _one_more(self, link_id: uuid.UUID, now: datetime) -> int:
        """How many came over a link in the last ten minutes, this one included."""
        minute = int(now.timestamp() // 60)
        with self._lock:
            counts = self._counts.get(link_id, {})
            counts = {then: count for then, count in counts.items() if minute - _MINUTES < then <= minute}
            counts[minute] = counts.get(minute, 0) + 1
            self._counts[link_id] = counts
            return sum(counts.values())
