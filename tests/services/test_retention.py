"""What is kept too long goes, from the tables and from the disk, and what must stay stays."""

from datetime import datetime, timedelta

import pytest
from outbox_helpers import NOW, writing
from planting import delivery, document, on_disk, person, plant, where
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.database import forget_deleted
from partnerforms.models import (
    AuditEntry,
    Delivery,
    Document,
    DraftChange,
    Membership,
    Organization,
    Record,
    Response,
    Survey,
)
from partnerforms.services.data import retention

LONG_AGO = NOW - timedelta(days=31 * 100)

# The words of each kind of thing that is gone after a hundred months, and of those that stay.
GONE = [
    "-answer-", "-tail-", "-typed", "-said", "-family", "-sheet", "-draft", "-change", "-mail", "-plan-mail",
    "-code-mail", "-code", "-session", "-recovery", "-entry", "-leftover", "-invited", "-invitation",
]  # fmt: skip
STAYS = [
    "-plan-words", "-revision", "-plan-document", "-version", "-template", "-assignment", "-survey", "-leader",
    "-member", "-terms", "-logo", "-factor", "-subject",
]  # fmt: skip


def everything(session: Session, tag: str, when: datetime) -> Organization:
    place = plant(session, tag, when)
    document(session, place.id, f"{tag}-leftover", when)
    invited = person(session, f"{tag}-invited")
    invitation = Membership(person=invited, organization=place, role="member", invited_at=when)
    session.add(invitation)
    session.flush()
    mail = delivery(f"{tag}-invitation", when, "held", organization_id=place.id, membership_id=invitation.id)
    mail.held_for = "invited"
    session.add(mail)
    session.flush()
    return place


def run(engine: Engine, now: datetime = NOW) -> int:
    """Let retention work until nothing is left to do; how many steps it took."""
    steps = 0
    removed = True
    while removed:
        with writing(engine) as session:
            removed = bool(retention.step(session, now))
        steps += removed
    return steps


def test_what_is_too_old_is_in_no_table_and_what_stays_is(engine: Engine) -> None:
    with writing(engine) as session:
        everything(session, "qzxq", LONG_AGO)
        everything(session, "fresh", NOW - timedelta(hours=1))
    with Session(engine) as session:
        assert all(where(session, f"qzxq{words}") for words in [*GONE, *STAYS]), "each is planted"
        counted = retention.due(session, NOW)
    run(engine)
    with Session(engine) as session:
        assert {words: found for words in GONE if (found := where(session, f"qzxq{words}"))} == {}
        assert [words for words in STAYS if not where(session, f"qzxq{words}")] == []
        assert [words for words in [*GONE, *STAYS] if not where(session, f"fresh{words}")] == []
        assert retention.due(session, NOW) == {}
    assert counted == {
        "responses": 15, "typed_sheets": 1, "comments": 1, "addresses": 1, "answer_sheets": 1, "drafts": 1,
        "draft_changes": 1, "deliveries": 3, "documents": 1, "invitations": 1, "codes": 1, "sessions": 2,
        "recovery_codes": 1, "log": 1,
    }  # fmt: skip
    assert run(engine) == 0


