"""Builds the starter template of an instrument: a Word file with tags, laid out by kind of item.

What it builds stands in docx_templates/ and may be edited in Word from then on. Labels are tags too, so one
template serves every language and keeps up with a new wording.
"""

from collections.abc import Iterable
from itertools import groupby

from partnerforms.documents.look import Paper
from partnerforms.documents.naming import entry_name
from partnerforms.documents.tables import CellText
from partnerforms.engine.model import (
    Cell,
    Checks,
    Choice,
    Date,
    Instrument,
    Item,
    Money,
    Number,
    Paragraph,
    Scale,
    Section,
    Table,
    Text,
)

CARD_FROM = 7  # a table of so many columns is laid out as cards: they would be too narrow side by side
WIDE_FROM = 5  # a table of so many columns, and no cards, turns the page
MARK = 0.9  # how wide the column of a mark is where the activity's is 6
_LONG = 200  # a text that may be longer than this is given the room of a paragraph


def wide(instrument: Instrument) -> bool:
    """Does the instrument need paper on its side?"""
    tables = [item for item in instrument.items() if isinstance(item, Table)]
    return any(WIDE_FROM <= len(table.columns) < CARD_FROM for table in tables)


def build(instrument: Instrument) -> bytes:
    """The starter template of an instrument as a .docx."""
    paper = Paper("{{ title }}", wide(instrument))
    if instrument.use == "record":
        paper.cover(
            "{{ title }}",
            _if_else("about.record", "{{ about.organization }} · {{ about.record }}", "{{ about.organization }}"),
            _if(
                "about.person", facts(("submitted_by", "person"), ("submitted_on", "date"), ("revision", "revision"))
            ),
        )
    else:
        asked = _if("about.audience", facts(("audience", "audience")))
        own_copy = _if("about.reference", facts(("submitted_on", "date"), ("reference", "reference")))
        paper.cover("{{ title }}", ["{{ about.organization }}"], [*asked, *own_copy])
    paper.footer("{{ about.organization }} · {{ title }}", "{{ words.page }}", "{{ words.of }}")
    for section in instrument.sections:
        # What a survey says above its questions is for those who answer, not for those who read the answers.
        _section(paper, section, intro=instrument.use == "record")
    return paper.bytes()


def facts(*pairs: tuple[str, str]) -> str:
    """A line of words and what they are about: the word's name, then that of the fact."""
    return "  ·  ".join(f"{{{{ words.{word} }}}}: {{{{ about.{name} }}}}" for word, name in pairs)


def _if(name: str, *texts: str) -> list[str]:
    return [f"{{%p if {name} %}}", *texts, "{%p endif %}"]


def _if_else(name: str, text: str, otherwise: str) -> list[str]:
    return [f"{{%p if {name} %}}", text, "{%p else %}", otherwise, "{%p endif %}"]


def _section(paper: Paper, section: Section, intro: bool) -> None:
    if section.repeat is None:
        paper.heading(f"{{{{ labels.{section.id} }}}}")
        if section.intro and intro:
            paper.paragraph(f"{{{{ hints.{section.id} }}}}", "Hint")
        _items(paper, section.items, "")
        return
    entry = entry_name(section)
    paper.tag(f"{{%p for {entry} in {section.id} %}}")
    paper.heading(f"{{{{ {entry}.entry }}}} {{{{ {entry}.number }}}}")
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
                _pairs(paper, together, at)


def _together(item: Item) -> str:
    """Neighbours of one kind share a table of the document; each table of the instrument has its own."""
    match item:
        case Checks() | Scale():
            return type(item).__name__
        case Table():
            return item.id
        case _:
            return ""


def _pairs(paper: Paper, items: list[Item], at: str) -> None:
    """Label and answer. A note on a choice ("policy_note" on "policy") stands below the choice, if there is one."""
    choices = {item.id for item in items if isinstance(item, Choice)}
    rows: list[tuple[str, CellText]] = []
    for item in items:
        if item.id.removesuffix("_note") in choices - {item.id}:
            continue
        answer: list[str | tuple[str, str]] = [f"{{{{ {at}{item.id} }}}}"]
        if any(other.id == f"{item.id}_note" for other in items) and item.id in choices:
            answer = [(f"{{{{ {at}{item.id} }}}}", ""), *_if(f"{at}{item.id}_note", f"{{{{ {at}{item.id}_note }}}}")]
        rows.append((f"{{{{ labels.{item.id} }}}}", answer))
    paper.pairs(rows)


