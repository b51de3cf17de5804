"""The Title I evidence memo: how people were asked, results in brief, and what changed; a draft for joint review."""

from collections.abc import Sequence
from dataclasses import dataclass

from partnerforms.documents.results import NOTHING, Results, begin, brief, who
from partnerforms.documents.writing import Writing

_LINES = 4  # to write on, where nothing was typed


@dataclass(frozen=True)
class Evidence:
    """What a memo says besides results: typed by who asks for it, and how the survey was given.

    `languages` are names with what is to be said of each; `channels` names of ways to answer.
    """

    contact: str
    changes: str
    meeting: str
    languages: Sequence[str]
    channels: Sequence[str]


def memo(results: Results, evidence: Evidence) -> bytes:
    """The memo as a .docx."""
    words = results.words
    writing = begin(results, words["memo"], words["draft"])
    writing.paragraph(words["memo_why"])
    writing.paper.pairs(
        [
            (writing.tag(words["contact"]), writing.tag(evidence.contact)),
            (writing.tag(words["meeting"]), writing.tag(evidence.meeting)),
        ]
    )
    _asked(writing, results, evidence)
    who(writing, results)
    writing.paragraph(words["privacy_groups"], "Hint")
    brief(writing, results)
    writing.heading(words["changes"])
    _written(writing, evidence.changes)
    writing.heading(words["review"])
    for name in ("review_barriers", "review_needs", "review_strategies"):
        writing.paper.question(writing.tag(words[name]), "")
        writing.paper.lines(_LINES)
    return writing.finish("memo", results.language, results.logo)


def _asked(writing: Writing, results: Results, evidence: Evidence) -> None:
    words = results.words
    writing.heading(words["asked_how"])
    instruments = [
        f"{one.instrument.title}, {words['version'].format(number=one.instrument.version)}" for one in results.heard
    ]
    writing.paper.pairs(
        [
            (writing.tag(words["instruments"]), writing.tags(instruments)),
            (writing.tag(words["dates"]), writing.tag(results.dates)),
            (writing.tag(words["languages"]), writing.tags(evidence.languages)),
            (writing.tag(words["ways"]), writing.tags(evidence.channels) or NOTHING),
        ]
    )


def _written(writing: Writing, text: str) -> None:
    if not text:
        writing.paper.lines(_LINES)
    for paragraph in text.split("\n"):
        if paragraph.strip():
            writing.paragraph(paragraph)
