"""What becomes of a message at real servers, and which kind of failure it is; the folder of files."""

import os
import smtplib
import socket
import ssl
import threading
import uuid
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from outbox_helpers import NOW
from smtp_server import LOGIN, Sink, closed_port, hang_up, raw_server, silent, smtp_server, smtp_settings

from partnerforms.mail.connection import SafeMail
from partnerforms.mail.message import SafeMessage
from partnerforms.mail.transport import (
    FolderTransport,
    OursError,
    Refused,
    SmtpTransport,
    TemporaryError,
    TransportError,
    sort,
    transport_of,
)
from partnerforms.settings import Settings

KEY = uuid.UUID(int=7)


def letter(**changes: Any) -> SafeMessage:
    usual = {"recipients": ["a@example.org"], "subject": "Hello", "body": "x", "sender": "forms@example.org"}
    return SafeMessage(**{**usual, **changes})


def send(settings: Settings, timeout: float = 5, message: SafeMessage | None = None) -> None:
    SmtpTransport(settings, timeout).send(message or letter(), KEY, NOW)


def test_a_message_arrives(sink: Sink, settings: Settings) -> None:
    send(settings)
    assert [mail.recipients for mail in sink.taken] == [["a@example.org"]]


# --- answers of the server ---


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("on_mail", "550 not you", OursError),
        ("on_mail", "553 not this sender", OursError),
        ("on_mail", "530 log in first", OursError),
        ("on_mail", "552 too large", Refused),
        ("on_mail", "451 wait", TemporaryError),
        ("on_rcpt", "550 nobody here", Refused),
        ("on_rcpt", "551 moved", Refused),
        ("on_rcpt", "530 log in first", OursError),
        ("on_rcpt", "450 greylisted", TemporaryError),
        ("on_rcpt", "452 full", TemporaryError),
        ("on_data", "552 too large", Refused),
        ("on_data", "554 spam", Refused),
        ("on_data", "451 wait", TemporaryError),
        ("on_data", "421 going down", TemporaryError),
    ],
)
def test_every_answer_has_its_kind(
    sink: Sink, settings: Settings, step: str, answer: str, kind: type[TransportError]
) -> None:
    getattr(sink, step).append(answer)
    with pytest.raises(TransportError) as caught:
        send(settings)
    assert type(caught.value) is kind
    assert caught.value.code == int(answer[:3])
    assert answer in str(caught.value)
    assert sink.taken == []


@pytest.mark.parametrize("step", ["on_mail", "on_rcpt", "on_data"])
def test_a_connection_that_breaks_is_temporary(sink: Sink, settings: Settings, step: str) -> None:
    getattr(sink, step).append("drop")
    with pytest.raises(TemporaryError, match="broke"):
        send(settings)
    assert sink.taken == []


def test_a_connection_that_breaks_after_the_mail_was_taken_is_temporary_too(sink: Sink, settings: Settings) -> None:
    sink.drop_after_taking = True
    message = letter()
    for _ in range(2):
        with pytest.raises(TemporaryError):
            send(settings, message=message)
    first, second = sink.taken
    assert first.id == second.id == message.msgId  # a repeat can be recognized


def test_servers_that_do_not_answer(settings: Settings) -> None:
    with pytest.raises(TemporaryError):
        send(smtp_settings(closed_port()))
    with raw_server(hang_up) as port, pytest.raises(TemporaryError):
        send(smtp_settings(port))
    with raw_server(silent) as port, pytest.raises(TemporaryError, match=r"time"):
        send(smtp_settings(port), timeout=0.2)


def test_a_server_that_closes_its_door() -> None:
    def closed(connection: socket.socket) -> None:
        connection.sendall(b"554 no service for you\r\n")

    with raw_server(closed) as port, pytest.raises(OursError, match="554"):
        send(smtp_settings(port))


# --- login and certificates ---


