"""A survey by its link: asked, answered, sent twice, mistyped, attacked."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE, fields
from pages import Page
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import attachment, words_of
from world import World, open_survey

from partnerforms.checking import sample
from partnerforms.engine import codes
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Scale
from partnerforms.models import Delivery, Response, Survey, SurveyLink
from partnerforms.services.tools import Tools

AUDIENCES = ["families", "students", "community", "staff", "district", "state"]


def answers(library: Library, audience: str, **more: Any) -> dict[str, Any]:
    """An answer to everything that is required, and what the test is about."""
    asked = library.instrument(f"survey_{audience}").items()
    required = {item.id: item.options[0].id for item in asked if item.required and isinstance(item, Scale)}
    return {**required, **more}


def send(browser: Browser, code: str, raw: dict[str, Any]) -> str:
    """Open a survey and send answers; the address of the thank-you page."""
    form = browser.get(f"/s/{code}").page.form("/s/")
    return browser.send(form, fields(raw)).location


def copy_of(browser: Browser, thanks: str) -> bytes:
    link = next(link for link in browser.get(thanks).page.links if "/copy/" in link)
    return browser.get(link).content


def kept(session: Session) -> list[Response]:
    session.rollback()
    return list(session.scalars(select(Response)))


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


def as_lists(data: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in data.items()}


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
    for header, language in (("es-MX,es;q=0.9", "es"), ("fr", "en"), ("", "en")):
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
    assert names == {"key", "link_id", "day", "language", "answers", "batch"}
    assert len(response.key) == 64


# --- codes ---


def test_a_code_may_be_typed_in_any_manner(browser: Browser, world: World) -> None:
    code = world.codes["families"]
    for typed in (code, codes.printed(code), code.lower(), f"{code[:4]}%20{code[4:]}"):
        assert browser.get(f"/s/{typed}").page.h1.startswith("How we share the work")
    found = browser.get(f"/s/?code=+{codes.printed(code).lower()}+", status=303)
    assert browser.follow(found).page.h1.startswith("How we share the work")
    browser.get("/s/")


@on_sqlite
@pytest.mark.parametrize("typed", ["AAAA-AAAB", "nonsense", "%00", "%ED%A0%80", "{{7*7}}", "x" * 500, "<b>&\"'", "ß"])
def test_a_mistyped_code_has_its_own_page(typed: str, browser: Browser) -> None:
    page = browser.get(f"/s/{typed}", status=404).page
    assert page.h1 == "That code has a typing slip"
    assert page.form("/s/").fields[0][0] == "code"


@on_sqlite
@pytest.mark.parametrize("typed", ["AB/CD", "..", ".", "?", "a b c", "%2F", "A\x00B"])
def test_whatever_is_typed_for_a_code_ends_in_the_same_page(typed: str, browser: Browser) -> None:
    answer = browser.get("/s/", query_string={"code": typed}, status=None)  # type: ignore[arg-type]
    if answer.status == 303:
        answer = browser.get(answer.location, status=404)
    assert (answer.status, answer.page.h1) == (404, "That code has a typing slip")


def test_an_unknown_code_has_its_own_page(browser: Browser) -> None:
    unknown = codes.make(__import__("random").Random(99))
    page = browser.get(f"/s/{unknown}", status=404).page
    assert page.h1 == "We do not know this code"
    assert browser.get(f"/s/{unknown}?lang=es", status=404).page.h1 == "No conocemos este código"


@pytest.mark.parametrize(
    ("first", "last", "status", "h1"),
    [(2, 9, 403, "This survey is not open yet"), (-9, -2, 410, "This survey has ended")],
)
def test_outside_its_days_a_survey_says_so_and_takes_nothing(
    first: int,
    last: int,
    status: int,
    h1: str,
    browser: Browser,
    session: Session,
    library: Library,
    tools: Tools,
    world: World,
) -> None:
    survey = open_survey(session, tools, "oak_leader", world.began, {"families": "each"}, first, last)
    code = survey.links[0].code
    session.commit()
    open_form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    assert browser.get(f"/s/{code}", status=status).page.h1 == h1
    data = {**open_form.data(), **fields(answers(library, "families"))}
    assert browser.post(f"/s/{code}", data, status=status).page.h1 == h1
    assert kept(session) == []


def test_the_last_day_still_counts(browser: Browser, session: Session, tools: Tools, world: World) -> None:
    survey = open_survey(session, tools, "oak_leader", world.began, {"families": "each"}, -1, 0)
    code = survey.links[0].code
    session.commit()
    browser.get(f"/s/{code}")


def test_a_closed_survey_says_so(browser: Browser, session: Session, world: World) -> None:
    session.get_one(Survey, world.survey).closed_at = world.began
    session.commit()
    assert browser.get(f"/s/{world.codes['families']}", status=410).page.h1 == "This survey has ended"


# --- what nobody should send ---


@on_sqlite
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"data": b""},
        {"data": b"{}", "content_type": "application/json"},
        {"data": b"\xff\xfe\x00=&&&;%%%", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"--x\r\nnonsense", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"nonsense", "content_type": "multipart/form-data"},
        {"data": b"a" * 1000, "content_type": "nonsense/\xe9"},
        {"query_string": "token=x"},
    ],
)
def test_a_post_without_a_form_is_asked_to_send_again(more: dict[str, Any], browser: Browser, world: World) -> None:
    answer = browser.request("POST", f"/s/{world.codes['families']}", **more)
    assert answer.status == 400
    assert "Please press Send once more" in answer.page.text


@on_sqlite
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "\x00", "A" * 100_000, "{{7*7}}"])
def test_a_token_that_is_not_ours_costs_one_more_press_and_no_answer(
    token: str, browser: Browser, session: Session, library: Library, world: World
) -> None:
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    raw = fields(answers(library, "families", comment="still here"))
    page = browser.send(form, {**raw, "token": token}, status=400).page
    assert page.title.startswith("Error:")
    assert kept(session) == []
    assert page.form("/s/").data()["q-comment"] == ["still here"]
    browser.send(page.form("/s/"))
    assert len(kept(session)) == 1


def test_a_token_that_was_changed_or_made_for_something_else_is_not_ours(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    (token,) = form.data()["token"]
    raw = fields(answers(library, "families"))
    browser.send(form, {**raw, "token": f"{'J' if token[0] == 'I' else 'I'}{token[1:]}"}, status=400)
    thanks = browser.send(form, raw).location
    for other in ("x", token[:-2] + "xx"):
        wrong = thanks.replace(token, other)
        assert browser.get(wrong, status=303).location.startswith("/s/")
        browser.get(f"/s/{world.codes['families']}/copy/{other}", status=404)
    assert len(kept(session)) == 1


def test_thanks_and_copy_belong_to_one_survey(browser: Browser, library: Library, world: World) -> None:
    thanks = send(browser, world.codes["families"], answers(library, "families"))
    token = thanks.split("/thanks/")[1].split("?")[0]
    browser.get(f"/s/{world.codes['staff']}/copy/{token}", status=404)
    browser.get(f"/s/{world.codes['staff']}/thanks/{token}", status=303)
    form = browser.get(f"/s/{world.codes['staff']}").page.form("/s/")
    browser.send(form, {**fields(answers(library, "staff")), "token": token}, status=303)


def test_fields_that_are_not_asked_leave_no_trace(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    strange = {
        "q-name": "Ana", "name": "Ana", "q-": "x", "q--": "x", "q-comment-0-x": "x", "q-comment-9999-x": "x",
        "q-data": "x", "q-errors": "x", "data": "x", "errors": "x", "meta": "x", "do": "add:comment",
        "__class__": "x", "é\x00": "x",
    }  # fmt: skip
    raw = answers(library, "families")
    form = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    browser.send(form, {**fields(raw), **strange})
    (response,) = kept(session)
    assert response.answers == raw


def test_many_fields_and_much_text_are_refused_in_plain_words(browser: Browser, world: World) -> None:
    path = f"/s/{world.codes['families']}"
    much = browser.post(path, {"q-comment": "x" * 5_000_000}, status=413)
    assert much.page.h1 == "That was too much at once"
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % n for n in range(1500))
    many = browser.post(path, parts + b"--x--", 413, content_type="multipart/form-data; boundary=x")
    assert many.page.h1 == "That was too much at once"


@on_sqlite
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_are_on_the_page_in_the_copy_and_in_the_mail(
    kind: str,
    browser: Browser,
    session: Session,
    library: Library,
    world: World,
    mails: Callable[[], list[EmailMessage]],
) -> None:
    typed, words = HOSTILE[kind]
    raw = answers(library, "community", comment=typed)
    form = browser.get(f"/s/{world.codes['community']}").page.form("/s/")
    first = next(iter(raw))
    page: Page = browser.send(form, fields({**raw, first: ""}), status=422).page
    sent = browser.send(page.form("/s/"), fields({first: raw[first]}))
    (response,) = kept(session)
    assert " ".join(response.answers["comment"].split()) == words
    assert words in words_of(copy_of(browser, sent.location))
    (mail,) = mails()
    assert words in words_of(attachment(mail))


def test_all_hostile_words_together(browser: Browser, session: Session, library: Library, world: World) -> None:
    everything = "\n".join(typed for typed, _ in HOSTILE.values())
    thanks = send(browser, world.codes["community"], answers(library, "community", comment=everything))
    words = words_of(copy_of(browser, thanks))
    assert [said for _, said in HOSTILE.values() if said not in words] == []


def test_half_a_character_in_percent_code_is_no_reason_to_break(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    form = browser.get(f"/s/{world.codes['community']}").page.form("/s/")
    data = {**form.data(), **as_lists(fields(answers(library, "community")))}
    data["q-comment"] = ["before+%ED%A0%80+after%FF"]
    body = "&".join(f"{name}={value}" for name, values in data.items() for value in values)
    sent = browser.post(form.action, body, content_type="application/x-www-form-urlencoded")
    words = words_of(copy_of(browser, sent.location))
    assert "before" in words
    assert "after" in words


def test_no_public_page_ever_sets_a_cookie(browser: Browser, library: Library, world: World) -> None:
    code = world.codes["families"]
    thanks = send(browser, code, answers(library, "families"))
    copy_of(browser, thanks)
    for path in ("/s/", f"/s/{code}", f"/s/{code}?lang=es", thanks, "/s/XXXX", f"/s/{code}/copy/x"):
        assert "Set-Cookie" not in browser.get(path, status=None).headers  # type: ignore[arg-type]
    assert browser.token == ""


def test_no_mail_is_queued_while_a_survey_mails_at_close(
    browser: Browser, session: Session, library: Library, world: World
) -> None:
    send(browser, world.codes["students"], answers(library, "students"))
    assert session.scalars(select(Delivery)).all() == []
    assert len(session.scalars(select(SurveyLink)).all()) == 4
