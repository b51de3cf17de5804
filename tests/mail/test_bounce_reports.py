"""Reports of undeliverable mail are understood, and nothing else is taken for one."""

import pytest
from bounce_mails import ANSWERED, AWAY, COMPLAINT, EXIM, ID, NONSENSE, OPENED, QMAIL, QUOTED, SPAM, TO, standard

from partnerforms.mail.reports import Report, read


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822", "message/rfc822-headers"])
def test_a_standard_report(returned: str) -> None:
    words = "550 5.1.1 <lee@school.example.org>: user unknown"
    assert read(standard(returned=returned)) == [Report(ID, frozenset((TO,)), words, failed=True)]


@pytest.mark.parametrize(("mail", "says"), [(EXIM, "550 No such user here"), (QMAIL, "#5.1.1")])
def test_older_forms(mail: bytes, says: str) -> None:
    (report,) = read(mail)
    assert (report.message_id, report.recipients, report.failed) == (ID, {TO}, True)
    assert says in report.words


@pytest.mark.parametrize(
    ("action", "status", "failed"),
    [
        ("failed", "5.2.2", [True]),
        ("FAILED", "5.0.0", [True]),
        ("failed", "4.4.1", [True]),  # given up after days
        ("failed", "2.0.0", []),
        ("delayed", "4.4.1", [False]),
        ("delivered", "2.0.0", []),
        ("relayed", "2.0.0", []),
        ("expanded", "2.0.0", []),
        ("", "5.1.1", []),
    ],
)
def test_only_giving_up_is_a_failure(action: str, status: str, failed: list[bool]) -> None:
    assert [report.failed for report in read(standard(action=action, status=status))] == failed


def test_a_forwarded_mail_is_known_by_its_original_recipient() -> None:
    (report,) = read(standard(recipient="new@other.example.org", extra=f"Original-Recipient: rfc822;{TO}\n"))
    assert report.recipients == {TO, "new@other.example.org"}


@pytest.mark.parametrize("mail", [AWAY, QUOTED, ANSWERED, OPENED, COMPLAINT, SPAM])
def test_what_is_no_report_says_nothing(mail: bytes) -> None:
    assert read(mail) == []


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_survived(kind: str) -> None:
    try:
        reports = read(NONSENSE[kind])
    except RecursionError:  # the reader of the mailbox goes on
        assert kind == "deep"
        return
    for report in reports:
        assert report.message_id == ID
        assert len(report.words) <= 500


def test_a_report_of_very_many_recipients_is_read_in_part() -> None:
    block = "\n\nFinal-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1"
    assert 0 < len(read(standard(said="x" + block * 500))) <= 20
