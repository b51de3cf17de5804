"""What the migrations make is what the models say, on both databases, on the way up and down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, create_engine, inspect, text

from partnerforms import create_app
from partnerforms.extensions import db
from partnerforms.models import Base
from partnerforms.settings import Settings, checkout

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory(str(checkout() / "migrations")).walk_revisions()))
]


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database is empty."""
    url = f"sqlite:///{tmp_path}/test.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
    made = create_app(Settings(secret_key="x" * 32, database_url=url))
    with made.app_context():
        yield made
        db.engine.dispose()


def schema(engine: Engine) -> dict[str, Any]:
    """Everything the database knows of its tables, but for Alembic's own."""
    inspector = inspect(engine)
    found: dict[str, Any] = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": {
                column["name"]: (repr(column["type"]), column["nullable"], column.get("default"))
                for column in inspector.get_columns(table)
            },
            "primary": inspector.get_pk_constraint(table),
            "foreign": sorted(map(repr, inspector.get_foreign_keys(table))),
            "unique": sorted(map(repr, inspector.get_unique_constraints(table))),
            "checks": sorted(map(repr, inspector.get_check_constraints(table))),
            "indexes": sorted(map(repr, inspector.get_indexes(table))),
        }
    return found


def test_there_is_one_line_of_migrations_without_branches() -> None:
    assert len(ScriptDirectory(str(checkout() / "migrations")).get_heads()) == 1


def test_the_migrated_tables_are_those_of_the_models(app: Flask, tmp_path: Path) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    migrated = schema(db.engine)
    assert len(migrated) == len(Base.metadata.tables)
    assert all(table["primary"]["name"] for table in migrated.values())
    downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    assert migrated == schema(db.engine)


def test_responses_have_no_hidden_row_number(tmp_path: Path) -> None:
    app = create_app(Settings(secret_key="x" * 32, database_url=f"sqlite:///{tmp_path}/test.sqlite"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    engine = create_engine(f"sqlite:///{tmp_path}/test.sqlite")
    with engine.connect() as connection:
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'responses'")).scalar_one()
    engine.dispose()
    assert "WITHOUT ROWID" in sql


def test_every_migration_can_be_taken_back_and_made_again(app: Flask) -> None:
    for number, revision in enumerate(REVISIONS):
        before = schema(db.engine)
        upgrade(revision=revision)
        after = schema(db.engine)
        downgrade(revision=REVISIONS[number - 1] if number else "base")
        assert schema(db.engine) == before
        upgrade(revision=revision)
        assert schema(db.engine) == after


def test_upgrading_twice_is_upgrading_once(app: Flask) -> None:
    upgrade()
    once = schema(db.engine)
    upgrade()
    assert schema(db.engine) == once
