"""The report of a survey for one place: who answered, what each audience said, where views differ, what to work on.

It is made to be handed to a school board, so what matters most is on its first page.
"""

from partnerforms.documents import charts
from partnerforms.documents.chart_figures import Series
from partnerforms.documents.charts import Chart
from partnerforms.documents.results import (
    NOTHING,
    Heard,
    Results,
    begin,
    brief,
    good_hint,
    good_text,
    rated,
    who,
)
from partnerforms.documents.tables import CellText
from partnerforms.documents.writing import Writing
from partnerforms.engine.disclosure import Share, TooFew, spread
from partnerforms.engine.gaps import favorable
from partnerforms.engine.model import Scale
from partnerforms.engine.tally import ItemTally, Tally

MOST_GAPS = 8  # in the chart; the table has all
_MOST_IDEAS = 3  # activities suggested for one responsibility
_WITH_IDEAS = 5  # so many of the most chosen get suggestions: nobody works on more at first


def report(results: Results) -> bytes:
    """The report as a .docx. LostWords when a text is not found in it again."""
    words = results.words
    writing = begin(results, words["report"])
    who(writing, results)
    brief(writing, results)
    for heading, texts in (
        ("privacy", ("privacy_groups", "privacy_percents")),
        ("reading", ("reading_bars", "reading_rounded", "reading_why")),
    ):
        writing.heading(words[heading])
        for text in texts:
            writing.paragraph(words[text])
    for one in results.heard:
        _audience(writing, results, one)
    _gaps(writing, results)
    return writing.finish("report", results.language, results.logo)


def _audience(writing: Writing, results: Results, one: Heard) -> None:
    words = results.words
    writing.heading(one.name, new_page=isinstance(one.counted, Tally))
    if isinstance(one.counted, TooFew):
        writing.paragraph(words["too_few"].format(least=one.counted.least))
        return
    writing.paragraph(f"{words['counted']}: {one.counted.n}", "Subtitle")
    _answers(writing, results, one, one.counted)
    _work_first(writing, results, one, one.counted)
    _compared(writing, results, one, one.counted)
    if one.comments:
        writing.heading(words["comments"], 2)
        writing.paragraph(words["comments_hint"], "Hint")
        for comment in one.comments:
            writing.quote(comment, "List Bullet", results.right_to_left)


def _answers(writing: Writing, results: Results, one: Heard, counted: Tally) -> None:
    """The chart of all ratings, and its table."""
    sections = rated(one.instrument, counted)
    rows = [(item, _parts(item, tallied)) for _, items in sections for item, tallied in items]
    if not rows:
        return
    words, first = results.words, rows[0][0]
    writing.heading(words["answers"], 2)
    heads = [option.label for option in (*first.options, first.unsure)]
    colors = [*charts.STEPS, charts.APART]
    chart = Chart(
        alt=words["chart_steps"].format(audience=one.name, number=len(rows)),
        categories=[item.short for item, _ in rows],
        series=[
            Series(head, color, [parts[column] for _, parts in rows])
            for column, (head, color) in enumerate(zip(heads, colors, strict=True))
        ],
        stacked=True,
        words=words,
        right_to_left=results.right_to_left,
    )
    charts.add(writing.paper, chart)
    columns = range(1, len(heads) + 1)
    table = writing.paper.grid(
        writing.tags([words["question"], *heads]), [4, *(1.1 for _ in heads)], words["answers"]
    )
    writing.paper.middle_heads(table, columns)
    for title, items in sections:
        writing.paper.row(table, [[(writing.tag(title), "")]])
        table.rows[-1].cells[0].paragraphs[0].paragraph_format.keep_with_next = True
        for item, tallied in items:
            texts = [item.short, *(part.said(words) for part in _parts(item, tallied))]
            writing.paper.row(table, writing.tags(texts), columns, "Table Count")
    writing.paper.end_table()
    shown = {item.id for item, _ in rows}
    hidden = [item.short for item in one.instrument.items() if isinstance(item, Scale) and item.id not in shown]
    if hidden:
        writing.paragraph(words["item_too_few"].format(least=one.least, items="; ".join(hidden)), "Hint")


