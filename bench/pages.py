"""How long every page of members takes in a whole state, and how many statements it asks of the database.

Run `python -m bench.pages [DATABASE_URL [FACTOR]]` from the root of the checkout; the database must be empty, without
one it is SQLite in a temporary folder. Each page is fetched three times after a first time that does not count, and
the middle one is told, in the process itself (no network). Marked is what takes more than 300 ms.
"""

import re
import secrets
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Engine, event

from bench.state import Size, State, build
from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.engine.samples import sample
from partnerforms.extensions import db
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

SLOW = 0.3
PEOPLE = ("state leader", "district leader", "school leader", "school coordinator")

# {here} is the organization of the person who looks.
PAGES = (
    "/",
    "/records",
    "/records?words=School+7",
    "/records?form=action_plan&state=submitted&skip=500",
    "/surveys",
    "/surveys?words=District",
    "/organizations",
    "/organizations?words=7",
    "/organizations?show=school&skip=400",
    "/organizations/{here}",
    "/organizations/{here}/new",
    "/organizations/{here}/edit",
    "/organizations/{here}/archive",
    "/organizations/{here}/settings",
    "/organizations/{here}/people",
    "/organizations/{here}/people/{member}",
    "/organizations/{here}/assignments",
    "/organizations/{here}/assignments/new",
    "/organizations/{here}/log",
    "/organizations/{here}/log?below=1",
    "/organizations/{here}/log?below=1&person=Person+77&kind=record",
    "/organizations/{here}/log?below=1&skip=50000",
    "/organizations/{here}/data",
    "/organizations/{here}/erase",
    "/organizations/{here}/documents",
    "/organizations/{here}/import",
    "/organizations/{here}/organizations.csv",
    "/organizations/{here}/templates",
    "/organizations/{here}/templates/{form}",
    "/organizations/{here}/deliveries",
    "/organizations/{here}/sign-in",
    "/deliveries",
    "/deliveries?state=failed",
    "/deliveries?recipient=person7&place=School",
    "/assignments/{assignment}",
    "/surveys/new?organization={here}",
    "/surveys/{survey}",
    "/records/new?organization={here}&instrument={form}",
    "/records/{draft}",
    "/records/{draft}/check",
    "/records/{draft}/{step}",
    "/records/{submitted}",
    "/records/{submitted}/revisions/1",
    "/records/{submitted}/compare?from=1&to=draft",
    "/jobs",
    "/account",
)
STEPS = {
    "state": ("leadership_plan_state", "plan"),
    "district": ("inventory", "plan"),
    "school": ("action_plan", "team"),
}


class Meter:
    """Counts the statements of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)


@contextmanager
def stage(url: str, factor: float = 1) -> Iterator[tuple[Flask, State]]:
    """An application with a state in its database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            secret_key=secrets.token_hex(32),
            database_url=url or f"sqlite:///{folder}/bench.sqlite",
            base_url="http://localhost",
            outbox_folder=folder / "outbox",
        )
        app = create_app(settings)
        with app.app_context():
            upgrade()
            begin_writing(db.session)
            start = time.perf_counter()
            state = build(db.session(), app.extensions[KEY].tools, Size().times(factor))
            db.session.commit()
            print(f"made in {time.perf_counter() - start:.0f} s", flush=True)
            if db.engine.dialect.name == "postgresql":
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("ANALYZE")
        yield app, state
        with app.app_context():
            db.engine.dispose()


