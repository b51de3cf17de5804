"""Several answer sheets in one Word file, so that no single one stands out, with the results before them.

The sheets come shuffled; comments stand at the end in another order. One template serves every survey.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from partnerforms.documents.context import Reader, shown
from partnerforms.documents.look import Paper
from partnerforms.documents.starter import facts
from partnerforms.documents.templates import Names, Rows
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.model import Choice, Choices, Instrument, Paragraph, Scale
from partnerforms.engine.tally import ItemTally, Tally
from partnerforms.engine.texts import DOCUMENT_WORDS

NAME = "answer_sheets"
RATINGS = ("lowest", "low", "middle", "high", "highest", "unsure")  # the five steps of every survey's scale
ABOUT = ("organization", "survey", "audience", "dates")
NAMES: Names = {
    "title": None,
    "about": dict.fromkeys(ABOUT),
    "words": dict.fromkeys(DOCUMENT_WORDS),
    "notes": Rows({"text": None}),
    "ratings": dict.fromkeys(RATINGS),
    "results": Rows(dict.fromkeys(("label", "people", *RATINGS))),
    "chosen": Rows({"label": None, "options": Rows({"label": None, "people": None})}),
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
        **_results(instrument, results if isinstance(results, Tally) else None),
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


def _results(instrument: Instrument, counted: Tally | None) -> dict[str, Any]:
    """How often each step of the scale was chosen, and what else was; written answers stand among the comments."""
    items = list(counted.items.values()) if counted else []
    scales = [item for item in instrument.items() if isinstance(item, Scale)]
    heads = [option.label for option in (*scales[0].options, scales[0].unsure)] if scales else []
    return {
        "ratings": dict(zip(RATINGS, heads, strict=bool(heads))),
        "results": [_rated(one.item, one) for one in items if isinstance(one.item, Scale)],
        "chosen": [
            {"label": one.item.label, "options": _most_first(one.item, one)}
            for one in items
            if isinstance(one.item, Choice | Choices)
        ],
    }


def _rated(item: Scale, counted: ItemTally) -> dict[str, str]:
    counts = [*(counted.counts[option.id] for option in item.options), counted.unsure]
    spread = dict(zip(RATINGS, map(str, counts), strict=True))
    return {"label": item.short, "people": str(counted.answered), **spread}


def _most_first(item: Choice | Choices, counted: ItemTally) -> list[dict[str, str]]:
    chosen = [option for option in item.options if counted.counts[option.id]]
    chosen.sort(key=lambda option: -counted.counts[option.id])
    return [{"label": option.label, "people": str(counted.counts[option.id])} for option in chosen]


def build() -> bytes:
    """The starter template of answer sheets as a .docx."""
    paper = Paper("{{ title }}")
    paper.cover("{{ title }}", ["{{ about.organization }}"], [facts(("audience", "audience"), ("dates", "dates"))])
    paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
    paper.tag("{%p for note in notes %}")
    paper.paragraph("{{ note.text }}")
    paper.tag("{%p endfor %}")
    _results_pages(paper)
    _sheets(paper)
    paper.tag("{%p if comments %}")
    paper.heading("{{ words.comments }}", new_page=True)
    paper.paragraph("{{ words.comments_apart }}", "Hint")
    paper.tag("{%p for comment in comments %}")
    paper.paragraph("{{ comment.text }}", "List Bullet")
    paper.tag("{%p endfor %}")
    paper.tag("{%p endif %}")
    return paper.bytes()


def _results_pages(paper: Paper) -> None:
    paper.tag("{%p if results %}")
    paper.heading("{{ words.results }}")
    heads = [f"{{{{ ratings.{name} }}}}" for name in RATINGS]
    table = paper.grid(["{{ words.question }}", "{{ words.people }}", *heads], [4, *(1 for _ in (0, *RATINGS))])
    counts = range(1, len(RATINGS) + 2)
    paper.middle_heads(table, counts)
    paper.tag_row(table, "{%tr for result in results %}")
    spread = [f"{{{{ result.{name} }}}}" for name in RATINGS]
    paper.row(table, ["{{ result.label }}", "{{ result.people }}", *spread], counts, "Table Count")
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()
    paper.tag("{%p endif %}")
    paper.tag("{%p for item in chosen %}")
    table = paper.grid(["{{ item.label }}", "{{ words.people }}"], [6, 1])
    paper.middle_heads(table, [1])
    paper.tag_row(table, "{%tr for option in item.options %}")
    paper.row(table, ["{{ option.label }}", "{{ option.people }}"], [1], "Table Count")
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()
    paper.tag("{%p endfor %}")
    paper.tag("{%p if ideas %}")
    paper.heading("{{ words.ideas }}")
    paper.tag("{%p for idea in ideas %}")
    paper.paragraph("{{ idea.label }}", "List Bullet")
    paper.tag("{%p endfor %}")
    paper.tag("{%p endif %}")


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
