"""Commands about an organization's data: its log, what is not kept any longer, all of it as a file, its end."""

import csv
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.commands import tables
from partnerforms.database import begin_writing, forget_deleted
from partnerforms.extensions import db
from partnerforms.models import AuditEntry, Organization
from partnerforms.services import access, audit, organizations
from partnerforms.services.data import erasing, exporting, retention
from partnerforms.services.jobs.spreadsheets import harmless

_HEADS = ("at", "organization", "person", "action", "subject", "details")


@click.command()
@click.option("--organization", "called", help="Only this one and what lies below it: its name or number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on, in UTC.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV with a line of heads.")
def log(called: str | None, since: datetime | None, as_csv: bool) -> None:
    """Print who did what and when, the latest first."""
    with _database() as engine, Session(engine) as session:
        ids = access.below(session, [_organization(session, called).id]) if called else None
        names = {one.id: one.name for one in session.scalars(select(Organization))}
        beginning = since.replace(tzinfo=UTC) if since else None
        lines = csv.writer(sys.stdout, lineterminator="\n")
        if as_csv:
            lines.writerow(_HEADS)
        for entry in audit.entries(session, ids, since=beginning):
            parts = _parts(entry, names.get(entry.organization_id, "") if entry.organization_id else "")
            if as_csv:
                lines.writerow([harmless(part) for part in parts])
            else:
                click.echo("  ".join(part or "-" for part in parts))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def retain(dry_run: bool) -> None:
    """Remove what is kept no longer. The worker does it every day by itself."""
    now = datetime.now(UTC)
    with _database() as engine, Session(engine) as session:
        if dry_run:
            _say(retention.due(session, now))
            return
        total: Counter[str] = Counter()
        removed = Counter(begun=1)
        while removed:
            begin_writing(session)
            removed = retention.step(session, now)
            session.commit()
            total += removed
        forget_deleted(engine, thorough=True)
        _say(total)


@click.command()
@click.argument("organization")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(organization: str, out: Path) -> None:
    """Write all that ORGANIZATION, by its name or number, and what lies below it has into a ZIP file."""
    now = datetime.now(UTC)
    with _database() as engine:
        with Session(engine) as session:
            begin_writing(session)
            found = _organization(session, organization)
            organization_id = found.id
            audit.note(session, "organization.exported", None, found.id, now, found.name)
            session.commit()
        unfinished = out.with_name(f"{out.name}.part")
        private = _opened(unfinished)
        with Session(engine) as session, os.fdopen(private, "wb") as file:
            exporting.export(session, organization_id, file.write, random.SystemRandom(), now)
        unfinished.replace(out)
    click.echo(out)


@click.command()
@click.argument("organization")
@click.option("--yes", metavar="NAME", help="Do not ask; this is its name.")
def erase(organization: str, yes: str | None) -> None:
    """Remove ORGANIZATION, by its name or number, and all below it for good."""
    now = datetime.now(UTC)
    with _database() as engine:
        with Session(engine) as session:
            found = _organization(session, organization)
            name, organization_id = found.name, found.id
            click.echo(f"This goes with {_line(name)}:")
            _say(erasing.counts(session, found))
        typed = yes if yes is not None else click.prompt("Type its name to erase it for good")
        with Session(engine) as session:
            begin_writing(session)
            there = session.get(Organization, organization_id)
            if there is None or not erasing.same_name(typed, there):
                raise click.ClickException(f"{typed!r} is not its name; nothing was erased")
            removed: Mapping[str, int] = erasing.erase(session, there, None, now).details["removed"]
            session.commit()
        forget_deleted(engine, thorough=True)
        click.echo("Erased:")
        _say(removed)


def _opened(path: Path) -> int:
    """A new file that only its owner reads."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def _database() -> Iterator[Engine]:
    app = create_app()
    tables.require(app)
    with app.app_context():
        yield db.engine


def _organization(session: Session, text: str) -> Organization:
    found = organizations.called(session, text.strip())
    if len(found) > 1:
        rows = [f"  {one.id}  {one.level}  {_line(one.name)}  {_line(_above(one))}" for one in found]
        raise click.ClickException("\n".join([f"{text!r} is the name of several; give the id of one:", *rows]))
    if not found:
        raise click.ClickException(f"there is no organization with the name or number {text!r}")
    return found[0]


def _above(organization: Organization) -> str:
    return f"below {organization.parent.name}" if organization.parent else "at the top"


def _say(counts: Mapping[str, int]) -> None:
    for name, number in counts.items():
        click.echo(f"{number:8}  {name}")
    if not counts:
        click.echo(" nothing")


def _parts(entry: AuditEntry, place: str) -> list[str]:
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    at = entry.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [_line(part) for part in (at, place, entry.person_name, entry.action, entry.subject, details)]


def _line(text: str) -> str:
    """What people typed as a part of one line: it can neither begin another one nor steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
