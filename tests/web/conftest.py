"""The application on both databases, migrated once a session, and put back to the small world before each test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, insert, select, text
from sqlalchemy.orm import Session
from world import SECRET, World, build_world

from partnerforms import create_app
from partnerforms.engine.library import Library
from partnerforms.extensions import db
from partnerforms.languages import read_library
from partnerforms.models import Base
from partnerforms.server import closed_surveys, mail_worker
from partnerforms.services.surveys.suspicion import Watch
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

# Tests answer faster than people can. Those about haste put the program's own watch back.
UNHURRIED = Watch(least=timedelta(0), each=timedelta(0))


@dataclass(frozen=True)
class Stage:
    """An application, its database, and every row of the small world."""

    app: Flask
    engine: Engine
    world: World
    rows: dict[str, list[dict[str, Any]]]

    def reset(self) -> None:
        """Put the database back to the small world."""
        with self.engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                if rows := self.rows[table.name]:
                    connection.execute(insert(table), rows)


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="session")
def sqlite_stage(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    with _stage(library, f"sqlite:///{folder}/test.sqlite", folder) as stage:
        yield stage


@pytest.fixture(scope="session")
def postgresql_stage(
    library: Library, tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[Stage]:
    with _stage(library, _new_database(postgres_url), tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each test runs on both databases, unless it says which. Both stay: tests come in any order."""
    found: Stage = request.getfixturevalue(f"{request.param}_stage")
    return found


@contextmanager
def _stage(library: Library, url: str, folder: Path) -> Iterator[Stage]:
    settings = Settings(
        secret_key=SECRET, database_url=url, base_url="http://localhost", outbox_folder=folder / "outbox"
    )
    app = create_app(settings, library)
    app.extensions[KEY] = replace(app.extensions[KEY], watch=UNHURRIED)
    with app.app_context():
        upgrade()
        engine = db.engine
    with Session(engine) as session:
        world = build_world(session, app.extensions[KEY].tools, datetime.now(UTC))
        session.commit()
        rows = {table.name: [dict(row) for row in session.execute(select(table)).mappings()] for table in _tables()}
    rows["organizations"].sort(key=lambda row: ("state", "district", "school").index(row["level"]))
    yield Stage(app, engine, world, rows)
    engine.dispose()


def _tables() -> list[Any]:
    return Base.metadata.sorted_tables


def _new_database(postgres_url: str) -> str:
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE stage"))
    server.dispose()
    return postgres_url.replace("/postgres?", "/stage?")


@pytest.fixture
def app(stage: Stage) -> Flask:
    """The application, with the small world and nothing else in its database and no mail in its outbox."""
    stage.reset()
    for path in _outbox(stage.app):
        path.unlink()
    return stage.app


@pytest.fixture
def world(stage: Stage) -> World:
    return stage.world


@pytest.fixture
def tools(app: Flask) -> Tools:
    found: Tools = app.extensions[KEY].tools
    return found


@pytest.fixture
def session(app: Flask, stage: Stage) -> Iterator[Session]:
    """A look into the database. What a test writes it must commit."""
    with Session(stage.engine) as session:
        yield session


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, world: World) -> Callable[[str], Browser]:
    """Browsers of people of the small world."""
    return lambda person: Browser(app, world.tokens[person])


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[EmailMessage]]:
    """Lets the mail of closed surveys be made and the mail worker send everything that is due; gives all mails of
    this test in the order of recipients."""
    worker, closed = mail_worker(app), closed_surveys(app)

    def sent() -> list[EmailMessage]:
        while closed.step(datetime.now(UTC)):
            pass
        while worker.run_once(datetime.now(UTC)):
            pass
        found = [BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes()) for path in _outbox(app)]
        return sorted(found, key=lambda mail: (str(mail["To"]), str(mail["Subject"])))

    return sent


def _outbox(app: Flask) -> list[Path]:
    return sorted(app.extensions[KEY].settings.outbox_folder.glob("*.eml"))
