"""The draft of a school–parent compact: what families, school staff and students will do, what is said of it now,
and room for what they agree on. A draft for joint review."""

from docx.shared import Inches

from partnerforms.documents.results import NOTHING, Results, begin, good_hint
from partnerforms.documents.writing import Writing
from partnerforms.engine.gaps import favorable
from partnerforms.engine.model import Scale
from partnerforms.engine.tally import Tally

GROUPS = ("families", "school", "students")  # whose responsibilities share a compact
_LAW = ("law_conferences", "law_reports", "law_access", "law_language")
_SIGN = ("family_name", "student_name", "teacher_name", "principal_name")
_NOTES = 3


def compact(results: Results, groups: dict[str, list[str]]) -> bytes:
    """The compact as a .docx. `groups` has for each of GROUPS the ids of its responsibilities."""
    words = results.words
    writing = begin(results, words["compact"], words["draft"])
    writing.paragraph(words["compact_why"])
    heard = (one.counted for one in results.heard)
    if rated := next((counted for counted in heard if isinstance(counted, Tally)), None):
        good_hint(writing, results, rated)
    for group in GROUPS:
        _group(writing, results, group, groups[group])
    writing.heading(words["law_asks"])
    writing.paragraph(words["law_asks_hint"], "Hint")
    table = writing.paper.grid(writing.tags([words["we_will"], words["agreed"]]), [1, 1], words["law_asks"])
    for name in _LAW:
        writing.paper.row(table, [writing.tag(words[name]), ""], height=Inches(0.45))
    writing.paper.end_table()
    writing.heading(words["notes"])
    writing.paper.lines(_NOTES)
    _signatures(writing, results)
    return writing.finish("compact", results.language, results.logo)


def _group(writing: Writing, results: Results, group: str, responsibilities: list[str]) -> None:
    """What one group will do, beside it how each audience rates it now."""
    words = results.words
    writing.heading(words[f"compact_{group}"])
    heads = [words["we_will"], words["seen_now"], words["agreed"]]
    table = writing.paper.grid(writing.tags(heads), [4, 3, 4], words[f"compact_{group}"])
    for responsibility in responsibilities:
        seen = writing.tags(_seen(results, responsibility))
        title = writing.tag(results.responsibilities[responsibility])
        writing.paper.row(table, [title, seen or NOTHING, ""], height=Inches(0.55))
    writing.paper.end_table()


def _seen(results: Results, responsibility: str) -> list[str]:
    """How each audience rates a responsibility, where that may be shown."""
    return [
        f"{one.name}: {good.said(results.words)}"
        for one in results.heard
        if isinstance(one.counted, Tally)
        for tallied in one.counted.items.values()
        if isinstance(tallied.item, Scale) and tallied.item.responsibility == responsibility
        if (good := favorable(tallied)) is not None
    ]


def _signatures(writing: Writing, results: Results) -> None:
    words = results.words
    writing.heading(words["signatures"])
    heads = [words["name"], words["signed"], words["submitted_on"]]
    table = writing.paper.grid(writing.tags(["", *heads]), [2, 4, 4, 2], words["signatures"])
    for name in _SIGN:
        writing.paper.row(table, [writing.tag(words[name]), "", "", ""], height=Inches(0.45))
    writing.paper.keep_together(table)
    writing.paper.end_table()
