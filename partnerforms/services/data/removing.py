"""Rows that go for good, each with what hangs on it. Retention and erasing share it."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from partnerforms.models import (
    Base,
    Delivery,
    DeliveryRule,
    Document,
    DraftChange,
    Identity,
    Membership,
    Person,
    Record,
    RecoveryCode,
    SecondFactor,
    SignInCode,
    SignInSession,
)

Ids = Collection[uuid.UUID]
Remover = Callable[[Session, Any], Counter[str]]

# What is a person's own: it goes with the person. Everything else that names a person keeps the person.
_OWN = (SignInCode, SignInSession, Identity, SecondFactor, RecoveryCode)
_UNSETTLED = ("held", "queued", "sending")


def rows(session: Session, model: type[Base], condition: ColumnElement[bool]) -> int:
    """Delete the rows of a table for which this is so; how many there were."""
    statement = delete(model).where(condition).execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a delete has it


def plain(model: type[Base], session: Session, keys: Collection[Any]) -> Counter[str]:
    """Rows on which nothing hangs, by their keys."""
    return Counter({model.__tablename__: rows(session, model, key(model).in_(keys))})


def key(model: type[Base]) -> Any:
    """The column that is the key of a table."""
    table: Any = model.__table__
    (column,) = table.primary_key.columns
    return column


def documents(session: Session, ids: Ids) -> Counter[str]:
    """Documents that no revision has. A mail that went out with one stays without it; one that waits goes too."""
    return let_go(session, Delivery.document_id.in_(ids), document_id=None) + Counter(
        documents=rows(session, Document, Document.id.in_(ids))
    )


def drafts(session: Session, ids: Ids) -> Counter[str]:
    """Records that were never submitted."""
    rows(session, DraftChange, DraftChange.record_id.in_(ids))
    return Counter(records=rows(session, Record, Record.id.in_(ids)))


def memberships(session: Session, ids: Ids) -> Counter[str]:
    """Memberships, and persons who are nothing else anywhere. What waits to be mailed to such a role goes too."""
    candidates = session.scalars(select(Membership.person_id).where(Membership.id.in_(ids))).all()
    removed = let_go(session, Delivery.membership_id.in_(ids), membership_id=None)
    rows(session, DeliveryRule, DeliveryRule.membership_id.in_(ids))
    replacing = update(Membership).where(Membership.replaces_id.in_(ids)).values(replaces_id=None)
    session.execute(replacing.execution_options(synchronize_session=False))
    removed["memberships"] += rows(session, Membership, Membership.id.in_(ids))
    return removed + people(session, candidates)


def let_go(session: Session, condition: ColumnElement[bool], **values: Any) -> Counter[str]:
    """Mail that went out stays with these values, in which what goes is forgotten; mail that waits goes too."""
    waiting = rows(session, Delivery, and_(condition, Delivery.state.in_(_UNSETTLED)))
    statement = update(Delivery).where(condition).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))
    return Counter(deliveries=waiting)


def people(session: Session, candidates: Ids) -> Counter[str]:
    """Those of these persons whom nothing needs any more: no membership, and nothing that they wrote or began.

    Their sign-in goes with them, and mail that was about nothing but that.
    """
    unneeded = select(Person.id, Person.address).where(
        Person.id.in_(candidates),
        ~or_(*(exists().where(column == Person.id) for column in _naming(Person.__table__, _own_tables()))),
    )
    found = {row.id: row.address for row in session.execute(unneeded)}
    for model in _OWN:
        rows(session, model, model.person_id.in_(found))
    mail = and_(Delivery.organization_id.is_(None), Delivery.recipient.in_(found.values()))
    return Counter(deliveries=rows(session, Delivery, mail), people=rows(session, Person, Person.id.in_(found)))


def unreferenced(model: type[Base]) -> ColumnElement[bool]:
    """Is there nothing in any table that refers to the row?"""
    return ~or_(*(exists().where(column == key(model)) for column in _naming(model.__table__, frozenset())))


def _naming(table: Any, but: Collection[Table]) -> Iterator[Any]:
    """Every column of every table, but these, that refers to the rows of a table."""
    for other in Base.metadata.sorted_tables:
        if other not in but:
            yield from (key.parent for key in other.foreign_keys if key.column.table is table)


def _own_tables() -> frozenset[Any]:
    return frozenset(model.__table__ for model in _OWN)
