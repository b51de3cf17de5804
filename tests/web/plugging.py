"""The real server as a process that tests kill, and people who type on its pages until it does not answer."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from partnerforms.settings import Settings


class Server:
    """`partnerforms serve`, started again and again on one port and one database."""

    def __init__(self, settings: Settings, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = log
        self._environment = {
            **os.environ,
            "PARTNERFORMS_SECRET_KEY": settings.secret_key,
            "PARTNERFORMS_DATABASE_URL": settings.database_url,
            "PARTNERFORMS_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PARTNERFORMS_OUTBOX_FOLDER": str(settings.outbox_folder),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-c",
            "from partnerforms.cli import main; main()",
            "serve",
            "--port",
            str(self.port),
        ]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(600):
            assert self._process.poll() is None, self._log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self._log.read_text())

    def kill(self) -> None:
        """As when the plug is pulled: all its processes at once, without a word."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
            self._process = None
            self._until_nobody_answers()

    def _until_nobody_answers(self) -> None:
        """The children of a killed process may take a moment more, in which the port still takes connections."""
        with suppress(ConnectionRefusedError):
            while True:
                with suppress(ConnectionResetError, TimeoutError):
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                time.sleep(0.01)


class Typist:
    """Somebody at a browser who is signed in."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._cookie = port, f"partnerforms={token}"
        self.proof = ""

    def get(self, path: str) -> str:
        return self._ask("GET", path)[1]

    def post(self, path: str, fields: Mapping[str, str], accept: str = "text/html") -> tuple[int, str]:
        """Status and content; OSError or HTTPException when there was no whole answer."""
        return self._ask("POST", path, urlencode({"proof": self.proof, **fields}), accept)

    def open(self, path: str) -> dict[str, str]:
        """What is typed in the text fields of a page, and its hidden fields."""
        page = self.get(path)
        found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
        found |= {name: value for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([^"]+)"', page)}
        self.proof = found["proof"]
        return {name: unescape(value) for name, value in found.items()}

    def _ask(self, method: str, path: str, body: str | None = None, accept: str = "text/html") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": self._cookie, "Accept": accept}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


class Typed:
    """A page on which somebody types one number after the other; knows the last one that was acknowledged."""

    def __init__(self, person: Typist, path: str, field: str, autosave: bool) -> None:
        self._person, self._path, self.field, self._autosave = person, path, field, autosave
        self.tried = self.kept = 0
        self.saves = 0

    def look(self) -> int:
        """The number on the page now."""
        return int(self._person.open(self._path)[self.field] or 0)

    def type_until(self, stopped: Callable[[], bool]) -> None:
        """Saves until the server is gone."""
        try:
            version = self._person.open(self._path)["version"]
            while not stopped():
                self.tried += 1
                fields = {"version": version, self.field: str(self.tried)}
                if self._autosave:
                    status, content = self._person.post(self._path, {**fields, "do": "autosave"}, "application/json")
                    assert status == 200, content
                    version = json.loads(content)["version"]
                else:
                    status, content = self._person.post(self._path, fields)
                    assert status == 303, content
                self.kept, self.saves = self.tried, self.saves + 1
                if not self._autosave:
                    version = self._person.open(self._path)["version"]
        except (OSError, http.client.HTTPException):
            return