def _checks(paper: Paper, items: list[Checks], at: str) -> None:
    marks = items[0].marks
    head = ["{{ words.activity }}", *(f"{{{{ marks.{mark.id} }}}}" for mark in marks)]
    table = paper.grid(head, [6, *(MARK for _ in marks)])
    paper.middle_heads(table, range(1, len(head)))
    for item in items:
        texts = [f"{{{{ labels.{item.id} }}}}", *(f"{{{{ {at}{item.id}.{mark.id} }}}}" for mark in marks)]
        paper.row(table, texts, range(1, len(texts)))
    paper.end_table()


def _scales(paper: Paper, items: list[Item], at: str) -> None:
    table = paper.grid(["{{ words.question }}", "{{ words.answer }}"], [3, 1])
    for item in items:
        paper.row(table, [f"{{{{ labels.{item.id} }}}}", f"{{{{ {at}{item.id} }}}}"])
    paper.end_table()


def _table(paper: Paper, item: Table, at: str) -> None:
    paper.tag(f"{{%p if {at}{item.id} %}}")
    paper.heading(f"{{{{ labels.{item.id} }}}}", 2)
    if len(item.columns) >= CARD_FROM:
        _cards(paper, item, at)
    else:
        _rows(paper, item, at)
    paper.tag("{%p endif %}")


def _rows(paper: Paper, item: Table, at: str) -> None:
    head: list[str] = []
    texts: list[CellText] = []
    shares: list[float] = []
    middle: list[int] = []
    for column in item.columns:
        if isinstance(column, Checks):
            for mark in column.marks:
                middle.append(len(head))
                head.append(f"{{{{ marks.{mark.id} }}}}")
                texts.append(f"{{{{ row.{column.id}.{mark.id} }}}}")
                shares.append(MARK)
        else:
            head.append(f"{{{{ columns.{item.id}.{column.id} }}}}")
            texts.append(f"{{{{ row.{column.id} }}}}")
            shares.append(share(column))
    if middle:
        shares[0] = 6.0
    table = paper.grid(head, shares)
    paper.middle_heads(table, middle)
    paper.tag_row(table, f"{{%tr for row in {at}{item.id} %}}")
    paper.row(table, texts, middle)
    paper.tag_row(table, "{%tr endfor %}")
    paper.end_table()


def share(column: Cell) -> float:
    """How much of a table's width a column gets."""
    match column:
        case Paragraph():
            return 2.7
        case Money() | Number() | Date():
            return 1.0
        case _:
            return 1.5


def _cards(paper: Paper, item: Table, at: str) -> None:
    """Each row of the table as a card: the first column as its title, short answers on one side, long ones on the
    other; what was left empty is left out."""
    first, *others = item.columns
    paper.tag(f"{{%p for row in {at}{item.id} %}}")
    table = paper.card(f"{{{{ row.number }}}}. {{{{ row.{first.id} }}}}", [4, 5])
    sides = [
        [line for column in others if is_long(column) is long for line in _card_lines(item, column)]
        for long in (False, True)
    ]
    paper.row(table, sides)
    paper.end_table()
    paper.tag("{%p endfor %}")


def _card_lines(table: Table, column: Cell) -> Iterable[str | tuple[str, str]]:
    if isinstance(column, Checks):
        for mark in column.marks:
            yield from _if(f"row.{column.id}.{mark.id}", f"{{{{ marks.{mark.id} }}}}")
        return
    yield f"{{%p if row.{column.id} %}}"
    yield f"{{{{ columns.{table.id}.{column.id} }}}}:", f"{{{{ row.{column.id} }}}}"
    yield "{%p endif %}"


def is_long(column: Cell) -> bool:
    """Does an answer to it need the room of a paragraph?"""
    return isinstance(column, Paragraph) or (isinstance(column, Text) and column.longest > _LONG)
