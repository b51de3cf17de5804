"""The mail worker: takes one delivery at a time out of the outbox, writes the letter, sends it, says so.

Nothing is lost when a worker dies: a row is settled after the server took the message. A worker that dies
between the two sends it twice, under the same Message-ID. Any number of workers may share a PostgreSQL
database; with SQLite one works, and others wait for its file lock.

The log has ids only, no addresses and no texts: neither a person nor a code can be read from it.
"""

import logging
import random
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing, forget_deleted, only_one
from partnerforms.engine.library import Library
from partnerforms.engine.texts import Catalogue
from partnerforms.mail.letters import for_respondents, respondent_letter_keys, write
from partnerforms.mail.message import SafeMessage
from partnerforms.mail.transport import OursError, Refused, Transport, TransportError, transport_of
from partnerforms.models import Organization
from partnerforms.services.deliveries import outbox
from partnerforms.services.deliveries.outbox import Claimed, Enclosure
from partnerforms.services.inheritance import upward
from partnerforms.services.translations import overlaid, published
from partnerforms.settings import Settings

LEASE = timedelta(minutes=5)  # longer than the longest talk with a server that answers
CHORES_EVERY = timedelta(minutes=1)
POLL_SECONDS = 1.0
TROUBLE_SECONDS = 5.0

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_LETTERS = tuple(respondent_letter_keys().items())

log = logging.getLogger(__name__)

Chore = Callable[[Session, datetime], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery; None is success."""

    claimed: Claimed
    failure: TransportError | None


def _now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """One worker, for one thread. `chores` are done about once a minute, each in a transaction of its own.

    With several workers each does its chores, so they must bear being done twice.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        library: Library,
        *,
        transport: Transport | None = None,
        chores: Sequence[Chore] = (),
        rng: random.Random | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._library = library
        self._transport = transport or transport_of(settings)
        self._chores = chores
        self._chores_due: datetime | None = None
        self._rng = rng or random.SystemRandom()
        self._clock = clock
        self._unsettled: Outcome | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a mail that is being sent is finished first."""
        with only_one(self._engine, "mailer", stop) as allowed:
            if not allowed:
                return
            log.info("mail worker started")
            must_take_back = True
            while not stop.is_set():
                try:
                    if must_take_back:
                        self.take_back(self._clock())
                        must_take_back = False
                    self.run_chores(self._clock())
                    idle = not self.run_once(self._clock())
                except Exception as error:  # a database that is away comes back; mail must then go on
                    # The text of a database error can hold the row, so only its kind is logged.
                    log.error("mail worker in trouble: %s", whereabouts(error))
                    must_take_back = True
                    stop.wait(TROUBLE_SECONDS)
                    continue
                if idle:
                    stop.wait(POLL_SECONDS)
            log.info("mail worker stopped")

    def run_once(self, now: datetime) -> bool:
        """Send one delivery that is due; False when there is none. No transaction is open while it is sent.

        When the database does not take the outcome, it is kept, and settled before anything else is claimed.
        """
        self._settle(now)
        with self._writing() as session:
            claimed = outbox.claim(session, now, LEASE)
        if claimed is None:
            return False
        self._unsettled = Outcome(claimed, self._deliver(claimed, now))
        self._settle(now)
        return True

    def run_chores(self, now: datetime) -> bool:
        """Do the chores if a minute has passed since they were. An error in one stops neither others nor mail."""
        if self._chores_due is not None and now < self._chores_due:
            return False
        self._chores_due = now + CHORES_EVERY
        for chore in self._chores:
            try:
                with self._writing() as session:
                    chore(session, now)
            except Exception as error:
                log.error("mail worker: a chore failed: %s", whereabouts(error))
        if self._chores:
            forget_deleted(self._engine)
        return True

    def take_back(self, now: datetime) -> None:
        """Queue again what dead workers left. With SQLite only for the one that holds the file lock."""
        self._settle(now)  # what we know the outcome of must not be sent again
        with self._writing() as session:
            count = outbox.take_back(session, now)
        if count:
            log.warning("mail worker took back %d deliveries of a dead worker", count)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with Session(self._engine, expire_on_commit=False) as session:
            begin_writing(session)
            yield session
            session.commit()

    def _deliver(self, claimed: Claimed, now: datetime) -> TransportError | None:
        try:
            self._transport.send(self._message(claimed, now), claimed.id, now)
        except TransportError as failure:
            return failure
        return None

    def _message(self, claimed: Claimed, now: datetime) -> SafeMessage:
        """The message from what is stored; Refused when it cannot be made, for it never will be."""
        try:
            if claimed.too_late:
                raise ValueError("Its time was over before it could be sent.")
            with Session(self._engine) as session:
                enclosure = outbox.enclosure(session, claimed)
                reply_to = outbox.reply_address(session, claimed)
                catalogue = self._catalogue(session, claimed)
            return self._compose(claimed, catalogue, enclosure, reply_to, now)
        except SQLAlchemyError:
            raise  # the database is in trouble, not the letter
        except Exception as error:
            raise Refused(f"The letter cannot be written: {error}") from error

    def _catalogue(self, session: Session, claimed: Claimed) -> Catalogue:
        """The words of the reader's language; for a respondent those of the place that asks."""
        library = self._library
        asking = session.get(Organization, claimed.organization_id) if for_respondents(claimed.letter) else None
        if asking is not None:
            library = overlaid(library, published(session, list(upward(asking))), _LETTERS)
        return library.catalogues.get(claimed.language, Catalogue())

    def _compose(
        self, claimed: Claimed, catalogue: Catalogue, enclosure: Enclosure | None, reply_to: str | None, now: datetime
    ) -> SafeMessage:
        subject, body = write(claimed.letter, claimed.details, catalogue)
        message = SafeMessage(
            subject=subject,
            recipients=[claimed.recipient],
            body=body,
            sender=self._settings.mail_from,
            reply_to=reply_to,
            date=now.timestamp(),
        )
        if stop := claimed.details.get("stop"):
            # Mail programs show a button of their own for it, and press it by a POST (RFC 8058).
            message.extra_headers = {
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        message.msgId = claimed.message_id
        if enclosure is not None:
            message.attach(enclosure.filename, _WORD, enclosure.content)
        return message

    def _settle(self, now: datetime) -> None:
        outcome = self._unsettled
        if outcome is None:
            return
        with self._writing() as session:
            ours = self._write_down(session, outcome, now)
        self._unsettled = None
        if not ours:
            log.warning("delivery %s: somebody else has it, nothing settled", outcome.claimed.id)

    def _write_down(self, session: Session, outcome: Outcome, now: datetime) -> bool:
        claimed, failure = outcome.claimed, outcome.failure
        about = (claimed.id, claimed.letter, claimed.attempts)
        match failure:
            case None:
                log.info("delivery %s (%s, attempt %d): sent", *about)
                return outbox.sent(session, claimed, now)
            case Refused():
                log.warning("delivery %s (%s, attempt %d): refused (%d)", *about, failure.code)
                return outbox.refused(session, claimed, str(failure))
            case OursError():
                log.error("delivery %s (%s, attempt %d): mail is paused (%d)", *about, failure.code)
                return outbox.pause(session, claimed, str(failure), now)
        log.warning("delivery %s (%s, attempt %d): later (%d)", *about, failure.code)
        return outbox.later(session, claimed, str(failure), now, self._rng)


def whereabouts(error: BaseException) -> str:
    """Kind and place of an error, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}"
