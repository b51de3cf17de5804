"""How a template writes the answers of an instrument, and what people call them.

The variables of loops are free; `goal` for the entries of `goals` and `row` for the rows of a table are what starter
templates and the list of names use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from partnerforms.engine.model import Cell, Checks, Instrument, Item, Section, Table


@dataclass(frozen=True)
class Leaf:
    """One answer: its path in the instrument, its tag, the loop that the tag stands in, and the question.

    `names` lead to it from the row, the entry or the document that it is in.
    """

    path: str
    tag: str
    label: str
    opening: str = ""
    closing: str = ""
    names: tuple[str, ...] = ()


def entry_name(section: Section) -> str:
    """What a loop calls one entry of a repeating section."""
    return section.id.removesuffix("s")


def leaves(instrument: Instrument) -> list[Leaf]:
    """Every answer that a document must show, in order."""
    return [leaf for section in instrument.sections for item in section.items for leaf in of_item(section, item)]


def of_item(section: Section, item: Item) -> Iterator[Leaf]:
    """The answers of one item; a table has one for each column."""
    outside = Leaf(item.id, item.id, item.label)
    if section.repeat is not None:
        entry = entry_name(section)
        loop = (f"{{%p for {entry} in {section.id} %}}", "{%p endfor %}")
        outside = Leaf(f"{section.id}.{item.id}", f"{entry}.{item.id}", item.label, *loop)
    if not isinstance(item, Table):
        yield from _with_marks(item, outside)
        return
    for column in item.columns:
        yield from _with_marks(
            column,
            Leaf(
                f"{outside.path}.{column.id}",
                f"row.{column.id}",
                f"{item.label}: {column.label}",
                f"{{%tr for row in {outside.tag} %}}",
                "{%tr endfor %}",
            ),
        )


def _with_marks(item: Item | Cell, leaf: Leaf) -> Iterator[Leaf]:
    if not isinstance(item, Checks):
        yield replace(leaf, tag=f"{{{{ {leaf.tag} }}}}", names=(item.id,))
        return
    for mark in item.marks:
        yield replace(
            leaf,
            path=f"{leaf.path}.{mark.id}",
            tag=f"{{{{ {leaf.tag}.{mark.id} }}}}",
            label=f"{leaf.label}: {mark.symbol} {mark.label}",
            names=(item.id, mark.id),
        )
