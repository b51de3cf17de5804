"""The list of names that a template may use, as a Word file to print and keep beside one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from partnerforms.documents.look import Paper


@dataclass(frozen=True)
class NameRow:
    """What to type, what it gives, and an example of it."""

    tag: str
    gives: str
    example: str


@dataclass(frozen=True)
class NameGroup:
    """Names that belong together. `opening` and `closing` stand around them, in rows or paragraphs of their own."""

    title: str
    rows: Sequence[NameRow]
    note: str = ""
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True)
class NameWords:
    """The words of the list itself, in the reader's language."""

    title: str
    subtitle: str
    intro: Sequence[str]
    heads: tuple[str, str, str]
    page: str
    of: str


def build(groups: Sequence[NameGroup], words: NameWords) -> bytes:
    """The list as a .docx."""
    paper = Paper(f"{words.title}: {words.subtitle}")
    paper.paragraph(words.title, "Title")
    paper.paragraph(words.subtitle, "Subtitle")
    for text in words.intro:
        paper.paragraph(text)
    paper.footer(f"{words.title} · {words.subtitle}", words.page, words.of)
    for group in groups:
        paper.heading(group.title)
        if group.note:
            paper.paragraph(group.note, "Hint")
        table = paper.grid(words.heads, [5, 4, 4], description=group.title)
        if group.opening:
            paper.row(table, [group.opening])
        for row in group.rows:
            paper.row(table, [row.tag, row.gives, row.example])
        if group.closing:
            paper.row(table, [group.closing])
        paper.end_table()
    return paper.bytes()
