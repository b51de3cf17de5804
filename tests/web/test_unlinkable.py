"""Whoever has the whole database tries to find out which used invitation belongs to which answers."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from browser import Browser
from filling import fields
from flask import Flask
from inviting import PEOPLE, a_list, all_due, invite, link_of, links_in, page_of
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from surveying import answers
from world import World

from partnerforms.engine.library import Library
from partnerforms.models import Base
from partnerforms.server import mail_worker
from partnerforms.services.surveys import invitations

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]
Answer = Callable[[int], tuple[str, str]]

on_postgres = pytest.mark.parametrize("stage", ["postgresql"], indirect=True)


@pytest.fixture
def answer(app: Flask, signed_in: SignedIn, session: Session, world: World, mails: Mails, library: Library) -> Answer:
    """Lets one of twelve invited people answer; gives the keys of the invitation and of the response: the truth."""
    invite(app, signed_in("maple_leader"), page_of(session, world), a_list(PEOPLE))
    all_due(session)
    links = [links_in(mail)[0] for mail in mails()]

    def one(number: int) -> tuple[str, str]:
        before = column(session, "SELECT key FROM responses")
        person = Browser(app)
        form = person.get(links[number]).page.form("/i/")
        person.send(form, fields(answers(library, "families", comment=f"I am {number}")))
        (new,) = set(column(session, "SELECT key FROM responses")) - set(before)
        code = re.split(r"[/?]", links[number])[2]
        return invitations.digest_of(code), new

    return one


def column(session: Session, query: str) -> list[Any]:
    session.rollback()
    return list(session.scalars(text(query)))


def chores(app: Flask) -> None:
    mail_worker(app).run_chores(datetime.now(UTC))


def by_transaction(session: Session) -> set[tuple[str, str]]:
    """Marks and answers that one transaction wrote, where no other mark or answer is in question."""
    session.rollback()
    marks = session.execute(text("SELECT xmin::text, digest FROM invitations WHERE used")).all()
    kept = session.execute(text("SELECT xmin::text, key FROM responses")).all()
    once = Counter(number for number, _ in marks)
    return {(mark, key) for number, mark in marks for other, key in kept if number == other and once[number] == 1}


@on_postgres
def test_neither_transactions_nor_places_on_the_disk_tell(app: Flask, session: Session, answer: Answer) -> None:
    chores(app)
    truth = [answer(number) for number in (7, 2, 11, 5, 0, 9, 3)]
    assert by_transaction(session) == set(truth)  # that is why there is a chore
    chores(app)
    assert by_transaction(session) == set()
    assert len(set(column(session, "SELECT xmin::text FROM invitations"))) == 1
    on_disk = column(session, "SELECT digest FROM invitations ORDER BY ctid")
    assert on_disk == sorted(on_disk)  # the order of random keys, whatever was used when
    assert len(on_disk) == len(PEOPLE)
    truth.append(answer(8))
    chores(app)
    assert by_transaction(session) == set()


@on_postgres
def test_the_chore_leaves_alone_what_did_not_change_and_never_waits_long(
    app: Flask, session: Session, answer: Answer
) -> None:
    chores(app)
    before = column(session, "SELECT xmin::text FROM invitations")
    chores(app)
    assert column(session, "SELECT xmin::text FROM invitations") == before
    answer(1)
    with Session(session.get_bind()) as other:
        other.execute(text("UPDATE invitations SET reminders = reminders WHERE used"))
        chores(app)  # somebody answers just now: the chore gives way
        other.rollback()
    assert len(by_transaction(session)) == 1
    chores(app)
    assert by_transaction(session) == set()


def dump(session: Session) -> dict[str, set[str]]:
    session.rollback()
    tables = Base.metadata.sorted_tables
    return {table.name: {repr(tuple(row)) for row in session.execute(select(table))} for table in tables}


def test_nothing_that_is_stored_names_both(app: Flask, session: Session, answer: Answer, world: World) -> None:
    answer(4)
    before = dump(session)
    mark, key = answer(6)
    after = dump(session)
    changed = {name for name in after if before[name] != after[name]}
    assert changed == {"invitations", "responses"}  # no mail, no line in the log, nothing with a time
    (row,) = after["invitations"] - before["invitations"]
    (response,) = after["responses"] - before["responses"]
    parts = re.findall(r"[\w.@+-]{8,}", row)
    assert mark in parts
    shared = {part for part in parts if part in response}
    assert shared == {str(link_of(session, world).id)}
    for name, rows in after.items():
        said = " ".join(rows)
        assert (mark in said) == (name == "invitations"), name
        assert (key in said) == (name == "responses"), name
    assert "datetime" not in row + response.replace("datetime.date(", "")


@pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
def test_sqlite_keeps_no_order_of_arrival(app: Flask, session: Session) -> None:
    for table in ("invitations", "responses"):
        with pytest.raises(OperationalError, match="no such column: rowid"):
            session.execute(text(f"SELECT rowid FROM {table}"))
