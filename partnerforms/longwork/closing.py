"""The mail of closed surveys, one place after the other: closing takes no time, and nobody waits long to write.

What cannot be made (a template that fails, say) is tried again an hour later: results and sheets are never lost.
"""

import logging
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing
from partnerforms.mail.worker import whereabouts
from partnerforms.services.surveys import mailing
from partnerforms.services.tools import Tools

AGAIN_AFTER = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass
class _Round:
    """A publication on its way: the places that are left, and whether the mail of one could not be made."""

    publication_id: uuid.UUID
    places: list[uuid.UUID]
    failed: bool = False


class ClosedSurveys:
    """Remembers where it is; after a restart it begins anew, and passes over what has been queued."""

    def __init__(self, engine: Engine, tools: Tools, chance: random.Random) -> None:
        self._engine, self._tools, self._chance = engine, tools, chance
        self._round: _Round | None = None
        self._again: dict[uuid.UUID, datetime] = {}

    def step(self, now: datetime) -> bool:
        """Make what one place is mailed and queue it; False when nothing waits."""
        self._round = self._round or self._begin(now)
        if self._round is None:
            return False
        if self._round.places:
            self._mail(self._round, self._round.places[-1], now)
            self._round.places.pop()  # not before: where the database was away, the place has its turn again
        if not self._round.places:
            self._end(self._round, now)
            self._round = None
        return True

    def _begin(self, now: datetime) -> _Round | None:
        later = [publication_id for publication_id, moment in self._again.items() if moment > now]
        with Session(self._engine) as session:
            publication = mailing.next_waiting(session, later)
            return _Round(publication.id, mailing.places(session, publication)) if publication else None

    def _mail(self, this: _Round, place: uuid.UUID, now: datetime) -> None:
        """Documents are made while others may write; only queueing takes the database for itself."""
        for make in (mailing.make_report, mailing.make_sheets):
            try:
                with Session(self._engine) as session:
                    made = make(session, this.publication_id, place, self._tools, self._chance, now)
                with Session(self._engine) as session:
                    begin_writing(session)
                    mailing.queue(session, this.publication_id, place, made, self._tools, now)
                    session.commit()
            except SQLAlchemyError:
                raise
            except Exception as error:  # its text may hold an answer
                log.error("place %s of publication %s: %s; it waits", place, this.publication_id, whereabouts(error))
                this.failed = True

    def _end(self, this: _Round, now: datetime) -> None:
        if this.failed:
            self._again[this.publication_id] = now + AGAIN_AFTER
            return
        with Session(self._engine) as session:
            begin_writing(session)
            mailing.finish(session, this.publication_id, now)
            session.commit()
