"""How fast the plans of 200 schools leave as one ZIP, and how much memory that takes.

Run `python -m bench.zip` from the root of the checkout. It fills 200 plans in a database of its own (SQLite, in a
temporary folder), starts `partnerforms serve` on it, and does what a leader does in a browser: begin, look until it
is ready, download. The clock runs from the press of the button to the last byte. Memory is the most that any
process of the server ever had resident (VmHWM of the kernel), the whole program with its pages and mail included.
"""

import http.client
import io
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.engine.samples import sample
from partnerforms.extensions import db
from partnerforms.models import Membership, Organization, Person, SignInSession
from partnerforms.services import access, records
from partnerforms.services.records import drafts
from partnerforms.services.signin import sessions
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

SCHOOLS, DISTRICTS = 200, 8
RUNS = 5


def prepare(settings: Settings) -> tuple[str, str]:
    """A state whose schools have all submitted a plan; the id of the state and a session of its leader."""
    app = create_app(settings)
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(32)
    with app.app_context():
        upgrade()
        begin_writing(db.session)
        session, tools = db.session(), app.extensions[KEY].tools
        state = Organization(level="state", name="State of Schools")
        districts = [Organization(level="district", name=f"District {n}", parent=state) for n in range(DISTRICTS)]
        schools = [
            Organization(level="school", name=f"School {n}", parent=districts[n % DISTRICTS]) for n in range(SCHOOLS)
        ]
        leader = Person(address="leader@example.org", name="Leader", language="en")
        leader.memberships = [Membership(organization=state, role="leader", accepted_at=now)]
        session.add_all([state, *districts, *schools, leader])
        session.flush()
        digest = sessions.digest_of(token)
        session.add(SignInSession(token_digest=digest, person_id=leader.id, created_at=now, seen_at=now))
        for school in schools:
            submit(session, leader, school, tools, now)
        state_id = str(state.id)
        db.session.commit()
        db.engine.dispose()
    return state_id, token


def submit(session: Session, person: Person, school: Organization, tools: Tools, now: datetime) -> None:
    """A filled plan of a school, through the services that its page uses."""
    plan = tools.library.instrument("action_plan")
    reach = access.Reach(person, {school.id: frozenset(("see", "fill"))})
    record = records.create(session, reach, school, plan, "Plan 2026", None, now)
    drafts.keep(session, reach, record, sample(plan), now)
    records.submit(session, reach, record, tools, now)


@contextmanager
def served(settings: Settings) -> Iterator[tuple[int, int]]:
    """`partnerforms serve` on this database: its port and the id of its first process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PARTNERFORMS_SECRET_KEY": settings.secret_key,
        "PARTNERFORMS_DATABASE_URL": settings.database_url,
        "PARTNERFORMS_BASE_URL": f"http://127.0.0.1:{port}",
        "PARTNERFORMS_OUTBOX_FOLDER": str(settings.outbox_folder),
    }
    program = [sys.executable, "-c", "from partnerforms.cli import main; main()"]
    process = subprocess.Popen(
        [*program, "serve", "--port", str(port)],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(60)


class Leader:
    """The leader at a browser."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = {"Cookie": f"partnerforms={token}"}

    def get(self, path: str) -> bytes:
        return self._ask("GET", path)[1]

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Where it leads."""
        return self._ask("POST", path, urlencode(fields))[0]

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, {**self._headers, **form})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        assert response.status < 400, (path, response.status)
        return response.getheader("Location", ""), content


def collect(leader: Leader, state: str) -> tuple[float, float, bytes]:
    """Seconds until the file was ready and until it was here, and the file."""
    page = leader.get(f"/organizations/{state}/documents").decode()
    found = re.search(r'name="proof" value="([^"]+)"', page)
    assert found
    fields = {"proof": found[1], "instrument": "action_plan", "since": "", "which": "latest"}
    start = time.perf_counter()
    job = leader.post(f"/organizations/{state}/documents", fields)
    while f"{job}/file" not in leader.get(job).decode():
        time.sleep(0.1)
    ready = time.perf_counter() - start
    content = leader.get(f"{job}/file")
    return ready, time.perf_counter() - start, content


def most_memory(first: int) -> dict[int, float]:
    """The most megabytes that each process of the server ever had resident."""
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    found = {}
    for process in (first, *map(int, children)):
        status = Path(f"/proc/{process}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak
        found[process] = int(peak[1]) / 1024
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            secret_key=secrets.token_hex(32),
            database_url=f"sqlite:///{folder}/bench.sqlite",
            outbox_folder=folder / "outbox",
        )
        state, token = prepare(settings)
        with served(settings) as (port, process):
            leader = Leader(port, token)
            leader.get("/")
            before = most_memory(process)
            runs = [collect(leader, state) for _ in range(RUNS)]
            after = most_memory(process)
    with zipfile.ZipFile(io.BytesIO(runs[-1][2])) as archive:
        assert archive.testzip() is None
        documents = [entry for entry in archive.infolist() if entry.filename.endswith(".docx")]
        assert len(documents) == SCHOOLS
        size = sum(entry.file_size for entry in documents)
    print(f"{SCHOOLS} plans of {SCHOOLS} schools, {size / 1e6:.1f} MB of Word documents, one ZIP, SQLite.")
    print("Seconds from the button to a ready file, and to its last byte here:")
    for ready, whole, _ in runs:
        print(f"{ready:8.2f}{whole:8.2f}")
    print("Most memory a process of the server ever had, in MB (before the first ZIP, after the last):")
    for one, peak in after.items():
        print(f"{before.get(one, 0):8.0f}{peak:8.0f}")


if __name__ == "__main__":
    main()
