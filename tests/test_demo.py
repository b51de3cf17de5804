"""`make demo`: prepared once, kept the second time, and everything it prints works."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select

from partnerforms import create_app, demo
from partnerforms.extensions import db
from partnerforms.models import Base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was prepared."""
    folder = tmp_path_factory.mktemp("demo")
    demo.prepare(demo.settings(folder, 8000), folder)
    return folder


@pytest.fixture
def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def visitor(folder: Path) -> Iterator[Callable[[], FlaskClient]]:
    app = create_app(demo.settings(folder, 8000))
    yield app.test_client
    with app.app_context():
        db.engine.dispose()


def rows(folder: Path) -> dict[str, list[str]]:
    engine = create_engine(f"sqlite:///{folder / 'partnerforms.sqlite'}")
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_demo_json_has_everything(folder: Path, facts: dict[str, Any]) -> None:
    assert facts["base_url"] == "http://127.0.0.1:8000"
    assert sorted(facts["survey_links"]) == ["community", "families", "staff", "students"]
    assert {account["role"] for account in facts["accounts"]} >= {"facilitator", "coordinator", "state leader"}
    for account in facts["accounts"]:
        assert set(account) >= {"role", "name", "address", "code", "sign_in"}
    assert Path(facts["outbox"]) == (folder / "outbox").resolve()
    assert (folder / "outbox").is_dir()


def test_the_secret_is_for_this_user_alone(folder: Path) -> None:
    assert (folder / "secret_key").stat().st_mode & 0o077 == 0
    assert len((folder / "secret_key").read_text()) == 64


def test_a_second_start_keeps_data_and_codes_and_may_be_at_another_port(folder: Path, facts: dict[str, Any]) -> None:
    before = rows(folder)
    lines = demo.prepare(demo.settings(folder, 8123), folder)
    again = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    assert rows(folder) == before
    assert again["base_url"] == "http://127.0.0.1:8123"
    assert json.dumps(again).replace(":8123", ":8000") == json.dumps(facts)
    text = "\n".join(lines)
    for account in again["accounts"]:
        assert account["address"] in text
        assert account["code"] in text
    for link in again["survey_links"].values():
        assert link in text
    demo.prepare(demo.settings(folder, 8000), folder)


def test_every_survey_link_opens(visitor: Callable[[], FlaskClient], facts: dict[str, Any]) -> None:
    for audience, link in facts["survey_links"].items():
        response = visitor().get(link.removeprefix(facts["base_url"]))
        assert response.status_code == 200, audience


def test_every_code_signs_in_as_often_as_one_likes(visitor: Callable[[], FlaskClient], facts: dict[str, Any]) -> None:
    for account in facts["accounts"]:
        for _ in range(2):
            client = visitor()
            assert client.get(account["sign_in"].removeprefix(facts["base_url"])).status_code == 200
            sent = client.post("/sign-in/code", data={"address": account["address"], "code": account["code"]})
            assert sent.status_code == 303
            assert f'value="{account["name"]}"' in client.get("/account").text


def test_the_demo_s_open_surveys_are_open_for_weeks(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'partnerforms.sqlite'}")
    survey = Base.metadata.tables["surveys"]
    with engine.connect() as connection:
        still_open = select(survey.c.opens_on, survey.c.closes_on).where(survey.c.closed_at.is_(None))
        found = connection.execute(still_open).all()
    engine.dispose()
    assert len(found) == 2
    for opens, closes in found:
        assert opens <= date.today()
        assert (closes - opens).days >= 28


def test_last_year_s_survey_shows_results_comments_and_what_came_of_it(
    visitor: Callable[[], FlaskClient], facts: dict[str, Any], folder: Path
) -> None:
    engine = create_engine(f"sqlite:///{folder / 'partnerforms.sqlite'}")
    survey, link = Base.metadata.tables["surveys"], Base.metadata.tables["survey_links"]
    with engine.connect() as connection:
        closed = connection.execute(select(survey.c.id).where(survey.c.closed_at.is_not(None))).scalar_one()
        of_families = select(link.c.code).where(link.c.survey_id == closed, link.c.audience == "families")
        code = connection.execute(of_families).scalar_one()
    engine.dispose()
    chair = visitor()
    account = next(one for one in facts["accounts"] if one["role"] == "school team chair")
    chair.post("/sign-in/code", data={"address": account["address"], "code": account["code"]})
    page = chair.get(f"/surveys/{closed}/results").text
    assert "Make everyone feel welcome at school" in page
    assert "The front office is always kind." in page
    assert "next to the library" not in page  # it speaks of a person, and was withheld
    assert chair.get(f"/surveys/{closed}/report.docx").status_code == 200
    told = visitor().get(f"/s/{code}?lang=ar").text
    assert "103" in told
    assert "مجلس المدرسة" in told
    assert chair.get("/outbox").text.count(".eml") == 0  # its mail went out a year ago
