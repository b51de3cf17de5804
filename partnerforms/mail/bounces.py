"""Reads the mailbox to which mail servers report what they could not deliver after all.

A report that is understood (`mail.reports`) marks its delivery, in a transaction of its own that is over before the
server is asked for anything more; then it is deleted from the mailbox, for it may hold a returned document. Every
other mail is marked as seen and stays. When the program dies in between, a report is read twice and does no harm.
"""

import imaplib
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing, only_one
from partnerforms.mail.reports import read
from partnerforms.mail.worker import whereabouts
from partnerforms.services.deliveries import returned
from partnerforms.settings import Mailbox, Settings

EVERY_SECONDS = 180.0
TIMEOUT = 20.0
_AT_ONCE = 50
# A report comes first and the returned mail last: what is cut off is the document.
_LARGEST = 256 * 1024

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Bounces:
    """The reader of one mailbox, for one thread."""

    def __init__(
        self,
        engine: Engine,
        mailbox: Mailbox,
        ca_file: str = "",
        timeout: float = TIMEOUT,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._engine, self._mailbox, self._ca_file = engine, mailbox, ca_file
        self._timeout, self._clock = timeout, clock

    @classmethod
    def of_settings(cls, engine: Engine, settings: Settings) -> "Bounces | None":
        """The reader that the settings ask for, if they do."""
        if settings.bounce_mailbox is None:
            return None
        return cls(engine, settings.bounce_mailbox, settings.smtp_ca_file)

    def run(self, stop: threading.Event) -> None:
        """Look every few minutes until `stop` is set. Trouble with the server stops nothing but this."""
        with only_one(self._engine, "bounces", stop) as allowed:
            while allowed and not stop.is_set():
                try:
                    self.run_once(stop)
                except Exception as error:  # the server is away, or does not let us in
                    log.error("returned mail cannot be read: %s", whereabouts(error))
                stop.wait(EVERY_SECONDS)

    def run_once(self, stop: threading.Event | None = None) -> int:
        """Read what is new; how many deliveries were reported on. OSError or imaplib's: trouble with the server."""
        noted = 0
        with self._connected() as server:
            for uid in self._unseen(server):
                if stop is not None and stop.is_set():
                    break
                outcomes = self._note(self._fetch(server, uid))
                noted += outcomes.count("noted")
                if "too_soon" not in outcomes:
                    self._done(server, uid, understood="noted" in outcomes)
        if noted:
            log.info("returned mail: %d deliveries were reported on", noted)
        return noted

    @contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4]:
        box = self._mailbox
        server: imaplib.IMAP4
        if box.tls:
            context = ssl.create_default_context(cafile=self._ca_file or None)
            server = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=self._timeout)
        else:
            server = imaplib.IMAP4(box.host, box.port, timeout=self._timeout)
        with server:  # logs out at the end
            server.login(box.user, box.password)
            _ok(server.select(_quoted(box.folder)))
            yield server

    def _unseen(self, server: imaplib.IMAP4) -> list[str]:
        (found,) = _ok(server.uid("SEARCH", "UNSEEN UNDELETED"))
        return [uid.decode("ascii") for uid in (found or b"").split()[:_AT_ONCE]]

    def _fetch(self, server: imaplib.IMAP4, uid: str) -> bytes:
        """The beginning of a mail; b"" when it is gone. PEEK: looking does not mark it as seen."""
        answer = _ok(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{_LARGEST}>)"))
        return next((part[1][:_LARGEST] for part in answer if isinstance(part, tuple)), b"")

    def _note(self, content: bytes) -> list[returned.Outcome]:
        try:
            reports = read(content)
            if not reports:
                return []
            with Session(self._engine) as session:
                begin_writing(session)
                outcomes = [
                    returned.report(session, report.message_id, recipient, report.words, report.failed, self._clock())
                    for report in reports
                    for recipient in sorted(report.recipients)
                ]
                session.commit()
            return outcomes
        except SQLAlchemyError:
            raise
        except Exception as error:  # nobody's mail may keep us from reading the next one
            log.warning("a mail in the mailbox for returned mail cannot be read: %s", whereabouts(error))
            return []

    def _done(self, server: imaplib.IMAP4, uid: str, understood: bool) -> None:
        flags = r"(\Seen \Deleted)" if understood else r"(\Seen)"
        _ok(server.uid("STORE", uid, "+FLAGS.SILENT", flags))
        (capabilities,) = _ok(server.capability())  # there are more after the login than before
        if understood and b"UIDPLUS" in capabilities.upper().split():
            _ok(server.uid("EXPUNGE", uid))  # this one alone, not what others have marked


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, content = answer
    if kind != "OK":
        raise imaplib.IMAP4.error("the server does not do what it was asked for")
    return content


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
