"""What PostgreSQL itself tells of rows is made to tell nothing: which were written together, and in which order.

A used invitation and its response carry the number of the same transaction (`xmin`), and rows lie on the disk in the
order in which they were written (`ctid`). So soon after each use all invitations of its link are written anew, in one
statement and in the order of their random keys: then all of them carry one number and lie in an order of chance. The
responses keep their numbers and places. These tell in which order answers came, but of the marks nothing is left that
they could be compared with, so responses need no rewriting, and nobody who counts or mails them has to wait.

SQLite keeps no such numbers, and keeps both tables in the order of their keys.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, literal_column, select, text
from sqlalchemy.orm import Session

from partnerforms.models import Invitation

_AT_ONCE = 200  # links in one transaction: meanwhile nobody answers by invitation
# Who waits for us gives up waiting for a deadlock after a second: we do before, and come again in a minute.
_PATIENCE = "SET LOCAL lock_timeout = '500ms'"
_WRITTEN_BY: ColumnElement[str] = literal_column("invitations.xmin::text")


def mix(session: Session, now: datetime) -> None:
    """A chore of the mail worker: write anew the invitations of links where one has changed since the last time."""
    if session.get_bind().dialect.name != "postgresql":
        return
    stirred = select(Invitation.link_id).group_by(Invitation.link_id)
    stirred = stirred.having(func.min(_WRITTEN_BY) != func.max(_WRITTEN_BY)).order_by(func.random()).limit(_AT_ONCE)
    links = session.scalars(stirred).all()
    if links:
        session.execute(text(_PATIENCE))
        alone(session)
        write_anew(session, links)


def alone(session: Session) -> None:
    """Until this transaction ends nobody else changes invitations, and who wants to sees them as they are then.

    Only reading may come before it in a transaction: whoever answers holds the table first and then the link.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE invitations IN EXCLUSIVE MODE"))


def write_anew(session: Session, link_ids: Collection[uuid.UUID]) -> None:
    """Write all invitations of these links anew, as they are. Call `alone` before."""
    if session.get_bind().dialect.name != "postgresql":
        return
    session.flush()
    table = Invitation.__table__
    gone = delete(Invitation).where(Invitation.link_id.in_(link_ids)).returning(*table.columns).cte("gone")
    names = [column.name for column in table.columns]
    again = insert(Invitation).from_select(names, select(gone).order_by(gone.c.digest))
    session.execute(again.execution_options(synchronize_session=False))
