"""Archived and brought back; and two people at once."""

import threading
from datetime import timedelta

from groves import NOW, Grove, writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.database import begin_writing
from partnerforms.models import AuditEntry
from partnerforms.services import access, organizations
from partnerforms.services.organizations import TreeError


def test_archived_with_all_below_and_brought_back_as_it_was(grove: Grove) -> None:
    reach, session = grove.leader("State"), grove.session
    assert organizations.archive(session, reach, grove["Oak"], NOW) == 1
    assert organizations.archive(session, reach, grove["River"], NOW + timedelta(hours=1)) == 2
    assert grove.archived() == {"Oak", "River", "Maple"}
    archive, restore = organizations.archive, organizations.restore
    assert grove.refused(lambda: archive(session, reach, grove["Maple"], NOW)) == "archived"
    assert grove.refused(lambda: restore(session, reach, grove["Maple"], NOW)) == "parent_archived"
    assert (
        grove.refused(lambda: organizations.create(session, reach, grove["River"], "school", "x", "", NOW))
        == "parent_archived"
    )
    assert grove.refused(lambda: organizations.move(session, reach, grove["Maple"], grove["Lake"], NOW)) == "archived"
    assert (
        grove.refused(lambda: organizations.move(session, reach, grove["Alone"], grove["River"], NOW))
        == "parent_archived"
    )
    again = access.reach(session, reach.person)
    assert restore(session, again, grove["River"], NOW) == 2
    assert grove.archived() == {"Oak"}
    assert restore(session, again, grove["Lake"], NOW) == 0
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.action)).all()
    assert actions == ["organization.archived", "organization.archived", "organization.restored"]


def test_an_archived_name_is_not_free(grove: Grove) -> None:
    reach = grove.leader("State")
    organizations.archive(grove.session, reach, grove["Oak"], NOW)
    make = organizations.create
    assert grove.refused(lambda: make(grove.session, reach, grove["River"], "school", "Oak", "", NOW)) == "same_name"


def test_two_give_the_same_name_at_once(planted: Engine) -> None:
    """The second waits for the first, and is then told."""
    codes: list[str] = []

    def make(grove: Grove) -> None:
        reach = grove.leader("River")
        organizations.create(grove.session, reach, grove["River"], "school", "Elm", "7", NOW)

    def second() -> None:
        try:
            with writing(planted) as grove:
                make(grove)
        except TreeError as error:
            codes.append(error.code)

    thread = threading.Thread(target=second)
    with writing(planted) as grove:
        make(grove)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert codes == ["same_name"]


def test_a_school_does_not_move_below_what_is_archived_meanwhile(planted: Engine) -> None:
    codes: list[str] = []
    read = threading.Event()

    def second() -> None:
        with Session(planted) as session:
            if planted.dialect.name == "sqlite":
                read.set()  # there the whole transaction waits
            begin_writing(session)
            grove = Grove(session)
            reach, maple, lake = grove.leader("State"), grove["Maple"], grove["Lake"]
            assert planted.dialect.name == "sqlite" or lake.archived_at is None
            read.set()
            try:
                organizations.move(session, reach, maple, lake, NOW)
            except TreeError as error:
                codes.append(error.code)

    thread = threading.Thread(target=second)
    with writing(planted) as grove:
        organizations.archive(grove.session, grove.leader("State"), grove["Lake"], NOW)
        thread.start()
        assert read.wait(10)
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    assert codes == ["parent_archived"]
