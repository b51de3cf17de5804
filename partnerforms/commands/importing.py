"""The command that imports organizations; it prints what the page previews."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.models import Organization, Person
from partnerforms.services import access, organizations
from partnerforms.services.access import Reach
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations import importing, organization_rows
from partnerforms.services.organizations.organization_rows import Table
from partnerforms.services.tools import Tools
from partnerforms.web.house import KEY
from partnerforms.web.organizations import import_words


def _english(text: str) -> str:
    return text


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organization", "called", required=True, help="Below which one: its name or number.")
@click.option("--as", "address", required=True, help="Mail address of the person who does it.")
@click.option("--apply", "do", is_flag=True, help="Do it. Without this, only say what would happen.")
def import_(file: Path, called: str, address: str, do: bool) -> None:
    """Make, rename and move organizations as the CSV FILE says, and invite their people."""
    table = _table(file)
    app = create_app()
    now = datetime.now(UTC)
    tools: Tools = app.extensions[KEY].tools
    with app.app_context(), Session(db.engine) as session:
        if do:
            begin_writing(session)
        reach = _reach(session, address)
        here = _organization(session, reach, called)
        try:
            if do:
                outcome = importing.apply(session, reach, here, table, tools, now)
                session.commit()
            else:
                outcome = importing.prepare(session, reach, here, table, now).outcome()
        except importing.BadRowsError as error:
            lines = [_problem(asdict(problem)) for problem in error.problems]
            raise click.ClickException("\n".join([f"{file}: nothing was imported", *lines])) from None
    for line in _lines(outcome, table):
        click.echo(line)
    click.echo("Done." if do else "Nothing was changed. Add --apply to do it.")


def _table(file: Path) -> Table:
    try:
        sheet = spreadsheets.read(file.read_bytes())
    except spreadsheets.UnreadableError as error:
        raise click.ClickException(f"{file}: {import_words.unreadable(error.code, _english)}") from None
    return organization_rows.table(sheet, import_words.headings(_english), import_words.levels(_english))


def _reach(session: Session, address: str) -> Reach:
    person = session.scalars(select(Person).where(Person.address == address.strip().lower())).one_or_none()
    if person is None:
        raise click.ClickException(f"there is nobody with the address {address!r}")
    return access.reach(session, person)


def _organization(session: Session, reach: Reach, called: str) -> Organization:
    found = [one for one in organizations.called(session, called.strip()) if reach.can("arrange", one.id)]
    if len(found) != 1:
        if found:
            raise click.ClickException(f"{called!r} is the name of several; give the number of one")
        raise click.ClickException(
            f"there is no organization with the name or number {called!r} that {reach.person.address} may arrange"
        )
    return found[0]


def _problem(problem: Mapping[str, Any]) -> str:
    column = import_words.headings(_english).get(problem["column"], "")
    place = ", ".join(part for part in (f"line {problem['line']}" if problem["line"] else "", column) if part)
    stands = f" ({problem['value']})" if problem["value"] else ""
    return f"{place}{stands}: {import_words.problem(problem, _english)}".removeprefix(": ")


def _lines(outcome: Mapping[str, Any], table: Table) -> Iterator[str]:
    for change in outcome["changes"]:
        was = ", ".join(f"{name} was {text}" for name, text in change["was"].items() if text and text != change[name])
        number = f" {change['number']}" if change["number"] else ""
        yield f"{'+'.join(change['did']):9} {change['level']} {change['name']}{number} / {change['parent']}" + (
            f" ({was})" if was else ""
        )
    for one in outcome["invitations"]:
        yield f"{'invited':9} {one['name']} <{one['address']}>, {one['role']} of {one['organization']}"
    if table.unused:
        yield f"not used: {', '.join(table.unused)}"
    yield ", ".join(f"{number} {name}" for name, number in outcome["counts"].items() if number)
