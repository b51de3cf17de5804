"""Are the tables there, and as new as the program? Commands that need them say so instead of failing later."""

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from partnerforms.extensions import db, migrate


def require(app: Flask) -> None:
    """ClickException when the tables are missing or older than the program; newer ones are left to themselves."""
    with app.app_context():
        with db.engine.connect() as connection:
            empty = not inspect(connection).get_table_names()
            there = MigrationContext.configure(connection).get_current_revision()
        db.engine.dispose()
        known = [step.revision for step in ScriptDirectory.from_config(migrate.get_config()).walk_revisions()]
    if empty:
        raise click.ClickException("There are no tables yet. Run `partnerforms setup`, or `partnerforms db upgrade`.")
    if there in known[1:]:
        raise click.ClickException("The tables are of an earlier version. Run `partnerforms db upgrade` first.")
