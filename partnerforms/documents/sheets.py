"""Several answer sheets in one Word file, so that no single one stands out, with the results before them.

The sheets come shuffled; comments stand at the end in another order. One template serves every survey.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from partnerforms.documents.context import Reader, shown
from partnerforms.documents.look import Paper
from partnerforms.documents.templates import Names, Rows
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.model import Choices, Instrument, Option, Paragraph, Scale
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.engine.texts import DOCUMENT_WORDS

NAME = "answer_sheets"
ABOUT = ("organization", "survey", "audience", "dates")
NAMES: Names = {
    "title": None,
    "about": dict.fromkeys(ABOUT),
    "words": dict.fromkeys(DOCUMENT_WORDS),
    "notes": Rows({"text": None}),
    "results": Rows({"label": None, "people": None, "spread": None}),
    "ideas": Rows({"label": None}),
    "sheets": Rows({"number": None, "parts": Rows({"title": None, "rows": Rows({"label": None, "answer": None})})}),
    "comments": Rows({"text": None}),
}


def context(
    instrument: Instrument,
    answer_sets: Sequence[Mapping[str, Any]],
    results: Tally | TooFew | None,
    about: Mapping[str, str],
    reader: Reader,
    chance: random.Random,
    ideas: Sequence[str] = (),
    left_out: int = 0,
) -> dict[str, Any]:
    """The texts of `NAMES`. `left_out` is the minimum n when the last sheets were fewer than it, else 0."""
    shuffled = list(answer_sets)
    chance.shuffle(shuffled)
    comments = [answers[item.id] for answers in shuffled for item in _written(instrument) if item.id in answers]
    chance.shuffle(comments)
    notes = []
    if isinstance(results, TooFew):
        notes.append(reader.words["too_few"].format(least=results.least))
    if left_out:
        notes.append(reader.words["left_out"].format(least=left_out))
    return {
        "title": instrument.title,
        "about": {name: about.get(name, "") for name in ABOUT},
        "words": dict(reader.words),
        "notes": [{"text": note} for note in notes],
        "results": [_result(item, reader) for item in results.items.values()] if isinstance(results, Tally) else [],
        "ideas": [{"label": idea} for idea in ideas],
        "sheets": [
            {"number": str(number), "parts": _parts(instrument, answers, reader)}
            for number, answers in enumerate(shuffled, 1)
        ],
        "comments": [{"text": comment} for comment in comments],
    }


def _written(instrument: Instrument) -> list[Paragraph]:
    return [item for item in instrument.items() if isinstance(item, Paragraph)]


def _parts(instrument: Instrument, answers: Mapping[str, Any], reader: Reader) -> list[dict[str, Any]]:
    parts = []
    for section in instrument.sections:
        asked = [item for item in section.items if not isinstance(item, Paragraph)]
        rows = [{"label": item.label, "answer": shown(item, answers.get(item.id), reader)} for item in asked]
        parts.append({"title": section.title, "rows": rows})
    return parts


def _result(counted: ItemTally, reader: Reader) -> dict[str, str]:
    """One line of results: every option with its count, the unsure ones last."""
    item = counted.item
    spread: list[str] = []
    if isinstance(item, Scale):
        spread = [*_counts(item.options, counted), f"{item.unsure.label}: {counted.unsure}"]
    elif isinstance(item, Choices):
        most_first = sorted(item.options, key=lambda option: -counted.counts[option.id])
        spread = _counts((option for option in most_first if counted.counts[option.id]), counted)
    label = item.short if isinstance(item, Scale) else item.label
    return {"label": label, "people": str(counted.answered), "spread": " · ".join(spread)}


def _counts(options: Any, counted: ItemTally) -> list[str]:
    chosen: list[Option] = list(options)
    return [f"{option.label}: {counted.counts[option.id]}" for option in chosen]


def build() -> bytes:
    """The starter template of answer sheets as a .docx."""
    paper = Paper("{{ title }}")
    paper.cover("{{ title }}", "{{ about.organization }}")
    paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
    words = ("audience", "audience"), ("dates", "dates")
    paper.pairs([(f"{{{{ words.{word} }}}}", f"{{{{ about.{name} }}}}") for word, name in words], 0.2)
    paper.tag("{%p for note in notes %}")
    paper.paragraph("{{ note.text }}")
    paper.tag("{%p endfor %}")
    _results(paper)
    _sheets(paper)
    paper.tag("{%p if comments %}")
    paper.heading("{{ words.comments }}", new_page=True)
    paper.paragraph("{{ words.comments_apart }}", quiet=True)
    paper.tag("{%p for comment in comments %}")
    paper.paragraph("{{ comment.text }}")
    paper.tag("{%p endfor %}")
    paper.tag("{%p endif %}")
    return paper.bytes()


def _results(paper: Paper) -> None:
    paper.tag("{%p if results %}")
    paper.heading("{{ words.results }}")
    table = paper.grid(["{{ words.question }}", "{{ words.people }}", "{{ words.rating }}"], [2, 0.8, 4], "results")
    paper.tag_row(table, "{%tr for result in results %}")
    paper.row(table, ["{{ result.label }}", "{{ result.people }}", "{{ result.spread }}"], centered=(1,))
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()
    paper.tag("{%p endif %}")
    paper.tag("{%p if ideas %}")
    paper.heading("{{ words.ideas }}")
    paper.tag("{%p for idea in ideas %}")
    paper.bullet("{{ idea.label }}")
    paper.tag("{%p endfor %}")
    paper.tag("{%p endif %}")


def _sheets(paper: Paper) -> None:
    paper.tag("{%p for sheet in sheets %}")
    paper.heading("{{ words.answer_sheet }} {{ sheet.number }}", new_page=True)
    paper.tag("{%p for part in sheet.parts %}")
    paper.heading("{{ part.title }}", 2)
    table = paper.grid(["{{ words.question }}", "{{ words.answer }}"], [3, 1], "answers")
    paper.tag_row(table, "{%tr for row in part.rows %}")
    paper.row(table, ["{{ row.label }}", "{{ row.answer }}"])
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()
    paper.tag("{%p endfor %}")
    paper.tag("{%p endfor %}")
