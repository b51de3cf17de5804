"""Everything that is in the database, to be compared with what is in it later."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Base

Snapshot = dict[str, list[tuple[Any, ...]]]


def snapshot(session: Session, but: tuple[str, ...] = ()) -> Snapshot:
    """Every row of every table; `but` names columns such as "sign_in_sessions.seen_at" that do not count."""
    session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if str(column) not in but]
        rows = [tuple(row) for row in session.execute(select(*columns))] if columns else []
        found[table.name] = sorted(rows, key=repr)
    return found
