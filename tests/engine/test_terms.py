"""What a place calls its teams, in the texts of instruments and nowhere else."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from word_reading import words_of

from partnerforms.checking import check_everything
from partnerforms.documents.context import Reader
from partnerforms.documents.shelf import Shelf
from partnerforms.engine import terms
from partnerforms.engine.answers import parse
from partnerforms.engine.library import FOLDER, Library, keys, thaw
from partnerforms.engine.model import Instrument
from partnerforms.engine.samples import sample
from partnerforms.engine.texts import Catalogue
from partnerforms.services.papers import fill_instrument
from partnerforms.settings import checkout

LIBRARY = Library()
OWN = (("team", "action team for partnerships"), ("teams", "ATPs"), ("committee", "SAC"))
NONE = terms.spoken(Catalogue().say, ())

# Where a term stands, as it read before there were terms.
READS = [
    ("action_plan", "School partnership team"),
    ("inventory", "Introduce principals to the program and to the help your office gives school partnership teams"),
    (
        "inventory",
        "Settle what district facilitators do and how the principal backs the school partnership team "
        "and its program.",
    ),
    ("leadership_plan_district", "For example, school partnership teams and principals."),
    ("leadership_plan_district", "School partnership teams and principals"),
    ("leadership_plan_district", "Hold workshops that prepare school partnership teams for their work."),
    ("leadership_plan_district", "Members of the leadership team"),
    ("roles_district", "School partnership teams"),
    ("roles_district", "Notes on school partnership teams"),
    ("roles_district", "Train school partnership teams, staff and parents"),
    ("action_plan", "School improvement team"),
]


def texts(data: Any) -> list[str]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list | tuple):
        return [text for part in data for text in texts(part)]
    return [data] if isinstance(data, str) else []


def said(instrument: Instrument) -> list[str]:
    return texts(asdict(instrument))


@pytest.mark.parametrize(("instrument", "text"), READS)
def test_without_terms_everything_reads_as_before(instrument: str, text: str) -> None:
    assert text in said(LIBRARY.instrument(instrument))


@pytest.mark.parametrize("instrument", LIBRARY.definitions)
@pytest.mark.parametrize("own", [(), OWN], ids=["default", "own"])
def test_no_brace_is_left(instrument: str, own: terms.Terms) -> None:
    assert [text for text in said(LIBRARY.instrument(instrument, terms=own)) if "{" in text or "}" in text] == []


@pytest.mark.parametrize("instrument", LIBRARY.definitions)
def test_own_words_stand_everywhere_and_change_nothing_else(instrument: str) -> None:
    after = said(LIBRARY.instrument(instrument, terms=OWN))
    assert after == [with_own(text) for text in said(LIBRARY.instrument(instrument))]


def with_own(text: str) -> str:
    for name, word in sorted(OWN, reverse=True):
        for change in (str, lambda word: word[:1].upper() + word[1:]):
            text = text.replace(change(terms.TERMS[name]), change(word))
    return text


def test_one_own_word_leaves_the_others() -> None:
    roles = said(LIBRARY.instrument("roles_district", terms=(("committee", "SAC"),)))
    assert any("The SAC or a part of it can take this on" in text for text in roles)
    assert "Notes on school partnership teams" in roles


def test_a_capital_at_the_beginning() -> None:
    words = terms.spoken(Catalogue().say, (("team", "équipe"), ("teams", "FSCP teams")))
    assert terms.worded("{Team}, {team}, {Teams}; {Committee}", words) == (
        "Équipe, équipe, FSCP teams; School accountability committee"
    )


@pytest.mark.parametrize("text", ["{name}", "{ team }", "{{team}", "{TEAM}", "{}", "team", "{%p if team %}", "{team"])
def test_nothing_else_in_braces_is_touched(text: str) -> None:
    assert terms.worded(text, NONE).replace("school partnership team", "{team}") == text


def test_a_word_with_braces_is_a_word() -> None:
    words = terms.spoken(Catalogue().say, (("team", "{teams} {committee}"),))
    assert terms.worded("a {team}", words) == "a {teams} {committee}"


def test_the_same_words_give_the_same_instrument() -> None:
    assert LIBRARY.instrument("roles_district", "en", OWN) is LIBRARY.instrument("roles_district", terms=OWN)
    assert LIBRARY.instrument("survey_families", terms=OWN) is LIBRARY.instrument("survey_families")


def test_what_is_kept_has_placeholders_and_takes_the_words_of_whoever_reads_it() -> None:
    frozen = LIBRARY.freeze("roles_district")
    assert "{Teams}" in frozen
    assert "school partnership team" not in frozen
    assert said(thaw(frozen)) == said(LIBRARY.instrument("roles_district"))
    assert said(thaw(frozen, terms=OWN)) == said(LIBRARY.instrument("roles_district", terms=OWN))


def test_a_language_must_say_the_words_of_the_terms_that_an_instrument_uses() -> None:
    assert {key for key in keys(LIBRARY.definitions["inventory"]) if key.startswith("terms.")} == {
        "terms.team",
        "terms.teams",
    }
    assert not [key for key in keys(LIBRARY.definitions["survey_families"]) if key.startswith("terms.")]
    spanish = {"terms.teams": "equipos de colaboración", "roles_district.school_teams_role.title": "{Teams}"}
    frozen = Library({"es": Catalogue(by_key=spanish)}).instrument("roles_district", "es")
    assert frozen.section("school_teams_role").title == "Equipos de colaboración"
    own = Library({"es": Catalogue(by_key=spanish)}).instrument("roles_district", "es", OWN)
    assert own.section("school_teams_role").title == "ATPs"


def test_check_finds_a_placeholder_that_nobody_fills(tmp_path: Path) -> None:
    for name in ("action_plan", "inventory", "options", "responsibilities", "crosswalk", "languages"):
        text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text.replace("{Team}", "{Taem}"), encoding="utf-8")
    problems = check_everything(Library(folder=tmp_path), Shelf(checkout() / "docx_templates"), lambda _line: None)
    assert problems == ["action_plan (en): {Taem} is not a term"]


@pytest.mark.parametrize("instrument_id", ["action_plan", "inventory", "roles_district"])
def test_documents_say_the_own_words(instrument_id: str) -> None:
    instrument = LIBRARY.instrument(instrument_id, terms=OWN)
    answers = parse(instrument, sample(instrument)).answers
    reader = Reader(LIBRARY.languages["en"], LIBRARY.catalogues["en"].words())
    shelf = Shelf(checkout() / "docx_templates")
    document = fill_instrument(shelf, instrument, answers, {}, reader, None)
    words = words_of(document)
    assert "ATPs" in words or "Action team for partnerships" in words
    assert "chool partnership team" not in words


def test_starts_of_two_places_do_not_mix() -> None:
    def audience(own: terms.Terms) -> str:
        (start, *_) = LIBRARY.instrument("leadership_plan_district", terms=own).starts
        return " ".join(texts(start.answers))

    assert "ATPs and principals" in audience(OWN)
    assert "School partnership teams and principals" in audience(())
