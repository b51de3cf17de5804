"""Which language a reader gets, and what a catalogue says."""

import pytest

from partnerforms.engine.answers import Problem, parse
from partnerforms.engine.library import Library, keys, languages_in, message_keys, thaw
from partnerforms.engine.texts import DOCUMENT_WORDS, PROBLEMS, Catalogue, Language, preferred, read_languages
from partnerforms.languages import read_library

ENGLISH = Language("en", "English", "ltr", "en", ("en",))
SPANISH = Language("es", "Español", "ltr", "es", ("es",))
HANS = Language("zh-hans", "简体中文", "ltr", "zh_Hans", ("zh-hans", "zh-cn", "zh-sg", "zh"))
HANT = Language("zh-hant", "繁體中文", "ltr", "zh_Hant", ("zh-hant", "zh-tw", "zh-hk", "zh-mo"))
PORTUGUESE = Language("pt", "Português", "ltr", "pt", ("pt",))
HAITIAN = Language("ht", "Kreyòl", "ltr", "ht", ("ht", "fr-ht"))
OFFERED = [ENGLISH, SPANISH, HANS, HANT, PORTUGUESE, HAITIAN]

LIBRARY = read_library()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", None),
        ("es", "es"),
        ("ES-mx", "es"),
        ("es-419,es;q=0.9,en;q=0.8", "es"),
        ("de,es;q=0.5,en;q=0.4", "es"),
        ("en;q=0.4, es;q=0.5", "es"),
        ("zh-TW", "zh-hant"),
        ("zh-Hant-TW", "zh-hant"),
        ("zh-CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("pt-PT", "pt"),
        ("fr-HT", "ht"),
        ("fr", None),
        ("de", None),
        ("es;q=0", None),
        ("es;q=0,en;q=0.1", "en"),
        ("es;q=much,en;q=0.1", "en"),
        ("*", None),
        (",;,;q=,-,es", "es"),
        ("es;q=nan", None),
        ("\x00\ud800es", None),
        ("x" * 100_000 + ",es", None),
    ],
)
def test_the_language_a_browser_asks_for(header: str, code: str | None) -> None:
    found = preferred(header, OFFERED)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("zh-TW", None), ("zh-Hant-HK", None), ("zh-TW,es;q=0.5", "es"), ("zh-CN", "zh-hans"),
        ("zh-hans-cn", "zh-hans"), ("zh", "zh-hans"), ("ar-EG", "ar"), ("pt-PT", "pt"), ("ko-KR,en;q=0.3", "ko"),
    ],
)  # fmt: skip
def test_a_language_that_only_looks_alike_is_not_given(header: str, code: str | None) -> None:
    found = preferred(header, LIBRARY.languages.values())
    assert (found.code if found else None) == code


def test_only_what_is_offered_is_found() -> None:
    assert preferred("es,en;q=0.1", [ENGLISH]) == ENGLISH
    assert preferred("es", []) is None


def test_languages_keep_the_order_of_their_file() -> None:
    entry = {"name": "N", "direction": "rtl", "locale": "ar", "accept": ["AR", "ar-SA"]}
    found = read_languages({"ar": entry, "aa": {**entry, "reviewed_by": "Ana"}})
    assert list(found) == ["ar", "aa"]
    assert found["ar"].accept == ("ar", "ar-sa")
    assert (found["ar"].reviewed_by, found["aa"].reviewed_by) == ("", "Ana")


def test_an_empty_catalogue_is_english() -> None:
    catalogue = Catalogue()
    assert catalogue.say("some.key", "Some text") == "Some text"
    assert catalogue.gettext("A page") == "A page"
    assert catalogue.words() == DOCUMENT_WORDS
    assert catalogue.problem("too_long", {"most": 10, "given": 11}) == "Use at most 10 characters; this has 11."


