"""A leader opens a survey and hands out its links."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import Survey

SignedIn = Callable[[str], Browser]


def test_from_start_page_to_first_answer(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    start = leader.get("/").page
    page = leader.get(next(link for link in start.links if link.startswith("/surveys/new"))).page
    data = {"title": "Autumn survey", "delivery-families": "batches", "delivery-staff": "at_close"}
    overview = leader.follow(leader.send(page.form("/surveys/new"), data)).page
    assert overview.h1 == "Autumn survey"
    survey = session.scalars(select(Survey).where(Survey.title == "Autumn survey")).one()
    assert {link.audience: link.delivery for link in survey.links} == {"families": "batches", "staff": "at_close"}
    addresses = [link for link in overview.links if "/s/" in link]
    assert len(addresses) == 2
    for link in addresses:
        Browser(leader.client.application).get(link.removeprefix("http://localhost"))
    for link in overview.links:
        if link.endswith(".docx"):
            assert leader.get(link).content.startswith(b"PK")


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "Enter a name of at most 200 characters."),
        ({"title": "x" * 201}, "Enter a name of at most 200 characters."),
        ({"title": "\x00"}, "Enter a name of at most 200 characters."),
        ({"opens_on": "soon"}, "Enter a date."),
        ({"closes_on": ""}, "Enter a date that is not before the first day."),
        ({"closes_on": "2000-01-01"}, "Enter a date that is not before the first day."),
        ({"delivery-families": ""}, "Choose at least one group to ask."),
        ({"delivery-families": "burn"}, "Choose at least one group to ask."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(
    changes: dict[str, Any], said: str, signed_in: SignedIn, session: Session, world: World
) -> None:
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/new?organization={world.places['maple']}").page.form("/surveys/new")
    data = {"title": "Autumn survey", "delivery-families": "batches", **changes}
    page = leader.send(form, data, status=422).page
    assert said in page.text
    assert len(session.scalars(select(Survey)).all()) == 1


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_title_is_a_title(kind: str, signed_in: SignedIn, world: World) -> None:
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/new?organization={world.places['maple']}").page.form("/surveys/new")
    typed, words = HOSTILE[kind]
    overview = leader.follow(leader.send(form, {"title": typed, "delivery-families": "each"})).page
    assert overview.h1 == words
    assert words in leader.get("/").page.text


def test_a_survey_may_begin_later(signed_in: SignedIn, session: Session, world: World) -> None:
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/new?organization={world.places['maple']}").page.form("/surveys/new")
    first = world.began.date() + timedelta(days=5)
    data = {"title": "Later", "delivery-families": "each", "opens_on": str(first), "closes_on": str(first)}
    overview = leader.follow(leader.send(form, data)).page
    assert "Not open yet" in overview.text


@pytest.mark.parametrize("how", ["9999-12-31", "0001-01-01"])
def test_the_first_and_the_last_day_there_are(how: str, signed_in: SignedIn, world: World) -> None:
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/new?organization={world.places['maple']}").page.form("/surveys/new")
    leader.follow(
        leader.send(form, {"title": "x", "delivery-families": "each", "opens_on": how, "closes_on": "9999-12-31"})
    )
    leader.get("/")
