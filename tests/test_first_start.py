"""`partnerforms setup` as a person runs it: a process of its own, on both databases, then the sign-in it prints."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.cli import cli
from partnerforms.extensions import db
from partnerforms.models import Membership, Organization, Person, SignInCode
from partnerforms.settings import Settings

SECRET = "a secret that only tests know, 32 characters long"
GIVEN = {"organization": "Riverside District", "level": "district", "name": "Ana Pérez", "address": "ana@example.org"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which there is nothing."""
    if request.param == "postgresql":
        found: str = request.getfixturevalue("postgres_database")
        return found
    return f"sqlite:///{tmp_path}/first.sqlite"


def setup(url: str, typed: str = "", **options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from partnerforms.cli import main; main()", "setup"]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PARTNERFORMS_")},
        "PARTNERFORMS_DATABASE_URL": url,
        "PARTNERFORMS_SECRET_KEY": SECRET,
        "PARTNERFORMS_BASE_URL": "http://localhost",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(command, input=typed, capture_output=True, encoding="utf-8", env=environment, timeout=120)


@pytest.fixture
def visitor(url: str) -> Iterator[FlaskClient]:
    app = create_app(Settings(secret_key=SECRET, database_url=url, base_url="http://localhost"))
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def sign_in(visitor: FlaskClient, printed: str) -> int:
    """Do what the command says: open the address, press Continue, type the code. The status of the answer."""
    (link,) = re.findall(r"http://localhost(\S+)", printed)
    (code,) = re.findall(r"code: (\S+)", printed)
    page = visitor.get(link).text
    (address,) = re.findall(r'name="address"[^>]* value="([^"]*)"', page)
    visitor.post(urlsplit(link).path, data={"address": address}, follow_redirects=True)
    return visitor.post("/sign-in/code", data={"address": address, "code": code}).status_code


def test_asks_again_until_the_answers_are_good_and_the_sign_in_works_once(url: str, visitor: FlaskClient) -> None:
    answers = ["   ", "x" * 201, "Riverside District", "planet", "District", "Ana Pérez", "ana", "Ana@Example.org"]
    done = setup(url, "\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Error: enter ") + done.stderr.count("Error: enter ") == 4
    assert "Riverside District is there, and Ana Pérez leads it." in done.stdout

    assert sign_in(visitor, done.stdout) == 303
    start = visitor.get("/")
    assert start.status_code == 200
    assert "Riverside District" in visitor.get("/organizations").text
    assert sign_in(visitor, done.stdout) == 422

    engine = create_engine(url)
    with Session(engine) as session:
        leader = session.scalars(select(Person)).one()
        assert (leader.address, leader.language) == ("ana@example.org", "en")
        membership = session.scalars(select(Membership)).one()
        assert (membership.role, membership.accepted_at is not None) == ("leader", True)
        codes = session.scalars(select(SignInCode).where(SignInCode.asking_digest.is_(None))).all()
        assert [(one.reusable, (one.expires_at - one.created_at).total_seconds()) for one in codes] == [(False, 3600)]
    engine.dispose()


def test_options_answer_for_scripts_and_a_second_time_is_refused(url: str) -> None:
    assert setup(url, **GIVEN).returncode == 0
    again = setup(url, **{**GIVEN, "organization": "Another"})
    assert again.returncode == 1
    assert "There is an organization already." in again.stderr
    engine = create_engine(url)
    with Session(engine) as session:
        assert session.scalars(select(Organization.name)).all() == ["Riverside District"]
    engine.dispose()


@pytest.mark.parametrize("wrong", [{"level": "planet"}, {"address": "x"}, {"name": " "}, {"organization": "\u202e"}])
def test_a_wrong_option_is_named_and_nothing_is_made(wrong: dict[str, str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/first.sqlite"
    done = setup(url, **{**GIVEN, **wrong})
    assert done.returncode == 2
    assert f"--{next(iter(wrong))}" in done.stderr
    assert not (tmp_path / "first.sqlite").exists()


def test_who_stops_halfway_begins_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/first.sqlite"
    assert setup(url, "Riverside District\ndistrict\n").returncode == 1
    engine = create_engine(url)
    assert "organizations" in inspect(engine).get_table_names()
    with Session(engine) as session:
        assert not session.scalars(select(Organization)).all()
    engine.dispose()
    assert setup(url, **GIVEN).returncode == 0


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["log"]])
def test_without_tables_a_command_says_how_they_are_made(command: list[str], url: str) -> None:
    given = {"PARTNERFORMS_DATABASE_URL": url, "PARTNERFORMS_SECRET_KEY": SECRET}
    told = CliRunner(env=given).invoke(cli, command)
    assert told.exit_code == 1
    assert "partnerforms setup" in told.output
