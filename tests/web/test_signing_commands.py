"""Commands for who cannot sign in."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from browser import Browser
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import SECRET, address

from partnerforms.cli import cli
from partnerforms.models import AuditEntry, Person, SignInCode

LEADER = address("maple_leader")


def run(stage: Any, *command: str) -> Any:
    url = stage.app.extensions["partnerforms"].settings.database_url
    given = {"PARTNERFORMS_SECRET_KEY": SECRET, "PARTNERFORMS_DATABASE_URL": url}
    return CliRunner(env=given).invoke(cli, command)


def test_a_printed_code_signs_in_once_and_for_an_hour(stage: Any, app: Flask, session: Session) -> None:
    printed = run(stage, "sign-in-code", LEADER.upper())
    assert printed.exit_code == 0
    code = printed.output.split()[-1]
    (row,) = session.scalars(
        select(SignInCode).where(SignInCode.used_at.is_(None), SignInCode.asking_digest.is_(None))
    )
    assert 3500 < (row.expires_at - datetime.now(UTC)).total_seconds() <= 3600
    for status in (303, 422):
        browser = Browser(app)
        asked = browser.send(browser.get("/sign-in").page.form("/sign-in"), {"address": LEADER}, status=200)
        answer = browser.send(asked.page.form("/sign-in/code"), {"code": code}, status=status)
        assert bool(browser.token) == (status == 303), answer.path


def test_a_printed_code_is_in_the_log_and_its_address_opens_whatever_is_in_it(
    stage: Any, app: Flask, session: Session
) -> None:
    session.scalars(select(Person).where(Person.address == LEADER)).one().address = "ana+forms@example.org"
    session.commit()
    printed = run(stage, "sign-in-code", "ana+forms@example.org").output.split()
    assert (
        "ana+forms@example.org"
        in Browser(app).get(urlsplit(printed[0]).path, query_string=urlsplit(printed[0]).query).text
    )
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "person.code_printed")).one()


def test_nobody_s_code_is_not_printed(stage: Any, app: Flask) -> None:
    printed = run(stage, "sign-in-code", "nobody@example.org")
    assert printed.exit_code == 1
    assert "has no account here" in printed.output
