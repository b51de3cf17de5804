"""A mail worker as a program for tests to kill: killed_worker.py DATABASE PORT. SIGTERM ends it cleanly."""

import signal
import sys
import threading

from smtp_server import smtp_settings
from sqlalchemy import create_engine

from partnerforms.database import prepare
from partnerforms.engine.library import Library
from partnerforms.mail.worker import Worker


class NoLibrary:
    """Letters in English need none."""

    catalogues: dict[str, object] = {}  # noqa: RUF012


def main(database: str, port: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine = create_engine(database)
    prepare(engine)
    library: Library = NoLibrary()  # type: ignore[assignment]
    Worker(engine, smtp_settings(int(port)), library).run(stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
