"""The texts of the pages: collected as they are today, and complete and well formed in every language."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from partnerforms import extraction
from partnerforms.documents.templates.problems import template_keys
from partnerforms.engine.library import message_keys
from partnerforms.engine.report_texts import report_keys
from partnerforms.languages import FOLDER, page_texts, read_catalogue, read_library
from partnerforms.mail.letters import letter_keys

LANGUAGES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
FILES = [path for language in LANGUAGES for path in sorted(language.glob("*.po"))]
PLACEHOLDER = re.compile(r"%\(\w+\)s|{\w*}")

every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.name)
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


@pytest.mark.parametrize("name", extraction.PAGES)
def test_the_texts_are_those_of_todays_pages(name: str) -> None:
    today = extraction.template(name, extraction.collect()[name])
    assert (FOLDER / f"{name}.pot").read_text(encoding="utf-8") == today, "run partnerforms texts"


def test_the_library_reads_what_was_collected() -> None:
    public, members = (page_texts(FOLDER / f"{name}.pot") for name in extraction.PAGES)
    assert "Send my answers" in public
    assert "Sign out" in members
    assert not public & members


def test_spanish_is_offered_everywhere() -> None:
    library = read_library()
    assert "es" in [language.code for language in library.member_languages()]
    for survey in library.instruments("survey"):
        assert "es" in [language.code for language in library.languages_of(survey.id)], survey.id


@every_language
def test_a_language_lacks_nothing(language: Path) -> None:
    missing = extraction.untranslated(language, {**extraction.collect(), **extraction.keyed()})
    wanted = {"public", "surveys", "messages", "letters", "reports"} | {path.stem for path in language.glob("*.po")}
    assert missing == {name: [] for name in wanted}
    keys = letter_keys().keys() | message_keys().keys() | report_keys().keys()
    assert read_catalogue(language).by_key.keys() >= keys | (
        template_keys().keys() if "templates" in wanted else set()
    )


@every_language
def test_a_language_holds_nothing_that_is_gone(language: Path) -> None:
    wanted = {**extraction.collect(), **extraction.keyed()}
    for path in language.glob("*.po"):
        today = {(message.context or "", message.id) for message in wanted[path.stem] if message.id}
        held = {(message.context or "", message.id) for message in messages(path)}
        assert held == today, f"{path}: run partnerforms texts"


@every_language
def test_nothing_is_translated_twice(language: Path) -> None:
    # babel merges what stands twice in one file, so the entries are counted as they are written.
    entries: Counter[str] = Counter()
    for path in language.glob("*.po"):
        for block in path.read_text(encoding="utf-8").split("\n\n")[1:]:
            written = block[block.index("msg") : block.index("\nmsgstr")]
            entries[written.partition("\n")[0] if written.startswith("msgctxt") else written] += 1
    assert [entry for entry, times in entries.items() if times > 1] == []


@every_file
def test_translations_are_well_formed(path: Path) -> None:
    for message in messages(path):
        english, translated = str(message.id), str(message.string)
        assert translated.strip(), english
        assert not message.fuzzy, english
        assert sorted(PLACEHOLDER.findall(translated)) == sorted(PLACEHOLDER.findall(english)), english
        assert translated.count("%") == english.count("%"), english
        assert ("<" in translated) <= ("<" in english), english
        assert (translated[:1].isspace(), translated[-1:].isspace()) == (
            english[:1].isspace(),
            english[-1:].isspace(),
        )


def test_new_texts_come_empty_and_gone_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pages(public: list[str], members: list[str]) -> dict[str, Catalog]:
        found = {"public": Catalog(), "members": Catalog()}
        for catalog, texts in zip(found.values(), (public, members), strict=True):
            for text in texts:
                catalog.add(text, locations=[("templates/page.html", 0)])
        return found

    language = tmp_path / "es"
    language.mkdir()
    (language / "members.po").touch()
    monkeypatch.setattr(extraction, "keyed", dict)
    monkeypatch.setattr(extraction, "collect", lambda: pages(["Yes", "No"], ["Perhaps"]))
    extraction.update(tmp_path)
    file = language / "public.po"
    head, _, entries = file.read_text(encoding="utf-8").partition("\n\n")
    entries = entries.replace('msgid "Yes"\nmsgstr ""', '# As an answer.\nmsgid "Yes"\nmsgstr "Sí"')
    entries = entries.replace('msgid "No"\nmsgstr ""', 'msgid "No"\nmsgstr "No"')
    file.write_text(f"# Ours.\n{head}\n\n{entries}", encoding="utf-8")

    monkeypatch.setattr(extraction, "collect", lambda: pages(["Never"], ["Yes"]))
    said = extraction.update(tmp_path)
    assert {message.id: message.string for message in messages(file)} == {"Never": ""}
    assert file.read_text(encoding="utf-8").startswith("# Ours.\n")
    moved = messages(language / "members.po")
    assert [(message.id, message.string, message.user_comments) for message in moved] == [
        ("Yes", "Sí", ["As an answer."])
    ]
    assert said[said.index("es/public.po: 1 not translated") + 1] == "  Never"
    assert "es/members.po: complete" in said

    before = {path: path.read_bytes() for path in tmp_path.rglob("*.po*")}
    extraction.update(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.po*")} == before