def test_a_wrong_password_is_ours(authority: Any) -> None:
    with smtp_server(Sink(), starttls=authority.localhost, login=True) as sink:
        wrong = smtp_settings(
            sink.port, "starttls", smtp_ca_file=authority.ca_file, smtp_user=LOGIN[0], smtp_password="wrong"
        )
        with pytest.raises(OursError, match="535"):
            send(wrong)
        without = smtp_settings(sink.port, "starttls", smtp_ca_file=authority.ca_file)
        with pytest.raises(OursError, match="530"):
            send(without)
        assert sink.taken == []


def test_certificates_and_protocols_that_do_not_fit_are_ours(authority: Any, sink: Sink) -> None:
    with smtp_server(Sink(), starttls=authority.self_signed) as secure:
        for settings in (
            smtp_settings(secure.port, "starttls"),  # nobody vouches for it
            smtp_settings(secure.port, "tls"),  # the server speaks first, in plain text
            smtp_settings(secure.port, "none"),  # the server insists on STARTTLS
            smtp_settings(secure.port, "starttls", smtp_ca_file="/nowhere/ca.pem"),
            smtp_settings(sink.port, "starttls"),  # not offered
            smtp_settings(sink.port, "none", smtp_user="a", smtp_password="b"),  # no login offered
        ):
            with pytest.raises(OursError):
                send(settings)
        assert secure.taken == sink.taken == []


# --- sorting what cannot be staged ---


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), OursError),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), TemporaryError),
        (smtplib.SMTPAuthenticationError(454, b"later"), TemporaryError),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), OursError),
        (smtplib.SMTPHeloError(501, b"who"), OursError),
        (smtplib.SMTPServerDisconnected("gone"), TemporaryError),
        (ssl.SSLEOFError("gone"), TemporaryError),
        (ssl.SSLCertVerificationError("self-signed"), OursError),
        (UnicodeError("label too long"), OursError),
        (ConnectionResetError("gone"), TemporaryError),
        (OSError("no route"), TemporaryError),
        (AttributeError("a mistake of the library"), TemporaryError),
    ],
    ids=repr,
)
def test_sorting(error: Exception, kind: type[TransportError]) -> None:
    assert type(sort(error)) is kind


def test_a_reason_is_one_short_line() -> None:
    text = str(Refused("a\r\nb\x00c" + "d" * 1000))
    assert text.startswith("a b c")
    assert len(text) == 500


def test_a_message_that_cannot_be_made_is_refused_without_a_connection() -> None:
    with pytest.raises(Refused):
        send(smtp_settings(closed_port()), message=letter(recipients=["a@x.org, b@y.org"]))


# --- the folder ---


def test_the_folder_gets_the_same_bytes(tmp_path: Path, sink: Sink, settings: Settings) -> None:
    message = letter(date=NOW.timestamp())
    folder = tmp_path / "instance" / "outbox"
    with SafeMail().record_messages() as recorded:
        FolderTransport(folder).send(message, KEY, NOW)
    assert recorded == [message]
    send(settings, message=message)
    [path] = folder.iterdir()
    assert path.name == f"20261123T090000-{KEY}.eml"
    assert path.read_bytes().replace(b"\r\n", b"\n") == sink.taken[0].content.replace(b"\r\n", b"\n")
    assert message_from_bytes(path.read_bytes(), policy=default)["Subject"] == "Hello"
    assert path.stat().st_mode & 0o077 == 0  # others cannot read a sign-in code
    assert folder.stat().st_mode & 0o077 == 0


def test_a_file_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        assert list(tmp_path.glob("*.eml")) == []
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OursError, match="No space left"):
        FolderTransport(tmp_path).send(letter(), KEY, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OursError):
        FolderTransport(tmp_path / "file" / "outbox").send(letter(), KEY, NOW)


def test_many_at_once(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path)
    threads = [threading.Thread(target=transport.send, args=(letter(), uuid.uuid4(), NOW)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(tmp_path.glob("*.eml"))) == len(list(tmp_path.iterdir())) == 20


def test_the_settings_choose(tmp_path: Path) -> None:
    assert isinstance(transport_of(smtp_settings(25)), SmtpTransport)
    nowhere = Settings(secret_key="k" * 32, database_url="sqlite://", outbox_folder=tmp_path)
    assert isinstance(transport_of(nowhere), FolderTransport)
