"""Letters: plain, short, in the reader's language, and never with an answer in them.

The English texts are here; a language translates them under the keys of `letter_keys`. What stands in braces
is put in from the details of the delivery, which people typed: a value is one line, whatever they typed.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from partnerforms.engine.texts import Catalogue

_LONGEST_SUBJECT = 150
_BIDI_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Subject and body of each letter.
LETTERS = {
    "sign_in_code": (
        "Your sign-in code",
        """\
Hello,

your code to sign in is: {code}

Type it on the page where you asked for it. It works once, in the next {minutes} minutes.

In the same browser you can also open this link:
{link}

If you did not ask for a code, you can leave this mail alone: code and link work only where somebody asked for them.
Give the code to nobody, whoever asks you for it.
""",
    ),
    "record_submitted": (
        "{instrument}: {record} (revision {revision})",
        """\
Hello,

{person} has submitted "{record}" for {organization}.

Form: {instrument}
Revision: {revision}

The completed form is attached as a Word document. It is also here, with earlier revisions:
{link}
""",
    ),
    "reminder": (
        "{form}: please submit by {day}",
        """\
Hello,

{asking} has asked {organization} for this form: {form} ({title}).

It is to be submitted by {day}, and has not been yet. You find it here:
{link}

If somebody else in {organization} takes care of it, you can leave this mail alone.
""",
    ),
    "invitation_leader": (
        "{person} invites you to {organization}",
        """\
Hello,

{person} invites you to be a leader of {organization}.

A leader runs the forms and surveys of {organization} and says who else takes part.

Sign in with this mail address to accept or to say that it is not you. No password is needed:
{link}

If you do not know what this is about, you can leave this mail alone.
""",
    ),
    "invitation_member": (
        "{person} invites you to {organization}",
        """\
Hello,

{person} invites you to be a member of {organization}.

A member fills in the forms of {organization} together with the others.

Sign in with this mail address to accept or to say that it is not you. No password is needed:
{link}

If you do not know what this is about, you can leave this mail alone.
""",
    ),
    "invitation_coordinator": (
        "{person} invites you to {organization}",
        """\
Hello,

{person} invites you to be a coordinator of {organization}.

A coordinator receives the documents of {organization} by mail. They wait for you until you accept.

Sign in with this mail address to accept or to say that it is not you. No password is needed:
{link}

If you do not know what this is about, you can leave this mail alone.
""",
    ),
    "taking_over": (
        "{person} asks you to take over for {organization}",
        """\
Hello,

{person} asks you to take over for {organization}. Until now {predecessor} has done it.

Drafts, documents and surveys stay with {organization}, so nothing needs to be sent to you.

Sign in with this mail address to accept or to say that it is not you. No password is needed:
{link}

If you do not know what this is about, you can leave this mail alone.
""",
    ),
    "handing_over": (
        "{successor} is to take over from you for {organization}",
        """\
Hello,

{person} has asked {successor} to take over from you for {organization}.

Nothing changes for you until {successor} accepts. Then your access to {organization} ends.

Your drafts and documents stay with {organization}.
""",
    ),
    "handed_over": (
        "{successor} takes over from you for {organization}",
        """\
Hello,

{person} has asked {successor} to take over from you for {organization}.

Your access to {organization} has ended. Your drafts and documents stay with {organization}.
""",
    ),
    "answer_sheet": (
        "{survey}: one answer sheet",
        """\
Hello,

somebody has answered the survey "{survey}" of {organization}.

Asked: {audience}

The answer sheet is attached as a Word document.
""",
    ),
    "answer_sheets": (
        "{survey}: {count} answer sheets",
        """\
Hello,

here are {count} answer sheets of the survey "{survey}" of {organization}.

Asked: {audience}

They are attached in one Word document, in no particular order, so that nobody is recognized.
""",
    ),
    "survey_invitation": (
        "{organization} asks you: {survey}",
        """\
Hello,

{organization} asks you to answer some questions. {about}

You can answer until {day}. This link is for you alone, and answers can be sent with it once:
{link}

Your answers are kept apart from your mail address, so nobody can see who said what.
We only note that the link was used.

You choose if you take part. If you want no more mail like this, open this page and press the button:
{stop}
""",
    ),
    "survey_reminder": (
        "{organization} asks you until {day}: {survey}",
        """\
Hello,

{organization} has asked you to answer some questions. {about}

There is still time until {day}. This link is for you alone, and answers can be sent with it once:
{link}

Your answers are kept apart from your mail address, so nobody can see who said what.
We only note that the link was used.

You choose if you take part. If you want no more mail like this, open this page and press the button:
{stop}
""",
    ),
    "survey_closed": (
        "{survey}: the survey is closed",
        """\
Hello,

the survey "{survey}" of {organization} is closed.

Asked: {audience}

The report is attached as a Word document. The results are also here:
{link}
""",
    ),
}


# What respondents get by mail: a place that translates what they see translates these too.
_FOR_RESPONDENTS = frozenset(("survey_invitation", "survey_reminder"))


def for_respondents(letter: str) -> bool:
    """Does a respondent get this letter? It then speaks the words of the place that asks."""
    return letter in _FOR_RESPONDENTS


def respondent_letter_keys() -> dict[str, str]:
    """Of `letter_keys`, those of letters to respondents."""
    return {key: text for key, text in letter_keys().items() if for_respondents(key.split(".")[1])}


def letter_keys() -> dict[str, str]:
    """Key to English text of everything that is translated here."""
    return {
        f"letters.{letter}.{part}": text
        for letter, texts in LETTERS.items()
        for part, text in zip(("subject", "body"), texts, strict=True)
    }


def write(letter: str, details: Mapping[str, Any], catalogue: Catalogue) -> tuple[str, str]:
    """Subject and body. KeyError when there is no such letter or a detail is missing."""
    english_subject, english_body = LETTERS[letter]
    values = {name: _one_line(str(value)) for name, value in details.items()}
    subject = catalogue.say(f"letters.{letter}.subject", english_subject).format_map(values)
    body = catalogue.say(f"letters.{letter}.body", english_body).format_map(values)
    subject = _one_line(subject)
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    return subject, body


def _one_line(text: str) -> str:
    """The text without line breaks, controls, halves of characters and marks that turn its direction."""
    kept = (
        " " if character in _BIDI_MARKS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
        for character in text
    )
    return " ".join("".join(kept).split())
