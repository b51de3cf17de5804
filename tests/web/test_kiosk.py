"""One device for many people: each begins anew, and no request brings back what somebody before answered."""

import pytest
from browser import Browser, on_sqlite
from filling import fields
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import World, open_survey

from partnerforms.engine.codes import printed
from partnerforms.engine.library import Library
from partnerforms.models import Survey
from partnerforms.services.tools import Tools

SECRET_WORDS = "nobody else may read this"


@pytest.fixture
def kiosk(world: World) -> str:
    return f"/s/{printed(world.codes['families'])}/kiosk"


def test_one_after_the_other_answers_and_nothing_of_one_is_left(
    browser: Browser, session: Session, library: Library, kiosk: str
) -> None:
    tokens = set()
    for _ in range(2):
        page = browser.get(kiosk, status=201)
        assert page.headers["Cache-Control"] == "no-store"
        form = page.page.form("/kiosk")
        tokens.add(form.data()["token"][0])
        sent = browser.send(form, fields(answers(library, "families", comment=SECRET_WORDS)))
        assert not any(token in sent.location for token in tokens)
        thanks = browser.follow(sent)
        assert thanks.headers["Cache-Control"] == "no-store"
        assert not any("/copy/" in link or "/thanks/" in link for link in thanks.page.links)
        assert "reference" not in thanks.page.text
        (begin,) = [link for link in thanks.page.links if "/kiosk" in link]
        assert SECRET_WORDS not in browser.get(begin, status=201).text
    assert len(tokens) == 2
    assert [response.channel for response in kept(session)] == ["kiosk", "kiosk"]
    assert all(response.answers["comment"] == SECRET_WORDS for response in kept(session))


@pytest.mark.parametrize("end", ["sent", "left"])
def test_a_form_that_a_browser_sends_again_is_not_shown_again(
    end: str, browser: Browser, session: Session, library: Library, kiosk: str
) -> None:
    """Back and "send again" repeat a POST: a change of language, a mistake, or Send itself."""
    form = browser.get(kiosk, status=201).page.form("/kiosk")
    typed = {**fields(answers(library, "families")), "q-comment": SECRET_WORDS}
    first = next(iter(answers(library, "families")))
    wrong = {**typed, f"q-{first}": ""}
    assert SECRET_WORDS in browser.send(form, typed, press="Español", status=200).text
    assert SECRET_WORDS in browser.send(form, wrong, status=422).text
    browser.send(form, typed, press="" if end == "sent" else "Start over")
    assert len(kept(session)) == (1 if end == "sent" else 0)
    for again, press in ((typed, "Español"), (wrong, ""), (typed, "")):
        back = browser.send(form, again, press=press)
        assert SECRET_WORDS not in browser.get(back.location, status=200 if end == "sent" else 201).text
    assert len(kept(session)) == (1 if end == "sent" else 0)


@on_sqlite
def test_each_begins_in_the_language_of_the_kiosk(browser: Browser, library: Library, kiosk: str) -> None:
    vietnamese = {"Accept-Language": "vi"}
    for address, language in ((kiosk, "en"), (f"{kiosk}?lang=es", "es"), (f"{kiosk}?lang=nonsense", "en")):
        page = browser.get(address, status=201, headers=vietnamese).page
        assert page.language == language
        spoken = browser.send(page.form("/kiosk"), press="Português", status=200).page
        assert spoken.language == "pt"
        thanks = browser.follow(browser.send(spoken.form("/kiosk"), fields(answers(library, "families")))).page
        assert thanks.language == "pt"
        begin = next(link for link in thanks.links if "/kiosk" in link)
        assert browser.get(begin, status=201, headers=vietnamese).page.language == language
        over = browser.send(spoken.form("/kiosk"), press=library.catalogues["pt"].gettext("Start over"))
        assert over.location.startswith(kiosk)


@on_sqlite
def test_browsers_are_told_to_fill_in_nothing(browser: Browser, kiosk: str) -> None:
    page = browser.get(kiosk, status=201).page
    (form,) = [element for element in page.root.iter("form") if element.get("id") == "survey"]
    assert form.get("autocomplete") == "off"


@on_sqlite
def test_a_page_of_a_kiosk_is_good_for_the_kiosk_alone(
    browser: Browser, session: Session, library: Library, world: World, kiosk: str
) -> None:
    (token,) = browser.get(kiosk, status=201).page.form("/kiosk").data()["token"]
    phone = browser.get(f"/s/{world.codes['families']}").page.form("/s/")
    browser.send(phone, {**fields(answers(library, "families")), "token": token}, status=400)
    assert kept(session) == []


def test_outside_its_days_a_kiosk_takes_nothing(
    browser: Browser, session: Session, tools: Tools, library: Library, world: World, kiosk: str
) -> None:
    early = open_survey(session, tools, "oak_leader", world.began, {"families": "each"}, 2, 9).links[0].code
    form = browser.get(kiosk, status=201).page.form("/kiosk")
    session.get_one(Survey, world.survey).closed_at = world.began
    session.commit()
    assert browser.get(f"/s/{early}/kiosk", status=403).page.h1 == "This survey is not open yet"
    browser.send(form, fields(answers(library, "families")), status=410)
    assert kept(session) == []
    browser.get("/s/AAAA-AAAA/kiosk", status=404)
