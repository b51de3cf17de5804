"""Anything that two people may do at three pages of a draft: nothing unseen is overwritten, nothing typed is lost."""

from collections.abc import Callable
from typing import Any

from draft_pages import PAGE, Open, make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from partnerforms.engine.merging import condensed
from partnerforms.services.records.drafts import ConflictError, Shown

TEXTS = st.sampled_from(["", "a", "b", "c", "d"])
ROWS = st.lists(st.fixed_dictionaries({"what": TEXTS}), max_size=3)
TYPED = st.one_of(
    st.tuples(st.sampled_from(["name", "place"]), TEXTS),
    st.tuples(st.just("steps"), ROWS),
)
# At one of three pages, of which two are Ana's: type something, then save it one way or another, or press nothing.
DEEDS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.lists(TYPED, max_size=2),
        st.sampled_from(["save", "autosave", "autosave", "ask", "nothing", "open"]),
        st.booleans(),
    ),
    max_size=12,
)


class Watched(Open):
    """A page that knows everything its person has seen or typed."""

    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self.seen = self.began = parts(self.typed)

    def watched(self, save: Callable[[], object], given_up: frozenset[Any] = frozenset()) -> None:
        """Save, and see that nothing unseen went and nothing typed was lost."""
        before, typed = parts(PAGE.read(self.record.draft)), parts(self.typed)
        try:
            save()
        finally:
            after = parts(PAGE.read(self.record.draft))
            assert before - after <= self.seen, "what this person never saw is gone"
        assert typed - self.began - given_up <= after, "what this person typed is not there"
        self.seen |= typed
        self.began = typed


def parts(values: dict[str, Any]) -> frozenset[Any]:
    """Every piece that somebody typed: texts with their question, rows with their table."""
    found: set[Any] = set()
    for name, value in values.items():
        filled = condensed(value)
        found.update((name, str(row)) for row in (filled if isinstance(filled, list) else [filled] if filled else []))
    return frozenset(found)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_two_people_do_nothing_unseen_is_overwritten(sqlite_engine: Engine, deeds: list[Any]) -> None:
    with Session(sqlite_engine) as session:
        record, reaches = make(session, {"name": "a", "steps": [{"what": "a"}, {"what": "b"}]})
        pages: dict[int, Watched] = {}

        def open_anew(number: int, turn: int) -> None:
            pages[number] = Watched(session, record, reaches[number % 2], f"{number}-{turn}")

        for number in range(3):
            open_anew(number, -1)
        for turn, (number, typed, deed, mine) in enumerate(deeds):
            page = pages[number]
            page.typed |= dict(typed)
            try:
                if deed in ("save", "ask"):
                    page.watched(page.save)
                elif deed == "autosave":
                    page.watched(page.autosave)
            except ConflictError as asked:
                if deed != "ask":
                    continue
                settle(page, asked, mine, turn)
            if deed in ("save", "ask", "open"):
                open_anew(number, turn)


def settle(page: Watched, asked: ConflictError, mine: bool, turn: int) -> None:
    """Choose at every conflict, as the page that asks is shown."""
    page.typed = dict(asked.values)
    page.shown = Shown(page.record.draft_version, f"settled-{turn}")
    page.seen |= parts(PAGE.read(page.record.draft))
    given_up = frozenset() if mine else parts({name: page.typed[name] for name in asked.conflicts})
    choices = dict.fromkeys(asked.conflicts, "mine" if mine else "theirs")
    page.watched(lambda: page.save(choices=choices), given_up)
