"""The first start: the tables, the top organization, and its first leader, who signs in with a code that is printed.

Everybody else is invited on the pages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.models import Membership, Organization, Person
from partnerforms.services import people, signin
from partnerforms.services.people import memberships
from partnerforms.services.tools import Tools
from partnerforms.web.house import KEY

CODE_LIFE = timedelta(hours=1)


class StartedError(Exception):
    """There is an organization already: more people and organizations are made on the pages."""


def make_tables(app: Flask) -> None:
    """Bring the tables to the newest shape. StartedError when there is something in them."""
    with app.app_context():
        upgrade()
        with _writing() as session:
            _refuse_twice(session)


def begin(app: Flask, organization: str, level: str, name: str, address: str) -> list[str]:
    """Make the top organization and its leader; the lines that tell how to sign in.

    RefusedError when a name or the address does not do, StartedError when somebody was faster.
    """
    organization, name = memberships.read_name(organization), memberships.read_name(name)
    address = memberships.read_address(address)
    tools: Tools = app.extensions[KEY].tools
    now = datetime.now(UTC)
    with app.app_context(), _writing() as session:
        _refuse_twice(session)
        leader = memberships.put_person(session, address, name, "en")
        top = Organization(level=level, name=organization)
        session.add(Membership(person=leader, organization=top, role="leader", accepted_at=now))
        code = signin.issue(session, leader, tools.secret_key, now, CODE_LIFE)
        session.commit()
        return _lines(top, leader, code, tools)


@contextmanager
def _writing() -> Iterator[Session]:
    begin_writing(db.session)
    try:
        yield db.session()
    finally:
        db.session.remove()
        db.engine.dispose()


def _refuse_twice(session: Session) -> None:
    if session.scalar(select(Organization.id).limit(1)) is not None:
        raise StartedError


def _lines(top: Organization, leader: Person, code: str, tools: Tools) -> list[str]:
    return [
        "",
        f"{top.name} is there, and {leader.name} leads it.",
        "",
        "The first sign-in, while the service runs (partnerforms serve):",
        f"  1. Open {people.sign_in_link(leader, tools)}",
        "  2. Press Continue.",
        f"  3. Type this code: {code}",
        "",
        "The code works once, in the next hour. After that, codes come by mail.",
        "",
    ]
