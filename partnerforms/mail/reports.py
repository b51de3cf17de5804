"""Understands the mails by which mail servers say what they could not deliver (RFC 3464, and two older forms).

Such a mail can be forged by anybody. It is believed only when it names a Message-ID and a recipient that belong
together, and Message-IDs are random: who can forge that has seen the mail itself. At worst it makes one delivery
look failed, which people see and can send again. Nothing in it is ever executed, followed or shown as anything
but text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32

_MOST_RECIPIENTS = 20
_LONGEST_WORDS = 500
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_HARD = re.compile(r"\b5\d\d\b|\b5\.\d{1,3}\.\d{1,3}\b")
# Where the returned mail begins in a report that is nothing but text: Exim's line, and qmail's.
_COPY = re.compile(
    r"^-{3,6} (?:This is a copy of (?:the|your) message|Below this line is a copy of the message)[^\n]*$",
    re.MULTILINE,
)
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]{3,254})>:[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What became of a mail to one recipient. Not `failed` means delayed: the server goes on trying."""

    message_id: str
    recipients: frozenset[str]
    words: str
    failed: bool


def read(content: bytes) -> list[Report]:
    """What a mail reports; nothing when it is no report: an answer of somebody who is away, spam, anything else."""
    mail = message_from_bytes(content, policy=compat32)
    if mail.get_content_type() == "multipart/report":
        return list(_standard(mail)) if _says(mail, "report-type") == "delivery-status" else []
    return list(_plain(mail)) if mail.get_content_type() == "text/plain" and _from_a_server(mail) else []


def _standard(mail: Message) -> Iterator[Report]:
    parts = _parts(mail)
    message_id = next((found for part in parts if (found := _returned_id(part))), "")
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if not message_id or status is None:
        return
    for fields in _parts(status)[: _MOST_RECIPIENTS + 1]:  # the first is about the mail as a whole
        action, code = _field(fields, "Action").lower(), _first_status(_field(fields, "Status"))
        named = (_address(_field(fields, name)) for name in ("Original-Recipient", "Final-Recipient"))
        recipients = frozenset(address for address in named if address)
        # "failed" with 4.x.x is a server that has given up after days.
        failed = action == "failed" and not code.startswith("2")
        if recipients and (failed or action == "delayed"):
            said = _field(fields, "Diagnostic-Code").partition(";")[2].strip()
            yield Report(message_id, recipients, _words(code, said), failed)


def _parts(mail: Message) -> list[Message]:
    content = mail.get_payload()
    return [part for part in content if isinstance(part, Message)] if isinstance(content, list) else []


def _returned_id(part: Message) -> str:
    """The Message-ID of the mail that came back, whole or its headers alone."""
    kind = part.get_content_type()
    if kind == "text/rfc822-headers":
        return _field(message_from_string(_text(part).lstrip(), policy=compat32), "Message-ID")
    if kind.startswith("message/") and kind != "message/delivery-status":
        return next((_field(returned, "Message-ID") for returned in _parts(part)), "")
    return ""


def _plain(mail: Message) -> Iterator[Report]:
    """Reports of old: Exim names who failed in a header, qmail in a line of its own with the reason below it."""
    said, copy = _halves(_text(mail))
    message_id = _field(message_from_string(copy, policy=compat32), "Message-ID")
    if not message_id:
        return
    named = [_address(one) for value in mail.get_all("X-Failed-Recipients", []) for one in str(value).split(",")]
    if not named and _HARD.search(said):
        named = _QMAIL_RECIPIENT.findall(said)
    status = _HARD.search(said)
    line = next((one for one in said.splitlines() if _HARD.search(one)), "")
    for address in named[:_MOST_RECIPIENTS]:
        if address:
            code = _first_status(line) or (status.group() if status else "")
            yield Report(message_id, frozenset((address,)), _words(code, line), failed=True)


def _halves(text: str) -> tuple[str, str]:
    found = _COPY.search(text)
    return (text[: found.start()], text[found.end() :].lstrip()) if found else (text, "")


def _from_a_server(mail: Message) -> bool:
    """Was it sent by a program that wants no answer? People's mails quote others too."""
    sender = _address(_field(mail, "From").rpartition("<")[2].rstrip(">"))
    return _field(mail, "Return-Path") == "<>" and sender.partition("@")[0].lower() in ("mailer-daemon", "postmaster")


def _says(mail: Message, parameter: str) -> str:
    return str(mail.get_param(parameter) or "").lower()


def _field(part: Message, name: str) -> str:
    """A header as one line."""
    return " ".join(str(part.get(name, "")).split())


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(content, bytes) else ""


def _address(text: str) -> str:
    """The address of "rfc822; somebody@example.org", or "" when there is none."""
    address = text.rpartition(";")[2].strip().removeprefix("<").removesuffix(">")
    return address if len(address) <= 254 and re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address) else ""


def _first_status(text: str) -> str:
    found = _STATUS.search(text)
    return found.group(1) if found else ""


def _words(code: str, said: str) -> str:
    """The server's words, beginning with its number."""
    return (said if code in said else f"{code} {said}")[:_LONGEST_WORDS].strip()
