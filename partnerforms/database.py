"""How the program uses its database. PostgreSQL needs nothing; SQLite needs to be told.

On SQLite a transaction that reads first and writes later can fail with "database is locked" whatever the
time-out, so a transaction that will write says so at its start (`begin_writing`) and gets the write lock of
this process first. That also keeps a checkpoint from racing a commit (the WAL-reset bug of SQLite before
3.51.3). The price: with SQLite the program is one process.
"""

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

_WAIT_SECONDS = 30
_ASK_AGAIN_SECONDS = 1.0
_BUSY_MILLISECONDS = 10_000
_CHECKPOINT_MILLISECONDS = 500

log = logging.getLogger(__name__)


def prepare(engine: Engine) -> None:
    """Give every connection of a SQLite engine its settings. Nothing to do for other databases."""
    if engine.dialect.name != "sqlite":
        return
    lock = threading.Lock()
    if engine.url.database and engine.url.database != ":memory:":
        _for_its_owner_alone(engine.url.database)

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("writing"):
            connection.exec_driver_sql("BEGIN")
            return
        if not lock.acquire(timeout=_WAIT_SECONDS):
            raise TimeoutError("no write lock in 30 seconds")
        connection.info["write_lock"] = lock
        if not options.get("checkpoint"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def give_back(_connection: Any, record: Any) -> None:
        # The events of commit and rollback come before the deed; when a connection is back in the pool it is done.
        if held := record.info.pop("write_lock", None):
            held.release()


def _for_its_owner_alone(path: str) -> None:
    """A new file is for nobody else on the machine. SQLite gives the files beside it the same rights."""
    with contextlib.suppress(OSError):  # no such folder, or somebody else's file: connecting will say it better
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def begin_writing(session: Session | scoped_session[Any]) -> None:
    """Begin a transaction that will write. Call it before the first query of the transaction."""
    session.connection(execution_options={"writing": True})


def forget_deleted(engine: Engine, thorough: bool = False) -> bool:
    """Take what was deleted off the disk too: SQLite's log, in which it may still stand, goes into the file.

    `thorough` also writes the file anew, during which nobody else can write: in spite of `secure_delete` a page keeps
    the remains of a row that was moved to another page before it was deleted (of one row in a thousand, when tried).
    False when it cannot be done now, because somebody reads or writes. Call it outside of your transactions.
    """
    if engine.dialect.name != "sqlite":
        return True
    try:
        with engine.connect().execution_options(writing=True, checkpoint=True) as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_CHECKPOINT_MILLISECONDS}")
            try:
                if thorough:
                    connection.exec_driver_sql("VACUUM")
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    except (OperationalError, TimeoutError) as error:
        log.warning("what was deleted stays on the disk for now: %s", type(error).__name__)
        return False
    return not busy


def insert(session: Session, table: type[DeclarativeBase]) -> Any:
    """The INSERT of this database, with `on_conflict_do_nothing`: two may put in the same, and one of them does."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


@contextmanager
def only_one(engine: Engine, role: str, stop: threading.Event) -> Iterator[bool]:
    """With SQLite, waits until nobody else has this role on the database; False when stopped before that.

    On PostgreSQL any number may have it: there rows are claimed with a lease.
    """
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        yield True
        return
    handle = os.open(f"{database}-{role}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told = False
        while not stop.is_set():
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    log.warning("another %s runs on this database; waiting for it to end", role)
                    told = True
                stop.wait(_ASK_AGAIN_SECONDS)
        yield not stop.is_set()
    finally:
        os.close(handle)  # the lock ends with it, as it does when this process is killed
