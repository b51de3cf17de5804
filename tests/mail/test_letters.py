"""Letters: complete in every language, one line where one line is meant, nothing typed can take them over."""

import string
from typing import Any

import pytest
from outbox_helpers import DETAILS
from smtp_server import Sink

from partnerforms.engine.texts import Catalogue
from partnerforms.languages import FOLDER, read_catalogue
from partnerforms.mail.letters import LETTERS, letter_keys, write
from partnerforms.mail.message import SafeMessage
from partnerforms.services.deliveries import SECRET_LETTERS

ENGLISH = Catalogue()
SPANISH = read_catalogue(FOLDER / "es")
SURVEY = {
    "survey": "Spring survey",
    "audience": "Families",
    "organization": "Lincoln School",
    "count": "12",
    "link": "https://forms.example.org/surveys/1",
}
ASKED = {
    "survey": "Spring survey",
    "organization": "Lincoln School",
    "about": "Tell us how it goes. It takes about 6 minutes.",
    "day": "October 1, 2026",
    "link": "https://forms.example.org/i/x?lang=en",
    "stop": "https://forms.example.org/i/x/stop?lang=en",
}
INVITED = {
    "person": "Ana Pérez",
    "organization": "Lincoln School",
    "predecessor": "Sam Okafor",
    "successor": "lee@example.org",
    "link": "https://forms.example.org/sign-in?address=lee%40example.org",
}
EVERY: dict[str, dict[str, Any]] = {
    "sign_in_code": {"code": "ABCD-EFGH", "minutes": 10, "link": "https://forms.example.org/sign-in/link/x"},
    "record_submitted": DETAILS,
    **dict.fromkeys(("invitation_leader", "invitation_member", "invitation_coordinator"), INVITED),
    **dict.fromkeys(("taking_over", "handing_over", "handed_over"), INVITED),
    "reminder": {**DETAILS, "form": "One-Year Action Plan", "title": "2026–27", "asking": "Ohio", "day": "October 1"},
    **dict.fromkeys(("survey_invitation", "survey_reminder"), ASKED),
    "answer_sheet": SURVEY,
    "answer_sheets": SURVEY,
    "survey_closed": SURVEY,
}


@pytest.mark.parametrize("catalogue", [ENGLISH, SPANISH], ids=["en", "es"])
@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_in_every_language(letter: str, catalogue: Catalogue) -> None:
    subject, body = write(letter, EVERY[letter], catalogue)
    assert subject
    assert "\n" not in subject
    assert "{" not in subject + body
    assert len(body.splitlines()) < 20


def test_no_text_is_forgotten() -> None:
    assert set(EVERY) == set(LETTERS)
    assert set(LETTERS) >= SECRET_LETTERS
    assert len(letter_keys()) == 2 * len(LETTERS)


def test_spanish_says_what_english_says() -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    for key, english in letter_keys().items():
        translated = SPANISH.by_key[key]
        assert translated != english
        assert names(translated) == names(english), key
        assert translated.endswith("\n") == english.endswith("\n")


def test_what_a_letter_says() -> None:
    subject, body = write("record_submitted", DETAILS, ENGLISH)
    assert subject == "One-year action plan: Plan 2026 (revision 1)"
    for value in DETAILS.values():
        assert value in body
    subject, body = write("record_submitted", DETAILS, SPANISH)
    assert subject == "One-year action plan: Plan 2026 (versión 1)"
    assert "Ana Pérez ha enviado «Plan 2026»" in body


def test_a_code_is_in_the_body_only() -> None:
    subject, body = write("sign_in_code", EVERY["sign_in_code"], ENGLISH)
    assert "ABCD-EFGH" in body
    assert "ABCD" not in subject
    assert "10 minutes" in body


@pytest.mark.parametrize(
    "typed",
    [
        "Plan\r\nBcc: victim@example.org",
        "Plan\u2028\u2029\x00\x1b[2J\x85next",
        "Plan {code} {0} {link.__class__}",
        "\u202eevil\u2066",
        "half \ud800",
        "x" * 5000,
        "",
    ],
    ids=ascii,
)
def test_what_people_typed_stays_in_its_line(typed: str, sink: Sink) -> None:
    usual_lines = write("record_submitted", DETAILS, ENGLISH)[1].splitlines()
    subject, body = write("record_submitted", {**DETAILS, "record": typed}, ENGLISH)
    assert len(body.splitlines()) == len(usual_lines)
    assert len(subject) <= 150
    message = SafeMessage(subject=subject, body=body, recipients=["a@example.org"], sender="b@example.org")
    assert b"\r\nBcc" not in message.as_bytes()


def test_a_letter_without_its_details_is_not_written() -> None:
    with pytest.raises(KeyError):
        write("sign_in_code", {"minutes": 10}, ENGLISH)
    with pytest.raises(KeyError):
        write("no_such_letter", {}, ENGLISH)
