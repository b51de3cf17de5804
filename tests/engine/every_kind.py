"""An item of every kind for the tests of answers, and what comes of raw input to it."""

from typing import Any

from partnerforms.engine.answers import Parsed, parse_sections
from partnerforms.engine.model import (
    Checks,
    Choice,
    Choices,
    Date,
    Email,
    Item,
    Money,
    Number,
    Option,
    Paragraph,
    Scale,
    Section,
    Table,
    Text,
)

YES, NO, UNSURE = Option("yes", "Yes"), Option("no", "No"), Option("unsure", "I don't know")
ABC = tuple(Option(letter, letter.upper()) for letter in "abc")

SCALE = Scale(id="one", label="?", options=(NO, YES), unsure=UNSURE, short="?")
CHOICE = Choice(id="one", label="?", options=ABC)
CHOICES = Choices(id="one", label="?", options=ABC, most=2)
CHECKS = Checks(id="one", label="?", marks=ABC)
TEXT = Text(id="one", label="?", longest=10)
PARAGRAPH = Paragraph(id="one", label="?", longest=20)
NUMBER = Number(id="one", label="?", least=1, greatest=5000)
MONEY = Money(id="one", label="?")
DATE = Date(id="one", label="?")
EMAIL = Email(id="one", label="?")
TABLE = Table(
    id="one",
    label="?",
    row="Row",
    most=3,
    columns=(Text(id="what", label="?", required=True), Number(id="many", label="?"), CHOICES),
)
EVERY_KIND: list[Item] = [SCALE, CHOICE, CHOICES, CHECKS, TEXT, PARAGRAPH, NUMBER, MONEY, DATE, EMAIL, TABLE]


def parse_value(item: Item, raw: Any) -> Parsed:
    """What becomes of raw input to one item, on a page of its own."""
    return parse_sections((Section("page", "Page", (item,)),), {item.id: raw})


def given_to(item: Item, raw: Any) -> Any:
    """The answer that comes of raw input, or the code of the problem."""
    parsed = parse_value(item, raw)
    if parsed.problems:
        assert parsed.answers == {}
        (problem,) = parsed.problems
        assert problem.path == ("one",)
        return f"!{problem.code}"
    return parsed.answers.get("one")
