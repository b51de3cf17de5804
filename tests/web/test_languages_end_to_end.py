"""A district's own Somali: downloaded, filled, uploaded, looked at, published, asked, answered, on paper, mended."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import openpyxl
from babel.messages.pofile import read_po
from browser import Answer, Browser, on_sqlite
from docx import Document as read_word
from filling import fields
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from surveying import answers, copy_of, kept
from test_own_templates_pages import press, upload
from translating import SOMALI, cells, every_text, somali, translated
from word_reading import words_of
from world import DELIVERIES, World, open_survey

from partnerforms.models import AuditEntry, Organization, SurveyLink, Translation
from partnerforms.services import papers, translations
from partnerforms.services.tools import Tools
from partnerforms.services.translations import po
from partnerforms.services.translations.checking import Row

SignedIn = Callable[[str], Browser]


def add(leader: Browser, home: str, code: str = "so", name: str = "Soomaali", direction: str = "ltr") -> str:
    """The page of a language that is new."""
    page = leader.get(f"{home}/new-language").page
    typed = {"code": code, "name": name, "direction": direction}
    leader.send(page.form("/new-language"), typed)
    return f"{home}/languages/{code}"


def fill(leader: Browser, page: str, translate: Callable[[str, str], str | None], status: int = 303) -> Answer:
    """Download the texts, translate them by a function of key and English, upload them."""
    found = [one for one in read_po(io.BytesIO(leader.get(f"{page}/texts.po").content)) if one.context]
    rows = [Row(0, one.context, str(one.id), translate(one.context, str(one.id)) or "") for one in found]
    return upload(leader, page, po.write(SOMALI, [(row, "", "") for row in rows]), "so.po", status)


def publish(leader: Browser, page: str, translate: Callable[[str, str], str | None]) -> None:
    fill(leader, page, translate)
    press(leader, page, "/publish")


def opened(session: Session, tools: Tools, leader: str, place: str) -> str:
    """The code for families of a survey that is opened now."""
    session.rollback()
    survey = open_survey(session, tools, leader, datetime.now(UTC), DELIVERIES, seed=len(place))
    session.commit()
    return next(link.code for link in survey.links if link.audience == "families")


def test_a_districts_somali_from_download_to_answers(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    district, home = signed_in("district_leader"), f"/organizations/{world.places['district']}"
    page = add(district, home)
    assert "Soomaali" in district.get(f"{home}/languages").page.text
    content = translated(district.get(f"{page}/texts.xlsx").content, lambda _, english: somali(english))
    shown = district.follow(upload(district, page, content, "so.xlsx")).page
    assert "The file is right." in shown.text

    look = next(link for link in shown.links if link.startswith("/languages/") and link.endswith("/families"))
    draft = browser.get(look)
    assert 'lang="so"' in draft.text
    assert "So: Send my answers" in draft.page.text
    keyed = browser.get(f"{look}?keys=1").page.text
    assert "[survey_families.school_welcome.label]" in keyed
    sent = browser.send(draft.page.form("/languages/"), fields(answers(tools.library, "families")))
    assert "Nothing was kept" in browser.get(sent.location).page.text
    assert kept(session) == []
    early = opened(session, tools, "district_leader", "before")
    assert "Soomaali" not in browser.get(f"/s/{early}").page.text

    press(district, page, "/publish")
    code = opened(session, tools, "maple_leader", "maple")  # the school inherits it
    asked = browser.get(f"/s/{code}?lang=so")
    assert 'lang="so"' in asked.text
    assert "So: Send my answers" in asked.page.text
    assert "So: No native speaker has read this translation yet." in asked.page.text
    form = asked.page.form("/s/")
    thanks = browser.send(form, {**fields(answers(tools.library, "families", comment="Mahadsanid")), "lang": "so"})
    assert [one.language for one in kept(session)] == ["so"]
    assert "So: Thank you" in browser.get(thanks.location).page.text
    words = words_of(copy_of(browser, thanks.location))
    assert "So: " in words
    assert "Mahadsanid" in words

    maple = session.get_one(Organization, world.places["maple"])
    library = translations.library_for(session, maple, tools)
    paper = read_word(io.BytesIO(papers.blank_form(library, "survey_families", "so", maple.name)))
    assert any("So: " in paragraph.text for paragraph in paper.paragraphs)
    assert not [text for text in words_of_tables(paper) if text == "Very well"]

    # Nobody else has it, and open surveys of before do not get it.
    foreign = opened(session, tools, "foreign_leader", "foreign")
    assert "Soomaali" not in browser.get(f"/s/{foreign}").page.text
    assert (
        "Soomaali"
        not in signed_in("foreign_leader").get(f"/organizations/{world.places['foreign']}/languages").page.text
    )
    assert "Soomaali" not in browser.get(f"/s/{early}").page.text
    assert "Soomaali" in signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/languages").page.text

    # The pages follow at once, the questions stay as they were asked.
    def again(key: str, english: str) -> str:
        return somali(english).replace("So: ", "Mar: ")

    publish(district, page, again)
    asked = browser.get(f"/s/{code}?lang=so")
    assert "Mar: Send my answers" in asked.page.text
    assert "So: How " in asked.page.text
    assert "Mar: How" not in asked.page.text
    press(district, page, "/back")
    assert 'lang="so"' not in browser.get(f"/s/{code}?lang=so").text
    session.rollback()
    done = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("language.")))
    assert sorted(done) == [
        "language.begun", "language.published", "language.published", "language.taken_back", "language.uploaded",
        "language.uploaded",
    ]  # fmt: skip


def words_of_tables(word: Any) -> list[str]:
    return [cell.text for table in word.tables for row in table.rows for cell in row.cells]


@on_sqlite
def test_what_changed_in_english_does_not_count(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    leader, home = signed_in("maple_leader"), f"/organizations/{world.places['maple']}"
    page = add(leader, home)
    publish(leader, page, lambda _, english: somali(english))
    code = opened(session, tools, "maple_leader", "maple")
    assert "Soomaali" in browser.get(f"/s/{code}").page.text
    # As an upgrade leaves it: the English of two texts is another one now.
    key = "survey_families.school_welcome.label"
    row = session.scalars(select(Translation)).one()
    thanks = next(one.key for one in every_text(tools.library).values() if one.english == "Thank you")
    published = row.published
    for changed in ([key], [thanks], [key, thanks]):
        older = {name: ["Older", published[name][1]] for name in changed}
        later = datetime.now(UTC)
        session.execute(update(Translation).values(published={**published, **older}, published_at=later))
        session.commit()
        assert "Soomaali" not in browser.get(f"/s/{code}").page.text
    shown = leader.get(page).page
    assert "2 texts are missing" in shown.text
    assert "Needs review" in shown.text
    english, text, note = cells(leader.get(f"{page}/texts.xlsx").content)[key]
    assert text == ""
    assert "Before: Older" in note
    assert f"Translation before: So: {english}" in note
    found = leader.get(f"{page}/texts.po").text
    assert f'#, fuzzy\n#| msgid "Older"\nmsgctxt "{key}"' in found
    # Neither file brings back, unchanged, what nobody has looked at.
    upload(leader, page, leader.get(f"{page}/texts.po").content, "so.po")
    upload(leader, page, leader.get(f"{page}/texts.xlsx").content, "so.xlsx")
    assert "2 texts are missing" in leader.get(page).page.text
    publish(leader, page, lambda _, english: somali(english))
    assert "Soomaali" in browser.get(f"/s/{code}").page.text


@on_sqlite
def test_a_school_mends_some_words_of_a_language_that_is_there(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    leader, page = signed_in("maple_leader"), f"/organizations/{world.places['maple']}/languages/es"
    before = cells(leader.get(f"{page}/texts.xlsx").content)
    key = next(name for name, (english, _, _) in before.items() if english == "Send my answers")
    fill(leader, page, lambda name, _: "Mandar todo" if name == key else before[name][1])
    row = session.scalars(select(Translation)).one()
    assert row.draft == {key: ["Send my answers", "Mandar todo"]}  # what is the same as above is not kept
    press(leader, page, "/publish")
    assert "1 text of your own" in leader.get(page).page.text
    assert "Mandar todo" in browser.get(f"/s/{world.codes['families']}?lang=es").page.text
    session.rollback()
    code = session.scalar(
        select(SurveyLink.code).where(SurveyLink.code == opened(session, tools, "oak_leader", "oak"))
    )
    assert "Mandar todo" not in browser.get(f"/s/{code}?lang=es").page.text
    # The same file once more changes nothing; without its words the school says again what the others say.
    same = leader.follow(upload(leader, page, leader.get(f"{page}/texts.xlsx").content, "es.xlsx"))
    assert "The file changes nothing" in same.page.text
    fill(leader, page, lambda name, _: before[name][1])
    press(leader, page, "/publish")
    assert "Mandar todo" not in browser.get(f"/s/{world.codes['families']}?lang=es").page.text
    book = openpyxl.load_workbook(io.BytesIO(leader.get(f"{page}/texts.xlsx").content))
    assert book.active.freeze_panes == "D2"
