"""`partnerforms serve`: gunicorn with threads, and in each of its processes threads for mail and long work.

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
from partnerforms.longwork import Kind, LongWork
from partnerforms.longwork.closing import ClosedSurveys
from partnerforms.longwork.collecting import collect_documents
from partnerforms.longwork.exporting import export
from partnerforms.longwork.importing import import_organizations
from partnerforms.longwork.inviting import invite, remind
from partnerforms.longwork.printing import print_materials
from partnerforms.mail.bounces import Bounces
from partnerforms.mail.worker import Worker
from partnerforms.services import jobs
from partnerforms.services.data import retention
from partnerforms.services.surveys import opening
from partnerforms.services.surveys.invitations import mixing
from partnerforms.web.house import KEY, House

THREADS = 32

# What does the work of a job, by its kind.
KINDS: dict[str, Kind] = {
    "import": import_organizations,
    "documents": collect_documents,
    "export": export,
    "invitations": invite,
    "reminders": remind,
    "materials": print_materials,
}


def mail_worker(app: Flask) -> Worker:
    """The mail worker of an application; closing surveys whose last day has passed is among its chores."""
    house: House = app.extensions[KEY]
    chance = random.SystemRandom()

    def mail_unmailed(session: Session, now: datetime) -> None:
        opening.mail_unmailed(session, house.tools, chance, now)

    def close_surveys(session: Session, now: datetime) -> None:
        opening.close_due(session, house.tools, chance, now)

    with app.app_context():
        engine = db.engine
    chores = (mixing.mix, mail_unmailed, close_surveys, jobs.forget_old, retention.Chore())
    return Worker(engine, house.settings, house.tools.library, chores=chores)


def long_work(app: Flask) -> LongWork:
    """What does the long work of an application: the kinds of job there are, and the mail of closed surveys."""
    house: House = app.extensions[KEY]
    with app.app_context():
        engine = db.engine
    return LongWork(engine, house.tools, KINDS, steps=(closed_surveys(app).step,))


def closed_surveys(app: Flask) -> ClosedSurveys:
    """What mails the reports of surveys that have closed."""
    house: House = app.extensions[KEY]
    with app.app_context():
        engine = db.engine
    return ClosedSurveys(engine, house.tools, random.SystemRandom())


def background(app: Flask) -> dict[str, Callable[[threading.Event], None]]:
    """What runs beside the pages, each in a thread of its own until the event is set."""
    house: House = app.extensions[KEY]
    with app.app_context():
        bounces = Bounces.of_settings(db.engine, house.settings)
    works: dict[str, Callable[[threading.Event], None]] = {
        "mail": mail_worker(app).run,
        "long work": long_work(app).run,
    }
    if bounces:
        works["returned mail"] = bounces.run
    return works


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn as a program of ours: no configuration file, no arguments of its own."""

    def __init__(self, make_app: Callable[[], Flask], bind: str, processes: int) -> None:
        self.make_app, self.bind, self.processes = make_app, bind, processes
        super().__init__()

    def load_config(self) -> None:
        for name, value in (
            ("bind", self.bind),
            ("workers", self.processes),
            ("worker_class", "gthread"),
            ("threads", THREADS),
            ("timeout", 120),
            ("graceful_timeout", 20),
            ("control_socket_disable", True),
            ("post_worker_init", self._start_workers),
            ("worker_exit", self._stop_workers),
        ):
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Made in the worker process, after the fork: database connections must not be shared.
        self.app = self.make_app()
        return self.app

    def _start_workers(self, _worker: Any) -> None:
        self.stop = threading.Event()
        self.workers = [
            threading.Thread(target=run, args=(self.stop,), name=name, daemon=True)
            for name, run in background(self.app).items()
        ]
        for thread in self.workers:
            thread.start()

    def _stop_workers(self, _server: Any, _worker: Any) -> None:
        if hasattr(self, "stop"):
            self.stop.set()
            for thread in self.workers:
                thread.join(timeout=30)
