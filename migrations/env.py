"""Alembic's way into the program: the tables of partnerforms.models on the database of the running app."""

from alembic import context
from flask import current_app

from partnerforms.models import Base

engine = current_app.extensions["migrate"].db.engine

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