class Visit:
    """One person at a browser, measured."""

    def __init__(self, app: Flask, meter: Meter, state: State, person: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie("partnerforms", state.tokens[person])
        self._meter, self.person = meter, person
        level, _ = person.split()
        self.words: dict[str, Any] = {
            **{name: state.ids.get(f"{level} {name}", "") for name in ("member", "survey", "draft", "submitted")},
            "here": state.ids[level],
            "assignment": state.ids["assignment"],
            "form": STEPS[level][0],
            "step": STEPS[level][1],
        }
        page = self.client.get("/").text
        found = re.search(r'name="proof" value="([^"]+)"', page)
        self.proof = found[1] if found else ""

    def get(self, path: str) -> None:
        times = []
        for _ in range(4):
            self._meter.statements.clear()
            start = time.perf_counter()
            response = self.client.get(path.format(**self.words))
            size = len(response.data)
            times.append(time.perf_counter() - start)
            if response.status_code >= 400:
                break
        self._tell(sorted(times)[len(times) // 2], response.status_code, size, f"GET  {path}")

    def post(self, path: str, what: str = "", **fields: Any) -> Any:
        self._meter.statements.clear()
        start = time.perf_counter()
        response = self.client.post(path.format(**self.words), data={"proof": self.proof, **fields})
        self._tell(time.perf_counter() - start, response.status_code, len(response.data), f"POST {path} {what}")
        return response

    def _tell(self, seconds: float, status: int, size: int, what: str) -> None:
        mark = "!" if seconds > SLOW else " "
        line = f"{mark}{seconds * 1000:7.0f} ms {len(self._meter.statements):5d} st {size / 1000:7.0f} kB {status}"
        print(f"{line} {self.person:18} {what}", flush=True)


def post_all(app: Flask, visit: Visit, state: State) -> None:
    """What a leader presses most."""
    tools = app.extensions[KEY].tools
    team = {"version": "3", "q-chairs": "Somebody else"}
    form, step = visit.words["form"], visit.words["step"]
    visit.post("/records/{draft}/{step}", "autosave", **{**team, "do": "autosave"})
    visit.post("/records/{draft}/{step}", "save", **team)
    made = visit.post("/records/new", organization=visit.words["here"], instrument=form, title=f"New of {step}")
    visit.words["new"] = made.headers.get("Location", "").rsplit("/", 1)[-1]
    with app.app_context():
        from partnerforms.models import Record  # the draft is put there by hand

        begin_writing(db.session)
        db.session.get_one(Record, uuid.UUID(visit.words["new"])).draft = sample(tools.library.instrument(form))
        db.session.commit()
    visit.post("/records/{new}/submit")
    someone = {"name": "Some Body", "address": f"{secrets.token_hex(4)}@example.org", "role": "coordinator"}
    visit.post("/organizations/{here}/people", "invite", **someone)
    visit.post("/organizations/{here}/edit", "rename", name=f"Renamed {secrets.token_hex(4)}")
    visit.post("/surveys/new", "open", organization=visit.words["here"], title="x", opens_on="2026-01-01",
               closes_on="2027-12-31", audience="families", language="en")  # fmt: skip
    rows = "".join(f"school,New School {n},N{n},,\n" for n in range(2_000))
    if not visit.person.startswith("school"):
        from io import BytesIO

        table = (BytesIO(f"level,name,number,leader,leader address\n{rows}".encode()), "new.csv")
        visit.post("/organizations/{here}/import", "preview of 2,000 rows", file=table)
    visit.post("/organizations/{here}/documents", "ZIP", instrument="", since="", which="all")
    visit.post("/organizations/{here}/data/export", "export")
    if visit.person.startswith("state"):
        visit.post("/assignments/{assignment}/remind")


def send(visit: Visit, state: State) -> None:
    """A respondent presses Send."""
    code = state.codes[5]
    page = visit.client.get(f"/s/{code}").text
    token = re.search(r'name="token" value="([^"]+)"', page)
    first = dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]*)"', page))
    visit.post(f"/s/{code}", "send", token=token[1] if token else "", **first)


def main() -> None:
    url, factor = (sys.argv[1:2] or [""])[0], float((sys.argv[2:3] or ["1"])[0])
    with stage(url, factor) as (app, state):
        with app.app_context():
            meter = Meter(db.engine)
        for person in PEOPLE:
            visit = Visit(app, meter, state, person)
            for path in PAGES:
                visit.get(path)
            if "leader" in person:
                post_all(app, visit, state)
        send(visit, state)


if __name__ == "__main__":
    main()
