"""Mails as they come into a mailbox for returned mail: reports in the forms of several servers, and what is none."""

ID, TO = "<0123456789abcdef@forms.example.org>", "lee@school.example.org"


def standard(
    message_id: str = ID,
    recipient: str = TO,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <lee@school.example.org>: user unknown",
    returned: str = "text/rfc822-headers",
    extra: str = "",
) -> bytes:
    """A report as RFC 3464 wants it, as Postfix, Exchange and Gmail write it."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: forms@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x/y"

This is a MIME-encapsulated message.

--x/y
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--x/y
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; {recipient}
{extra}Action: {action}
Status: {status}
Remote-MTA: dns; mail.school.example.org
Diagnostic-Code: {said}

--x/y
Content-Description: Undelivered Message
Content-Type: {returned}

Return-Path: <forms@example.org>
Subject: A plan
From: Forms <forms@example.org>
To: {recipient}
Message-ID: {message_id}

--x/y--
""".encode()


EXIM = f"""\
Return-Path: <>
X-Failed-Recipients: {TO}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: forms@example.org
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    host mail.school.example.org [192.0.2.1]: 550 No such user here

------ This is a copy of the message, including all the headers. ------

Return-path: <forms@example.org>
Message-ID: {ID}
Subject: A plan
To: {TO}

Hello
""".encode()

QMAIL = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: forms@example.org
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <forms@example.org>
Message-ID: {ID}
To: {TO}

Hello
""".encode()

AWAY = f"""\
Return-Path: <>
From: Lee Tran <{TO}>
To: forms@example.org
Subject: I am away
Auto-Submitted: auto-replied
In-Reply-To: {ID}

I am away until Monday. 550 5.1.1
{ID}
""".encode()

QUOTED = EXIM.replace(b"Return-Path: <>", b"Return-Path: <somebody@example.net>").replace(
    b"Mailer-Daemon@mx.example.net", b"somebody@example.net"
)

ANSWERED = EXIM.replace(b"Return-Path: <>", b"Return-Path: <somebody@example.net>")
OPENED = standard().replace(b"report-type=delivery-status", b"report-type=disposition-notification")
COMPLAINT = standard().replace(b"report-type=delivery-status", b"report-type=feedback-report")
SPAM = b"From: a@b.example\nContent-Type: text/html\n\n<script>" + ID.encode() + b"</script>"

_DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
NONSENSE = {
    "nothing": b"",
    "no headers": b"\n\n\n",
    "bytes": bytes(range(256)) * 50,
    "deep": b"Return-Path: <>\n" + _DEEP,
    "cut off": standard()[:700],
    "no report in it": standard().replace(b"message/delivery-status", b"text/plain"),
    "no returned mail": standard(returned="text/plain"),
    "status is no message": standard().replace(
        b"message/delivery-status", b"message/delivery-status\nContent-Transfer-Encoding: base64"
    ),
    "report of nothing": b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n",
    "parameter": b"Content-Type: multipart/report; report-type*=utf-8''%ff%00\n\nx",
    "no letters": standard().replace(b"user unknown", b"\xff\xfe\x00"),
    "many lines": EXIM.replace(b"Hello", b"<a@b.c>:\n" * 20_000),
}  # fmt: skip
