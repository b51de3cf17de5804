"""What a mail is here: plain text to one plain address, documents attached, and no way to add a header."""

import re
import time
import unicodedata
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import formataddr, formatdate
from typing import Any, ClassVar, Literal

from flask_mail import Attachment, Message

_LONGEST_PLAIN = 66

_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_PLAIN_ADDRESS = re.compile(rf"{_LOCAL_PART}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>")
_HEADER_NAME = re.compile(r"(?:X|List)-[A-Za-z0-9-]+")
_ADDRESS_OF_PAGE = re.compile(r"<https?://[!#-;=?-~]{1,400}>")  # of List-Unsubscribe: it is not read when encoded
_CONTENT_TYPE = re.compile(r"([\w.+-]+)/([\w.+-]+)", re.ASCII)
_NOT_IN_FILENAMES = '"\\/:<>|?*'


def plain_address(text: object) -> str:
    """The text if it is one bare address and nothing else; else ValueError."""
    if isinstance(text, str) and len(text) <= 254 and "=?" not in text and _PLAIN_ADDRESS.fullmatch(text):
        return text
    raise ValueError("not one plain mail address")


def parse_sender(text: str | tuple[str, str]) -> Address:
    """Name and address of "District, North <mail@example.org>", with or without quotes around the name."""
    name, _, address = text.rpartition("<") if isinstance(text, str) else (text[0], "", text[1])
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Address(_one_line(name), addr_spec=plain_address(address.strip().removesuffix(">")))


class _Written(BaseHeader):
    """A header whose text goes out as it is, one encoded word a line.

    The library's own class loses spaces of long non-ASCII texts when it folds them, and it decodes =?…?= that
    people typed, line breaks and all.
    """

    max_count: ClassVar[Literal[1]] = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds |= {"parse_tree": None, "decoded": value}

    def fold(self, *, policy: Policy) -> str:
        lines = self.replace("?= ", f"?={policy.linesep} ")
        return f"{self.name}: {lines}{policy.linesep}"


_HEADERS = HeaderRegistry(default_class=_Written)  # type: ignore[arg-type]  # typed too narrowly
for _name in ("subject", "from"):
    _HEADERS.map_to_type(_name, _Written)
_POLICY = SMTP.clone(max_line_length=76, header_factory=_HEADERS)


def _encoded(text: str) -> str:
    """The text as it is when it is short and plain, else as encoded words with a space between."""
    if text.isascii() and len(text) <= _LONGEST_PLAIN and "=?" not in text and "?=" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep="")


def _from_line(sender: Address) -> str:
    name = _encoded(sender.display_name)
    if name == sender.display_name:
        return formataddr((name, sender.addr_spec))  # puts quotes where they are needed
    return f"{name} <{sender.addr_spec}>"


def _one_line(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise ValueError("a line break or control character in a header")
    return text


class SafeMessage(Message):
    """A plain text mail to one address. Set `msgId` to repeat a mail under the same Message-ID.

    Bytes are made by `as_bytes`, which raises ValueError for whatever must not be sent.
    """

    def _message(self) -> EmailMessage:  # type: ignore[override]  # Flask-Mail only asks it for its bytes
        if len(self.recipients) != 1 or self.cc or self.bcc:
            raise ValueError("one recipient a message")
        if self.alts:
            raise ValueError("plain text only")
        message = EmailMessage(policy=_POLICY)
        message["Subject"] = _encoded(_one_line(self.subject))
        message["From"] = _from_line(parse_sender(self.sender))
        message["To"] = Address(addr_spec=plain_address(self.recipients[0]))
        if self.reply_to:
            message["Reply-To"] = Address(addr_spec=plain_address(self.reply_to))
        message["Date"] = formatdate(time.time() if self.date is None else self.date, usegmt=True)
        if not _MESSAGE_ID.fullmatch(self.msgId):
            raise ValueError("not a Message-ID")
        message["Message-ID"] = self.msgId
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        for name, value in (self.extra_headers or {}).items():
            if not _HEADER_NAME.fullmatch(name) or name in message:
                raise ValueError("a header that cannot be added")
            message[name] = value if _ADDRESS_OF_PAGE.fullmatch(value) else _encoded(_one_line(value))
        # Quoted-printable has short lines whatever the text is; servers refuse lines over 998 bytes.
        message.set_content(self.body or "", charset="utf-8", cte="quoted-printable")
        for attachment in self.attachments:
            _attach(message, attachment)
        return message

    def has_bad_headers(self) -> bool:
        """Are there headers, of any kind, that must not be sent?"""
        try:
            self._message()
        except ValueError:
            return True
        return False


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    kind = _CONTENT_TYPE.fullmatch(attachment.content_type)
    if not kind or kind[1] in ("multipart", "message"):
        raise ValueError("not a content type an attachment can have")
    if attachment.headers:
        raise ValueError("no headers of its own in an attachment")
    data = attachment.data.encode() if isinstance(attachment.data, str) else attachment.data
    message.add_attachment(data, maintype=kind[1], subtype=kind[2], filename=_filename(attachment.filename))


def _filename(name: str | None) -> str:
    """A file name that any system takes and no header is hurt by; a long one is cut before its ending."""
    marks = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, invisible direction marks, halves of characters
    safe = "".join(
        "_" if character in _NOT_IN_FILENAMES or unicodedata.category(character) in marks else character
        for character in name or ""
    )
    clean = safe.strip(" .") or "document"
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: 119 - len(ending)]}{dot}{ending}" if dot and len(ending) < 10 else clean[:120]
