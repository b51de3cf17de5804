"""What all tests share: both databases, and how a test is left out when something is not installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from leaving_out import left_out
from sqlalchemy import Engine, create_engine, text

from partnerforms.database import prepare
from partnerforms.models import Base

LONGEST_NAME = 60


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test with a file of 20 MB is not named by what is in it: names travel between workers, in every report."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_NAME:
        return f"{argname} of {len(val)}"
    return None


def _postgres_program(name: str) -> str | None:
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    return str(newest_first[0]) if newest_first else shutil.which(name)


def _postgres_user() -> dict[str, Any]:
    """PostgreSQL does not run as root; root runs it as the user that its package made."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        left_out("PostgreSQL does not run as root, and there is no user postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL cluster of this test process alone, reached through a socket in its own folder."""
    initdb, pg_ctl = _postgres_program("initdb"), _postgres_program("pg_ctl")
    if not initdb or not pg_ctl:
        left_out("PostgreSQL is not installed")
    user = _postgres_user()
    folder = tempfile.mkdtemp(prefix="pf")  # a socket's path must be short, pytest's folders are not
    if user:
        shutil.chown(folder, user["user"], user["group"])

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)

    try:
        run(initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        run(pg_ctl, "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run(pg_ctl, "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _new_database(postgres_url: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_url.replace("/postgres?", f"/{name}?")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with _new_database(postgres_url) as url:
        yield url


@contextmanager
def _with_tables(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    prepare(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database with all tables, empty."""
    with _with_tables(f"sqlite:///{tmp_path}/test.sqlite") as engine:
        yield engine


@pytest.fixture(scope="session")
def _postgres_tables(postgres_url: str) -> Iterator[Engine]:
    with _new_database(postgres_url) as url, _with_tables(url) as engine:
        yield engine


@pytest.fixture
def postgres_engine(_postgres_tables: Engine) -> Iterator[Engine]:
    """A PostgreSQL database with all tables, empty."""
    yield _postgres_tables
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with _postgres_tables.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with all tables: the test runs on both kinds."""
    name = "sqlite_engine" if request.param == "sqlite" else "postgres_engine"
    found: Engine = request.getfixturevalue(name)
    return found
