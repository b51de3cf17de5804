"""The pages of own Word templates: every mistake told, tried, used for documents, taken back."""

import io
from collections.abc import Callable

import docx
import pytest
from browser import Answer, Browser, on_sqlite
from filling import HOSTILE
from recording import filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from surveying import answers, copy_of, send
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart
from word_reading import lines_of, words_of
from world import World

from partnerforms.documents import starter
from partnerforms.engine.library import Library
from partnerforms.models import AuditEntry, Document, OwnTemplate
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


def letterhead(library: Library, instrument: str = "action_plan", *texts: str) -> bytes:
    """The starter template with lines of its own."""
    doc = docx.Document(io.BytesIO(starter.build(library.instrument(instrument))))
    for text in texts or ("Our letterhead",):
        doc.add_paragraph(text)
    file = io.BytesIO()
    doc.save(file)
    return file.getvalue()


@pytest.fixture
def home(world: World) -> str:
    return f"/organizations/{world.places['maple']}/templates"


def upload(browser: Browser, page: str, content: bytes, name: str = "Our look.docx", status: int = 303) -> Answer:
    form = browser.get(page).page.form(page)
    data = {**{name: value for name, (value,) in form.data().items()}, "file": FileStorage(io.BytesIO(content), name)}
    # Put together here: the client leaves the file open in which it puts together what is large.
    sent, _, _ = stream_encode_multipart(data, use_tempfile=False, boundary="between")
    body = sent.read()
    return browser.post(page, body, status, content_type="multipart/form-data; boundary=between")


def press(browser: Browser, page: str, ending: str) -> Answer:
    return browser.send(browser.get(page).page.form(ending))


def test_from_upload_to_document_and_back(
    signed_in: SignedIn, session: Session, library: Library, world: World, home: str
) -> None:
    leader, page = signed_in("maple_leader"), f"{home}/action_plan"
    assert "Standard template" in leader.get(page).page.text
    shown = leader.follow(upload(leader, page, letterhead(library)))
    assert "nothing is wrong with it" in shown.page.text
    assert "Documents are made with the template that everybody has." in shown.page.text
    sample = leader.get(next(link for link in shown.page.links if link.endswith("/sample.docx")))
    assert "SAMPLE-Our-look.docx" in sample.headers["Content-Disposition"]
    assert "Our letterhead" in words_of(sample.content)
    assert "Sample answer: Chair or co-chairs of the team" in words_of(sample.content)

    plan = filled_plan(leader, world)
    submit(leader, plan)
    assert "used from now on" in leader.follow(press(leader, page, "/use")).page.text
    submit(leader, filled_plan(leader, world))
    assert "no longer used" in leader.follow(press(leader, page, "/back")).page.text
    submit(leader, filled_plan(leader, world))
    documents = [words_of(one.content) for one in session.scalars(select(Document).order_by(Document.created_at))]
    assert ["Our letterhead" in words for words in documents] == [False, True, False]
    assert all("Every child reads" in words for words in documents)

    assert "Use again" in leader.get(page).text
    press(leader, page, "/use")
    assert "Your own" in leader.get(home).page.text
    session.rollback()
    done = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("template."))).all()
    assert sorted(done) == ["template.taken_back", "template.uploaded", "template.used", "template.used"]


def test_everything_that_is_wrong_is_told_at_once(
    signed_in: SignedIn, session: Session, library: Library, home: str
) -> None:
    leader, page = signed_in("maple_leader"), f"{home}/action_plan"
    bad = letterhead(library, "action_plan", "{{ about.organisation }}", "{{ chairs }", "{{ school_yaer }}")
    shown = upload(leader, page, bad, "<b>bad</b>.docx", 422).page
    assert shown.title.startswith("Error:")
    assert "3 things must be changed" in shown.text
    assert "<b>bad</b>.docx" in shown.text
    for text in ('did you mean "organization"?', "is not complete", 'did you mean "school_year"?', "Main text"):
        assert text in shown.text
    assert session.scalars(select(OwnTemplate)).all() == []


@on_sqlite
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the file is empty"),
        (b"%PDF", "this is not a Word file"),
        (b"PK\3\4" + bytes(2_000_000), "larger than 2 MB"),
        (b"PK\3\4" + bytes(900), "damaged or not complete"),
    ],
)
def test_files_of_other_kinds(content: bytes, text: str, signed_in: SignedIn, home: str) -> None:
    leader = signed_in("maple_leader")
    assert text in upload(leader, f"{home}/action_plan", content, status=422).page.text


