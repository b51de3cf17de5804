"""What nobody should send to a survey: broken forms, tokens of others, hostile words."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE, as_lists, fields
from pages import Page
from sqlalchemy.orm import Session
from surveying import answers, copy_of, kept, send
from word_reading import attachment, words_of
from world import World

from partnerforms.engine.library import Library


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
    again = browser.send(form, {**fields(answers(library, "staff")), "token": token}, status=400)
    browser.send(again.page.form("/s/"), {}, status=303)


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
