"""A real SMTP server for tests that can be told to misbehave, and servers that are hardly any."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from partnerforms.settings import Settings

LOGIN = ("mailer", "correct horse")


@dataclass
class Mail:
    """One mail as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes
    hello: str

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def attachment(self) -> str | None:
        """The hash of the attachment."""
        parts = list(self.message.iter_attachments())
        return sha256(parts[0].get_content()).hexdigest() if parts else None


@dataclass
class Sink:
    """Takes mail, unless one of the lists still has an answer for the command; "drop" ends the connection.

    Mail that it took is in `taken`.
    """

    on_mail: list[str] = field(default_factory=list)
    on_rcpt: list[str] = field(default_factory=list)
    on_data: list[str] = field(default_factory=list)
    drop_after_taking: bool = False
    when_asked: Callable[[], None] | None = None
    when_taken: Callable[[Mail], None] | None = None
    taken: list[Mail] = field(default_factory=list)
    port: int = 0

    def _answer(self, answers: list[str], server: SMTP) -> str:
        answer = answers.pop(0) if answers else "250 fine"
        if answer == "drop":
            server.transport.abort()
        return answer

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer(self.on_mail, server)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.when_asked:
            self.when_asked()
        answer = self._answer(self.on_rcpt, server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer(self.on_data, server)
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            mail = Mail(str(envelope.mail_from), envelope.rcpt_tos, content, str(session.host_name))
            self.taken.append(mail)
            if self.when_taken:
                self.when_taken(mail)
            if self.drop_after_taking:
                server.transport.abort()
        return answer


class _AnyPort(Controller):
    """A controller on a port that the system finds."""

    def _create_server(self) -> Any:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listening, ssl=self.ssl_context)


def _login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    given = (data.login.decode(), data.password.decode())
    return AuthResult(success=given == LOGIN, handled=False)


@contextmanager
def smtp_server(
    sink: Sink,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> Iterator[Sink]:
    """The server, in a thread; its port is in `sink.port`."""
    options: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None}
    if login:
        options |= {"authenticator": _login, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = _AnyPort(sink, hostname="127.0.0.1", ssl_context=tls, **options)
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where `talk` gets each connection, and the connection ends when it returns."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        thread.join()
        listening.close()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def silent(connection: socket.socket) -> None:
    """Never say anything; return when the client gives up."""
    connection.settimeout(10)
    connection.recv(1024)


def hang_up(_connection: socket.socket) -> None:
    """End the connection without a word."""


def smtp_settings(port: int, security: str = "none", **more: str) -> Settings:
    """Settings for a server on this computer."""
    return Settings(
        secret_key="k" * 32,
        database_url="sqlite://",
        mail_from="District, North <forms@district.example.org>",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        **more,
    )
