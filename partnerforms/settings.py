"""Settings: one frozen dataclass, read once from the environment.

`from_env` looks at every variable and, when any is wrong, names all of them at once and stops.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones


class SettingsError(Exception):
    """One line for each variable that is missing or wrong."""


def checkout() -> Path:
    """The folder with templates/, docx_templates/ and migrations/: the checkout, or inside an installed wheel."""
    package = Path(__file__).parent
    installed = package / "_root"
    return installed if installed.is_dir() else package.parent


@dataclass(frozen=True)
class Mailbox:
    """A folder on an IMAP server, and who we are there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    tls: bool


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs from one installation to the next."""

    secret_key: str
    database_url: str
    base_url: str = "http://127.0.0.1:8000"
    root: Path = field(default_factory=checkout)
    outbox_folder: Path = Path("instance/outbox")
    mail_from: str = "partnerforms <partnerforms@localhost.localdomain>"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    bounce_address: str = ""
    bounce_mailbox: Mailbox | None = None
    trusted_proxies: int = 0
    time_zone: str = ""
    demo: bool = False

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def domain(self) -> str:
        """The host of the base address, for Message-IDs."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of the program's people; None is the machine's."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @property
    def mail_to_folder(self) -> bool:
        """Without an SMTP server mail is written to files, one .eml each."""
        return not self.smtp_host

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of PARTNERFORMS_… variables. SettingsError names every wrong one."""
        wrong = []
        given: dict[str, object] = {}
        for name in (one.name for one in fields(cls)):
            variable = f"PARTNERFORMS_{name.upper()}"
            if name in ("root", "demo") or variable not in environ:
                continue
            try:
                given[name] = _value(name, environ[variable])
            except ValueError as error:
                wrong.append(f"{variable}: {error}")
        for name, rule in (
            ("secret_key", "32 random characters or more"),
            ("database_url", "where the data are"),
        ):
            if name not in given and not any(f"_{name.upper()}:" in line for line in wrong):
                wrong.append(f"PARTNERFORMS_{name.upper()}: is missing ({rule})")
        if wrong:
            raise SettingsError("\n".join(wrong))
        return cls(**given)  # type: ignore[arg-type]  # each value was made for its field by _value


def _value(name: str, text: str) -> object:
    match name:
        case "secret_key" if len(text) < 32:
            raise ValueError("needs 32 characters or more")
        case "database_url":
            return _database_url(text)
        case "base_url" if not text.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        case "base_url":
            return text.rstrip("/")
        case "smtp_security" if text not in ("starttls", "tls", "none"):
            raise ValueError("must be starttls, tls or none")
        case "smtp_port" | "trusted_proxies":
            if not text.isdecimal():
                raise ValueError("must be a whole number")
            return int(text)
        case "time_zone" if text and text not in available_timezones():
            raise ValueError("must be a name such as America/Denver")
        case "outbox_folder":
            return Path(text)
        case "bounce_address" if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", text):
            raise ValueError("must be one mail address")
        case "bounce_mailbox":
            return _mailbox(text) if text else None
    return text


def _mailbox(text: str) -> Mailbox:
    """The mailbox of imaps://user:password@host/INBOX. Special characters in it are percent-encoded."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not an address") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    if parts.scheme not in ("imaps", "imap"):
        raise ValueError("must begin with imaps://")
    if not host or not user or not password:
        raise ValueError("must be imaps://user:password@host/INBOX")
    if parts.scheme == "imap" and not _is_here(host):
        raise ValueError("must begin with imaps://; imap:// is for a server on this machine")
    if not (user + password + folder).isascii() or not (user + password + folder).isprintable():
        raise ValueError("must hold plain characters only")
    tls = parts.scheme == "imaps"
    return Mailbox(host, port or (993 if tls else 143), user, password, folder, tls)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _database_url(text: str) -> str:
    """SQLAlchemy's form of the address: the short forms of PostgreSQL mean the psycopg driver."""
    for short in ("postgres://", "postgresql://"):
        if text.startswith(short):
            return "postgresql+psycopg://" + text.removeprefix(short)
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return text
