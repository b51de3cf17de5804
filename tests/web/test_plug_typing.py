"""The plug is pulled while people type and submit: what was acknowledged is there, and nothing is half there."""

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_migrate import upgrade
from plugging import Server, Typed, Typist
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from world import SECRET, World, address, build_world

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.engine.samples import sample
from partnerforms.extensions import db
from partnerforms.models import AuditEntry, Delivery, Document, Organization, Person, Record, Revision
from partnerforms.services import access, records
from partnerforms.services.records import drafts
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

KILLS, TO_SUBMIT = 6, 400
CHANCE = random.Random(11)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        secret_key=SECRET, database_url=f"sqlite:///{tmp_path}/plug.sqlite", outbox_folder=tmp_path / "outbox"
    )


def prepare(settings: Settings) -> tuple[World, list[str]]:
    """The small world with two empty drafts and many complete ones of Maple; the records' ids."""
    app, now = create_app(settings), datetime.now(UTC)
    with app.app_context():
        upgrade()
        begin_writing(db.session)
        session, tools = db.session(), app.extensions[KEY].tools
        world = build_world(session, tools, now)
        maple = session.get_one(Organization, world.places["maple"])
        person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
        reach, plan = access.reach(session, person), tools.library.instrument("action_plan")
        ids = []
        for number in range(TO_SUBMIT + 2):
            record = records.create(session, reach, maple, plan, f"Plan {number}", None, now)
            if number >= 2:
                drafts.keep(session, reach, record, sample(plan), now)
            ids.append(str(record.id))
        db.session.commit()
        db.engine.dispose()
    return world, ids


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    found = Server(settings, tmp_path / "log")
    yield found
    found.kill()


class Submitting:
    """Somebody who submits one plan after the other."""

    def __init__(self, person: Typist, ids: list[str]) -> None:
        self._person, self._waiting = person, list(reversed(ids))
        self.acknowledged: set[str] = set()

    def until(self, stopped: threading.Event) -> None:
        try:
            self._person.open("/")
            while self._waiting and not stopped.is_set():
                record = self._waiting.pop()
                status, _ = self._person.post(f"/records/{record}/submit", {})
                assert status == 303
                self.acknowledged.add(record)
        except (OSError, http.client.HTTPException):
            return


def test_nothing_acknowledged_is_gone_and_nothing_is_half_there(settings: Settings, server: Server) -> None:
    world, ids = prepare(settings)
    token = world.tokens["maple_leader"]
    auto, plain = (
        Typed(Typist(server.port, token), f"/records/{record}/team", "q-chairs", autosave)
        for record, autosave in ((ids[0], True), (ids[1], False))
    )
    submitting = Submitting(Typist(server.port, token), ids[2:])
    failures: list[BaseException] = []

    def saved() -> tuple[int, ...]:
        return auto.saves, plain.saves, len(submitting.acknowledged)

    def all_saved_since(before: tuple[int, ...]) -> bool:
        return all(now > then for now, then in zip(saved(), before, strict=True))

    for _ in range(KILLS):
        server.start()
        for typed in (auto, plain):  # what the person sees after the restart
            assert typed.kept <= typed.look() <= typed.tried
        stopped, before = threading.Event(), saved()

        def guarded(work: object, *given: object) -> None:
            try:
                work(*given)  # type: ignore[operator]
            except BaseException as error:
                failures.append(error)

        threads = [
            threading.Thread(target=guarded, args=(auto.type_until, stopped.is_set)),
            threading.Thread(target=guarded, args=(plain.type_until, stopped.is_set)),
            threading.Thread(target=guarded, args=(submitting.until, stopped)),
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda before=before: failures or all_saved_since(before))
        time.sleep(CHANCE.uniform(0, 0.5))
        server.kill()
        stopped.set()
        for thread in threads:
            thread.join(60)
        assert not failures
        check(settings, submitting.acknowledged)
    server.start()
    for typed in (auto, plain):
        assert typed.kept <= typed.look() <= typed.tried
    assert min(saved()) >= KILLS


def wait_until(so: Callable[[], object]) -> None:
    """However slow the machine is: there is work before the plug is pulled."""
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


def check(settings: Settings, acknowledged: set[str]) -> None:
    """Every submission has its revision, document, delivery and entry in the log, or none of them."""
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        submitted = {str(one) for one in session.scalars(select(Record.id).where(Record.state == "submitted"))}
        assert acknowledged <= submitted
        counted = [
            select(func.count(func.distinct(Revision.record_id))),
            select(func.count()).select_from(Revision),
            select(func.count()).select_from(Document),
            select(func.count(func.distinct(Delivery.document_id))).where(Delivery.letter == "record_submitted"),
            select(func.count()).where(AuditEntry.action == "record.submitted"),
        ]
        assert [session.scalar(query) for query in counted] == [len(submitted)] * len(counted)
    engine.dispose()
