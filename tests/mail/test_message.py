"""Messages: what arrives is what was written, and nothing that people typed adds a header."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from flask_mail import Message
from hypothesis import given
from hypothesis import strategies as st
from smtp_server import Sink

from partnerforms.mail.connection import SafeMail
from partnerforms.mail.message import SafeMessage, parse_sender
from partnerforms.settings import Settings

ID = "<0123456789abcdef@forms.example.org>"


def letter(**changes: Any) -> SafeMessage:
    usual = {
        "subject": "A plan",
        "recipients": ["coordinator@example.org"],
        "body": "Hello,\n\nhere it is.\n",
        "sender": "District, North <forms@district.example.org>",
    }
    message = SafeMessage(**{**usual, **changes})
    message.msgId = ID
    return message


def send(message: Message, settings: Settings, timeout: float = 5) -> None:
    with SafeMail.of_settings(settings, timeout).connect() as connection:
        connection.send(message)


def read(message: SafeMessage) -> EmailMessage:
    return message_from_bytes(message.as_bytes(), policy=default)  # type: ignore[return-value]


# --- what a message is ---


def test_a_letter_arrives_as_it_was_written(sink: Sink, settings: Settings) -> None:
    message = letter(body="¿Cómo está?\n.\n. dots\nFrom here\n", reply_to="office@district.example.org")
    message.attach("Año 2026.docx", "application/vnd.test", b"PK\x00\r\n.\r\n\xff")
    send(message, settings)
    [mail] = sink.taken
    got = mail.message
    assert (mail.sender, mail.recipients) == ("forms@district.example.org", ["coordinator@example.org"])
    assert mail.hello == "district.example.org"  # not the name of this computer
    assert got["From"].addresses[0].display_name == "District, North"
    assert got["Reply-To"] == "office@district.example.org"
    assert got["Message-ID"] == ID
    assert got["Date"].datetime.tzinfo is not None
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["X-Auto-Response-Suppress"] == "All"
    body = got.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "¿Cómo está?\n.\n. dots\nFrom here\n"
    [attachment] = got.iter_attachments()
    assert attachment.get_filename() == "Año 2026.docx"
    assert attachment.get_content() == b"PK\x00\r\n.\r\n\xff"


@pytest.mark.parametrize("body", ["x" * 5000, "é" * 5000, "word " * 1000, "\U0001f600" * 700, "a\r\nb\rc\nd"])
def test_lines_are_short_whatever_was_written(sink: Sink, settings: Settings, body: str) -> None:
    send(letter(body=body), settings)
    [mail] = sink.taken
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 78
    assert mail.content.isascii()
    text = mail.message.get_content().replace("\r\n", "\n")
    assert text.rstrip("\n") == body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def test_long_names_and_addresses_come_through() -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".org"
    message = letter(recipients=[address], subject="Übergröße " * 15)
    message.msgId = f"<{'a' * 32}@{'b' * 60}.example.org>"
    got = read(message)
    assert got["To"].addresses[0].addr_spec == address
    assert got["Message-ID"] == message.msgId
    assert got["Subject"] == "Übergröße " * 15


@pytest.mark.parametrize(
    "text",
    [
        "Übergröße Plan für uns " * 8,
        "plain words " * 15,
        "x" * 150,
        "=?utf-8?b?DQpCY2M6IHg=?=",
        "a  b",
        "学校" * 70,
    ],
)
def test_no_space_and_no_letter_is_lost_in_a_header(text: str) -> None:
    text = text.strip()
    message = letter(subject=text, sender=(text, "a@example.org"))
    # The older decoder of the library: the newer one adds spaces to names of several lines.
    got = message_from_bytes(message.as_bytes())
    assert str(make_header(decode_header(got["Subject"]))) == text
    name, _, address = str(make_header(decode_header(got["From"]))).rpartition(" ")
    assert (name.strip('"'), address) == (text, "<a@example.org>")
    assert max(len(line) for line in message.as_bytes().split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("a@example.org", "", "a@example.org"),
        ("partnerforms <a@localhost.localdomain>", "partnerforms", "a@localhost.localdomain"),
        ("District, North <a@example.org>", "District, North", "a@example.org"),
        ('"District, \\"North\\"" <a@example.org>', 'District, "North"', "a@example.org"),
        ("Escuela Ñandú <a@example.org>", "Escuela Ñandú", "a@example.org"),
        (("District, North", "a@example.org"), "District, North", "a@example.org"),
    ],
)
def test_the_sender_keeps_its_name(sender: str | tuple[str, str], name: str, address: str) -> None:
    assert (parse_sender(sender).display_name, parse_sender(sender).addr_spec) == (name, address)
    [got] = read(letter(sender=sender))["From"].addresses
    assert (got.display_name, got.addr_spec) == (name, address)


@pytest.mark.parametrize("sender", ["", "nobody", "A <nobody>", "A\r\nBcc: b@x.org <a@x.org>", "a@x.org, b@x.org"])
def test_a_sender_that_is_none(sender: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_sender(sender)


HOSTILE = "x\r\nBcc: victim@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"recipients": []},
        {"recipients": [""]},
        {"recipients": ["root"]},
        {"recipients": ["a@x.org, b@y.org"]},
        {"recipients": ["a@x.org", "b@y.org"]},
        {"recipients": [("Ana", "a@x.org")]},
        {"recipients": ["Ana <a@x.org>"]},
        {"recipients": ["a@x.org\r\nBcc: b@y.org"]},
        {"recipients": ["a@x.org>\r\nRCPT TO:<b@y.org"]},
        {"recipients": ["añá@x.org"]},
        {"recipients": ["=?utf-8?b?DQpCY2M6IHg=?=@x.org"]},
        {"recipients": ["a@" + "x" * 255 + ".org"]},
        {"cc": ["b@y.org"]},
        {"bcc": ["b@y.org"]},
        {"html": "<p>Hello"},
        {"subject": HOSTILE},
        {"subject": "a\r\n Bcc: folded@example.org"},
        {"subject": "a\x00b"},
        {"subject": "a\u2028b"},
        {"subject": "half \ud800"},
        {"body": "half \ud800"},
        {"sender": f"{HOSTILE} <a@x.org>"},
        {"reply_to": HOSTILE},
        {"reply_to": "a@x.org, b@y.org"},
        {"extra_headers": {"X-Plan": HOSTILE}},
        {"extra_headers": {"X-Plan\r\nBcc": "b@y.org"}},
        {"extra_headers": {"Bcc": "b@y.org"}},
        {"extra_headers": {"X-Auto-Response-Suppress": "None"}},
    ],
    ids=str,
)
def test_what_must_not_be_sent_is_not(sink: Sink, settings: Settings, changes: dict[str, Any]) -> None:
    message = letter(**changes)
    with pytest.raises(ValueError, match=r"."):
        message.as_bytes()
    assert message.has_bad_headers()
    with pytest.raises(ValueError, match=r"."):
        send(message, settings)
    assert sink.taken == []


def test_encoded_line_breaks_stay_encoded() -> None:
    typed = "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm9yZw==?="
    message = letter(subject=typed, sender=(typed, "a@example.org"), extra_headers={"X-Plan": typed})
    message.attach(typed, "application/octet-stream", b"x")
    assert b"\r\nBcc" not in message.as_bytes()
    assert read(message)["Bcc"] is None


@pytest.mark.parametrize("message_id", ["", "x", "<x>", "<a@b> <c@d>", f"<a@b>{HOSTILE}"])
def test_a_message_id_is_one(message_id: str) -> None:
    message = letter()
    message.msgId = message_id
    with pytest.raises(ValueError, match="Message-ID"):
        message.as_bytes()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain\r\nBcc: b@y.org", "text", "text/plain; charset=x", "multipart/mixed", "message/rfc822"],
)
def test_an_attachment_cannot_bring_headers_by_its_type(content_type: str) -> None:
    message = letter()
    message.attach("plan.docx", content_type, b"x")
    with pytest.raises(ValueError, match="type"):
        message.as_bytes()


def test_an_attachment_cannot_bring_headers_of_its_own() -> None:
    message = letter()
    message.attach("plan.docx", "text/plain", b"x", headers={"Bcc": "b@y.org"})
    with pytest.raises(ValueError, match="headers"):
        message.as_bytes()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.docx\r\nBcc: b@y.org", "plan.docx__Bcc_ b@y.org"),
        ('a"; x="b.docx', "a_; x=_b.docx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\plan.docx", "C__plan.docx"),
        ("plan\u202excod.exe", "plan_xcod.exe"),
        ("half\ud800.docx", "half_.docx"),
        ("", "document"),
        (None, "document"),
        ("…", "…"),
        ("é" * 300 + ".docx", "é" * 115 + ".docx"),
        ("Plan de acción 学校.docx", "Plan de acción 学校.docx"),
    ],
)
def test_an_attachments_name_is_made_safe(name: str | None, safe: str) -> None:
    message = letter()
    message.attach(name, "application/octet-stream", b"x")
    got = read(message)
    [attachment] = got.iter_attachments()
    assert attachment.get_filename() == safe
    assert got["Bcc"] is None
    assert set(attachment.keys()) <= {
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "MIME-Version",
    }


@given(subject=st.text(), name=st.text(), filename=st.text(), body=st.text())
def test_no_text_adds_a_header_or_a_part(subject: str, name: str, filename: str, body: str) -> None:
    message = letter(subject=subject, sender=(name, "a@example.org"), body=body)
    message.attach(filename, "application/octet-stream", b"x")
    try:
        got = read(message)
    except ValueError:
        return
    known = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]
    assert list(got.keys()) == [*known, "MIME-Version", "Content-Type"]
    assert got["From"].addresses[0].addr_spec == "a@example.org"
    assert str(make_header(decode_header(message_from_bytes(message.as_bytes())["Subject"]))) == subject
    assert len(list(got.iter_parts())) == 2
    assert max(len(line) for line in message.as_bytes().split(b"\r\n")) <= 998
