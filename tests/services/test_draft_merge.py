"""Two people in one draft: nothing that somebody typed is overwritten unless its writer or its reader says so."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from draft_pages import GOALS, NOW, Open, make
from outbox_helpers import writing
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.engine.rows import Action
from partnerforms.models import DraftChange, Record
from partnerforms.services.access import NotAllowedError, Reach
from partnerforms.services.records import drafts
from partnerforms.services.records.drafts import ConflictError, Place, Shown


@pytest.fixture
def session(sqlite_engine: Engine) -> Iterator[Session]:
    with Session(sqlite_engine) as session:
        yield session


def versions(session: Session) -> list[tuple[int, dict[str, Any], bool]]:
    changes = session.scalars(select(DraftChange).order_by(DraftChange.version))
    return [(one.version, one.before, one.moved) for one in changes]


def test_every_save_notes_what_stood_there_before(session: Session) -> None:
    record, (ana, _) = make(session, {"name": "old"})
    drafts.keep(session, ana, record, {"name": "new", "place": "here"}, NOW)
    drafts.keep(session, ana, record, {"name": "new", "steps": []}, NOW)
    drafts.keep(session, ana, record, {"name": ""}, NOW)
    assert versions(session) == [(2, {"name": "old", "place": None}, False), (3, {"name": "new"}, False)]
    assert record.draft == {"name": "", "place": "here"}


def test_changes_of_different_answers_are_both_kept_and_the_second_is_told(session: Session) -> None:
    record, (ana, sam) = make(session)
    one, other = Open(session, record, ana, "a"), Open(session, record, sam, "b")
    one.typed["name"] = "Ana's"
    assert one.save().other is None
    other.typed["place"] = "Sam's"
    saved = other.save()
    assert saved.other
    assert saved.other.person_id == ana.person.id
    assert record.draft == {"name": "Ana's", "place": "Sam's"}


def test_a_conflict_says_who_and_saves_nothing(session: Session) -> None:
    record, (ana, sam) = make(session)
    one, other = Open(session, record, ana, "a"), Open(session, record, sam, "b")
    one.typed |= {"name": "Ana's", "place": "there"}
    one.save(minutes=1)
    other.typed |= {"name": "Sam's", "steps": [{"what": "x"}]}
    with pytest.raises(ConflictError) as asked:
        other.save(minutes=2)
    conflict = asked.value.conflicts["name"]
    assert list(asked.value.conflicts) == ["name"]
    assert conflict.change
    assert (conflict.theirs, conflict.change.person.name) == ("Ana's", "Ana")
    assert conflict.change.changed_at == NOW + timedelta(minutes=1)
    assert asked.value.values == {"name": "Sam's", "place": "there", "steps": [{"what": "x"}]}
    assert record.draft == {"name": "Ana's", "place": "there"}


@pytest.mark.parametrize(("choice", "kept"), [("mine", "Sam's"), ("theirs", "Ana's"), ("", None), ("both", None)])
def test_a_choice_settles_a_conflict(session: Session, choice: str, kept: str | None) -> None:
    record, (ana, sam) = make(session)
    one = Open(session, record, ana, "a")
    other = Open(session, record, sam, "b")
    one.typed["name"] = "Ana's"
    one.save()
    other.typed |= {"name": "Sam's", "place": "here"}
    other.shown = Shown(record.draft_version, "c")  # as the page that asks is shown
    if kept is None and choice == "":
        with pytest.raises(ConflictError):
            other.save(choices={"name": choice})
        return
    other.save(choices={"name": choice})
    assert record.draft == {"name": kept or "Sam's", "place": "here"}


def test_a_choice_does_not_hold_for_what_came_after_it(session: Session) -> None:
    record, (ana, sam) = make(session, {"name": "first"})
    other = Open(session, record, sam, "b")
    other.typed["name"] = "Sam's"
    one = Open(session, record, ana, "a")
    one.typed["name"] = "unseen"
    one.save()
    with pytest.raises(ConflictError):
        other.save(choices={"name": "mine"})


def test_what_the_script_does_not_show_is_not_overwritten_by_its_next_save(session: Session) -> None:
    record, (ana, sam) = make(session, {"name": "first", "place": "first"})
    one, other = Open(session, record, ana, "a"), Open(session, record, sam, "b")
    one.typed["name"] = "Ana's"
    one.save()
    other.typed["place"] = "Sa"
    assert other.autosave().values["name"] == "Ana's"
    other.typed["place"] = "Sam's"
    other.autosave()
    assert record.draft == {"name": "Ana's", "place": "Sam's"}
    other.typed["name"] = "Sam's too"
    with pytest.raises(ConflictError):
        other.autosave()


def test_a_page_is_not_in_conflict_with_its_own_saves(session: Session) -> None:
    record, (ana, sam) = make(session, {"name": "first"})
    page, third = Open(session, record, ana, "a"), Open(session, record, sam, "b")
    for number, text in enumerate(("one", "one two", "one two three")):
        page.typed["name"] = text
        page.save(mixing=False)  # the answer got lost, or the page was left and come back to
        third.typed["place"] = f"{number}"
        third.autosave()
    assert record.draft == {"name": "one two three", "place": "2"}
    stranger = Open(session, record, ana, "z")
    stranger.shown = Shown(1, "c")
    stranger.typed["name"] = "typed elsewhere"
    with pytest.raises(ConflictError):
        stranger.save()


def test_the_key_of_a_page_is_of_no_use_to_others(session: Session) -> None:
    record, (ana, sam) = make(session)
    Open(session, record, ana, "a").autosave()
    one, other = Open(session, record, ana, "same"), Open(session, record, sam, "same")
    one.typed["name"] = "Ana's"
    one.save()
    other.typed["name"] = "Sam's"
    with pytest.raises(ConflictError):
        other.save()


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "0", "99", "9" * 5000, "1 k name:0", "1 k name:x", "١", "1 k " * 999]
)
def test_when_nobody_knows_what_was_shown_nothing_is_overwritten(session: Session, text: str) -> None:
    record, (ana, sam) = make(session)
    drafts.keep(session, ana, record, {"name": "Ana's"}, NOW)
    page = Open(session, record, sam, "b")
    page.shown = Shown.from_text(text)
    page.typed = {"name": "", "place": "", "steps": []}
    with pytest.raises(ConflictError) as asked:
        page.save()
    assert list(asked.value.conflicts) == ["name"]


def test_old_changes_go_and_with_them_what_pages_of_that_time_showed(session: Session) -> None:
    record, (ana, sam) = make(session)
    page = Open(session, record, sam, "b")
    drafts.keep(session, ana, record, {"name": "Ana's"}, NOW)
    drafts.keep(session, ana, record, {"place": "there"}, NOW + drafts.KEPT * 1.1)
    assert [version for version, _, _ in versions(session)] == [3]
    with pytest.raises(ConflictError) as asked:
        page.save()
    assert list(asked.value.conflicts) == ["name", "place"]


# --- entries of a repeating section ---


def goals(session: Session, *names: str) -> tuple[Record, list[Reach]]:
    return make(session, {"goals": [{"name": name} for name in names]})


def names(record: Record) -> list[str]:
    return [goal.get("name", "") for goal in record.draft["goals"]]


def test_people_in_two_entries_do_not_meet(session: Session) -> None:
    record, (ana, sam) = goals(session, "a", "b")
    one = Open(session, record, ana, "a", Place(GOALS, 0))
    other = Open(session, record, sam, "b", Place(GOALS, 1))
    one.typed["name"], other.typed["name"] = "A", "B"
    one.save()
    assert drafts.change_entries(session, ana, record, GOALS, Action("add", "goals", 0), one.shown, NOW) == 3
    assert other.save().other is None
    assert names(record) == ["A", "B", ""]


@pytest.mark.parametrize(("verb", "row"), [("up", 1), ("remove", 0)])
def test_an_entry_that_was_moved_is_not_taken_for_another(session: Session, verb: str, row: int) -> None:
    record, (ana, sam) = goals(session, "a", "b", "c")
    page = Open(session, record, sam, "b", Place(GOALS, 1))
    drafts.change_entries(session, ana, record, GOALS, Action(verb, "goals", row), page.shown, NOW)
    kept = names(record)
    page.typed["name"] = "b, by Sam"
    with pytest.raises(ConflictError):
        page.save()
    assert names(record) == kept


def test_an_entry_that_was_removed_comes_back_if_wanted(session: Session) -> None:
    record, (ana, sam) = goals(session, "a", "b")
    page = Open(session, record, sam, "b", Place(GOALS, 1))
    drafts.change_entries(session, ana, record, GOALS, Action("remove", "goals", 0), page.shown, NOW)
    drafts.change_entries(session, ana, record, GOALS, Action("remove", "goals", 0), Shown(record.draft_version), NOW)
    page.typed["name"] = "b, by Sam"
    with pytest.raises(ConflictError):
        page.save()
    page.shown = Shown(record.draft_version, "c")
    assert page.save(choices={"name": "theirs"}).place is None
    assert names(record) == []
    saved = page.save(choices={"name": "mine"})
    assert saved.place == Place(GOALS, 0)
    assert names(record) == ["b, by Sam"]


def test_entries_are_not_moved_by_numbers_that_mean_others(session: Session) -> None:
    record, (ana, sam) = goals(session, "a", "b")
    shown = Shown(record.draft_version)
    drafts.keep(session, ana, record, {"place": "elsewhere"}, NOW)
    drafts.change_entries(session, sam, record, GOALS, Action("up", "goals", 1), shown, NOW)
    assert names(record) == ["b", "a"]
    with pytest.raises(drafts.ChangedError):
        drafts.change_entries(session, ana, record, GOALS, Action("remove", "goals", 1), shown, NOW)
    drafts.change_entries(session, ana, record, GOALS, Action("add", "goals", 0), shown, NOW)
    assert names(record) == ["b", "a", ""]


def test_who_may_not_fill_changes_nothing(session: Session) -> None:
    record, (ana, _) = make(session)
    reader = Reach(ana.person, {record.organization_id: frozenset(("see",))})
    page = Open(session, record, reader, "a")
    page.typed["name"] = "x"
    calls: list[Callable[[], object]] = [
        page.save,
        lambda: drafts.keep(session, reader, record, {"name": "x"}, NOW),
        lambda: drafts.change_entries(session, reader, record, GOALS, Action("add", "goals", 0), Shown(1), NOW),
    ]
    for call in calls:
        with pytest.raises(NotAllowedError):
            call()
    assert record.draft == {}


# --- at once, on both databases ---


def test_of_two_who_press_save_at_once_the_second_is_asked(engine: Engine) -> None:
    with writing(engine) as session:
        record, reaches = make(session)
        record_id = record.id
    start, done = threading.Barrier(2), []

    def press(number: int) -> None:
        start.wait(10)
        with writing(engine) as session:
            mine = session.get_one(Record, record_id, with_for_update=True)
            page = Open(session, mine, reaches[number], f"page-{number}")
            page.shown = Shown(1, f"page-{number}")
            page.typed = {"name": f"by {number}", "place": "", "steps": []}
            try:
                page.save()
                done.append(f"by {number}")
            except ConflictError:
                done.append("asked")

    threads = [threading.Thread(target=press, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(done)[0] == "asked"
    with Session(engine) as session:
        assert session.get_one(Record, record_id).draft["name"] == sorted(done)[1]
