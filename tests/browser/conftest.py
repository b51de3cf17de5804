"""A real Chromium, the demo as `make demo` serves it, and the same pages in a right-to-left language."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from furnishing import House, furnish
from leaving_out import left_out
from playwright.sync_api import Browser, Page, sync_playwright
from pseudo_language import CODE, with_pseudo_language
from sqlalchemy import update
from walking import LIBRARY, Demo, Mirror
from werkzeug.serving import make_server
from world import SECRET, build_world

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.languages import read_library
from partnerforms.models import Person
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

ALONE = "test_every_page"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walks on one worker: there is one Chromium and one demo. The longest has its own worker."""
    # Flask-Compress leaves a style sheet open until Python collects it.
    left_open = pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO.*static")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(item.path.stem if item.path.stem == ALONE else "browser"))
            item.add_marker(left_open)


@pytest.fixture(scope="session")
def start_chromium() -> Iterator[Callable[..., Browser]]:
    """Starts Chromium; a browser of its own for who needs other options than the rest."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        left_out("Chromium is not installed")
    with sync_playwright() as playwright:
        yield partial(playwright.chromium.launch, executable_path=found, args=ARGUMENTS.split())


@pytest.fixture(scope="session")
def chromium(start_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    browser = start_chromium()
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser that has never been anywhere."""
    contexts = []

    def opened(width: int = 1280, **options: Any) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 800}, **options))
        contexts[-1].set_default_timeout(10_000)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`partnerforms demo`, mail worker included, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = [sys.executable, "-c", "from partnerforms.cli import main; main()"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*start, "demo", "--port", str(port), "--folder", folder], stdout=log, stderr=log)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/sign-in", process, folder / "log")
        yield Demo(json.loads((folder / "demo.json").read_text(encoding="utf-8")))
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serves an application beside the test, and gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


def demo_with_pseudo_language(folder: Path) -> Flask:
    """An application with an empty database of its own, which also speaks the pseudo language."""
    settings = Settings(
        secret_key=SECRET,
        database_url=f"sqlite:///{folder}/test.sqlite",
        outbox_folder=folder / "outbox",
        demo=True,
    )
    app = create_app(settings, with_pseudo_language(read_library()))
    with app.app_context():
        upgrade()
    return app


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """The application with the pseudo language, in which the district's leader reads; nobody sends its mail."""
    app = demo_with_pseudo_language(tmp_path_factory.mktemp("mirror"))
    with app.app_context():
        begin_writing(db.session)
        world = build_world(db.session(), app.extensions[KEY].tools, datetime.now(UTC))
        db.session.execute(update(Person).where(Person.name.contains("Leader")).values(language=CODE))
        db.session.commit()
    with served(app) as address:
        yield Mirror(address, world)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application with the pseudo language and things of every part of the program, in every state."""
    app = demo_with_pseudo_language(tmp_path_factory.mktemp("house"))
    things, world = furnish(app)
    with served(app) as address:
        yield House(address, world, app, things)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """The application with the languages it ships, and the small world."""
    folder = tmp_path_factory.mktemp("spoken")
    settings = Settings(
        secret_key=SECRET, database_url=f"sqlite:///{folder}/test.sqlite", outbox_folder=folder / "outbox"
    )
    app = create_app(settings, LIBRARY)
    with app.app_context():
        upgrade()
        begin_writing(db.session)
        world = build_world(db.session(), app.extensions[KEY].tools, datetime.now(UTC))
        db.session.commit()
    with served(app) as address:
        yield Mirror(address, world)