def test_no_byte_of_it_stays_on_the_disk(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        for number in range(30):
            everything(session, f"fresh{number}", NOW)
        everything(session, "qzxq", LONG_AGO)
    run(sqlite_engine)
    assert forget_deleted(sqlite_engine)
    assert [words for words in GONE if on_disk(sqlite_engine, f"qzxq{words}")] == []
    assert [words for words in STAYS if not on_disk(sqlite_engine, f"qzxq{words}")] == []


def test_somebody_who_reads_keeps_the_log_for_a_while(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        plant(session, "qzxq", NOW)
    with Session(sqlite_engine) as session:
        session.scalars(select(Organization)).all()
        with writing(sqlite_engine) as other:
            plant(other, "more", NOW)
        assert not forget_deleted(sqlite_engine)
    assert forget_deleted(sqlite_engine)


@pytest.mark.parametrize(
    ("state", "district", "school", "months"),
    [(None, None, None, 24), (6, None, None, 6), (6, 36, None, 36), (6, 36, 3, 3), (None, 12, None, 12)],
)
def test_the_nearest_organization_that_says_so_decides(
    state: int | None, district: int | None, school: int | None, months: int, engine: Engine
) -> None:
    closed = NOW - timedelta(days=1)
    with writing(engine) as session:
        above = Organization(level="state", name="State", keep_answers=state)
        place = plant(session, "qzxq", closed, above)
        place.keep_answers = district
        survey = session.scalars(select(Survey)).one()
        survey.organization.keep_answers = school
        plant(session, "other", closed)
    due = closed.replace(year=closed.year + months // 12 + (closed.month + months % 12 - 1) // 12)
    due = due.replace(month=(closed.month + months % 12 - 1) % 12 + 1)
    with Session(engine) as session:
        ids = session.scalars(select(Survey.organization_id).where(Survey.title == "qzxq-survey")).all()
        assert retention.due(session, due, ids)["responses"] == 0
        assert retention.due(session, due + timedelta(seconds=1), ids)["responses"] == 15
    run(engine, due + timedelta(seconds=1))
    with Session(engine) as session:
        assert where(session, "qzxq-answer") == []
        assert bool(where(session, "other-answer")) == (months < 24)


def test_a_batch_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    with writing(engine) as session:
        everything(session, "qzxq", LONG_AGO)
    with writing(engine) as session:
        assert retention.step(session, NOW) == {"responses": 4}
        assert len(session.scalars(select(Response)).all()) == 11
    assert run(engine) == 7
    with Session(engine) as session:
        assert {words: found for words in GONE if (found := where(session, f"qzxq{words}"))} == {}


def test_as_a_chore_it_works_until_nothing_is_due_and_then_rests_a_day(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    chore, left = retention.Chore(), []
    with writing(engine) as session:
        plant(session, "qzxq", LONG_AGO)
    for minute in range(5):
        with writing(engine) as session:
            chore(session, NOW + timedelta(minutes=minute))
            left.append(len(session.scalars(select(Response)).all()))
    assert left == [5, 0, 0, 0, 0]
    with writing(engine) as session:
        plant(session, "later", LONG_AGO)
        chore(session, NOW + timedelta(hours=23))
        assert where(session, "later-answer")
    for minute in range(5):
        with writing(engine) as session:
            chore(session, NOW + timedelta(hours=25, minutes=minute))
    with Session(engine) as session:
        assert not where(session, "later-answer")


def test_a_survey_that_is_open_and_what_is_submitted_or_waits_is_not_touched(engine: Engine) -> None:
    with writing(engine) as session:
        plant(session, "qzxq", LONG_AGO)
        session.scalars(select(Survey)).one().closed_at = None
        for record in session.scalars(select(Record)):
            record.state = "draft"  # the plan was changed again after it was submitted
        for mail in session.scalars(select(Delivery)):
            mail.state = "queued"
    run(engine)
    with Session(engine) as session:
        assert len(session.scalars(select(Response)).all()) == 15
        assert len(session.scalars(select(Document)).all()) == 2
        assert session.scalars(select(Record.title)).all() == ["qzxq-plan"]
        assert len(session.scalars(select(Delivery)).all()) == 3


def test_what_has_no_clock_of_its_own_has_a_fixed_one(engine: Engine) -> None:
    with writing(engine) as session:
        place = everything(session, "qzxq", NOW)
        place.keep_log = 1
        session.scalars(select(AuditEntry)).one().organization_id = None  # goes by the program's own clock

    def left(days: float) -> tuple[bool, bool, bool, bool]:
        run(engine, NOW + timedelta(days=days))
        with Session(engine) as session:
            invited = select(Membership).where(Membership.accepted_at.is_(None))
            return (
                bool(where(session, "qzxq-code'")),
                session.scalars(select(DraftChange)).first() is not None,
                session.scalars(invited).first() is not None,
                session.scalars(select(AuditEntry)).first() is not None,
            )

    assert left(0.9) == (True, True, True, True)
    assert left(1.1) == (False, True, True, True)
    assert left(31) == (False, False, True, True)
    assert left(89) == (False, False, True, True)
    assert left(91) == (False, False, False, True)
    assert left(30.4 * 83) == (False, False, False, True)
    assert left(30.5 * 85) == (False, False, False, False)


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        ("2026-03-31", 1, "2026-02-28"), ("2024-03-30", 1, "2024-02-29"), ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 24, "2024-12-31"), ("2026-05-31", 6, "2025-11-30"), ("2026-05-31", 10**6, "0001-01-31"),
    ],
)  # fmt: skip
def test_months_ago(moment: str, months: int, before: str) -> None:
    assert retention.months_before(datetime.fromisoformat(moment), months).date().isoformat() == before
