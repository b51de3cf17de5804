"""Erasing an organization: all of it is gone, nothing else is, and no byte of it stays on the disk."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from outbox_helpers import NOW, writing
from planting import on_disk, plant, rows, where
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.database import forget_deleted
from partnerforms.models import (
    AuditEntry,
    Base,
    Delivery,
    Membership,
    Organization,
    Person,
    Record,
    Response,
    SurveyLink,
)
from partnerforms.services import jobs
from partnerforms.services.access import NotThereError
from partnerforms.services.data import erasing
from partnerforms.services.deliveries import outbox

GLOBAL = {"mail_queue"}
# A person's own: it goes with the person.
OWN = ("sign_in_codes", "sign_in_sessions", "identities", "second_factors", "recovery_codes")


@pytest.fixture
def above(engine: Engine) -> Organization:
    """A state above, with another district in it that has everything, too."""
    with writing(engine) as session:
        state = Organization(level="state", name="State")
        session.add(state)
        session.flush()
        plant(session, "kept", NOW, state)
    return state


def erase(engine: Engine, name: str, person: Person | None = None) -> AuditEntry:
    with writing(engine) as session:
        organization = session.scalars(select(Organization).where(Organization.name == name)).one()
        return erasing.erase(session, organization, person, NOW)


def test_all_of_it_goes_and_nothing_else_in_any_table(engine: Engine, above: Organization) -> None:
    with Session(engine) as session:
        before = rows(session)
    with writing(engine) as session:
        plant(session, "qzxq", NOW, session.get_one(Organization, above.id))
        planted = rows(session)
    missing = {name for name in before if len(planted[name]) == len(before[name])} - GLOBAL
    assert not missing, "plant a row of these tables too, or nobody knows whether it is erased"
    entry = erase(engine, "District of qzxq")
    with Session(engine) as session:
        after = rows(session)
        session.delete(session.get_one(AuditEntry, entry.id))
        assert rows(session) == before
    assert len(after["audit_entries"]) == len(before["audit_entries"]) + 1
    assert entry.organization_id == above.id
    assert (entry.subject, entry.details["removed"]["responses"]) == ("District of qzxq", 15)
    removed = entry.details["removed"]
    gone = {table.name: len(planted[table.name]) - len(before[table.name]) for table in Base.metadata.sorted_tables}
    untold = {
        "sign_in_codes",
        "sign_in_sessions",
        "identities",
        "second_factors",
        "recovery_codes",
        "instrument_versions",
    }
    assert {name: number for name, number in removed.items() if name not in untold} == {
        name: number for name, number in gone.items() if number and name not in untold
    }


def test_what_is_counted_before_is_what_goes(engine: Engine, above: Organization) -> None:
    with Session(engine) as session:
        district = session.scalars(select(Organization).where(Organization.name == "District of kept")).one()
        counted = erasing.counts(session, district)
    removed = erase(engine, "District of kept").details["removed"]
    assert {name: removed[name] for name in counted} | {"deliveries": 2} == counted
    assert removed["deliveries"] == 3, "the mail with a code is known to be theirs when they go"


def test_no_byte_stays_on_the_disk(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        for number in range(30):
            plant(session, f"kept{number}", NOW)
        plant(session, "qzxq", NOW)
    forget_deleted(sqlite_engine)
    assert on_disk(sqlite_engine, "qzxq-answer")
    erase(sqlite_engine, "District of qzxq")
    assert on_disk(sqlite_engine, "qzxq-answer"), "the log has it until it is brought into the file"
    assert forget_deleted(sqlite_engine, thorough=True)
    assert not on_disk(sqlite_engine, "qzxq-")
    assert on_disk(sqlite_engine, "kept7-answer")


def test_who_is_needed_elsewhere_stays(engine: Engine, above: Organization) -> None:
    with writing(engine) as session:
        district = plant(session, "qzxq", NOW, session.get_one(Organization, above.id))
        people = {
            name: session.scalars(select(Person).where(Person.name == f"qzxq-{name}")).one()
            for name in ("leader", "member")
        }
        kept = session.scalars(select(Record).where(Record.title == "kept-plan")).one()
        kept.created_by = people["member"].id  # wrote something elsewhere
        session.add(
            Membership(person=people["leader"], organization=session.get_one(Organization, above.id), role="member")
        )
        former = Person(address="former@example.org", name="qzxq-former")
        stranger = Person(address="stranger@example.org", name="stranger")
        session.add_all([former, stranger])
        session.flush()
        session.scalars(select(Record).where(Record.title == "qzxq-plan")).one().created_by = former.id
    erase(engine, district.name)
    with Session(engine) as session:
        names = set(session.scalars(select(Person.name)))
    assert names == {"qzxq-leader", "qzxq-member", "stranger", "kept-leader", "kept-member"}


def test_mail_from_before_an_organization_moved_forgets_what_goes(engine: Engine, above: Organization) -> None:
    """A school that moved away keeps its mail, also what went to a coordinator of the district that it left."""
    with writing(engine) as session:
        old = plant(session, "qzxq", NOW, session.get_one(Organization, above.id))
        school = session.scalars(select(Organization).where(Organization.name == "School of kept")).one()
        left = Membership(
            person=session.scalars(select(Person).where(Person.name == "qzxq-leader")).one(),
            organization=old, role="coordinator", accepted_at=NOW,
        )  # fmt: skip
        session.add(left)
        session.flush()
        mails = list(session.scalars(select(Delivery).where(Delivery.organization_id == school.id)))
        mails[0].membership_id = mails[1].membership_id = left.id
        mails[1].state = "held"
        sent, waits = mails[0].id, mails[1].id
    erase(engine, old.name)
    with Session(engine) as session:
        assert session.get_one(Delivery, sent).membership_id is None
        assert session.get(Delivery, waits) is None


def test_a_mail_that_is_being_sent_meanwhile_is_settled_by_nobody(engine: Engine, above: Organization) -> None:
    with writing(engine) as session:
        mail = session.scalars(select(Delivery).where(Delivery.dedup == "kept-plan-mail")).one()
        mail.state, mail.sent_at, mail.due_at = "queued", None, NOW - timedelta(days=3000)
    with writing(engine) as session:
        claimed = outbox.claim(session, NOW)
    assert claimed is not None
    erase(engine, "District of kept")
    with writing(engine) as session:
        assert not outbox.sent(session, claimed, NOW)
        assert not outbox.later(session, claimed, "451 later", NOW, random.Random(1))
        assert session.scalars(select(Delivery)).all() == []
        with pytest.raises(jobs.LostLeaseError):
            jobs.report(session, claimed.id, "kept-lease", NOW, done=1)


def test_what_is_told_is_told_for_an_hour_and_of_nothing_else(engine: Engine, above: Organization) -> None:
    entry = erase(engine, "District of kept")
    with Session(engine) as session:
        assert erasing.told(session, entry.id, NOW + timedelta(minutes=59)).id == entry.id
        with pytest.raises(NotThereError):
            erasing.told(session, entry.id, NOW + timedelta(minutes=61))
        entry = session.get_one(AuditEntry, entry.id)
        entry.action = "organization.renamed"
        with pytest.raises(NotThereError):
            erasing.told(session, entry.id, NOW)


def test_at_the_top_the_entry_belongs_to_nobody(engine: Engine, above: Organization) -> None:
    entry = erase(engine, "State")
    assert entry.organization_id is None
    with Session(engine) as session:
        assert where(session, "kept-") == []
        assert session.scalars(select(Organization)).all() == []
        assert session.scalars(select(Response)).all() == []


def test_what_somebody_adds_at_the_same_time_goes_too(postgres_engine: Engine) -> None:
    """Two write at once: whoever was first is waited for, and nothing refers to what is gone."""
    with writing(postgres_engine) as session:
        plant(session, "qzxq", NOW)
    with Session(postgres_engine) as first, ThreadPoolExecutor() as others:
        school = first.scalars(select(Organization).where(Organization.name == "School of qzxq")).one()
        link = first.scalars(select(SurveyLink)).one()
        first.add_all(
            [
                Response(key="late", link_id=link.id, day=NOW.date(), language="en", answers={"x": "too-late"}),
                AuditEntry(
                    at=NOW, organization_id=school.id, person_name="too-late", action="x", subject="", details={}
                ),
            ]
        )
        first.flush()
        erasing_it = others.submit(erase, postgres_engine, "District of qzxq")
        with pytest.raises(TimeoutError):
            erasing_it.result(timeout=1)
        first.commit()
        assert erasing_it.result(timeout=10).details["removed"]["responses"] == 16
    with Session(postgres_engine) as session:
        assert where(session, "too-late") == []
