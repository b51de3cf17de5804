"""Flask-Mail with its holes closed: `SafeMail` and `SafeConnection`, for a `SafeMessage`.

Flask-Mail 0.10 drops a refused recipient silently, waits for ever, takes any certificate, reports a failure
after a success when the server hangs up, lets an attachment's name add headers and sends lines that servers
refuse. Here a message goes to exactly one plain address, and a refusal is an exception. Suppressing (TESTING)
and `record_messages` work as in Flask-Mail.
"""

import smtplib
import ssl
from types import TracebackType
from typing import Any

from flask import current_app, has_app_context
from flask_mail import Connection, Mail, Message, _Mail, email_dispatched

from partnerforms.mail.message import SafeMessage, parse_sender, plain_address
from partnerforms.settings import Settings

TIMEOUT = 20.0


def mail_config(settings: Settings) -> dict[str, object]:
    """The settings under Flask-Mail's names, for `app.config`, together with two names of our own."""
    return {
        "MAIL_SERVER": settings.smtp_host,
        "MAIL_PORT": settings.smtp_port,
        "MAIL_USE_TLS": settings.smtp_security == "starttls",
        "MAIL_USE_SSL": settings.smtp_security == "tls",
        "MAIL_USERNAME": settings.smtp_user,
        "MAIL_PASSWORD": settings.smtp_password,
        "MAIL_DEFAULT_SENDER": settings.mail_from,
        "MAIL_CA_FILE": settings.smtp_ca_file,
        "MAIL_TIMEOUT": TIMEOUT,
        "MAIL_DEBUG": False,  # Flask-Mail would print every letter when the application is in debug mode
    }


class State(_Mail):
    """What Flask-Mail keeps of its configuration, with the certificate file and the time-out of ours."""

    ca_file: str = ""
    timeout: float = TIMEOUT


class SafeConnection(Connection):
    """One connection to the SMTP server, for one thread. A refusal raises smtplib's exception."""

    def __init__(self, state: State) -> None:
        super().__init__(state)  # type: ignore[arg-type]  # typed as Mail there, and given the state
        self.state = state

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        state = self.state
        # The greeting names the sender's domain: this computer's own name may be private, and slow to find.
        domain = parse_sender(state.default_sender or "").domain
        host: smtplib.SMTP | smtplib.SMTP_SSL
        if state.use_ssl:
            host = smtplib.SMTP_SSL(
                state.server, state.port or 465, domain, timeout=state.timeout, context=self._certificates()
            )
        else:
            host = smtplib.SMTP(state.server, state.port or 25, domain, timeout=state.timeout)
        try:
            if state.use_tls:
                host.starttls(context=self._certificates())
            if state.username and state.password:
                host.login(state.username, state.password)
        except BaseException:
            host.close()
            raise
        return host

    def _certificates(self) -> ssl.SSLContext:
        """Checks the certificate and the name in it, against the file if there is one."""
        return ssl.create_default_context(cafile=self.state.ca_file or None)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        host, self.host = self.host, None
        if host is None:
            return
        answered = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
        if exc_type is not None and not issubclass(exc_type, answered):
            host.close()  # the server does not answer, so there is nobody to say goodbye to
            return
        try:
            host.quit()
        except (smtplib.SMTPException, OSError):
            host.close()  # what was sent is sent, and a refusal keeps its own exception

    def send(self, message: Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        """Send to the one recipient. ValueError: must not be sent; smtplib's and OSError: was not taken."""
        if not isinstance(message, SafeMessage):
            raise TypeError("only a SafeMessage is sent")
        content = message.as_bytes()
        if self.host is not None:
            if self.host.sock is not None:
                # A server may look into a letter before it takes it; giving up early means sending it twice.
                self.host.sock.settimeout(3 * self.state.timeout)
            self.host.sendmail(
                parse_sender(envelope_from or message.sender).addr_spec,
                plain_address(message.recipients[0]),
                content,
                message.mail_options,
                message.rcpt_options,
            )
        self.num_emails += 1
        dispatched(message)

    def send_message(self, *args: Any, **kwargs: Any) -> None:
        """`send(SafeMessage(…))`."""
        self.send(SafeMessage(*args, **kwargs))


def dispatched(message: SafeMessage) -> None:
    """Tell who listens (`record_messages`) that a message went out; there need not be an application."""
    # A signal's sender must be the application itself, and the types of the proxy leave out the way to it.
    sender = current_app._get_current_object() if has_app_context() else None  # type: ignore[attr-defined]  # see above
    email_dispatched.send(sender, message=message)


class SafeMail(Mail):
    """Flask-Mail's extension with safe connections. `of_settings` makes one that needs no application."""

    @classmethod
    def of_settings(cls, settings: Settings, timeout: float = TIMEOUT) -> "SafeMail":
        """A SafeMail of its own for the worker. It never suppresses sending."""
        mail = cls()
        mail.state = mail.init_mail({**mail_config(settings), "MAIL_TIMEOUT": timeout})
        return mail

    def init_mail(self, config: dict[str, Any], debug: bool | int = False, testing: bool = False) -> State:
        plain = super().init_mail(config, debug, testing)
        state = State(**vars(plain))
        state.ca_file = config.get("MAIL_CA_FILE", "")
        state.timeout = config.get("MAIL_TIMEOUT", TIMEOUT)
        return state

    def connect(self) -> SafeConnection:
        """A connection to be used in a `with` block."""
        state: Any = self.state or current_app.extensions["mail"]
        return SafeConnection(state)

    def send_message(self, *args: Any, **kwargs: Any) -> None:
        """`send(SafeMessage(…))`."""
        self.send(SafeMessage(*args, **kwargs))
