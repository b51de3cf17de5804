"""The pages of languages: what is typed wrong, files that are refused, who may look, what is shown escaped."""

import io
import re
import unicodedata
from collections.abc import Callable

import pytest
from babel.messages.pofile import read_po, write_po
from browser import Browser, on_sqlite
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_languages_end_to_end import add, fill
from test_own_templates_pages import press, upload
from translating import every_text, somali, workbook
from world import World

from partnerforms.models import Translation
from partnerforms.services.tools import Tools
from partnerforms.web.organizations.language_words import headings

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
HEADINGS = headings(lambda english: english)
LABEL = "survey_families.school_welcome.label"
PAGES_KEY = "pages.000000000000"


@pytest.fixture
def leader(signed_in: SignedIn) -> Browser:
    return signed_in("maple_leader")


@pytest.fixture
def home(world: World) -> str:
    return f"/organizations/{world.places['maple']}"


@pytest.fixture
def page(leader: Browser, home: str) -> str:
    return add(leader, home)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"code": "", "name": "x", "direction": "ltr"}, "Enter the code of a language"),
        ({"code": "en-GB", "name": "x", "direction": "ltr"}, "Enter the code of a language"),
        ({"code": "somali language", "name": "x", "direction": "ltr"}, "Enter the code of a language"),
        ({"code": "../../x", "name": "x", "direction": "ltr"}, "Enter the code of a language"),
        ({"code": "ES", "name": "x", "direction": "ltr"}, "in the list already"),
        ({"code": "sm", "name": "", "direction": "ltr"}, "Enter a name"),
        ({"code": "sm", "name": "<b>", "direction": "ltr"}, "Enter a name"),
        ({"code": "sm", "name": "Sa\u202emoa", "direction": "ltr"}, "Enter a name"),
        ({"code": "sm", "name": "ESPAÑOL", "direction": "ltr"}, "Another language has this name"),
        ({"code": "sm", "name": "Gagana Samoa", "direction": "up"}, "Choose one"),
    ],
)
def test_a_language_that_cannot_be(leader: Browser, home: str, typed: dict[str, str], text: str) -> None:
    proof = {"proof": leader.proof}
    shown = leader.post(f"{home}/new-language", {**proof, **typed}, 422).page
    assert shown.title.startswith("Error:")
    assert text in shown.text
    wrong = leader.post(f"{home}/new-language", {**proof, **typed, "locale": "xx"}, 422).page
    assert "Choose one of the list." in wrong.text


def test_a_language_without_dates_of_its_own_borrows_them(leader: Browser, home: str, session: Session) -> None:
    form = leader.get(f"{home}/new-language").page.form("/new-language")
    typed = {"code": "MH", "name": "Kajin M̧ajeļ", "direction": "ltr", "words": "filipino"}
    found = leader.send(form, typed, press="Find", status=200).page
    assert "Filipino" in found.text
    leader.send(found.form("/new-language"), {"locale": "fil"}, press="Add")
    add(leader, home, "chk", "Chuuk")
    add(leader, home, "ps", "پښتو", "rtl")
    rows = {row.language: (row.locale, row.direction) for row in session.scalars(select(Translation))}
    assert rows == {"mh": ("fil", "ltr"), "chk": ("en", "ltr"), "ps": ("ps", "rtl")}
    looked = leader.get(f"{home}/languages/ps").page
    path = next(link for link in looked.links if link.endswith("/families"))
    assert 'dir="rtl"' in leader.get(path).text
    assert "So: " not in leader.get(path).page.text


WRONG = {
    "unknown key": ((LABEL + "x", "x", "x"), "There is no text with this key."),
    "page of before, with another English": ((PAGES_KEY, "x", "x"), "There is no text with this key."),
    "no key": (("", "English", "x"), "The key is missing."),
    "placeholder gone": (("problems.too_many", None, "No"), "missing from the text: {most}, {given}"),
    "placeholder added": ((LABEL, None, "{name}"), "not in the English text: {name}"),
    "attribute": ((LABEL, None, "{most.__class__}"), "stands alone"),
    "html": ((LABEL, None, "<b>x</b>"), "HTML is not allowed"),
    "html code": ((LABEL, None, "a&nbsp;b"), "HTML is not allowed"),
    "direction": ((LABEL, None, "a\u202eb"), "cannot be seen"),
    "hidden": ((LABEL, None, "a\u200bb"), "cannot be seen"),
    "long": ((LABEL, None, "x" * 5001), "longer than 5000"),
    "huge": ((LABEL, None, "x" * 32_000), "longer than 5000"),
    "formula": ((LABEL, None, "=1+1"), "The cell is a formula."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_is_named_and_nothing_is_kept(
    name: str, leader: Browser, page: str, tools: Tools, session: Session
) -> None:
    (key, english, text), told = WRONG[name]
    known = every_text(tools.library)
    row = [key, english or known[key].english, text]
    content = workbook([["options.how_well.well", "Well", "Fiican"], row], HEADINGS)
    shown = upload(leader, page, content, "x.xlsx", 422).page
    assert shown.title.startswith("Error:")
    assert "Row 3" in shown.text
    assert key[:40] in shown.text
    assert told in shown.text
    assert session.scalars(select(Translation)).one().draft == {}


def test_keys_that_stand_twice_and_answers_that_are_alike(
    leader: Browser, page: str, home: str, tools: Tools
) -> None:
    other = "options.how_well.somewhat"
    english = every_text(tools.library)[other].english
    spanish = tools.library.catalogues["es"].by_key["options.how_well.well"]

    def rows(*more: tuple[str, str, str]) -> bytes:
        return workbook([["options.how_well.well", "Well", "Fiican"], *more], HEADINGS)

    twice = upload(leader, page, rows(("options.how_well.well", "Well", "X")), "x.xlsx", 422).page.text
    assert "This key stands in row 2 already." in twice
    alike = upload(leader, page, rows((other, english, " FIICAN")), "x.xlsx", 422).page
    assert "Two answers would be the same" in alike.text
    # Also with an answer that stands in another file, or comes from above.
    upload(leader, page, rows(), "x.xlsx")
    one = workbook([[other, english, "fiican"]], HEADINGS)
    assert "Two answers would be the same" in upload(leader, page, one, "x.xlsx", 422).page.text
    same = workbook([[other, english, spanish]], HEADINGS)
    assert "Two answers would" in upload(leader, f"{home}/languages/es", same, "x.xlsx", 422).page.text


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("x.xlsx", b"", "neither an Excel workbook"),
        ("x.docx", b"hello", "neither an Excel workbook"),
        ("x.xls", b"\xd0\xcf\x11\xe0", "of an old kind"),
        ("x.xlsx", b"PK\3\4" + b"x" * 100, "damaged"),
        ("x.xlsx", b"PK\3\4" + b"x" * 2_000_000, "larger than 2 MB"),
        ("x.po", b'msgid "\xff"', "not in UTF-8"),
        ("x.po", b"hello", "not a sound PO file"),
        ("x.po", b"", "No texts are in the file."),
    ],
)
def test_files_of_other_kinds(leader: Browser, page: str, name: str, content: bytes, text: str) -> None:
    shown = upload(leader, page, content, name, 422).page
    assert text in shown.text
    assert "Choose a file." in leader.post(page, {"proof": leader.proof}, 422).page.text


