"""`partnerforms import`: says what would happen, does it when told to, and names what is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask_migrate import upgrade
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from world import SECRET, build_world

from partnerforms import create_app
from partnerforms.cli import cli
from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

FILE = (
    "level,name,number,parent,leader,leader address,remarks\ndistrict,Hill District,D2\nschool,Elm,1,D2,Al,al@x.org\n"
)
DISTRICT = ["--organization", "Riverside District", "--as", "district_leader@example.org"]
STATE = ["--organization", "State of Tests", "--as", "State_Leader@example.org"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the small world."""
    url = f"sqlite:///{tmp_path_factory.mktemp('import')}/test.sqlite"
    app = create_app(Settings(secret_key=SECRET, database_url=url))
    with app.app_context():
        upgrade()
        begin_writing(db.session)
        build_world(db.session(), app.extensions[KEY].tools, datetime.now(UTC))
        db.session.commit()
        db.engine.dispose()
    return url


def run(url: str, folder: Path, content: str, *arguments: str) -> Result:
    file = folder / "list.csv"
    file.write_text(content, encoding="utf-8")
    environment = {"PARTNERFORMS_SECRET_KEY": SECRET, "PARTNERFORMS_DATABASE_URL": url}
    return CliRunner(env=environment).invoke(cli, ["import", str(file), *arguments])


def names(url: str) -> set[str]:
    engine = create_engine(url)
    with Session(engine) as session:
        found = set(session.scalars(select(Organization.name)))
    engine.dispose()
    return found


def test_it_says_what_would_happen_and_then_does_it(url: str, tmp_path: Path) -> None:
    before = names(url)
    said = run(url, tmp_path, FILE, *STATE)
    assert said.exit_code == 0, said.output
    assert said.output.splitlines() == [
        "new       district Hill District D2 / State of Tests",
        "new       school Elm 1 / Hill District",
        "invited   Al <al@x.org>, leader of Elm",
        "not used: remarks",
        "2 new, 1 invited",
        "Nothing was changed. Add --apply to do it.",
    ]
    assert names(url) == before
    done = run(url, tmp_path, FILE, *STATE, "--apply")
    assert done.output.splitlines()[-1] == "Done."
    assert names(url) == before | {"Hill District", "Elm"}
    again = run(url, tmp_path, FILE, *STATE, "--apply")
    assert again.output.splitlines()[-2:] == ["2 unchanged", "Done."]
    moved = run(url, tmp_path, "level,name,number,parent\nschool,Elm School,1,Riverside District\n", *STATE)
    assert "renamed+moved school Elm School 1 / Riverside District (name was Elm, parent was Hill District)" in (
        moved.output
    )


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (
            "level,name\ncollege,\nschool,Oak School\n",
            DISTRICT,
            ["line 2, Level (college): “college” is not a level."],
        ),
        ("level,name\nschool,\n", DISTRICT, ["nothing was imported", "line 2, Name: Nothing stands here."]),
        ("", DISTRICT, ["The file is empty."]),
        (
            "level,name\nschool,x\n",
            ["--organization", "Far District", *DISTRICT[2:]],
            ["there is no organization", "may arrange"],
        ),
        (
            "level,name\nschool,x\n",
            ["--organization", "Nowhere", *DISTRICT[2:]],
            ["there is no organization", "may arrange"],
        ),
        (
            "level,name\nschool,x\n",
            [*DISTRICT[:2], "--as", "nobody@example.org"],
            ["there is nobody with the address"],
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_done(
    content: str, arguments: list[str], said: list[str], url: str, tmp_path: Path
) -> None:
    before = names(url)
    result = run(url, tmp_path, content, *arguments, "--apply")
    assert result.exit_code == 1
    assert all(sentence in result.output for sentence in said), result.output
    assert names(url) == before
