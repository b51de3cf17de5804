"""Builds the starter template of an instrument: a Word file with tags, laid out by kind of item.

What it builds stands in docx_templates/ and may be edited in Word from then on. Labels are tags too, so one
template serves every language and keeps up with a new wording.
"""

from collections.abc import Iterable
from itertools import groupby

from partnerforms.documents.look import Paper
from partnerforms.engine.model import Checks, Instrument, Item, Paragraph, Scale, Section, Table

_CARD_FROM = 7  # a table of so many columns is laid out as cards: they would be too narrow side by side


def build(instrument: Instrument) -> bytes:
    """The starter template of an instrument as a .docx."""
    wide = any(isinstance(item, Table) and len(item.columns) > 4 for item in instrument.items())
    paper = Paper("{{ title }}", wide)
    if instrument.use == "record":
        paper.cover("{{ title }}", "{{ about.organization }} · {{ about.record }}")
        paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
        _about(paper, ("submitted_by", "person"), ("submitted_on", "date"), ("revision", "revision"))
    else:
        paper.cover("{{ title }}", "{{ about.organization }}")
        paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
        _about(paper, ("audience", "audience"))
        paper.tag("{%p if about.reference %}")
        _about(paper, ("submitted_on", "date"), ("reference", "reference"))
        paper.tag("{%p endif %}")
    for section in instrument.sections:
        _section(paper, section)
    return paper.bytes()


def _about(paper: Paper, *rows: tuple[str, str]) -> None:
    paper.pairs([(f"{{{{ words.{word} }}}}", f"{{{{ about.{name} }}}}") for word, name in rows], 0.2)


def _section(paper: Paper, section: Section) -> None:
    if section.repeat is None:
        paper.heading(f"{{{{ labels.{section.id} }}}}")
        if section.intro:
            paper.paragraph(f"{{{{ hints.{section.id} }}}}", quiet=True)
        _items(paper, section.items, "")
        return
    entry = section.id.removesuffix("s")
    paper.tag(f"{{%p for {entry} in {section.id} %}}")
    paper.heading(f"{{{{ {entry}.entry }}}} {{{{ {entry}.number }}}}", new_page=True)
    _items(paper, section.items, f"{entry}.")
    paper.tag("{%p endfor %}")


def _items(paper: Paper, items: Iterable[Item], at: str) -> None:
    for _, group in groupby(items, _together):
        together = list(group)
        match together[0]:
            case Checks():
                _checks(paper, [item for item in together if isinstance(item, Checks)], at)
            case Scale():
                _scales(paper, together, at)
            case Table() as table:
                _table(paper, table, at)
            case _:
                paper.pairs([(f"{{{{ labels.{item.id} }}}}", f"{{{{ {at}{item.id} }}}}") for item in together])


def _together(item: Item) -> str:
    """Neighbours of one kind share a table of the document; each table of the instrument has its own."""
    match item:
        case Checks() | Scale():
            return type(item).__name__
        case Table():
            return item.id
        case _:
            return ""


def _checks(paper: Paper, items: list[Checks], at: str) -> None:
    marks = items[0].marks
    head = ["{{ words.activity }}", *(f"{{{{ marks.{mark.id} }}}}" for mark in marks)]
    table = paper.grid(head, [6, *(1.1 for _ in marks)], "checks")
    for item in items:
        texts = [f"{{{{ labels.{item.id} }}}}", *(f"{{{{ {at}{item.id}.{mark.id} }}}}" for mark in marks)]
        paper.row(table, texts, centered=range(1, len(texts)))
    paper.end_table()


def _scales(paper: Paper, items: list[Item], at: str) -> None:
    table = paper.grid(["{{ words.question }}", "{{ words.answer }}"], [3, 1], "answers")
    for item in items:
        paper.row(table, [f"{{{{ labels.{item.id} }}}}", f"{{{{ {at}{item.id} }}}}"])
    paper.end_table()


def _table(paper: Paper, item: Table, at: str) -> None:
    paper.tag(f"{{%p if {at}{item.id} %}}")
    paper.heading(f"{{{{ labels.{item.id} }}}}", 2)
    if len(item.columns) >= _CARD_FROM:
        _cards(paper, item, at)
    else:
        _rows(paper, item, at)
    paper.end_table()
    paper.tag("{%p endif %}")


def _rows(paper: Paper, item: Table, at: str) -> None:
    marks = {column.id: column.marks for column in item.columns if isinstance(column, Checks)}
    head, texts, shares = [], [], []
    for column in item.columns:
        for mark in marks.get(column.id, ()):
            head.append(f"{{{{ marks.{mark.id} }}}}")
            texts.append(f"{{{{ row.{column.id}.{mark.id} }}}}")
            shares.append(1.1)
        if column.id not in marks:
            head.append(f"{{{{ columns.{item.id}.{column.id} }}}}")
            texts.append(f"{{{{ row.{column.id} }}}}")
            shares.append(2.4 if isinstance(column, Paragraph) else 1.3)
    if marks:
        shares[0] = 6
    table = paper.grid(head, shares, item.id)
    paper.tag_row(table, f"{{%tr for row in {at}{item.id} %}}")
    paper.row(table, texts, centered=[n for n, text in enumerate(texts) if text.count(".") > 1])
    paper.tag_row(table, "{%tr endfor %}")


def _cards(paper: Paper, item: Table, at: str) -> None:
    """Each row of the table as a card: the first column as its title, the others as label and value in pairs."""
    first, *others = item.columns
    table = paper.grid([f"{{{{ labels.{item.id} }}}}", "", "", ""], [1.2, 3, 1.2, 3], item.id)
    table.rows[0].cells[0].merge(table.rows[0].cells[3])
    paper.tag_row(table, f"{{%tr for row in {at}{item.id} %}}")
    paper.card_title(table, f"{{{{ row.number }}}}. {{{{ row.{first.id} }}}}")
    cells = [(f"{{{{ columns.{item.id}.{column.id} }}}}", f"{{{{ row.{column.id} }}}}") for column in others]
    if len(cells) % 2:
        cells.append(("", ""))
    for left, right in zip(cells[::2], cells[1::2], strict=True):
        paper.row(table, [*left, *right], labels=(0, 2))
    paper.tag_row(table, "{%tr endfor %}")
