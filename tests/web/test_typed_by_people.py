"""Texts that people type, everywhere they go: pages, headers, mails, names of files, ZIP files, spreadsheets."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from recording import filled_plan, submit
from sqlalchemy import update
from sqlalchemy.orm import Session
from working import do_work, file_of
from world import World

from partnerforms.models import Organization, Person, Record, Survey

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
TEXTS = [
    "=HYPERLINK(\"https://evil.example\")", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>", "{{ 7*7 }} %(name)s {0}", "\u202egpj.exe", "x\r\nBcc: all@example.org",
    "../../etc/passwd",
    "..\\..\\con", "a/b:c*d?e", "\u2028line", "name\ttab", "=?utf-8?q?=0ABcc:_all=40example.org?=", "CON", "é" * 150,
]  # fmt: skip


@pytest.mark.parametrize("typed", TEXTS)
def test_it_stays_text_wherever_it_goes(
    typed: str,
    app: Flask,
    signed_in: SignedIn,
    session: Session,
    world: World,
    mails: Callable[[], list[EmailMessage]],
) -> None:
    """As the name of everything: people, places, forms, surveys; put there past the pages that would tidy it."""
    leader, maple = signed_in("maple_leader"), world.places["maple"]
    home = filled_plan(leader, world)
    for model, column in ((Person, "name"), (Record, "title"), (Survey, "title"), (Organization, "name")):
        session.execute(update(model).values({column: typed}))
    session.commit()
    submit(leader, home)
    again = f"/organizations/{maple}"
    for person in ("maple_leader", "maple_member", "maple_coordinator", "district_leader"):
        browser = signed_in(person)
        for path in ("/", home, f"{home}/check", "/deliveries", "/records", "/surveys", "/organizations", again,
                     f"/surveys/{world.survey}"):  # fmt: skip
            text = browser.get(path).text
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path
    for path in ("/people", "/log", "/data", "/erase", "/settings", "/deliveries", "/import", "/documents", "/edit"):
        assert "<script>alert" not in leader.get(again + path).text
    documents = [leader.get(f"{home}/revisions/1.docx"), leader.get(f"{home}/compare.docx?from=1&to=draft")]
    begun = [
        leader.post(f"{again}/documents", {"proof": leader.proof, "instrument": "", "since": "", "which": "all"}),
        leader.post(f"{again}/data/export", {"proof": leader.proof}),
    ]
    do_work(app)
    documents += [leader.get(f"{job.location}/file") for job in begun]
    for answer in documents:
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename")
        assert not {"\r", "\n", "/", "\\", ".."} & set(disposition.partition("filename")[2])
        assert disposition.isprintable()
        assert disposition.isascii()
    for job in begun:
        archive = zipfile.ZipFile(io.BytesIO(file_of(leader, job)))
        assert archive.testzip() is None
        check_names(archive.namelist())
        for name in archive.namelist():
            if name.endswith(".csv"):
                check_cells(archive.read(name))
    leader = signed_in("district_leader")
    check_cells(leader.get(f"/organizations/{world.places['district']}/organizations.csv").content)
    for mail in mails():
        check_mail(mail)


def check_names(names: list[str]) -> None:
    for name in names:
        assert not name.startswith("/"), name
        assert not {"..", "", "."} & set(name.split("/")), name
        assert not set(name) & set('\\:*?"<>|'), name
        assert all(unicodedata.category(letter) not in ("Cc", "Cf") for letter in name), name
        assert not any(part.partition(".")[0].lower() in ("con", "nul", "aux") for part in name.split("/")), name
    assert len({name.casefold() for name in names}) == len(names)


def check_cells(content: bytes) -> None:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or cell.lstrip("-").isdecimal(), cell


def check_mail(mail: EmailMessage) -> None:
    assert not mail["Bcc"]
    assert mail["To"].count("@") == 1
    assert "all@example.org" not in str(mail["To"])
    assert "\u202e" not in str(mail["Subject"])
    assert "\n" not in str(mail["Subject"])
    for part in mail.iter_attachments():
        name = part.get_filename() or ""
        assert name.endswith(".docx")
        assert not set(name) & set("/\\\r\n\u202e")
