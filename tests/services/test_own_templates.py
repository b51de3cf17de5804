"""Own templates: one in use for an organization and a form, the nearest serves, the shipped one never fails."""

import threading
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from groves import NOW, Grove, writing
from sqlalchemy import Engine, select
from word_reading import words_of

from partnerforms.documents import starter
from partnerforms.documents.context import Reader
from partnerforms.documents.shelf import Shelf
from partnerforms.engine.library import Library
from partnerforms.models import AuditEntry, Organization, OwnTemplate
from partnerforms.services import papers
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.papers import own_templates
from partnerforms.services.tools import Tools

LIBRARY = Library()
PLAN = LIBRARY.instrument("action_plan")
GOOD = starter.build(PLAN)
TOOLS = Tools(library=LIBRARY, shelf=Shelf(Path("/nowhere")), base_url="http://localhost")
READER = Reader(LIBRARY.languages["en"], LIBRARY.catalogues["en"].words())


def letterhead(name: str, tmp_path: Path) -> bytes:
    """The starter template with a line of its own."""
    file = tmp_path / "own.docx"
    file.write_bytes(GOOD)
    doc = docx.Document(str(file))
    doc.add_paragraph(f"Letterhead of {name}")
    doc.save(str(file))
    return file.read_bytes()


def upload(grove: Grove, place: str, content: bytes = GOOD, minutes: int = 0, used: bool = True) -> OwnTemplate:
    reach, now = grove.leader(place), NOW + timedelta(minutes=minutes)
    made = own_templates.upload(grove.session, reach, grove[place], PLAN, f"{place} {minutes}.docx", content, now)
    if used:
        own_templates.use(grove.session, reach, made, PLAN, now)
    return made


def serving(grove: Grove) -> dict[str, str]:
    found = {
        place: own_templates.in_use(grove[place], "action_plan") for place in ("State", "River", "Maple", "Lake")
    }
    return {place: one.filename for place, one in found.items() if one}


def test_the_nearest_template_upward_serves(grove: Grove) -> None:
    upload(grove, "State", used=False)
    assert serving(grove) == {}
    upload(grove, "River")
    assert serving(grove) == {"River": "River 0.docx", "Maple": "River 0.docx"}
    upload(grove, "Maple", minutes=1)
    upload(grove, "State", minutes=2)
    assert serving(grove) == {
        "State": "State 2.docx", "River": "River 0.docx", "Maple": "Maple 1.docx", "Lake": "State 2.docx"
    }  # fmt: skip
    own_templates.take_back(grove.session, grove.leader("River"), grove["River"], PLAN, NOW)
    assert serving(grove)["River"] == "State 2.docx"
    assert own_templates.in_use(grove["Far"], "action_plan") is None
    assert own_templates.in_use(grove["Maple"], "inventory") is None


def test_one_is_in_use_and_the_earlier_one_ends(grove: Grove) -> None:
    first, second = upload(grove, "Maple"), upload(grove, "Maple", minutes=5)
    assert (first.used_until, second.used_until) == (NOW + timedelta(minutes=5), None)
    reach = grove.leader("Maple")
    own_templates.use(grove.session, reach, second, PLAN, NOW + timedelta(hours=1))  # pressed twice
    assert second.used_from == NOW + timedelta(minutes=5)
    own_templates.use(grove.session, reach, first, PLAN, NOW + timedelta(hours=2))
    assert serving(grove)["Maple"] == "Maple 0.docx"
    assert second.used_until == NOW + timedelta(hours=2)
    for _ in range(2):
        own_templates.take_back(grove.session, reach, grove["Maple"], PLAN, NOW + timedelta(hours=3))
    grove.session.flush()
    done = list(grove.session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))
    assert sorted(done) == ["template.taken_back"] + ["template.uploaded"] * 2 + ["template.used"] * 3


def test_what_was_never_used_gives_way_and_not_everything_is_kept(grove: Grove) -> None:
    for minutes in range(3):
        upload(grove, "Maple", minutes=minutes, used=False)
    assert [one.filename for one in kept(grove)] == ["Maple 2.docx"]
    for minutes in range(10, 40):
        upload(grove, "Maple", minutes=minutes)
    names = [one.filename for one in kept(grove)]
    assert names[0] == "Maple 39.docx"
    assert len(names) == 21
    assert serving(grove)["Maple"] == "Maple 39.docx"


