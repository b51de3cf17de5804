"""Reports of a survey: mailed when it has closed, downloaded in any language, with the figures of the results."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from browser import Browser
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from word_reading import attachment, rows_of, words_of
from world import World, address, open_survey

from partnerforms.documents.fill import LostWords
from partnerforms.engine.disclosure import shares
from partnerforms.engine.tally import Tally
from partnerforms.models import Delivery, Document, Membership, Person, Publication, Survey, SurveyLink
from partnerforms.server import closed_surveys
from partnerforms.services import access, deliveries
from partnerforms.services.surveys import answering, opening, results
from partnerforms.services.tools import Tools

Mails = Callable[[], list[EmailMessage]]
CLOSED = "How we share the work: the survey is closed"


def answer(session: Session, tools: Tools, world: World, link: SurveyLink, people: int, first: int = 0) -> None:
    for number in range(first, first + people):
        answers = {"school_welcome": "well" if number % 3 else "not_at_all", "first_choices": ["school_welcome"]}
        chance = random.Random(number)
        answering.receive(session, link, f"{link.id} {number}", answers, "en", tools, chance, world.began)


def link_of(session: Session, world: World, audience: str = "families") -> SurveyLink:
    return session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes[audience])).one()


def close(session: Session, tools: Tools, survey: Survey, now: datetime) -> None:
    opening.close(session, survey, tools, random.Random(5), now)
    session.commit()


@pytest.fixture
def closed(session: Session, tools: Tools, world: World) -> Survey:
    """Twelve families have answered Maple's survey, and it is closed."""
    link_of(session, world).delivery = "at_close"
    answer(session, tools, world, link_of(session, world), 12)
    survey = session.get_one(Survey, world.survey)
    close(session, tools, survey, world.began)
    return survey


