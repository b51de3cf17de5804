"""Where a message goes, an SMTP server or a folder of files, and which of three kinds a failure is."""

import os
import re
import smtplib
import socket
import ssl
import tempfile
import uuid
from datetime import datetime
from pathlib import Path
from typing import Protocol

from partnerforms.mail.connection import TIMEOUT, SafeMail, dispatched
from partnerforms.mail.message import SafeMessage
from partnerforms.settings import Settings


class TransportError(Exception):
    """A message did not go out. The text is shown to people; `code` is the server's number, or 0."""

    def __init__(self, text: str, code: int = 0) -> None:
        self.code = code
        super().__init__(re.sub(r"[\x00-\x1f\x7f\s]+", " ", text).strip()[:500])


class Refused(TransportError):
    """This message, to this recipient, will never be taken."""


class OursError(TransportError):
    """We are not let in (login, certificate, sender): nothing will go out until somebody changes that."""


class TemporaryError(TransportError):
    """It may work later. The message may have arrived all the same, when the connection broke at the end."""


class Transport(Protocol):
    def send(self, message: SafeMessage, delivery_id: uuid.UUID, now: datetime) -> None:
        """Send, or raise Refused, OursError or TemporaryError."""


class SmtpTransport:
    """One connection for each message. Reports of what could not be delivered go to the bounce address."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        self._mail = SafeMail.of_settings(settings, timeout)
        self._reports_to = settings.bounce_address or None

    def send(self, message: SafeMessage, delivery_id: uuid.UUID, now: datetime) -> None:
        _content(message)
        try:
            with self._mail.connect() as connection:
                connection.send(message, self._reports_to)
        except Exception as error:
            raise sort(error) from error


class FolderTransport:
    """Every message becomes a file that only this user can read: sign-in codes are in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: SafeMessage, delivery_id: uuid.UUID, now: datetime) -> None:
        content = _content(message)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(content, f"{now:%Y%m%dT%H%M%S}-{delivery_id}.eml")
        except OSError as error:
            raise OursError(f"The outbox folder cannot be written: {error.strerror}") from error
        dispatched(message)

    def _write(self, content: bytes, name: str) -> None:
        """A file under its name is always whole: it gets the name when all of it is on the disk."""
        handle, path = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(path, self._folder / name)
        except BaseException:
            os.unlink(path)
            raise


def transport_of(settings: Settings) -> Transport:
    """The transport the settings ask for."""
    return FolderTransport(settings.outbox_folder) if settings.mail_to_folder else SmtpTransport(settings)


def _content(message: SafeMessage) -> bytes:
    try:
        return message.as_bytes()
    except Exception as error:  # whatever is wrong with it, trying again makes the same bytes
        raise Refused(f"The message cannot be sent: {error}") from error


def sort(error: Exception) -> TransportError:
    """The kind of a failure of smtplib, of TLS or of the network.

    The order matters: an SMTPException is an OSError, and a wrong certificate is an OSError and a ValueError.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answered(Refused, *next(iter(error.recipients.values())))
        case smtplib.SMTPSenderRefused() if error.smtp_code != 552:
            return _answered(OursError, error.smtp_code, error.smtp_error)
        case smtplib.SMTPDataError() | smtplib.SMTPSenderRefused():  # 552: the message is too large
            return _answered(Refused, error.smtp_code, error.smtp_error)
        case smtplib.SMTPResponseException():
            return _answered(OursError, error.smtp_code, error.smtp_error)
        case smtplib.SMTPServerDisconnected() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return TemporaryError(f"The connection broke: {error}")
        case smtplib.SMTPException() | ssl.SSLError() | ValueError():
            return OursError(f"The mail server and our settings do not fit: {error}")
        case FileNotFoundError() | PermissionError():
            return OursError(f"The certificate file cannot be read: {error.strerror}")
        case socket.gaierror() if error.errno != socket.EAI_AGAIN:
            return OursError("The mail server's name is not known")
        case TimeoutError():
            return TemporaryError("The mail server did not answer in time")
    return TemporaryError(f"The mail server cannot be reached: {error}")


def _answered(kind: type[TransportError], code: int, text: bytes | str) -> TransportError:
    """What the server said. 4xx is always temporary; being told to log in is our matter at any step."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if code < 500:
        kind = TemporaryError
    elif code in (530, 535):
        kind = OursError
    return kind(f"{code} {said}", code)
