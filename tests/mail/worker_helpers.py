"""Workers for tests, and a database that is away for a while."""

from datetime import timedelta
from typing import Any

import pytest
from outbox_helpers import NOW
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.languages import FOLDER, read_catalogue
from partnerforms.mail.worker import Worker
from partnerforms.settings import Settings

SECOND = timedelta(seconds=1)


class Letters:
    """As much of a library as the worker needs."""

    catalogues = {"es": read_catalogue(FOLDER / "es")}  # noqa: RUF012


def worker_of(engine: Engine, settings: Settings, **more: Any) -> Worker:
    library: Library = Letters()  # type: ignore[assignment]
    return Worker(engine, settings, library, **{"clock": lambda: NOW, **more})


class NoCommit:
    """An engine's commits, failing as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing = False
        commit = Session.commit

        def maybe(session: Session) -> None:
            if self.failing:
                raise OperationalError("", {}, Exception("disk full"))
            commit(session)

        monkeypatch.setattr(Session, "commit", maybe)
