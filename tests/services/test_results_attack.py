"""Nobody is found by reckoning: 1,000 random small states are attacked with exact linear algebra, without a leak.

The attack reads `results.published`, the one source of page, CSV, XLSX and Word, as the widest reader does, over
several publications, and knows all mailed sheets too. `tests/web/test_results_shown.py` attacks what these show.
"""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence

import pytest
from attacking import leaks, visible
from small_states import State, build, keep_instruments, run
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from partnerforms.engine import disclosure
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.services.surveys import DELIVERIES, publishing
from partnerforms.services.surveys.publishing import Above

STATES, PARTS, SABOTAGED = 1000, 4, 20


@pytest.fixture
def session(sqlite_engine: Engine) -> Iterator[Session]:
    with Session(sqlite_engine) as session:
        keep_instruments(session)
        yield session


def attacked(
    session: Session,
    seed: int,
    number: int,
    deliveries: Sequence[str] = DELIVERIES,
    audiences: int = 1,
    rounds: int = 3,
) -> Iterator[State]:
    rng = random.Random(seed)
    for _ in range(number):
        state = build(session, rng, deliveries, audiences)
        run(session, state, rng, rng.randint(1, rounds))
        yield state
        session.expunge_all()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_state_leaks(session: Session, part: int) -> None:
    found, shown = [], [0, 0, 0, 0]
    for number, state in enumerate(attacked(session, part, STATES // PARTS)):
        found += [(number, leak) for leak in leaks(state)]
        shown = [one + other for one, other in zip(shown, visible(state), strict=True)]
    views, people, views_plain, people_plain = shown
    print(
        f"{STATES // PARTS} states, {len(found)} leaks; of what a plain threshold would show, "
        f"{views / views_plain:.0%} of the views and {people / people_plain:.0%} of the answers in them stay visible"
    )
    assert not found
    assert views > 0.8 * views_plain
    assert people > 0.9 * people_plain


def test_the_attack_finds_what_a_plain_threshold_gives_away(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (disclosure, publishing):
        monkeypatch.setattr(module, "gather", plain)
    leaking = sum(
        bool(leaks(state)) for state in attacked(session, 7, SABOTAGED, ["at_close"], audiences=3, rounds=1)
    )
    print(f"a plain threshold leaks in {leaking} of {SABOTAGED} states")
    assert leaking > 0.8 * SABOTAGED


def test_the_attack_finds_mailed_sheets_that_make_up_for_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if an item that too few of some mailed sheets answer were counted with others above."""
    rng, leaking = random.Random(7), 0
    for _ in range(SABOTAGED):
        state = build(session, rng, DELIVERIES, audiences=3)

        def mixed(
            _where: Above, groups: Mapping[uuid.UUID, Tally], least: int, above: Above = state.above
        ) -> dict[uuid.UUID, dict[str, ItemTally]]:
            return disclosure.gather_items(above, groups, least)

        monkeypatch.setattr(publishing, "gather_items", mixed)
        run(session, state, rng, rounds=1)
        leaking += bool(leaks(state))
        session.expunge_all()
    print(f"mailed sheets that make up for others leak in {leaking} of {SABOTAGED} states")
    assert leaking > 0.3 * SABOTAGED


def plain(above: Above, sizes: Mapping[uuid.UUID, int], least: int) -> dict[uuid.UUID, uuid.UUID | None]:
    """Everybody counts where they are: then the gate of `view` is a plain threshold."""
    return {place: place for place, size in sizes.items() if size}
