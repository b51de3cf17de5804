"""The log on its page, and what ends up in it: one entry for each thing done, and never what was answered."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from planting import rows
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from ways import MAY, all_ways, ask, make_all
from world import World, address

from partnerforms.models import AuditEntry, Organization, Person
from partnerforms.services import audit
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]

# What is written down elsewhere or nowhere: drafts have a history of their own, and of long work the end is noted.
NOT_NOTED = {
    "drafts.save", "drafts.entries", "importing.preview", "collecting.begin", "jobs.approve", "jobs.drop",
    "materials.collect",
}  # fmt: skip
# What every press of a button changes, whatever it is for.
ALWAYS = {"sign_in_sessions"}


def state(session: Session) -> dict[str, list[str]]:
    session.rollback()
    return {name: found for name, found in rows(session).items() if name not in ALWAYS}


def entries(session: Session) -> list[AuditEntry]:
    session.rollback()
    return list(session.scalars(select(AuditEntry)))


def test_what_people_do_is_in_the_log_and_what_they_answer_is_not(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    things = make_all(session, tools, world)
    missing, noted = [], 0
    for endpoint, _ in [one for one, way in all_ways().items() if way.method == "POST"]:
        way = all_ways()[endpoint, "POST"]
        person = next((name for name in MAY if way.takes in MAY[name]), "maple_leader")
        before = state(session)
        ask(signed_in(person), way, things)
        after = state(session)
        if len(after["audit_entries"]) > len(before["audit_entries"]):
            noted += 1
        elif after != before and endpoint.split()[0] not in NOT_NOTED:
            missing.append(endpoint)
    assert not missing
    assert noted > 10
    words = json.dumps([[one.person_name, one.action, one.subject, one.details] for one in entries(session)])
    for secret in ("A secret goal", *world.tokens.values(), *world.codes.values()):
        assert secret not in words


@on_sqlite
def test_every_action_and_kind_has_its_words(app: Flask) -> None:
    with app.test_request_context("/"):
        words: Any = app.jinja_env.get_template("audit/sentences.html").make_module({})
        for action in audit.ACTIONS:
            entry = AuditEntry(action=action, person_name="Ana", subject="<b>x</b>", details={})
            sentence = words.sentence(entry)
            assert action not in sentence, action
            assert "<b>" not in sentence
            assert sentence[0] in "AT", sentence
        for kind in audit.kinds():
            assert words.kind(kind) != kind, kind


@pytest.fixture
def noted(session: Session, world: World) -> None:
    """Sixty entries of Maple, one of Oak, one of the district."""
    maple_leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    for number in range(60):
        moment = world.began + timedelta(minutes=number)
        audit.note(session, "record.created", maple_leader, world.places["maple"], moment, f"<plan {number}>")
    audit.note(session, "survey.closed", None, world.places["oak"], world.began, "of Oak")
    audit.note(session, "survey.closed", None, world.places["district"], world.began, "of the district")
    session.commit()


def test_the_page_turns_and_filters(signed_in: SignedIn, world: World, noted: None) -> None:
    leader = signed_in("maple_leader")
    home = f"/organizations/{world.places['maple']}/log"
    page = leader.get(home).page
    assert "Maple Leader began a form: <plan 59>" in page.text
    assert "<plan 9>" not in page.text
    older = next(link for link in page.links if "skip=50" in link)
    second = leader.get(older).page
    assert "<plan 9>" in second.text
    assert "<plan 10>" not in second.text
    assert any(link.endswith("/log") or link.startswith(f"{home}?") for link in second.links)
    form = page.form(home)
    searched = leader.get(f"{home}?person=nobody").page
    assert "Nothing is here." in searched.text
    assert set(form.data()) >= {"person", "kind"}
    assert "Maple Leader" in leader.get(f"{home}?person=maple&kind=record").page.text
    assert "of Oak" not in leader.get(f"{home}?below=1").text
    above = signed_in("district_leader")
    district = f"/organizations/{world.places['district']}/log"
    assert "of Oak" not in above.get(district).text
    assert "The program closed a survey: of the district" in above.get(district).page.text
    assert "The program closed a survey: of Oak" in above.get(f"{district}?below=1&kind=survey").page.text
    assert "Oak School" in above.get(f"{district}?below=1&kind=survey").page.text


@on_sqlite
@pytest.mark.parametrize("query", ["skip=-1", "skip=x", "skip=99999999999999999999", "kind=%00", "person=%ED%A0%80"])
def test_odd_questions_get_a_page(query: str, signed_in: SignedIn, world: World, noted: None) -> None:
    signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/log?{query}")


@on_sqlite
def test_times_are_those_of_the_organization(
    signed_in: SignedIn, session: Session, world: World, noted: None
) -> None:
    def shown() -> str:
        return signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/log?skip=59").page.text

    maple = session.get_one(Organization, world.places["maple"])
    seen = set()
    for zone in ("Pacific/Auckland", "America/Denver"):
        maple.time_zone = zone
        session.commit()
        seen.add(shown())
    assert len(seen) == 2
    assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == "<plan 0>")) == 1
