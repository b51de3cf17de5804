"""What is printed for a survey: in every language, read back from a picture of the page, and as one file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import Browser, on_sqlite
from docx import Document
from docx.oxml.ns import qn
from flask import Flask
from printing import pages, printed, seen
from sqlalchemy import select
from sqlalchemy.orm import Session
from working import do_work, done, file_of
from world import World, open_survey

from partnerforms.engine import codes
from partnerforms.engine.library import Library
from partnerforms.engine.model import Choices
from partnerforms.engine.paper_codes import item_codes, option_codes
from partnerforms.models import Organization, SurveyLink
from partnerforms.services.surveys import materials
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
LOGO = Path(__file__).parents[2] / "partnerforms" / "documents" / "logo.png"
LONG = (
    "The Reverend Martin Luther King Junior and Maria Guadalupe Hernandez "
    "Academy of Arts, Sciences and World Languages in Uptown"
)
SHEETS_OF_PAPER = 2


def link_of(session: Session, world: World, audience: str = "families") -> SurveyLink:
    return session.scalars(select(SurveyLink).where(SurveyLink.code == world.codes[audience])).one()


def page_of(link: SurveyLink) -> str:
    return f"/surveys/{link.survey_id}/links/{link.id}/materials"


def everything(browser: Browser, link: SurveyLink, library: Library) -> dict[str, bytes]:
    """All that the page of a link leads to, by kind and language."""
    found = {}
    for address in browser.get(page_of(link)).page.links:
        if address.endswith(".docx"):
            kind, name = address.split("/")[-2:]
            found[f"{kind}_{name.removesuffix('.docx')}"] = browser.get(address).content
    assert found.keys() == {f"{kind}_{code}" for kind in materials.KINDS for code in library.languages}
    return found


@on_sqlite
@pytest.mark.xdist_group("libreoffice")
def test_what_is_printed_opens_the_survey_in_its_language(
    app: Flask, signed_in: SignedIn, session: Session, world: World, library: Library, tmp_path: Path
) -> None:
    link, code = link_of(session, world), codes.printed(world.codes["families"])
    made = everything(signed_in("maple_member"), link, library)
    link.organization.name, link.organization.logo = LONG, LOGO.read_bytes()
    session.commit()
    for name in ("flyer_ar", "flyer_ru", "flyer_ko", "slips_vi", "paper_ru"):
        made[f"{name}_long"] = signed_in("maple_member").get(f"{page_of(link)}/{name[:5]}/{name[6:]}.docx").content
    pdfs = printed(made, tmp_path)
    for kind, rows, columns in (("flyer", 1, 1), ("slips", 4, 2)):
        sheets = {name: pdf for name, pdf in pdfs.items() if name.startswith(kind)}
        assert {name: pages(pdf) for name, pdf in sheets.items()} == dict.fromkeys(sheets, 1)
        for name, read in seen(sheets, rows, columns).items():
            language = name.split("_")[1]
            assert read == [[f"http://localhost/s/{code}?lang={language}"]] * rows * columns, name
    forms = {name: pages(pdf) for name, pdf in pdfs.items() if name.startswith("paper")}
    assert {name: number for name, number in forms.items() if not 2 <= number <= 2 * SHEETS_OF_PAPER} == {}
    for language in library.languages.values():
        page = Browser(app).get(f"/s/{code}?lang={language.code}").page
        assert (page.language, page.root.get("dir")) == (language.code, language.direction)
        assert page.h1 == " ".join(library.instrument("survey_families", language.code).title.split())


@on_sqlite
def test_every_text_is_on_paper_in_every_language(
    signed_in: SignedIn, session: Session, world: World, library: Library
) -> None:
    link = link_of(session, world)
    link.organization.name = "Núñez & <Söhne> {{ place }} School"
    session.commit()
    made = everything(signed_in("maple_member"), link, library)
    for name, content in made.items():
        kind, code = name.split("_")
        instrument, words = library.instrument("survey_families", code), library.catalogues[code].words()
        text, root = text_of(content), Document(io.BytesIO(content)).element
        assert link.organization.name in text, name
        assert codes.printed(link.code) in text, name
        reviewed = bool(library.languages[code].reviewed_by)
        assert kind == "slips" or (words["not_reviewed"] in text) != reviewed, name
        if kind == "paper":
            check_form(text, library, code)
        else:
            assert f"http://localhost/s/{codes.printed(link.code)}" in text
            assert text.count(words["tell_us"]) == (8 if kind == "slips" else 1)
        if kind == "flyer":
            assert {instrument.intro, words["who_sees"], words["ask_for_paper"]} <= set(text.split("\n"))
            others = [one.name for one in library.languages.values() if one.code != code]
            assert " · ".join(others) in text
        told = {shown.get("descr") for shown in root.iter(qn("wp:docPr"))}
        assert told == ({"logo"} if kind == "paper" else {words["qr_code"]}), name
        turned = [p.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None for p in root.iter(qn("w:p"))]
        assert set(turned) == {library.languages[code].direction == "rtl"}, name


def check_form(text: str, library: Library, code: str) -> None:
    """Every item with its number, every option with its own, and what the paper itself must say."""
    instrument, words = library.instrument("survey_families", code), library.catalogues[code].words()
    lines = set(text.split("\n"))
    numbers = item_codes(instrument)
    for item in instrument.items():
        assert f"{numbers[item.id]}. {item.label}" in lines
        if isinstance(item, Choices):
            for option in item.options:
                assert f"☐  {numbers[option.id]}  {option.label}" in lines
        else:
            assert {option.label for option in (*getattr(item, "options", ()),)} <= lines
    scale = instrument.items()[0]
    ticked = [line for line in text.split("\n") if line.startswith("☐") and "  " not in line]
    scales = sum(bool(getattr(item, "unsure", None)) for item in instrument.items())
    assert ticked == [f"☐{number}" for number in option_codes(instrument, scale).values()] * scales
    assert {f"{words[name]}:" for name in ("pile", "sheet")} <= {line.strip() for line in lines}
    assert words["mark_boxes"] in lines
    assert words["no_name"] in text


def text_of(content: bytes) -> str:
    """The paragraphs of a document, those in tables too; direction marks, which nobody sees, are left out."""
    root = Document(io.BytesIO(content)).element
    lines = ("".join(part.text or "" for part in paragraph.iter(qn("w:t"))) for paragraph in root.iter(qn("w:p")))
    return "\n".join(line.replace("\u200e", "") for line in lines)


@pytest.mark.parametrize("audience", ["families", "students", "community", "staff"])
def test_who_sees_the_answers_is_said_as_it_is(
    audience: str, signed_in: SignedIn, session: Session, world: World, library: Library
) -> None:
    link = link_of(session, world, audience)
    said = library.catalogues["en"].words()[f"sees_{link.delivery}"]
    for kind in ("flyer", "paper"):
        text = text_of(signed_in("maple_coordinator").get(f"{page_of(link)}/{kind}/en.docx").content)
        assert said.format(place="Maple School", least=link.minimum_n) in text
        assert text.count("We do not ask who you are.") == 1


@on_sqlite
@pytest.mark.parametrize("wrong", ["flyer/xx", "flyer/EN", "poster/en", "flyer/%00", "../en"])
def test_what_there_is_not(wrong: str, signed_in: SignedIn, session: Session, world: World) -> None:
    signed_in("maple_leader").get(f"{page_of(link_of(session, world))}/{wrong}.docx", status=404)


@on_sqlite
def test_a_survey_of_two_languages_has_two(signed_in: SignedIn, session: Session, world: World) -> None:
    link = link_of(session, world)
    link.survey.languages = ["en", "ko"]
    session.commit()
    browser = signed_in("maple_leader")
    page = browser.get(page_of(link)).page
    assert [one.split("/")[-1] for one in page.links if "/flyer/" in one] == ["en.docx", "ko.docx"]
    assert page.text.count("No native speaker has read this translation yet.") == 1
    browser.get(f"{page_of(link)}/flyer/es.docx", status=404)
    assert "한국어" in text_of(browser.get(f"{page_of(link)}/flyer/en.docx").content)


def test_all_places_as_one_file(
    app: Flask, signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    places = [world.places["maple"], world.places["oak"]]
    asked = {"families": "batches", "staff": "batches"}
    survey = open_survey(session, tools, "district_leader", world.began, asked, places=places)
    session.get_one(Organization, world.places["oak"]).name = 'Oak: "Núñez" / School'
    session.commit()
    browser = signed_in("district_leader")
    form = browser.get(f"/surveys/{survey.id}/materials").page.form("/materials")
    assert form.data()["kinds"] == ["flyer", "slips"]
    begun = browser.send(form, {"audiences": ["families"], "languages": ["en", "ar"]})
    page = done(app, browser, begun).page
    assert "8 documents" in page.text
    archive = zipfile.ZipFile(io.BytesIO(file_of(browser, begun)))
    assert archive.testzip() is None
    files = [f"Families-{kind}-{code}.docx" for code in ("en", "ar") for kind in ("Flyer", "Slips, eight on a page")]
    folders = ("Maple School", "Oak- -Núñez- - School")
    assert archive.namelist() == [f"{folder}/{name}" for folder in folders for name in files]
    by_place = {
        link.organization_id: codes.printed(link.code) for link in survey.links if link.audience == "families"
    }
    for folder, place in zip(folders, places, strict=True):
        for name in files:
            text = text_of(archive.read(f"{folder}/{name}"))
            assert [code in text for code in by_place.values()] == [one == place for one in by_place]


def test_a_school_gets_its_own_and_nothing_of_others(
    app: Flask, signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    places = [world.places["maple"], world.places["oak"]]
    survey = open_survey(session, tools, "district_leader", world.began, {"families": "batches"}, places=places)
    session.commit()
    browser = signed_in("maple_member")
    begun = browser.send(
        browser.get(f"/surveys/{survey.id}/materials").page.form("/materials"), {"languages": ["es"]}
    )
    done(app, browser, begun)
    names = zipfile.ZipFile(io.BytesIO(file_of(browser, begun))).namelist()
    assert {name.split("/")[0] for name in names} == {"Maple School"}
    other = next(link for link in survey.links if link.organization_id == world.places["oak"])
    browser.get(f"/surveys/{survey.id}/links/{other.id}/materials", status=404)
    browser.get(f"/surveys/{survey.id}/links/{other.id}/materials/flyer/en.docx", status=404)


@on_sqlite
def test_nothing_chosen_is_said_at_the_field(signed_in: SignedIn, world: World) -> None:
    browser = signed_in("maple_leader")
    address = f"/surveys/{world.survey}/materials"
    chosen = {"kinds": "poster", "audiences": ["families"], "languages": ["xx", "en"]}
    page = browser.post(address, {"proof": browser.proof, **chosen}, 422).page
    assert page.errors == [("#kinds", "What should be in the file? Choose at least one.")]
    assert page.form("/materials").data()["languages"] == ["en"]


@on_sqlite
def test_who_left_meanwhile_gets_no_file(app: Flask, signed_in: SignedIn, session: Session, world: World) -> None:
    browser = signed_in("maple_member")
    begun = browser.send(browser.get(f"/surveys/{world.survey}/materials").page.form("/materials"))
    session.get_one(Organization, world.places["maple"])
    link_of(session, world).survey.organization_id = world.places["foreign"]
    for link in link_of(session, world).survey.links:
        link.organization_id = world.places["foreign"]
    session.commit()
    do_work(app)
    assert "you may not do this here any more" in browser.follow(begun).page.text
