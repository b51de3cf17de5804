"""Answers that were set aside: a leader sees signs and no answers, and says whether they count."""

import random
import uuid
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from world import World, open_survey

from partnerforms.models import Response, Survey, SurveyLink
from partnerforms.services.surveys import answering, opening
from partnerforms.services.tools import Tools
from partnerforms.web.surveys import set_aside

SignedIn = Callable[[str], Browser]
ITEMS = ("school_welcome", "school_events", "school_reports")


def doubtful(
    session: Session, link: SurveyLink, tools: Tools, now: datetime, doubt: Any, times: int = 1, **answers: str
) -> list[str]:
    keys = []
    for _ in range(times):
        receipt = answering.receive(
            session, link, uuid.uuid4().hex, dict(answers), "en", tools, random.Random(1), now, doubt=doubt
        )
        keys.append(receipt.response.key)
    session.commit()
    return keys


@pytest.fixture
def links(session: Session, world: World) -> dict[str, SurveyLink]:
    return {link.audience: link for link in session.get_one(Survey, world.survey).links}


def states(session: Session) -> dict[str | None, int]:
    session.rollback()
    return dict(session.execute(select(Response.set_aside, func.count()).group_by(Response.set_aside)).all())


def test_the_page_shows_signs_and_no_answers(
    signed_in: SignedIn, session: Session, tools: Tools, world: World, links: dict[str, SurveyLink]
) -> None:
    instrument = tools.library.instrument("survey_families")
    rated = [item.id for item in instrument.items() if hasattr(item, "unsure")][:4]
    spam = {**dict.fromkeys(rated, "very_well"), "comment": "Cheap watches https://watches.example"}
    doubtful(session, links["families"], tools, world.began, "hidden_field", 2, **spam)
    doubtful(session, links["staff"], tools, world.began, "too_fast", comment="I fear the principal")
    leader = signed_in("maple_leader")
    start = leader.get("/").page
    assert "Answers that were set aside: 3" in start.text
    overview = leader.get(f"/surveys/{world.survey}").page
    assert "wait for you: 3" in overview.text
    page = leader.get(next(link for link in overview.links if link.endswith("/set-aside"))).page
    assert f"5 of {len(instrument.items())} questions answered" in page.text
    assert "a web address in the comment" in page.text
    assert "the same answer everywhere" in page.text
    assert "others here that say exactly the same: 1" in page.text
    assert "wrote 4 words" in page.text
    for answer in ("watches", "principal", "very_well", "Very well"):
        assert answer not in page.text
    for person in ("maple_member", "maple_coordinator", "district_leader"):
        assert "set aside" not in signed_in(person).get(f"/surveys/{world.survey}").page.text
        assert "set aside" not in signed_in(person).get("/").page.text


def test_what_is_let_in_is_mailed_and_counted_and_what_is_refused_is_kept(
    signed_in: SignedIn,
    session: Session,
    tools: Tools,
    world: World,
    links: dict[str, SurveyLink],
    mails: Callable[[], list[EmailMessage]],
) -> None:
    doubtful(session, links["families"], tools, world.began, None, 9, school_welcome="well")
    first, second, *_ = doubtful(session, links["families"], tools, world.began, "too_fast", 3, school_welcome="well")
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/{world.survey}/set-aside").page.form("/set-aside")
    page = leader.send(form, press="Let the ticked ones count", status=422).page
    assert page.errors[0][1].startswith("Answers that were set aside")
    leader.send(form, {"key": second}, press="Refuse the ticked ones")
    assert states(session) == {None: 9, "too_fast": 2, "refused": 1}
    assert mails() == []
    leader.send(form, {"key": first}, press="Let the ticked ones count")
    assert states(session) == {None: 10, "too_fast": 1, "refused": 1}
    assert [mail["Subject"] for mail in mails()] == ["How we share the work: 10 answer sheets"]
    session.rollback()
    opening.close(session, session.get_one(Survey, world.survey), tools, random.Random(1), world.began)
    session.commit()
    counted = select(func.count()).where(Response.counted_in == 1)
    assert session.scalar(counted) == 10
    refused = leader.get(f"/surveys/{world.survey}/set-aside?refused=1").page
    assert "The survey is closed" in refused.text
    leader.send(refused.form("/set-aside"), {"key": second}, press="Let the ticked ones count")
    assert states(session) == {None: 11, "too_fast": 1}
    assert session.scalar(counted) == 10
    log = leader.get(f"/organizations/{world.places['maple']}/log").page.text
    assert "let answers count that were set aside: How we share the work (1)" in log
    assert "refused answers that were set aside: How we share the work (1)" in log


def test_a_flood_is_refused_at_once(
    signed_in: SignedIn,
    session: Session,
    tools: Tools,
    world: World,
    links: dict[str, SurveyLink],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(set_aside, "_SHOWN", 4)
    doubtful(session, links["students"], tools, world.began, "too_many", 9)
    doubtful(session, links["students"], tools, world.began, "too_fast")
    doubtful(session, links["families"], tools, world.began, "too_many")
    leader = signed_in("maple_leader")
    page = leader.get(f"/surveys/{world.survey}/set-aside").page
    assert "4 of 9" in page.text
    form = next(form for form in page.forms if any("Refuse all 9" in said for _, _, said in form.buttons))
    leader.send(form, press="Refuse all 9")
    assert states(session) == {"refused": 9, "too_fast": 1, "too_many": 1}
    for do in ("count:", "count:x:y", "burn", "refuse:x", f"count:{uuid.uuid4()}:too_many"):
        leader.post(f"/surveys/{world.survey}/set-aside", {"proof": leader.proof, "do": do}, status=None)
    assert states(session) == {"refused": 9, "too_fast": 1, "too_many": 1}


def test_each_decides_about_what_they_run(
    signed_in: SignedIn, session: Session, tools: Tools, world: World, links: dict[str, SurveyLink]
) -> None:
    places = [world.places["maple"], world.places["oak"]]
    wide = open_survey(session, tools, "district_leader", world.began, {"families": "batches"}, places=places, seed=7)
    at = {link.organization_id: link for link in wide.links}
    keys = {
        name: doubtful(session, at[world.places[name]], tools, world.began, "too_fast")[0]
        for name in ("maple", "oak")
    }
    own = doubtful(session, links["families"], tools, world.began, "too_fast")[0]
    oak, district = signed_in("oak_leader"), signed_in("district_leader")
    page = oak.get(f"/surveys/{wide.id}/set-aside").page
    assert "Oak School" in page.text
    assert "Maple School" not in page.text
    everything = {"key": [*keys.values(), own], "do": "count"}
    oak.post(f"/surveys/{wide.id}/set-aside", {"proof": oak.proof, **everything})
    assert states(session) == {None: 1, "too_fast": 2}
    assert session.get_one(Response, keys["oak"]).set_aside is None
    district.post(f"/surveys/{wide.id}/set-aside", {"proof": district.proof, **everything})
    assert states(session) == {None: 2, "too_fast": 1}
    district.post(f"/surveys/{world.survey}/set-aside", {"proof": district.proof, **everything}, 403)
    for person in ("oak_member", "oak_coordinator"):
        signed_in(person).get(f"/surveys/{wide.id}/set-aside", 403)
    oak.get(f"/surveys/{world.survey}/set-aside", 404)
