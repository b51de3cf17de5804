"""`partnerforms serve`: gunicorn with threads, and a mail worker in each of its processes.

With SQLite there is exactly one process (see `database`). With PostgreSQL there may be several, here and on
other machines.
"""

import random
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy.orm import Session

from partnerforms.extensions import db
from partnerforms.mail.worker import Worker
from partnerforms.services import surveys
from partnerforms.web.house import KEY, House

THREADS = 32


def mail_worker(app: Flask) -> Worker:
    """The mail worker of an application; closing surveys whose last day has passed is among its chores."""
    house: House = app.extensions[KEY]
    chance = random.SystemRandom()

    def close_surveys(session: Session, now: datetime) -> None:
        surveys.close_due(session, house.tools, chance, now)

    with app.app_context():
        engine = db.engine
    return Worker(engine, house.settings, house.tools.library, chores=close_surveys)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn as a program of ours: no configuration file, no arguments of its own."""

    def __init__(self, make_app: Callable[[], Flask], bind: str, workers: int) -> None:
        self.make_app, self.bind, self.workers = make_app, bind, workers
        super().__init__()

    def load_config(self) -> None:
        for name, value in (
            ("bind", self.bind),
            ("workers", self.workers),
            ("worker_class", "gthread"),
            ("threads", THREADS),
            ("timeout", 120),
            ("graceful_timeout", 20),
            ("control_socket_disable", True),
            ("post_worker_init", self._start_mail),
            ("worker_exit", self._stop_mail),
        ):
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Made in the worker process, after the fork: database connections must not be shared.
        self.app = self.make_app()
        return self.app

    def _start_mail(self, _worker: Any) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=mail_worker(self.app).run, args=(self.stop,), name="mail", daemon=True)
        self.thread.start()

    def _stop_mail(self, _server: Any, _worker: Any) -> None:
        if hasattr(self, "stop"):
            self.stop.set()
            self.thread.join(timeout=30)