def test_a_catalogue_says_what_it_has_and_english_else() -> None:
    catalogue = Catalogue({"problems.required": "Conteste.", "empty": ""}, {"Send": "Enviar"})
    assert catalogue.problem("required", {}) == "Conteste."
    assert catalogue.problem("not_an_option", {}) == PROBLEMS["not_an_option"]
    assert catalogue.say("empty", "English") == "English"
    assert (catalogue.gettext("Send"), catalogue.gettext("Other")) == ("Enviar", "Other")


@pytest.mark.parametrize("language", LIBRARY.languages)
@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_has_a_sentence_with_its_figures(code: str, language: str) -> None:
    sentence = LIBRARY.catalogues[language].problem(code, {"least": 111, "most": 222, "given": 333})
    assert sentence
    for name, figure in (("least", "111"), ("most", "222"), ("given", "333")):
        assert (figure in sentence) == (f"{{{name}}}" in PROBLEMS[code])


def test_every_problem_that_answers_can_have_is_written_down() -> None:
    instrument = LIBRARY.instrument("action_plan")
    found: tuple[Problem, ...] = parse(instrument, {"school_year": "x" * 21, "goals": 3, "seen_by": ["x"]}).problems
    assert {problem.code for problem in found} == {"too_long", "wrong_type", "not_an_option"}
    assert {problem.code for problem in found} <= set(PROBLEMS)


@pytest.mark.parametrize("audience", ["families", "students", "community", "staff", "district", "state"])
def test_every_survey_is_offered_in_all_ten_languages(audience: str) -> None:
    offered = [language.code for language in LIBRARY.languages_of(f"survey_{audience}")]
    assert offered == ["en", "es", "pt", "ht", "zh-hans", "vi", "ar", "fr", "ru", "ko"]


def test_a_language_with_one_text_missing_is_not_offered_and_the_text_is_named() -> None:
    whole = LIBRARY.catalogues["es"]
    for key in ("survey_families.title", "problems.required", "options.how_well.unsure", "documents.answer"):
        if key not in keys(LIBRARY.definitions["survey_families"]) | message_keys():
            continue
        holed = Catalogue({name: text for name, text in whole.by_key.items() if name != key}, whole.by_text)
        library = Library({"es": holed}, LIBRARY.public_texts)
        assert library.missing("survey_families", "es") == [key]
        assert [language.code for language in library.languages_of("survey_families")] == ["en"]


def test_a_language_with_one_page_text_missing_is_not_offered() -> None:
    whole = LIBRARY.catalogues["es"]
    text = sorted(LIBRARY.public_texts)[0]
    holed = Catalogue(whole.by_key, {name: said for name, said in whole.by_text.items() if name != text})
    library = Library({"es": holed}, LIBRARY.public_texts, LIBRARY.member_texts)
    assert library.missing("survey_families", "es") == [text]
    assert [language.code for language in library.member_languages()] == ["en"]


def test_a_kept_instrument_is_read_again_in_every_language_it_was_kept_in() -> None:
    frozen = LIBRARY.freeze("survey_families")
    assert frozen == LIBRARY.freeze("survey_families")
    assert languages_in(frozen) == LIBRARY.languages.keys()
    for language in LIBRARY.languages:
        kept, now = thaw(frozen, language), LIBRARY.instrument("survey_families", language)
        assert (kept.title, kept.sections) == (now.title, now.sections)
    assert thaw(frozen, "so").title == thaw(frozen).title


def test_no_translation_breaks_the_places_of_figures_and_names() -> None:
    def places(text: str) -> list[str]:
        return sorted(part.split(")")[0].split("}")[0] for part in text.replace("%(", "{").split("{")[1:])

    for code, catalogue in LIBRARY.catalogues.items():
        for english in LIBRARY.public_texts | LIBRARY.member_texts:
            assert places(catalogue.gettext(english)) == places(english), (code, english)
        for key, english in message_keys().items():
            assert places(catalogue.say(key, english)) == places(english), (code, key)
