"""Commands that run the service: its tables, its server, its worker, its demo."""

import logging
import signal
import threading
from pathlib import Path

import click
from flask_migrate import downgrade, upgrade

from partnerforms import create_app, demo
from partnerforms.commands import tables
from partnerforms.server import Server, background
from partnerforms.settings import Settings


@click.group(name="db")
def database() -> None:
    """The tables."""


@database.command(name="upgrade")
def db_upgrade() -> None:
    """Bring the tables to the newest shape. Run it once, before the servers start."""
    _log()
    with create_app().app_context():
        upgrade()


@database.command(name="downgrade")
@click.argument("revision", default="-1")
def db_downgrade(revision: str) -> None:
    """Go back one migration, or to REVISION."""
    with create_app().app_context():
        downgrade(revision=revision)


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000)
@click.option("--processes", default=1, help="More than one needs PostgreSQL.")
def serve(host: str, port: int, processes: int) -> None:
    """Serve the pages and send the mail."""
    _log()
    settings = Settings.from_env()
    if processes > 1 and settings.database_url.startswith("sqlite"):
        raise click.ClickException("SQLite is served by one process; use PostgreSQL for more")
    tables.require(create_app(settings))
    Server(lambda: create_app(settings), f"{host}:{port}", processes).run()


@click.command()
def worker() -> None:
    """Send the mail and do long work, without serving pages."""
    _log()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app = create_app()
    tables.require(app)
    works = background(app)
    threads = [threading.Thread(target=run, args=(stop,), name=name) for name, run in works.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@click.command(name="demo")
@click.option("--port", default=8000)
@click.option("--folder", default="instance", type=click.Path(file_okay=False, path_type=Path))
def demonstrate(port: int, folder: Path) -> None:
    """Prepare the demo, print its addresses, and serve it."""
    settings = demo.settings(folder, port)
    for line in demo.prepare(settings, folder):
        click.echo(line)
    Server(lambda: create_app(settings), f"127.0.0.1:{port}", 1).run()


def _log() -> None:
    """One line an event on standard error: ids and states, never an answer, an address or a code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
