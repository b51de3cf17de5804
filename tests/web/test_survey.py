"""A survey by its link: asked, answered, thanked for, and kept once however often it is sent."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import as_lists, fields
from sqlalchemy import select
from sqlalchemy.orm import Session
from surveying import answers, copy_of, kept, send
from word_reading import attachment, words_of
from world import World, open_survey

from partnerforms.engine import codes
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Scale
from partnerforms.engine.samples import sample
from partnerforms.models import Delivery, Response, Survey, SurveyLink
from partnerforms.services.tools import Tools

AUDIENCES = ["families", "students", "community", "staff", "district", "state"]


# --- the walk ---


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_survey_is_asked_answered_thanked_for_and_copied(
    audience: str, language: str, browser: Browser, session: Session, library: Library, tools: Tools, world: World
) -> None:
    survey = open_survey(session, tools, "state_leader", world.began, {audience: "batches"})
    code = survey.links[0].code
    session.commit()
    instrument = library.instrument(f"survey_{audience}", language)
    raw = sample(instrument)

    page = browser.get(f"/s/{codes.printed(code)}?lang={language}").page
    assert (page.language, page.h1) == (language, instrument.title)
    for item in instrument.items():
        assert item.label in page.text
    sent = browser.send(page.form("/s/"), fields(raw))
    thanks = browser.follow(sent).page
    assert thanks.language == language

    (response,) = kept(session)
    assert response.answers == parse(instrument, raw).answers
    assert (response.language, response.day) == (language, tools.day(world.began))
    words = words_of(copy_of(browser, sent.location))
    for item in instrument.items():
        if isinstance(item, Scale):
            assert " ".join(item.label.split()) in words
            assert " ".join(item.options[-1].label.split()) in words
    assert "comment & <sample>" in words


def test_what_is_required_and_missing_is_said_and_the_rest_is_kept(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    raw = answers(library, "families", comment="keep <this>", first_choices=["school_welcome"])
    (missing, *_) = raw
    del raw[missing]
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    page = browser.send(form, fields(raw), status=422).page
    label = library.instrument("survey_families").items()[0].label
    assert page.errors == [(f"#q-{missing}-0", f"{label} Answer this question.")]
    assert page.title.startswith("Error:")
    assert "Answer this question." in page.said_at(f"q-{missing}")
    assert {**form.data(), **as_lists(fields(raw))} == page.form("/s/").data()
    assert kept(session) == []
    browser.send(page.form("/s/"), {f"q-{missing}": "unsure"})
    assert len(kept(session)) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("q-school_welcome", "marvellous", "Choose one of the answers offered."),
        ("q-first_choices", ["nothing"], "Choose one of the answers offered."),
        (
            "q-first_choices",
            ["school_welcome", "school_communicate", "school_partners", "school_community"],
            "Choose or enter at most 3; there are 4.",
        ),
        ("q-comment", "x" * 2001, "Use at most 2000 characters; this has 2001."),
        ("q-comment", "x" * 1_000_000, "Use at most 2000 characters; this has 1000000."),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_wrong_answer_is_said_and_kept(
    field: str, value: Any, said: str, browser: Browser, session: Session, library: Library, world: World
) -> None:
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    page = browser.send(form, {**fields(answers(library, "families")), field: value}, status=422).page
    (error,) = page.errors
    assert said in error[1]
    assert page.element(error[0][1:]) is not None
    if field == "q-comment":
        assert page.form("/s/").data()[field] == [value]
    assert kept(session) == []


def test_changing_the_language_keeps_every_tick_and_word(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    raw = answers(library, "families", comment="keep\nthis & that", first_choices=["school_welcome"])
    del raw["school_welcome"]
    page = browser.get(f"/s/{world.codes['families']}").page
    spanish = browser.send(page.form("/s/"), fields(raw), press="Español", status=200).page
    assert spanish.language == "es"
    assert spanish.errors == []
    assert spanish.form("/s/").data() == {**page.form("/s/").data(), **as_lists(fields(raw)), "lang": ["es"]}
    english = browser.send(spanish.form("/s/"), press="English", status=200).page
    assert english.language == "en"
    browser.send(english.form("/s/"), {"q-school_welcome": "unsure"})
    (response,) = kept(session)
    assert response.answers == {**raw, "school_welcome": "unsure"}


@on_sqlite
def test_the_browser_s_language_is_taken_and_an_unknown_one_is_english(browser: Browser, world: World) -> None:
    for header, language in (("es-MX,es;q=0.9", "es"), ("de", "en"), ("", "en")):
        assert (
            browser.get(f"/s/{world.codes['staff']}", headers={"Accept-Language": header}).page.language == language
        )
    assert browser.get(f"/s/{world.codes['staff']}?lang=xx").page.language == "en"
    assert browser.get(f"/s/{world.codes['staff']}?lang=%00&lang=es").page.language == "en"


# --- once and only once ---


def test_sending_twice_is_one_response_one_page_and_one_mail(
    browser: Browser,
    session: Session,
    library: Library,
    world: World,
    mails: Callable[[], list[EmailMessage]],
) -> None:
    form = browser.get(f"/s/{world.codes['community']}").page.form("/s/")
    raw = fields(answers(library, "community", comment="only once"))
    first = browser.send(form, raw)
    thanks = browser.follow(first).page
    assert len(mails()) == 1
    again = browser.send(form, raw)  # Back, and Send
    assert again.location == first.location
    assert browser.follow(again).page.text == thanks.text
    assert browser.get(first.location).page.text == thanks.text  # reload
    assert len(kept(session)) == 1
    assert len(mails()) == 1


def test_sending_other_answers_from_the_same_page_keeps_the_first_and_says_so(
    browser: Browser,
    session: Session,
    library: Library,
    world: World,
    mails: Callable[[], list[EmailMessage]],
) -> None:
    form = browser.get(f"/s/{world.codes['community']}").page.form("/s/")
    first = browser.follow(browser.send(form, fields(answers(library, "community", comment="first")))).page
    second = browser.follow(browser.send(form, fields(answers(library, "community", comment="second")))).page
    assert "those were kept" in second.text
    assert "those were kept" not in first.text
    (response,) = kept(session)
    assert response.answers["comment"] == "first"
    (mail,) = mails()
    assert "first" in words_of(attachment(mail))


def test_another_page_is_another_response(browser: Browser, session: Session, library: Library, world: World) -> None:
    thanks = {send(browser, world.codes["families"], answers(library, "families")) for _ in range(2)}
    assert len(thanks) == len(kept(session)) == 2


def test_who_sent_before_the_end_is_thanked_after_it_too(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    other = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    raw = fields(answers(library, "families"))
    first = browser.send(form, raw)
    session.get_one(Survey, world.survey).closes_on = world.began.date() - timedelta(days=2)
    session.get_one(Survey, world.survey).opens_on = world.began.date() - timedelta(days=9)
    session.commit()
    assert browser.send(form, raw).location == first.location
    browser.follow(first)
    browser.send(other, raw, status=410)
    assert len(kept(session)) == 1


def test_a_response_tells_nothing_of_who_and_when(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    send(browser, world.codes["families"], answers(library, "families"))
    (response,) = kept(session)
    names = {column.name for column in Response.__table__.columns}
    assert names == {
        "key", "link_id", "day", "language", "answers", "batch", "channel", "set_aside", "counted_in"
    }  # fmt: skip
    assert len(response.key) == 64


def test_no_mail_is_queued_while_a_survey_mails_at_close(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    send(browser, world.codes["students"], answers(library, "students"))
    assert session.scalars(select(Delivery)).all() == []
    assert len(session.scalars(select(SurveyLink)).all()) == 4
