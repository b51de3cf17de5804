"""The mailbox for returned mail, on a real IMAP server."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bounce_mails import AWAY, EXIM, NONSENSE, QMAIL, SPAM, TO, standard
from imap_server import Imap, imap_server
from outbox_helpers import NOW, claim, look, put, writing
from smtp_server import Sink, hang_up, raw_server, silent, smtp_settings
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from worker_helpers import NoCommit, worker_of

from partnerforms.mail.bounces import Bounces
from partnerforms.models import AuditEntry, Delivery
from partnerforms.services.deliveries import outbox


@pytest.fixture(scope="module")
def dovecot(authority: Any) -> Iterator[Imap]:
    folder = Path(authority.ca_file).parent
    with imap_server(str(folder / "localhost")) as found:
        yield found


@pytest.fixture
def imap(dovecot: Imap) -> Imap:
    """The server with an empty mailbox."""
    for part in ("new", "cur"):
        for path in (dovecot.files / part).iterdir():
            path.unlink()
    return dovecot


@pytest.fixture
def bounces(engine: Engine, imap: Imap) -> Bounces:
    return Bounces(engine, imap.mailbox, timeout=5, clock=lambda: NOW)


def sent(engine: Engine, dedup: str = "one", recipient: str = TO) -> Delivery:
    with writing(engine) as session:
        put(session, dedup, recipient=recipient)
    claimed = claim(engine)
    with writing(engine) as session:
        outbox.sent(session, claimed, NOW)
    return look(engine, claimed.id)


def report(delivery: Delivery, **more: str) -> bytes:
    return standard(delivery.message_id, delivery.recipient, **more)


@pytest.mark.parametrize("form", ["standard", "exim", "qmail"])
def test_a_report_marks_its_delivery_and_is_deleted(engine: Engine, imap: Imap, bounces: Bounces, form: str) -> None:
    delivery, other = sent(engine), sent(engine, "two")
    mail = {"standard": standard(), "exim": EXIM, "qmail": QMAIL}[form]
    imap.arrive("report", mail.replace(standard_id(), delivery.message_id.encode()))
    assert bounces.run_once() == 1
    kept = look(engine, delivery.id)
    assert kept.state == "failed"
    assert kept.error
    assert "5" in kept.error
    assert look(engine, other.id).state == "sent"
    assert imap.flags() == {}
    with writing(engine) as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.subject, entry.person_id) == ("delivery.returned", TO, None)
    assert bounces.run_once() == 0


def standard_id() -> bytes:
    return standard().partition(b"Message-ID: ")[2].partition(b"\n")[0]


def test_a_delayed_mail_is_noted_and_has_not_failed(engine: Engine, imap: Imap, bounces: Bounces) -> None:
    delivery = sent(engine)
    imap.arrive("report", report(delivery, action="delayed", status="4.4.1", said="smtp; connection timed out"))
    assert bounces.run_once() == 1
    kept = look(engine, delivery.id)
    assert (kept.state, kept.error) == ("sent", "4.4.1 connection timed out")


def test_only_who_knows_message_id_and_recipient_is_believed(engine: Engine, imap: Imap, bounces: Bounces) -> None:
    delivery = sent(engine)
    imap.arrive("wrong-id", standard(recipient=TO))
    imap.arrive("wrong-recipient", standard(delivery.message_id, "other@school.example.org"))
    imap.arrive("pattern", standard(delivery.message_id, "%"))
    assert bounces.run_once() == 0
    assert look(engine, delivery.id).state == "sent"
    assert imap.flags() == {"wrong-id": "S", "wrong-recipient": "S", "pattern": "S"}


def test_everything_else_is_seen_and_stays(engine: Engine, imap: Imap, bounces: Bounces) -> None:
    delivery = sent(engine)
    others = {"away": AWAY, "spam": SPAM, **{name.replace(" ", "-"): mail for name, mail in NONSENSE.items()}}
    for name, mail in others.items():
        imap.arrive(name, mail.replace(standard_id(), b"<somebody@else.example>"))
    imap.arrive("zz-last", report(delivery))
    assert bounces.run_once() == 1
    assert look(engine, delivery.id).state == "failed"
    assert imap.flags() == dict.fromkeys(others, "S")
    assert bounces.run_once() == 0


def test_a_report_with_a_huge_document_is_read_from_its_beginning(
    engine: Engine, imap: Imap, bounces: Bounces
) -> None:
    delivery = sent(engine)
    imap.arrive(
        "huge", report(delivery, returned="message/rfc822").replace(b"--x/y--", b"x" * 70 + b"\n") + b"y" * 9_000_000
    )
    assert bounces.run_once() == 1
    assert look(engine, delivery.id).state == "failed"


def test_a_report_that_comes_before_we_know_that_it_was_sent_is_read_later(
    engine: Engine, imap: Imap, bounces: Bounces
) -> None:
    with writing(engine) as session:
        delivery = put(session, recipient=TO)
    claimed = claim(engine)
    imap.arrive("early", report(delivery))
    assert bounces.run_once() == 0
    assert imap.flags() == {"early": ""}
    with writing(engine) as session:
        outbox.sent(session, claimed, NOW)
    assert bounces.run_once() == 1
    assert look(engine, delivery.id).state == "failed"


def test_what_the_database_did_not_take_is_read_again(
    engine: Engine, imap: Imap, bounces: Bounces, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = sent(engine)
    imap.arrive("report", report(delivery))
    database = NoCommit(monkeypatch)
    database.failing = True
    with pytest.raises(OperationalError):
        bounces.run_once()
    assert imap.flags() == {"report": ""}
    assert look(engine, delivery.id).state == "sent"
    database.failing = False
    assert bounces.run_once() == 1


def test_no_transaction_is_open_while_the_server_is_asked(
    sqlite_engine: Engine, imap: Imap, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounces = Bounces(sqlite_engine, imap.mailbox, timeout=5)
    imap.arrive("report", report(sent(sqlite_engine)))
    done = []
    for name in ("_unseen", "_fetch", "_done"):
        asked = getattr(bounces, name)

        def and_write(*arguments: object, asked: object = asked, name: str = name, **more: object) -> object:
            with writing(sqlite_engine) as session:  # would wait for ours, if there were one
                put(session, name)
            done.append(name)
            return asked(*arguments, **more)  # type: ignore[operator]

        monkeypatch.setattr(bounces, name, and_write)
    assert bounces.run_once() == 1
    assert done == ["_unseen", "_fetch", "_done"]


def test_over_tls_the_certificate_is_checked(engine: Engine, imap: Imap, authority: Any) -> None:
    delivery = sent(engine)
    imap.arrive("report", report(delivery))
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        Bounces(engine, imap.tls_mailbox, timeout=5).run_once()
    ours = authority.ca_file
    assert Bounces(engine, imap.tls_mailbox, ours, timeout=5).run_once() == 1


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"folder": "Nowhere"}, {"folder": 'a" b'}])
def test_a_server_that_does_not_let_us_in_is_an_error(engine: Engine, imap: Imap, wrong: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r"."):
        Bounces(engine, replace(imap.mailbox, **wrong), timeout=5).run_once()


@pytest.mark.parametrize("talk", [hang_up, silent])
def test_trouble_with_the_server_ends_and_is_logged_without_secrets(
    sqlite_engine: Engine, imap: Imap, talk: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partnerforms.mail.bounces.EVERY_SECONDS", 0.01)
    stop = threading.Event()
    with raw_server(talk) as port:  # type: ignore[arg-type]
        mailbox = replace(imap.mailbox, port=port)
        thread = threading.Thread(target=Bounces(sqlite_engine, mailbox, timeout=0.2).run, args=(stop,))
        thread.start()
        for _ in range(100):
            if "returned mail cannot be read" in caplog.text:
                break
            thread.join(0.1)
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert "returned mail cannot be read" in caplog.text
    assert "p w" not in caplog.text


def test_reports_go_to_the_address_that_the_settings_name(engine: Engine, sink: Sink) -> None:
    with writing(engine) as session:
        put(session)
        put(session, "second")
    settings = smtp_settings(sink.port)
    worker_of(engine, settings).run_once(NOW)
    worker_of(engine, replace(settings, bounce_address="returned@forms.example.org")).run_once(NOW)
    assert [mail.sender for mail in sink.taken] == ["forms@district.example.org", "returned@forms.example.org"]


def test_nothing_is_read_without_a_mailbox(sqlite_engine: Engine) -> None:
    assert Bounces.of_settings(sqlite_engine, smtp_settings(25)) is None
