"""Several answer sheets in one Word file, so that no single one stands out. Results stand in a report (`report`).

The sheets come shuffled; comments stand at the end in another order. One template serves every survey.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from partnerforms.documents.context import Reader, shown
from partnerforms.documents.look import Paper
from partnerforms.documents.starter import facts
from partnerforms.documents.templates import Names, Rows
from partnerforms.engine.model import Instrument, Paragraph
from partnerforms.engine.texts import DOCUMENT_WORDS

NAME = "answer_sheets"
ABOUT = ("organization", "survey", "audience", "dates")
NAMES: Names = {
    "title": None,
    "about": dict.fromkeys(ABOUT),
    "words": dict.fromkeys(DOCUMENT_WORDS),
    "sheets": Rows({"number": None, "parts": Rows({"title": None, "rows": Rows({"label": None, "answer": None})})}),
    "comments": Rows({"text": None}),
}


def context(
    instrument: Instrument,
    answer_sets: Sequence[Mapping[str, Any]],
    about: Mapping[str, str],
    reader: Reader,
    chance: random.Random,
) -> dict[str, Any]:
    """The texts of `NAMES`."""
    shuffled = list(answer_sets)
    chance.shuffle(shuffled)
    comments = [answers[item.id] for answers in shuffled for item in _written(instrument) if item.id in answers]
    chance.shuffle(comments)
    return {
        "title": instrument.title,
        "about": {name: about.get(name, "") for name in ABOUT},
        "words": dict(reader.words),
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


def build() -> bytes:
    """The starter template of answer sheets as a .docx."""
    paper = Paper("{{ title }}")
    paper.cover("{{ title }}", ["{{ about.organization }}"], [facts(("audience", "audience"), ("dates", "dates"))])
    paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
    _sheets(paper)
    paper.tag("{%p if comments %}")
    paper.heading("{{ words.comments }}", new_page=True)
    paper.paragraph("{{ words.comments_apart }}", "Hint")
    paper.tag("{%p for comment in comments %}")
    paper.paragraph("{{ comment.text }}", "List Bullet")
    paper.tag("{%p endfor %}")
    paper.tag("{%p endif %}")
    return paper.bytes()


def _sheets(paper: Paper) -> None:
    paper.tag("{%p for sheet in sheets %}")
    paper.heading("{{ words.answer_sheet }} {{ sheet.number }}", new_page=True)
    paper.tag("{%p for part in sheet.parts %}")
    paper.heading("{{ part.title }}", 2)
    table = paper.grid(["{{ words.question }}", "{{ words.answer }}"], [5, 3])
    paper.tag_row(table, "{%tr for row in part.rows %}")
    paper.row(table, ["{{ row.label }}", "{{ row.answer }}"])
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()
    paper.tag("{%p endfor %}")
    paper.tag("{%p endfor %}")
