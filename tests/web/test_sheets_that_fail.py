"""An answer is kept whatever Word does: its sheet waits and is made later."""

import random
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

import pytest
from browser import Browser
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from surveying import answers, kept, send
from world import World, address

from partnerforms.database import begin_writing
from partnerforms.documents.fill import LostWords
from partnerforms.engine.library import Library
from partnerforms.models import Delivery, Document, Publication, Survey, SurveyLink
from partnerforms.services.surveys import opening, publishing, sheets
from partnerforms.services.tools import Tools

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Word fails in every way, until `undo`."""

    def fails(*_arguments: object, **_more: object) -> bytes:
        raise LostWords("a template", "a secret answer")

    for name in ("sheets.one_sheet", "sheets.fill"):
        monkeypatch.setattr(f"partnerforms.services.surveys.{name}", fails)
    return monkeypatch


def try_again(session: Session, tools: Tools, world: World) -> None:
    session.rollback()
    begin_writing(session)
    opening.mail_unmailed(session, tools, random.Random(1), world.began)
    session.commit()


def count(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(("audience", "people", "mailed"), [("community", 2, 2), ("staff", 5, 1)])
def test_every_answer_is_kept_and_mailed_when_word_is_back(
    audience: str, people: int, mailed: int, browser: Browser, session: Session, tools: Tools, world: World,
    library: Library, mails: Mails, broken: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    for _ in range(people):
        assert "/thanks" in send(browser, world.codes[audience], answers(library, audience))
    assert len(kept(session)) == people
    assert (count(session, Delivery), count(session, Document)) == (0, 0)
    assert "cannot be made, they wait" in caplog.text
    assert "a secret answer" not in caplog.text
    try_again(session, tools, world)
    assert mails() == []
    broken.undo()
    try_again(session, tools, world)
    assert [mail["To"] for mail in mails()] == [address("maple_coordinator")] * mailed
    try_again(session, tools, world)
    assert count(session, Delivery) == count(session, Document) == mailed


def test_one_sheet_that_always_fails_keeps_no_other_back(
    browser: Browser, session: Session, tools: Tools, world: World, library: Library, mails: Mails,
    broken: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for number in range(3):
        send(browser, world.codes["community"], answers(library, "community", comment=f"comment {number}"))
    broken.undo()
    (first, *_) = kept(session)
    make = sheets.one_sheet

    def fails_once(link: SurveyLink, response: object, *more: object) -> bytes:
        if response.key == first.key:  # type: ignore[attr-defined]
            raise ValueError
        return make(link, response, *more)  # type: ignore[arg-type]

    broken.setattr("partnerforms.services.surveys.sheets.one_sheet", fails_once)
    try_again(session, tools, world)
    assert len(mails()) == 2


def test_what_could_not_be_mailed_goes_out_at_close(
    browser: Browser, session: Session, tools: Tools, world: World, library: Library, mails: Mails,
    broken: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    send(browser, world.codes["community"], answers(library, "community"))
    broken.undo()
    begin_writing(session)
    opening.close(session, session.get_one(Survey, world.survey), tools, random.Random(1), world.began)
    session.commit()
    assert "How we share the work: one answer sheet" in [mail["Subject"] for mail in mails()]


def test_a_survey_that_cannot_be_closed_keeps_no_other_open(
    session: Session, tools: Tools, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    survey = session.get_one(Survey, world.survey)
    other = Survey(
        organization_id=world.places["oak"],
        title="Other",
        opens_on=survey.opens_on,
        closes_on=survey.opens_on,
        languages=["en"],
    )
    survey.closes_on = survey.opens_on
    session.add(other)
    session.commit()
    begin_writing(session)
    publish = publishing.publish

    def fails_for_one(session: Session, survey: Survey, chance: random.Random, now: datetime) -> Publication:
        if survey.id == world.survey:
            raise LostWords("a template", "a secret answer")
        return publish(session, survey, chance, now)

    monkeypatch.setattr("partnerforms.services.surveys.publishing.publish", fails_for_one)
    later = world.began.replace(year=world.began.year + 1)
    assert opening.close_due(session, tools, random.Random(1), later) == 1
    session.commit()
    session.expire_all()
    assert other.closed_at is not None
    assert survey.closed_at is None
    assert "secret" not in caplog.text
    monkeypatch.undo()
    session.rollback()
    begin_writing(session)
    assert opening.close_due(session, tools, random.Random(1), later) == 1