def test_a_po_file_goes_the_whole_way(leader: Browser, page: str, session: Session) -> None:
    catalog = read_po(io.BytesIO(leader.get(f"{page}/texts.po").content))
    for message in catalog:
        if message.id:
            message.string = somali(str(message.id))
    file = io.BytesIO()
    write_po(file, catalog, width=76)  # Poedit breaks lines
    upload(leader, page, file.getvalue(), "so.po")
    assert "Published" not in leader.get(page).page.text
    press(leader, page, "/publish")
    shown = leader.get(page).page.text
    assert "Complete" in shown
    session.rollback()
    assert session.scalars(select(Translation)).one().published


def test_only_what_is_whole_is_published(leader: Browser, page: str, session: Session) -> None:
    fill(leader, page, lambda key, english: None if key == LABEL else somali(english))
    shown = leader.get(page).page
    assert "1 text is missing" in leader.get(page.rpartition("/")[0]).page.text or "texts are missing" in shown.text
    assert LABEL in shown.text
    assert not [form for form in shown.forms if form.action.endswith("/publish")]
    refused = leader.post(f"{page}/publish", {"proof": leader.proof}, 422).page
    assert "Texts are still missing." in refused.text
    session.rollback()
    assert session.scalars(select(Translation)).one().published is None
    press(leader, page, "/discard")
    assert "Soomaali" not in leader.get(page.rpartition("/")[0]).page.text
    leader.get(page, status=404)


def test_who_has_read_it(leader: Browser, page: str) -> None:
    send = lambda **typed: leader.send(leader.get(page).page.form("/reviewed"), typed, status=None)  # noqa: E731
    assert send(name="Amina", day="tomorrow").status == 422
    assert send(name="Amina", day="2999-01-01").status == 422
    assert send(name="A\u202emina", day="2026-01-02").status == 422
    assert send(name="Amina Warsame", day="2026-01-02").status == 303
    assert "Amina Warsame, January 2, 2026" in leader.get(page).page.text
    assert "Read by a native speaker" in leader.get(page.rpartition("/")[0]).page.text
    fill(leader, page, lambda _, english: somali(english))  # other words, which she has not read
    assert "Amina" not in leader.get(page).page.text
    send(name="Amina Warsame", day="2026-01-02")
    press(leader, page, "/publish")
    assert "Amina Warsame" in leader.get(page).page.text
    send(name="")
    assert "Amina" not in leader.get(page).page.text


def test_a_look_ends_with_its_day_and_shows_nothing_else(app: Flask, leader: Browser, page: str) -> None:
    anybody = Browser(app)
    path = next(link for link in leader.get(page).page.links if link.endswith("/families"))
    assert "Set-Cookie" not in anybody.get(path).headers
    _, _, ticket, _ = path.split("/")
    for wrong in (f"/languages/{ticket}x/families", f"/languages/{ticket}/district", f"/languages/{ticket}/x"):
        anybody.get(wrong, status=404)
    assert anybody.post(path, {}, 422).page.title.startswith("Error:")
    press(leader, page, "/discard")
    anybody.get(path, status=404)


@given(text=st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp")), max_size=40))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_uploaded_is_text_and_nothing_else(
    text: str, leader: Browser, home: str, tools: Tools, session: Session
) -> None:
    key, page = "survey_families.title", f"{home}/languages/es"
    said = f"\"'&> {re.sub('[<{}&%]', '', text)} x"
    english = every_text(tools.library)[key].english
    upload(leader, page, workbook([[key, english, said], [LABEL, "", "'; DROP"]], HEADINGS), "x.xlsx")
    session.rollback()
    assert session.scalars(select(Translation)).one().draft[key][1] == unicodedata.normalize("NFC", said)
    path = next(link for link in leader.get(page).page.links if link.endswith("/families"))
    shown = leader.get(path)
    assert f"<title>{escape(unicodedata.normalize('NFC', said))}</title>" in shown.text
    assert "DROP" not in shown.text  # without its English nobody knows what it is a translation of