def kept(grove: Grove) -> list[OwnTemplate]:
    return own_templates.history(grove.session, grove["Maple"].id, "action_plan")


def test_only_who_runs_the_place_may(grove: Grove) -> None:
    template = upload(grove, "Maple")
    maple = grove["Maple"]
    for reach, error in (
        (grove.leader("River"), NotAllowedError),
        (grove.leader("Maple", role="member"), NotAllowedError),
        (grove.leader("Oak"), NotThereError),
        (grove.leader("Far"), NotThereError),
    ):
        for deed in (
            lambda reach=reach: own_templates.upload(grove.session, reach, maple, PLAN, "x", GOOD, NOW),
            lambda reach=reach: own_templates.use(grove.session, reach, template, PLAN, NOW),
            lambda reach=reach: own_templates.take_back(grove.session, reach, maple, PLAN, NOW),
            lambda reach=reach: own_templates.find(grove.session, reach, maple.id, "action_plan", template.id),
        ):
            with pytest.raises(error):
                deed()
    with pytest.raises(NotThereError):  # another form's, at the right place
        own_templates.find(grove.session, grove.leader("Maple"), maple.id, "inventory", template.id)


def test_two_leaders_use_different_templates_at_once(planted: Engine) -> None:
    with writing(planted) as grove:
        first = upload(grove, "Maple", minutes=1)
        own_templates.take_back(grove.session, grove.leader("Maple"), grove["Maple"], PLAN, NOW)
        second = upload(grove, "Maple", minutes=2)
        ids = (first.id, second.id)
    ready = threading.Barrier(2)

    def use(template_id: object) -> None:
        with writing(planted) as grove:
            template = grove.session.get_one(OwnTemplate, template_id)
            reach = grove.leader("Maple")
            if planted.dialect.name == "postgresql":
                ready.wait(10)
            own_templates.use(grove.session, reach, template, PLAN, NOW + timedelta(hours=1))

    threads = [threading.Thread(target=use, args=(template_id,)) for template_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with writing(planted) as grove:
        assert len([one for one in kept(grove) if one.used_from and one.used_until is None]) == 1


def fill(organization: Organization | None, shelf: Shelf) -> str:
    answers = {"school_year": "2026-27", "goals": [{"goal_kind": "academic", "goal": "Every child reads"}]}
    return words_of(papers.fill_instrument(shelf, PLAN, answers, {}, READER, None, organization))


def test_documents_are_made_with_the_template_in_use(grove: Grove, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "none")
    upload(grove, "River", letterhead("River", tmp_path))
    for place, own in (("River", True), ("Maple", True), ("Lake", False)):
        words = fill(grove[place], shelf)
        assert ("Letterhead of River" in words) == own
        assert "Every child reads" in words
    assert "Letterhead" not in fill(None, shelf)


@pytest.mark.parametrize("spoilt", ["names", "answers", "bytes"])
def test_where_an_own_template_fails_the_shipped_one_serves(
    spoilt: str, grove: Grove, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    doc = docx.Document()
    doc.add_paragraph("{{ question_of_last_year }}" if spoilt == "names" else "Letterhead")
    doc.save(str(tmp_path / "x.docx"))
    content = b"no Word file at all" if spoilt == "bytes" else (tmp_path / "x.docx").read_bytes()
    template = upload(grove, "Maple", content)
    words = fill(grove["Maple"], TOOLS.shelf)
    assert "Every child reads" in words
    assert "Letterhead" not in words
    (record,) = caplog.records
    assert str(template.id) in record.getMessage()
    assert "Every" not in record.getMessage()
    assert own_templates.problems_today(TOOLS, template)


def test_what_is_right_today_has_no_problems_and_a_sample(grove: Grove) -> None:
    template = upload(grove, "Maple")
    assert own_templates.check(LIBRARY, "action_plan", GOOD) == []
    assert own_templates.problems_today(TOOLS, template) == []
    content = own_templates.sample_document(
        TOOLS, grove["Maple"], template, "en", {"organization": "Maple"}, "Muster"
    )
    assert "Muster: Chair or co-chairs of the team" in words_of(content)