def _parts(item: Scale, one: ItemTally) -> list[Share]:
    """The share of each step, and of those who do not know."""
    told = spread(one)
    return [told[option.id] for option in (*item.options, item.unsure)]


def _work_first(writing: Writing, results: Results, one: Heard, counted: Tally) -> None:
    words = results.words
    writing.heading(words["first_choices"], 2)
    if not one.priorities:
        writing.paragraph(words["nothing_chosen"])
        return
    writing.paragraph(words["chosen_hint"], "Hint")
    heads = [words[name] for name in ("responsibility", "chosen", "good", "suggested")]
    table = writing.paper.grid(writing.tags(heads), [3, 1.1, 1.1, 5], words["first_choices"])
    writing.paper.middle_heads(table, (1, 2))
    for place, priority in enumerate(one.priorities):
        known = [results.activities[idea] for idea in priority.activities if idea in results.activities]
        ideas: CellText = writing.tags(known[:_MOST_IDEAS] if place < _WITH_IDEAS else [])
        good = "" if priority.favorable is None else priority.favorable.said(words)
        name = results.responsibilities.get(priority.responsibility, priority.responsibility)
        row: list[CellText] = [*writing.tags([name, priority.chosen.said(words), good or NOTHING]), ideas or ""]
        writing.paper.row(table, row, (1, 2), "Table Count")
    writing.paper.end_table()
    good_hint(writing, results, counted)


def _compared(writing: Writing, results: Results, one: Heard, counted: Tally) -> None:
    """Good ratings here, above, and a year before; where nothing may be shown, there is no column."""
    others = {head: good for head, good in one.others.items() if good}
    if not others:
        return
    words = results.words
    writing.heading(words["compared"], 2)
    heads = [words["question"], results.organization, *others]
    columns = range(1, len(heads))
    table = writing.paper.grid(writing.tags(heads), [4, *(1.4 for _ in columns)], words["compared"])
    writing.paper.middle_heads(table, columns)
    for _, items in rated(one.instrument, counted):
        for item, tallied in items:
            good = [favorable(tallied), *(other.get(item.id) for other in others.values())]
            told = [good_text(one, words) for one in good]
            writing.paper.row(table, writing.tags([item.short, *told]), columns, "Table Count")
    writing.paper.end_table()
    good_hint(writing, results, counted)


def _gaps(writing: Writing, results: Results) -> None:
    words, names = results.words, results.names
    writing.heading(words["gaps"], new_page=True)
    if not results.gaps:
        writing.paragraph(words["no_gaps"])
        return
    writing.paragraph(words["gaps_hint"], "Hint")
    audiences = [audience for audience in names if any(audience in gap.seen for gap in results.gaps)]
    shown = results.gaps[:MOST_GAPS]
    titles = results.responsibilities
    chart = Chart(
        alt=words["chart_gaps"].format(audiences=", ".join(names[one] for one in audiences), number=len(shown)),
        categories=[titles[gap.responsibility] for gap in shown],
        series=[Series(names[one], charts.AUDIENCES[one], [gap.seen.get(one) for gap in shown]) for one in audiences],
        stacked=False,
        words=words,
        right_to_left=results.right_to_left,
    )
    charts.add(writing.paper, chart)
    heads = [words["responsibility"], *(names[one] for one in audiences), words["points"]]
    columns = range(1, len(heads))
    table = writing.paper.grid(writing.tags(heads), [4, *(1.3 for _ in columns)], words["gaps"])
    writing.paper.middle_heads(table, columns)
    for gap in results.gaps:
        seen = [gap.seen[one].said(words) if one in gap.seen else NOTHING for one in audiences]
        texts = [titles[gap.responsibility], *seen, str(gap.points)]
        writing.paper.row(table, writing.tags(texts), columns, "Table Count")
    writing.paper.end_table()
