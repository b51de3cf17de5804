"""Languages: which there are, which one a reader wants, and their catalogues.

A catalogue holds two kinds of text: `by_key` for instruments and messages (context = the key that
`engine.load` made), `by_text` for pages (the English text is the key, as gettext does).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from partnerforms.engine.load import Data

# One sentence a rule. The label of the item stands before it, in lists of errors and at the field.
PROBLEMS = {
    "required": "Answer this question.",
    "not_an_option": "Choose one of the answers offered.",
    "too_many": "Choose or enter at most {most}; there are {given}.",
    "too_long": "Use at most {most} characters; this has {given}.",
    "not_a_number": "Enter a whole number, such as 12.",
    "out_of_range": "Enter a number from {least} to {most}.",
    "not_money": "Enter an amount in dollars, such as 250 or 1200.50.",
    "not_a_date": "Enter a date as year-month-day, such as 2026-10-15.",
    "not_an_address": "Enter a mail address, such as name@example.org.",
    "no_entries": "Add at least one.",
    "wrong_type": "This answer has the wrong form.",
}

# Fixed words of Word documents: paper forms, answer sheets, headings of templates.
DOCUMENT_WORDS = {
    "answer": "Answer",
    "no_answer": "No answer",
    "organization": "Organization",
    "submitted_by": "Submitted by",
    "submitted_on": "Date",
    "revision": "Revision",
    "page": "Page",
    "of": "of",
    "reference": "Reference",
    "question": "Question",
    "activity": "Activity",
    "name": "Name",
    "choose_one": "Choose one.",
    "choose_any": "Choose all that apply.",
    "mark_any": "Mark what fits; both marks are allowed.",
    "answer_sheet": "Answer sheet",
    "answer_sheets": "Answer sheets",
    "comments": "Comments",
    "comments_apart": "Comments stand apart from the sheets and in another order, so that nobody is recognized.",
    "audience": "Asked",
    "dates": "Open",
    "too_few": "There are fewer than {least} answers, so nothing more is shown.",
    "first_choices": "Work on first",
    "chosen": "Chosen",
    "tell_us": "Tell us what you think",
    "answer_between": "You can answer from {first} to {last}",
    "use_camera": "Point the camera of your phone at this square. Then tap the link.",
    "go_to": "Or go to this address:",
    "code": "Code",
    "qr_code": "QR code that opens the survey",
    "ask_for_paper": "Do you want to answer on paper? Ask us for the form.",
    "who_sees": "Who sees the answers?",
    "sees_each": "We do not ask who you are. Each answer sheet goes by mail to the people who run this survey "
    "at {place}.",
    "sees_batches": "We do not ask who you are. Answers go by mail to the people who run this survey at {place}, "
    "never fewer than {least} together.",
    "sees_at_close": "We do not ask who you are. When the survey has ended, answers go by mail to the people who run "
    "this survey at {place}, if at least {least} people have answered.",
    "other_languages": "You can also answer in:",
    "not_reviewed": "No native speaker has read this translation yet.",
    "mark_boxes": "Put an X in one box in each row.",
    "no_name": "Please do not write your name. Staff will type in your answers.",
    "give_back": "Please give this form back to {place} by {last}",
    "for_staff": "For staff",
    "pile": "Pile",
    "sheet": "Sheet",
}

# Who is asked, as pages, letters and documents name them.
AUDIENCE_NAMES = {
    "families": "Families",
    "students": "Students",
    "community": "Community leaders",
    "staff": "School staff",
    "district": "District staff",
    "state": "State staff",
}


@dataclass(frozen=True)
class Language:
    """One entry of languages.toml. `locale` names the CLDR data that dates and money borrow."""

    code: str
    name: str
    direction: str
    locale: str
    accept: tuple[str, ...]
    reviewed_by: str = ""
    refuse: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Translations into one language. The empty catalogue is English."""

    by_key: Mapping[str, str] = field(default_factory=dict)
    by_text: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, english: str) -> str:
        """The text of a key, or the English one when the key is not translated."""
        return self.by_key.get(key) or english

    def gettext(self, english: str) -> str:
        """The text of a page, or the English one when it is not translated."""
        return self.by_text.get(english) or english

    def problem(self, code: str, figures: Mapping[str, Any]) -> str:
        """The sentence for a problem of `engine.answers`."""
        return self.say(f"problems.{code}", PROBLEMS[code]).format_map(figures)

    def audience(self, audience: str) -> str:
        """The name of an audience."""
        return self.say(f"audiences.{audience}", AUDIENCE_NAMES[audience])

    def words(self) -> dict[str, str]:
        """The fixed words of documents in this language."""
        return {name: self.say(f"documents.{name}", english) for name, english in DOCUMENT_WORDS.items()}


def read_languages(data: Data) -> dict[str, Language]:
    """The languages of languages.toml by code, in its order."""
    return {
        code: Language(
            code=code,
            name=entry["name"],
            direction=entry["direction"],
            locale=entry["locale"],
            accept=tuple(tag.lower() for tag in entry["accept"]),
            reviewed_by=entry.get("reviewed_by", ""),
            refuse=tuple(tag.lower() for tag in entry.get("refuse", ())),
        )
        for code, entry in data.items()
    }


def preferred(accept_language: str, languages: Iterable[Language]) -> Language | None:
    """The language a browser asks for first among those offered, or None.

    A tag fits a language that accepts it or its beginning, and does not refuse it: es-MX fits "es", zh-TW does not
    fit "zh-hans", which accepts "zh".
    """
    offered: dict[str, Language | None] = {}
    for language in languages:
        offered = {**dict.fromkeys(language.refuse), **offered, **dict.fromkeys(language.accept, language)}
    for tag in _by_weight(accept_language):
        parts = tag.split("-")
        for length in range(len(parts), 0, -1):
            beginning = "-".join(parts[:length])
            if found := offered.get(beginning):
                return found
            if beginning in offered:
                break  # refused: what is shorter would only fit by its letters
    return None


def _by_weight(accept_language: str) -> list[str]:
    """The tags of an Accept-Language header, most wanted first; a weight nobody can read counts as 0."""
    weighted = []
    for position, part in enumerate(accept_language[:500].lower().split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), position, tag.strip()))
        except ValueError:
            continue
    return [tag for weight, _, tag in sorted(weighted) if weight < 0]