@on_sqlite
def test_odd_requests(signed_in: SignedIn, home: str, library: Library, session: Session) -> None:
    leader, page = signed_in("maple_leader"), f"{home}/action_plan"
    assert "Choose a file." in leader.post(page, {"proof": leader.proof}, 422).page.text
    assert "Choose a file." in leader.post(page, {"proof": leader.proof, "file": "text"}, 422).page.text
    for name, (typed, _) in HOSTILE.items():
        if "\n" in typed or "\r" in typed:
            continue  # the client of the tests cannot send it
        upload(leader, page, letterhead(library), f"{typed}.docx", status=303)
        file = next(link for link in leader.get(page).page.links if link.endswith("/sample.docx"))
        assert leader.get(file).headers["Content-Disposition"].startswith("attachment; filename=SAMPLE"), name
    upload(leader, page, letterhead(library), "x" * 5000 + ".docx")
    assert len(session.scalars(select(OwnTemplate)).one().filename) == 200
    leader.post(page, {"file": (io.BytesIO(b"x"), "x.docx")}, 400, content_type="multipart/form-data")
    for path in ("/inventory", "/nothing", "/action_plan/nowhere", "/survey_nobody", "/action_plan/names/x"):
        leader.get(home + path, status=404)
    other = f"{home}/survey_families/{session.scalars(select(OwnTemplate.id)).one()}.docx"
    leader.get(other, status=404)


def test_a_school_uses_what_its_district_chose(
    signed_in: SignedIn, library: Library, world: World, home: str, session: Session
) -> None:
    district, page = signed_in("district_leader"), f"/organizations/{world.places['district']}/templates/action_plan"
    upload(district, page, letterhead(library, "action_plan", "Riverside letterhead"))
    press(district, page, "/use")
    leader = signed_in("maple_leader")
    shown = leader.get(f"{home}/action_plan").page
    assert "From Riverside District" in shown.text
    assert not [link for link in shown.links if str(world.places["district"]) in link]
    submit(leader, filled_plan(leader, world))
    assert "Riverside letterhead" in words_of(session.scalars(select(Document)).one().content)
    upload(leader, f"{home}/action_plan", letterhead(library))
    press(leader, f"{home}/action_plan", "/use")
    assert "Go back to the template from Riverside District" in leader.get(f"{home}/action_plan").page.text
    for level, missing in (("district", "state"), ("maple", "inventory")):
        text = signed_in(f"{level}_leader").get(f"/organizations/{world.places[level]}/templates").text
        assert f"templates/leadership_plan_{missing}" not in text


def test_a_survey_is_answered_whatever_its_template_is(
    signed_in: SignedIn, browser: Browser, library: Library, world: World, home: str, session: Session
) -> None:
    leader, page = signed_in("maple_leader"), f"{home}/survey_community"
    upload(leader, page, letterhead(library, "survey_community"))
    press(leader, page, "/use")
    raw = answers(library, "community", comment="More evenings & talks")
    thanks = send(browser, world.codes["community"], raw)
    session.rollback()
    assert "Our letterhead" in words_of(copy_of(browser, thanks))
    # As if a question had been added since.
    template = session.scalars(select(OwnTemplate)).one()
    template.content, template.sha256 = letterhead(library, "survey_community", "{{ gone }}"), "other"
    session.commit()
    thanks = send(browser, world.codes["community"], raw)
    words = words_of(copy_of(browser, thanks))
    assert "More evenings & talks" in words
    assert "Our letterhead" not in words
    shown = leader.get(page).page.text
    assert "does not fit the form as it is today" in shown
    assert 'there is no "gone"' in shown
    assert "Does not fit the form any more" in leader.get(home).page.text
    template_id = template.id
    again = leader.post(f"{page}/{template_id}/use", {"proof": leader.proof}, 422)
    assert 'there is no "gone"' in again.page.text
    leader.get(f"{page}/{template_id}/sample.docx", status=404)


@on_sqlite
def test_the_list_of_names_is_whole_on_the_page_and_in_word(signed_in: SignedIn, tools: Tools, world: World) -> None:
    for place, instrument in (("maple", "action_plan"), ("district", "inventory"), ("maple", "survey_families")):
        leader = signed_in(f"{place}_leader")
        home = f"/organizations/{world.places[place]}/templates/{instrument}"
        page, file = leader.get(f"{home}/names").page.text, leader.get(f"{home}/names.docx").content
        told = " ".join(lines_of(file))
        doc = docx.Document(io.BytesIO(starter.build(tools.library.instrument(instrument))))
        tags = [cell.text for table in doc.tables for row in table.rows for cell in row.cells]
        used = {tag for text in tags for tag in text.split("\n") if tag.startswith("{{") and tag.count("{{") == 1}
        assert used
        for tag in used:
            if tag.endswith("}}") and "about.person" not in tag:
                assert tag in page, tag
                assert tag in told, tag


@on_sqlite
def test_the_standard_template_can_be_uploaded_as_it_is(signed_in: SignedIn, home: str, library: Library) -> None:
    leader, page = signed_in("maple_leader"), f"{home}/action_plan"
    content = leader.get(f"{page}/standard.docx").content
    upload(leader, page, content)
    file = next(link for link in leader.get(page).page.links if link.endswith("/sample.docx"))
    assert leader.get(file.replace("/sample.docx", ".docx")).content == content
