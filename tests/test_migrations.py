"""What the migrations make is what the models say, on both databases, on the way up and down."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.extensions import db
from partnerforms.models import Base, Delivery, Membership, SignInSession
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


@pytest.mark.parametrize("table", ["responses", "comments", "invitations"])
def test_what_people_said_has_no_hidden_row_number(tmp_path: Path, table: str) -> None:
    app = create_app(Settings(secret_key="x" * 32, database_url=f"sqlite:///{tmp_path}/test.sqlite"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    engine = create_engine(f"sqlite:///{tmp_path}/test.sqlite")
    with engine.connect() as connection:
        sql = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar_one()
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


def test_what_was_there_before_the_workspace_is_there_after_it(app: Flask) -> None:
    upgrade(revision="0001")
    one, two, moment = uuid.uuid4().hex, uuid.uuid4().hex, "2026-01-02 03:04:05+00:00"
    rows = [
        f"INSERT INTO organizations (id, level, name) VALUES ('{one}', 'district', 'Riverside')",
        f"INSERT INTO organizations (id, parent_id, level, name) VALUES ('{two}', '{one}', 'school', 'Maple')",
        f"INSERT INTO people (id, address, name, language) VALUES ('{one}', 'a@example.org', 'Ana', 'en')",
        "INSERT INTO memberships (id, person_id, organization_id, role)"
        f" VALUES ('{one}', '{one}', '{two}', 'leader')",
        f"INSERT INTO sign_in_sessions VALUES ('digest', '{one}', '{moment}', '{moment}')",
        "INSERT INTO deliveries (id, organization_id, dedup, message_id, recipient, language, letter, details, state,"
        f" attempts, due_at, give_up_at, created_at) VALUES ('{one}', '{two}', 'x', '<x@y.z>', 'a@example.org', 'en',"
        f" 'sheet', '{{}}', 'queued', 0, '{moment}', '{moment}', '{moment}')",
    ]
    with db.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row.replace(":", r"\:")))
    upgrade()
    with Session(db.engine) as session:
        membership = session.scalars(select(Membership)).one()
        assert (membership.person.name, membership.organization.parent.name) == ("Ana", "Riverside")
        assert membership.accepted_at is not None
        assert session.scalars(select(SignInSession)).one().complete
        assert session.scalars(select(Delivery)).one().state == "queued"
    downgrade(revision="0001")
    with db.engine.connect() as connection:
        for table in ("memberships", "sign_in_sessions", "deliveries"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1
