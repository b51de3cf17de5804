"""The log: found again by place, person and kind; only ever added to."""

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from outbox_helpers import NOW, writing
from planting import person
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import partnerforms
from partnerforms.models import Organization, Person
from partnerforms.services import audit

# Who may touch entries that are there: what is too old goes, and what belongs to an organization goes with it.
MAY_REMOVE = {"services/data/retention.py", "services/data/erasing.py"}
MAY_READ = {
    "services/audit.py",
    "services/data/export_tables.py",
    "services/deliveries/limits.py",
    "services/surveys/invitations/__init__.py",
    "commands/data.py",
}


@pytest.fixture
def places(engine: Engine) -> list[uuid.UUID]:
    with writing(engine) as session:
        made = [Organization(level="school", name=name) for name in ("Maple", "Oak")]
        session.add_all(made)
        session.flush()
        ana, bo = person(session, "Ana 100%"), person(session, "Bo")
        for number, (who, where, action) in enumerate(
            (
                (ana, 0, "record.created"),
                (bo, 0, "record.submitted"),
                (bo, 1, "survey.opened"),
                (None, 0, "survey.closed"),
            )
        ):
            audit.note(session, action, who, made[where].id, NOW + timedelta(days=number), f"subject {number}")
        audit.note(session, "mail.resumed", bo, None, NOW, "subject 4")
    return [one.id for one in made]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 1, 0]),
        ({"limit": 2}, [3, 1]),
        ({"skip": 1}, [1, 0]),
        ({"person": "ana"}, [0]),
        ({"person": "b"}, [1]),
        ({"person": "%"}, [0]),
        ({"person": "_"}, []),
        ({"kind": "record"}, [1, 0]),
        ({"kind": "recor"}, []),
        ({"kind": "%"}, []),
        ({"since": NOW + timedelta(days=1)}, [3, 1]),
        ({"person": "bo", "kind": "survey"}, []),
    ],
)
def test_entries_are_found_the_latest_first(
    asked: dict[str, object], found: list[int], engine: Engine, places: list[uuid.UUID]
) -> None:
    with Session(engine) as session:
        entries = list(audit.entries(session, places[:1], **asked))  # type: ignore[arg-type]
        assert [int(entry.subject[-1]) for entry in entries] == found
        everywhere = list(audit.entries(session, None, **asked))  # type: ignore[arg-type]
        assert len(everywhere) >= len(entries)
        assert list(audit.entries(session, [])) == []


def test_an_entry_keeps_the_name_as_it_was_and_outlives_the_person(engine: Engine, places: list[uuid.UUID]) -> None:
    with writing(engine) as session:
        for one in session.scalars(select(Person)):
            session.delete(one)
    with Session(engine) as session:
        assert {entry.person_name for entry in audit.entries(session, None)} == {"Ana 100%", "Bo", ""}


def test_what_has_no_name_is_not_written_down(engine: Engine) -> None:
    with writing(engine) as session, pytest.raises(ValueError, match="no such action"):
        audit.note(session, "record.creatde", None, None, NOW)


def test_actions_are_named_after_what_they_are_done_to() -> None:
    assert not [action for action in audit.ACTIONS if not re.fullmatch(r"[a-z_]+\.[a-z_]+", action)]
    assert audit.kinds() == sorted(set(audit.kinds()))


def test_nothing_but_retention_and_erasing_touches_what_was_written() -> None:
    root = Path(partnerforms.__file__).parent
    naming = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "AuditEntry" in path.read_text(encoding="utf-8") and path.parent.name != "models"
    }
    assert naming <= MAY_REMOVE | MAY_READ
    for name in MAY_READ:
        source = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"\b(update|delete)\(\s*AuditEntry|entry\.\w+ = ", source), name
