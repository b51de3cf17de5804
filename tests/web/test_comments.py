"""Comments are read by a person before anybody sees them, and nothing tells whose they are."""

from collections.abc import Callable

import pytest
from browser import Browser
from closing import answer, close
from paper_piles import link_of
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, open_survey

from partnerforms.models import AuditEntry, Comment, Survey, SurveyLink
from partnerforms.services.surveys import comments
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


@pytest.fixture
def survey(session: Session, tools: Tools, world: World) -> Survey:
    """Maple's, closed: twelve families wrote something, and four staff, who are too few."""
    for audience, times in (("families", 12), ("staff", 4)):
        for number in range(times):
            answer(session, link_of(session, world, audience), {"comment": f"{audience} said {number}"}, 1)
    found = session.get_one(Survey, world.survey)
    close(session, found, tools)
    return found


def path(survey: Survey) -> str:
    return f"/surveys/{survey.id}/comments"


def test_waiting_comments_are_read_and_released_or_withheld(
    signed_in: SignedIn, session: Session, survey: Survey, world: World
) -> None:
    leader, maple = signed_in("maple_leader"), world.places["maple"]
    page = leader.get(path(survey)).page
    assert "Families · Maple School" in page.text
    assert "staff said" not in page.text
    keys = list(session.scalars(select(Comment.key)))
    assert len(keys) == 12
    assert comments.released(session, survey, maple, "families") == []
    session.rollback()

    form = page.form("/comments")
    after = leader.follow(leader.send(form, {"comment": keys[:5]}, press="Release")).page
    assert "Released: 5" in after.text
    leader.send(after.form("/comments"), {"comment": keys[5:6]}, press="Withhold")
    session.rollback()
    shown = comments.released(session, survey, maple, "families")
    texts = {one.key: one.text for one in session.scalars(select(Comment))}
    assert shown == [texts[key] for key in sorted(keys[:5])]  # by the random key: no order of arrival
    assert comments.released(session, survey, maple, "staff") == []
    assert comments.counts(session, survey) == {"waiting": 6, "released": 5, "withheld": 1}
    session.rollback()

    # A verdict can be changed.
    released = leader.get(f"{path(survey)}?show=released").page
    assert released.text.count("families said") == 5
    leader.send(released.form("/comments"), {"comment": keys[:1]}, press="Withhold")
    session.rollback()
    assert comments.counts(session, survey) == {"waiting": 6, "released": 4, "withheld": 2}
    noted = [(one.action, one.details["number"], one.subject) for one in session.scalars(select(AuditEntry))
             if "comments" in one.action]  # fmt: skip
    assert sorted(noted) == sorted(
        [
            ("survey.comments_released", 5, survey.title),
            ("survey.comments_withheld", 1, survey.title),
            ("survey.comments_withheld", 1, survey.title),
        ]
    )


def test_nothing_ticked_is_said(signed_in: SignedIn, survey: Survey, session: Session) -> None:
    leader = signed_in("maple_leader")
    page = leader.send(leader.get(path(survey)).page.form("/comments"), {}, "Release", status=422).page
    assert page.errors[0][1].endswith("Tick at least one comment.")
    session.rollback()
    assert comments.counts(session, survey)["waiting"] == 12


def test_who_does_not_run_the_survey_reads_nothing(
    signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    """A district asks the staff of its schools: a principal must not read what is not released."""
    maple = world.places["maple"]
    wide = open_survey(
        session, tools, "district_leader", world.began, {"staff": "at_close"}, places=[maple, world.places["oak"]]
    )
    link = session.scalars(
        select(SurveyLink).where(SurveyLink.survey_id == wide.id, SurveyLink.organization_id == maple)
    ).one()
    answer(session, link, {"comment": "The principal never listens"}, 6)
    close(session, wide, tools)
    for person, status in (
        ("maple_leader", 403),
        ("maple_member", 403),
        ("oak_leader", 403),
        ("foreign_leader", 404),
    ):
        refused = signed_in(person)
        assert "listens" not in refused.get(path(wide), status=status).text
        keys = list(session.scalars(select(Comment.key)))
        session.rollback()
        refused.post(path(wide), {"proof": refused.proof, "comment": keys, "to": "released"}, status=status)
    assert comments.counts(session, wide)["released"] == 0
    session.rollback()
    leader = signed_in("district_leader")
    form = leader.get(path(wide)).page.form("/comments")
    keys = list(session.scalars(select(Comment.key)))
    session.rollback()
    leader.send(form, {"comment": keys}, press="Release")
    for place in ("maple", "district"):
        assert len(comments.released(session, wide, world.places[place], "staff")) == 6
    assert comments.released(session, wide, world.places["oak"], "staff") == []


def test_comments_of_another_survey_are_not_touched(
    signed_in: SignedIn, session: Session, survey: Survey, tools: Tools, world: World
) -> None:
    other = open_survey(session, tools, "oak_leader", world.began, {"families": "batches"}, seed=9)
    session.commit()
    leader = signed_in("oak_leader")
    keys = list(session.scalars(select(Comment.key)))
    session.rollback()
    leader.post(path(other), {"proof": leader.proof, "comment": keys, "to": "released"})
    assert comments.counts(session, survey)["released"] == 0
