"""Every hole of Flask-Mail's connection closed: refusals, time-outs, certificates, login."""

import smtplib
import ssl
from typing import Any

import pytest
from flask import Flask
from flask_mail import Message
from smtp_server import LOGIN, Sink, raw_server, silent, smtp_server, smtp_settings

from partnerforms.mail.connection import SafeMail, mail_config
from partnerforms.mail.message import SafeMessage
from partnerforms.settings import Settings


def letter(**changes: Any) -> SafeMessage:
    usual = {"recipients": ["a@example.org"], "subject": "Hello", "body": "x", "sender": "forms@example.org"}
    return SafeMessage(**{**usual, **changes})


def send(message: Message, settings: Settings, timeout: float = 5) -> None:
    with SafeMail.of_settings(settings, timeout).connect() as connection:
        connection.send(message)


# --- what a connection does ---


def test_a_refused_recipient_is_an_exception(sink: Sink, settings: Settings) -> None:
    sink.on_rcpt = ["550 nobody here"]
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(letter(), settings)


def test_a_server_that_hangs_up_after_taking_a_mail_has_taken_it(settings: Settings) -> None:
    with raw_server(_take_and_hang_up) as port:
        send(letter(), smtp_settings(port))


def _take_and_hang_up(connection: Any) -> None:
    """Says yes to everything and goes after the mail, before QUIT."""
    with connection.makefile("rb") as lines:
        connection.sendall(b"220 here\r\n")
        in_data = False
        for line in lines:
            if in_data and line != b".\r\n":
                continue
            if in_data:
                connection.sendall(b"250 taken\r\n")
                return
            in_data = line.startswith(b"data") or line.startswith(b"DATA")
            connection.sendall(b"354 go on\r\n" if in_data else b"250 fine\r\n")


def test_the_true_error_is_kept_when_the_connection_breaks(sink: Sink, settings: Settings) -> None:
    sink.on_data = ["drop"]
    with pytest.raises(smtplib.SMTPServerDisconnected, match="unexpectedly closed"):
        send(letter(), settings)


def test_a_silent_server_is_given_up(settings: Settings) -> None:
    with raw_server(silent) as port, pytest.raises(OSError, match="timed out"):
        send(letter(), smtp_settings(port), timeout=0.2)
    assert SafeMail.of_settings(settings).state.timeout == 20


def test_only_safe_messages_are_sent(sink: Sink, settings: Settings) -> None:
    with pytest.raises(TypeError):
        send(Message("x", ["a@example.org"], "x", sender="b@example.org"), settings)
    assert sink.taken == []


# --- certificates and login ---


def test_the_certificate_is_checked_against_the_file(authority: Any) -> None:
    with smtp_server(Sink(), starttls=authority.localhost, login=True) as sink:
        send(letter(), _secure(sink, "starttls", authority.ca_file))
        assert len(sink.taken) == 1
    with smtp_server(Sink(), tls=authority.localhost) as sink:
        send(letter(), smtp_settings(sink.port, "tls", smtp_ca_file=authority.ca_file))
        assert len(sink.taken) == 1


@pytest.mark.parametrize("certificate", ["self_signed", "other_name", "localhost"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused(authority: Any, certificate: str, security: str) -> None:
    context = getattr(authority, certificate)
    # The right certificate is a wrong one as long as its authority is unknown.
    ca_file = "" if certificate == "localhost" else authority.ca_file
    with smtp_server(Sink(), **{"starttls" if security == "starttls" else "tls": context}) as sink:
        with pytest.raises(ssl.SSLCertVerificationError):
            send(letter(), _secure(sink, security, ca_file))
        assert sink.taken == []


def test_no_password_and_no_letter_goes_out_unencrypted(sink: Sink) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        send(letter(), _secure(sink, "starttls", ""))
    assert sink.taken == []


def _secure(sink: Sink, security: str, ca_file: str) -> Settings:
    user, password = LOGIN
    return smtp_settings(sink.port, security, smtp_ca_file=ca_file, smtp_user=user, smtp_password=password)


# --- what Flask-Mail is used for elsewhere ---


def test_it_is_flask_mails_extension(sink: Sink, settings: Settings) -> None:
    app = Flask(__name__)
    app.config.update(mail_config(settings))
    mail = SafeMail()
    mail.init_app(app)
    with app.app_context(), mail.record_messages() as recorded:
        mail.send_message("Hello", ["a@example.org"], "x")
        with mail.connect() as connection:
            connection.send_message("Again", ["a@example.org"], "x")
    assert [message.subject for message in recorded] == ["Hello", "Again"]
    assert len(sink.taken) == 2


def test_recording_works_without_an_application_and_without_sending(sink: Sink, settings: Settings) -> None:
    with SafeMail().record_messages() as recorded:
        send(letter(), settings)
    assert len(recorded) == 1
    app = Flask(__name__)
    app.config.update(mail_config(settings), TESTING=True)
    mail = SafeMail(app)
    with mail.record_messages() as recorded:
        mail.send(letter())
        with pytest.raises(ValueError, match="recipient"):
            mail.send(letter(cc=["b@example.org"]))
    assert len(recorded) == 1
    assert len(sink.taken) == 1