def counted(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_closing_makes_no_document_and_mails_nothing_yet(session: Session, tools: Tools, world: World) -> None:
    link_of(session, world).delivery = "at_close"
    answer(session, tools, world, link_of(session, world), 12)
    close(session, tools, session.get_one(Survey, world.survey), world.began)
    assert (counted(session, Document), counted(session, Delivery)) == (0, 0)
    assert session.scalars(select(Publication)).one().mailed_at is None


def test_the_report_has_the_figures_of_the_results(
    closed: Survey, session: Session, signed_in: Callable[[str], Browser], mails: Mails
) -> None:
    shown = results.published(session, closed).view(closed.organization_id, "families")
    assert isinstance(shown, Tally)
    item = shown.items["school_welcome"]
    wanted = [str(one) for one in shares(item.counts, item.answered + item.unsure).values()]
    (mailed,) = [mail for mail in mails() if mail["Subject"] == CLOSED]
    got = signed_in("maple_member").get(f"/surveys/{closed.id}/report.docx")
    for content in (attachment(mailed), got.content):
        rows = {row[0]: row[1:] for row in reversed(rows_of(content))}
        assert rows["Families"][0] == "12"
        assert next(row for row in rows_of(content) if row[0] == "A welcoming school")[1:6] == wanted


def test_a_report_is_downloaded_in_the_language_that_was_chosen(
    closed: Survey, signed_in: Callable[[str], Browser]
) -> None:
    leader = signed_in("maple_leader")
    page = leader.get(f"/surveys/{closed.id}/report").page
    assert "العربية" in page.text
    spanish = leader.get(f"/surveys/{closed.id}/report.docx?language=es").content
    assert "Familias" in words_of(spanish)
    assert leader.get(f"/surveys/{closed.id}/report.docx?language=xx").content == (
        leader.get(f"/surveys/{closed.id}/report.docx?language=en").content
    )


def test_a_place_that_is_not_in_the_survey_is_not_there(
    closed: Survey, signed_in: Callable[[str], Browser], world: World
) -> None:
    leader = signed_in("maple_leader")
    for place in (world.places["oak"], world.places["district"], "x"):
        assert leader.get(f"/surveys/{closed.id}/report.docx?place={place}", 404).status == 404
    assert signed_in("foreign_leader").get(f"/surveys/{closed.id}/report", 404).status == 404


def test_the_memo_asks_for_a_contact_and_keeps_what_was_typed(
    closed: Survey, signed_in: Callable[[str], Browser], session: Session, tools: Tools, world: World
) -> None:
    answering.receive(
        session, link_of(session, world), "alone", {}, "en", tools, random.Random(9), world.began, channel="kiosk"
    )
    session.commit()
    leader = signed_in("maple_leader")
    form = leader.get(f"/surveys/{closed.id}/memo").page.form("/memo")
    wrong = leader.send(form, {"contact": "", "changes": "Evening hours", "meeting": "soon"}, status=422)
    assert wrong.page.title.startswith("Error:")
    assert "Evening hours" in wrong.text
    memo = leader.send(form, {"contact": "Dana Lee", "changes": "Evening hours", "meeting": "2027-05-06"}, status=200)
    words = words_of(memo.content)
    assert "Dana Lee" in words
    assert "May 6, 2027" in words
    assert "own device, over a link" in words
    assert "shared device" not in words  # only one did
    assert "Draft for joint review" in words


def test_the_compact_shows_what_families_say(closed: Survey, signed_in: Callable[[str], Browser]) -> None:
    made = signed_in("maple_leader").get(f"/surveys/{closed.id}/compact.docx").content
    rows = {row[0]: row[1] for row in rows_of(made) if len(row) == 3}
    assert rows["Make everyone feel welcome at school"] == "Families: 67 %"


def test_a_survey_that_was_opened_again_is_mailed_once_more(
    closed: Survey, session: Session, tools: Tools, world: World, mails: Mails
) -> None:
    assert [mail["Subject"] for mail in mails()].count(CLOSED) == 1
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    opening.reopen(session, access.reach(session, leader), closed, closed.closes_on, world.began)
    answer(session, tools, world, link_of(session, world), 11, first=50)
    close(session, tools, closed, world.began)
    found = [mail for mail in mails() if mail["Subject"] == CLOSED]
    figures = sorted(next(row[1] for row in rows_of(attachment(mail)) if row[0] == "Families") for mail in found)
    assert figures == ["12", "23"]
    assert all(one.mailed_at for one in session.scalars(select(Publication)))


def test_a_report_that_cannot_be_made_waits_and_keeps_no_sheets_back(
    session: Session, tools: Tools, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    link_of(session, world).delivery = "at_close"
    answer(session, tools, world, link_of(session, world), 12)
    close(session, tools, session.get_one(Survey, world.survey), world.began)

    def fails(*_arguments: object) -> bytes:
        raise LostWords("report", "a secret answer")

    monkeypatch.setattr("partnerforms.services.surveys.reports.make_report", fails)
    closing = closed_surveys(app)
    now = datetime.now(UTC)
    while closing.step(now):
        pass
    assert "it waits" in caplog.text
    assert "secret" not in caplog.text
    letters = select(Delivery.letter)
    assert list(session.scalars(letters)) == ["answer_sheets"]
    monkeypatch.undo()
    session.rollback()
    assert not closing.step(now + timedelta(minutes=59))
    while closing.step(now + timedelta(minutes=61)):
        pass
    assert sorted(session.scalars(letters)) == ["answer_sheets", "survey_closed"]
    session.rollback()
    while closed_surveys(app).step(now):  # as after a restart
        pass
    assert counted(session, Delivery) == counted(session, Document) == 2


def test_every_place_of_a_wide_survey_gets_its_own_report_and_sees_the_district(
    session: Session, tools: Tools, world: World, mails: Mails
) -> None:
    places = [world.places[name] for name in ("maple", "oak")]
    survey = open_survey(
        session,
        tools,
        "district_leader",
        world.began,
        {"families": "at_close", "district": "at_close"},
        places=places,
    )
    for link in survey.links:
        if link.audience == "families":
            answer(session, tools, world, link, 10 if link.organization_id == places[0] else 11)
    session.commit()
    close(session, tools, survey, world.began)
    found = {str(mail["To"]): attachment(mail) for mail in mails() if mail["Subject"] == CLOSED}
    assert set(found) == {address(name) for name in ("maple_coordinator", "oak_coordinator", "district_coordinator")}
    told = {to: next(row[1] for row in rows_of(content) if row[0] == "Families") for to, content in found.items()}
    assert [told[address(f"{name}_coordinator")] for name in ("maple", "oak", "district")] == ["10", "11", "21"]
    assert ["Question", "Maple School", "Riverside District"] in rows_of(found[address("maple_coordinator")])


def test_a_coordinator_who_wants_no_family_sheets_gets_the_report_of_the_others(
    closed: Survey, session: Session, world: World, mails: Mails
) -> None:
    query = select(Membership).join(Membership.person).where(Person.address == address("maple_coordinator"))
    membership = session.scalars(query).one()
    for audience in ("families", "community"):
        deliveries.set_rule(session, membership, f"survey_{audience}", "never", world.began)
    session.commit()
    (mail,) = [mail for mail in mails() if mail["Subject"] == CLOSED]
    assert "Asked: Students, School staff" in mail.get_body().get_content()  # type: ignore[union-attr]
