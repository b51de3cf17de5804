"""Files of organizations for tests: read, planned and applied below a place of the small world."""

from collections.abc import Iterable
from typing import Any

from outbox_helpers import writing
from people_helpers import NOW, TOOLS, place, reach_of
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import Organization
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations import importing, organization_rows
from partnerforms.services.organizations.organization_rows import Table

HEADINGS = {"level": "Nivel de prueba"}


def table_of(text: str) -> Table:
    return organization_rows.table(spreadsheets.read(text.encode()), HEADINGS, {"school": "Schule"})


def problems(engine: Engine, world: World, text: str, who: str = "state_leader", where: str = "state") -> set[Any]:
    """What is wrong with a file: line, column, code."""
    with Session(engine) as session:
        try:
            importing.prepare(session, reach_of(session, who), place(session, world, where), table_of(text), NOW)
        except importing.BadRowsError as error:
            return {(problem.line, problem.column, problem.code) for problem in error.problems}
    return set()


def run(engine: Engine, world: World, text: str, who: str = "state_leader", where: str = "state") -> dict[str, Any]:
    """Apply a file that nothing is wrong with; what it did, by counts."""
    with writing(engine) as session:
        here = place(session, world, where)
        outcome = importing.apply(session, reach_of(session, who), here, table_of(text), TOOLS, NOW)
    counts: dict[str, Any] = outcome["counts"]
    return {name: number for name, number in counts.items() if number}


def tree(engine: Engine) -> dict[str, tuple[str, str | None, str | None]]:
    """Every organization: level, number, and the name of its parent."""
    with Session(engine) as session:
        return {
            one.name: (one.level, one.number, one.parent.name if one.parent else None)
            for one in session.scalars(select(Organization))
        }


def lines(*rows: Iterable[str]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)
