"""The commands about data: the log, what is not kept, an export, and the end of an organization."""

import csv
import io
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from planting import TAIL, on_disk, plant
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from world import SECRET

from partnerforms.cli import cli
from partnerforms.database import begin_writing
from partnerforms.models import AuditEntry, Organization

NOW = datetime.now(UTC)


@pytest.fixture
def planted(sqlite_engine: Engine) -> Engine:
    with Session(sqlite_engine) as session:
        begin_writing(session)
        plant(session, "qzxq", NOW)
        plant(session, "other", NOW - timedelta(days=31 * 100))
        session.commit()
    return sqlite_engine


def run(engine: Engine, *arguments: str | Path, typed: str = "") -> Result:
    environment = {"PARTNERFORMS_DATABASE_URL": str(engine.url), "PARTNERFORMS_SECRET_KEY": SECRET}
    return CliRunner(env=environment).invoke(cli, [str(argument) for argument in arguments], input=typed)


def test_the_log_is_printed_a_line_an_entry_whatever_a_name_is(planted: Engine) -> None:
    with Session(planted) as session:
        begin_writing(session)
        school = session.scalars(select(Organization).where(Organization.name == "School of qzxq")).one()
        for bad in ("Ana\n2026-11-22T00:00:00Z  forged", "Ana\r\x1b[2J\x85x", "Ana\u2028\u202eforged", "=1+1"):
            session.add(
                AuditEntry(
                    at=NOW, organization_id=school.id, person_name=bad, action="record.created", subject=bad,
                    details={"note": bad},
                )
            )  # fmt: skip
        session.commit()
    output = run(planted, "log").output
    lines = output.splitlines()
    assert len(lines) == 6
    assert all("record.created" in line for line in lines)
    assert output.replace("\n", "").isprintable()
    table = list(csv.reader(io.StringIO(run(planted, "log", "--csv").output)))
    assert table[0] == ["at", "organization", "person", "action", "subject", "details"]
    assert len(table) == 7
    assert not [cell for row in table for cell in row if cell.startswith("=")]
    assert len(run(planted, "log", "--organization", "District of qzxq").output.splitlines()) == 5
    assert len(run(planted, "log", "--since", f"{NOW:%Y-%m-%d}").output.splitlines()) == 5


def test_retain_says_what_would_go_and_then_removes_it(planted: Engine) -> None:
    told = run(planted, "retain", "--dry-run").output
    assert f"{12 + TAIL:8}  responses" in told
    assert on_disk(planted, "other-answer-")
    assert f"{12 + TAIL:8}  responses" in run(planted, "retain").output
    assert run(planted, "retain").output == " nothing\n"
    assert not on_disk(planted, "other-answer-")
    assert not on_disk(planted, "other-draft")
    assert on_disk(planted, "other-revision")
    assert on_disk(planted, "qzxq-answer-")


def test_an_export_that_cannot_be_written_is_one_line(planted: Engine, tmp_path: Path) -> None:
    told = run(planted, "export", "District of qzxq", "-o", tmp_path / "nowhere" / "out.zip")
    assert told.exit_code == 1
    assert "cannot be written: No such file" in told.output


def test_an_export_is_a_file_that_only_its_owner_reads(planted: Engine, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    assert run(planted, "export", "District of qzxq", "-o", out).output == f"{out}\n"
    assert oct(out.stat().st_mode)[-3:] == "600"
    assert b"School of qzxq" in zipfile.ZipFile(out).read("csv/organizations.csv")
    assert list(tmp_path.glob("*.part")) == []
    with Session(planted) as session:
        actions = session.scalars(select(AuditEntry).where(AuditEntry.action == "organization.exported")).all()
        assert [(one.subject, one.person_name) for one in actions] == [("District of qzxq", "")]


def test_erase_asks_for_the_name_and_says_what_went(planted: Engine) -> None:
    refused = run(planted, "erase", "District of qzxq", typed="District\n")
    assert refused.exit_code == 1
    assert "nothing was erased" in refused.output
    assert run(planted, "erase", "District of qzxq", "--yes", "x").exit_code == 1
    assert on_disk(planted, "qzxq-")
    erased = run(planted, "erase", "District of qzxq", typed="District of qzxq\n")
    assert erased.exit_code == 0, erased.output
    assert "       2  organizations" in erased.output
    assert "       2  people" in erased.output
    assert not on_disk(planted, "qzxq-")
    assert run(planted, "erase", "District of other", "--yes", "District of other").exit_code == 0
    with sqlite3.connect(str(planted.url.database)) as connection:
        assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (0,)


def test_which_organization_is_meant(planted: Engine) -> None:
    assert "there is no organization" in run(planted, "erase", "Nothing").output
    with Session(planted) as session:
        begin_writing(session)
        schools = list(session.scalars(select(Organization).where(Organization.level == "school")))
        for number, school in enumerate(schools):
            school.name, school.number = "Twin\nSchool", f"07-{number}"
        ids = [str(school.id) for school in schools]
        session.commit()
    told = run(planted, "erase", "Twin\nSchool")
    assert told.exit_code == 1
    assert all(one in told.output for one in ids)
    assert "below District of qzxq" in told.output
    for name in ("07-1", ids[1]):
        assert run(planted, "erase", name, "--yes", "no").exit_code == 1
        assert run(planted, "log", "--organization", name).exit_code == 0
