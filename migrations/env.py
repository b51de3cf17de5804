"""Alembic's way into the program: the tables of partnerforms.models on the database of the running app."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from partnerforms.models import Base

engine = current_app.extensions["migrate"].db.engine


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


with engine.connect() as connection:
    if engine.dialect.name != "sqlite":
        migrate(connection)
    else:
        # A table that changes is written anew and the old one dropped, while others point to it. The switch does
        # nothing inside a transaction, so it is turned on the driver's own connection.
        driver = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            migrate(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"rows that point to nothing: {broken[:5]}")
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")
    connection.commit()
