"""Publishing: who counts where, who waits, and what was shown stays."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from small_states import NOW, State, build, keep_instruments
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.engine.tally import Tally
from partnerforms.models import Organization, Response, SurveyLink
from partnerforms.services.surveys import publishing, results, sheets


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        keep_instruments(session)
        yield session


@pytest.fixture
def state(session: Session) -> State:
    """A state of several districts, whose schools all ask families."""
    return build(session, random.Random(1), ["at_close"], audiences=3)


def answer(session: Session, link: SurveyLink, number: int, **more: Any) -> None:
    for _ in range(number):
        session.add(
            Response(
                key=f"{random.getrandbits(128):032x}", link_id=link.id, day=NOW.date(), language="en",
                answers={"everybody": "s0r"}, **more,
            )
        )  # fmt: skip
    session.flush()


def families(state: State) -> list[SurveyLink]:
    return [link for link in state.survey.links if link.audience == "families"]


def shown(session: Session, state: State, place: Any) -> int:
    view = results.published(session, state.survey).view(place, "families")
    return view.n if isinstance(view, Tally) else 0


def publish(session: Session, state: State) -> None:
    publishing.publish(session, state.survey, random.Random(1), NOW)


def test_who_is_set_aside_counts_when_somebody_has_looked(session: Session, state: State) -> None:
    link = families(state)[0]
    answer(session, link, 12, batch=1)
    answer(session, link, 11, batch=2, set_aside="too_many")
    publish(session, state)
    assert shown(session, state, link.organization_id) == 12
    for response in session.scalars(select(Response).where(Response.set_aside.is_not(None))):
        response.set_aside = None
    publish(session, state)
    assert shown(session, state, link.organization_id) == 23


def test_a_few_mailed_sheets_wait_and_are_counted_with_the_next(session: Session, state: State) -> None:
    link, other = families(state)[:2]
    answer(session, link, 6, batch=sheets.ALONE)
    answer(session, other, 9)
    publish(session, state)
    assert not any(shown(session, state, place) for place in state.places)
    answer(session, link, 5, batch=sheets.ALONE)
    publish(session, state)
    assert shown(session, state, link.organization_id) == 11
    assert shown(session, state, state.survey.organization_id) == 11


def test_a_school_that_moves_takes_with_it_what_comes_and_not_what_was(session: Session, state: State) -> None:
    link = families(state)[0]
    before = state.above[link.organization_id]
    after = next(here for here in state.above if here not in state.schools and state.above[here] and here != before)
    answer(session, link, 12, batch=1)
    publish(session, state)
    session.get_one(Organization, link.organization_id).parent_id = after
    answer(session, link, 10, batch=2)
    publish(session, state)
    assert (shown(session, state, before), shown(session, state, after)) == (12, 10)
    assert shown(session, state, link.organization_id) == 22


def test_nobody_is_counted_twice(session: Session, state: State) -> None:
    for link in families(state):
        answer(session, link, 10)
    for _ in range(2):
        publish(session, state)
        assert shown(session, state, state.survey.organization_id) == 10 * len(families(state))
