"""The words of the pages about templates: what each name gives, and a sentence for everything that can be wrong.

Each function takes `gettext`, so that the pages say it in the reader's language.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from partnerforms.documents.context import Reader, context
from partnerforms.documents.name_list import NameGroup, NameRow, NameWords
from partnerforms.documents.naming import Leaf, entry_name, of_item
from partnerforms.documents.templates import TEMPLATE_PROBLEMS, TemplateProblem
from partnerforms.engine.answers import parse
from partnerforms.engine.model import Instrument, Section, Table
from partnerforms.engine.samples import sample
from partnerforms.engine.texts import Catalogue

Gettext = Callable[[str], str]


def told(problems: Sequence[TemplateProblem], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Problems as a page shows them: where, at which words, and the sentence."""
    return [
        {
            "where": _part(problem.part, catalogue.gettext),
            "paragraph": problem.place.paragraph,
            "shown": problem.place.shown,
            "text": catalogue.say(f"templates.{problem.code}", TEMPLATE_PROBLEMS[problem.code]).format_map(
                problem.figures
            ),
        }
        for problem in problems
    ]


def _part(name: str, gettext: Gettext) -> str:
    """What people call a part of a Word file."""
    for beginning, called in (
        ("word/document.xml", gettext("Main text")),
        ("word/header", gettext("Header")),
        ("word/footer", gettext("Footer")),
        ("word/footnotes", gettext("Footnotes")),
        ("word/endnotes", gettext("Endnotes")),
        ("word/settings", gettext("Settings of the document")),
        ("docProps/", gettext("Properties of the document")),
    ):
        if name.startswith(beginning):
            return called
    return name


def list_words(title: str, words: Mapping[str, str], gettext: Gettext) -> NameWords:
    """The words around the list of names."""
    return NameWords(
        title=gettext("Names for your Word template"),
        subtitle=title,
        intro=(
            gettext("Type a name with its two braces on both sides where the text should stand."),
            gettext("What has a question is an answer. A template must show every answer."),
            gettext(
                "To leave a paragraph out when there is no answer, put it between a paragraph with %(opening)s "
                "and one with %(closing)s."
            )
            % {"opening": "{%p if name %}", "closing": "{%p endif %}"},
            gettext("A picture whose alternative text is the word logo becomes the logo of the organization."),
        ),
        heads=(gettext("Type this"), gettext("It gives"), gettext("Example")),
        page=words["page"],
        of=words["of"],
    )


def names(instrument: Instrument, reader: Reader, about: Mapping[str, str], gettext: Gettext) -> list[NameGroup]:
    """Every name that a template of the instrument may use, in groups, with examples in the reader's language."""
    answers = parse(instrument, sample(instrument, gettext("Sample answer"))).answers
    texts = context(instrument, answers, about, reader)
    groups = [_about(instrument, texts, gettext)]
    for section in instrument.sections:
        groups += _answers(section, texts, gettext)
    return [*groups, *_wording(texts, gettext)]


def _about(instrument: Instrument, texts: Mapping[str, Any], gettext: Gettext) -> NameGroup:
    said = {
        "organization": gettext("Name of the organization"),
        "record": gettext("Name that people gave the form"),
        "person": gettext("Who submitted it"),
        "date": gettext("Day on which it was submitted"),
        "revision": gettext("How often it has been submitted"),
    }
    if instrument.use == "survey":
        said = {
            "organization": said["organization"],
            "audience": gettext("Who was asked"),
            "date": gettext("Day of the answer, on a respondent's own copy only"),
            "reference": gettext("Reference number, on a respondent's own copy only"),
        }
    rows = [NameRow(f"{{{{ about.{name} }}}}", text, texts["about"][name]) for name, text in said.items()]
    rows.append(NameRow("{{ title }}", gettext("Title of the form"), texts["title"]))
    return NameGroup(gettext("About the document"), rows)


def _answers(section: Section, texts: Mapping[str, Any], gettext: Gettext) -> Iterator[NameGroup]:
    note = opening = closing = ""
    rows: list[NameRow] = []
    here = texts
    if section.repeat is not None:
        entry = entry_name(section)
        note = gettext("Put the first and the last line of this table into paragraphs of their own.")
        opening, closing = f"{{%p for {entry} in {section.id} %}}", "{%p endfor %}"
        here = texts[section.id][0]
        rows.append(NameRow(f"{{{{ {entry}.entry }}}}", gettext("What one entry is called"), here["entry"]))
        rows.append(NameRow(f"{{{{ {entry}.number }}}}", gettext("Number of the entry"), here["number"]))
    tables = [item for item in section.items if isinstance(item, Table)]
    for item in section.items:
        if not isinstance(item, Table):
            rows += [_row(leaf, here) for leaf in of_item(section, item)]
    if rows:
        yield NameGroup(section.title, rows, note, opening, closing)
    for table in tables:
        leaves = list(of_item(section, table))
        first = here[table.id][0]
        inside = [NameRow("{{ row.number }}", gettext("Number of the row"), first["number"])]
        inside += [_row(leaf, first) for leaf in leaves]
        note = gettext("Put the first and the last line of this table into table rows of their own.")
        if opening:
            around = gettext("This stands between %(opening)s and %(closing)s.")
            note = f"{note} {around % {'opening': opening, 'closing': closing}}"
        yield NameGroup(f"{section.title}: {table.label}", inside, note, leaves[0].opening, leaves[0].closing)


def _row(leaf: Leaf, texts: Mapping[str, Any]) -> NameRow:
    value: Any = texts
    for name in leaf.names:
        value = value[name]
    return NameRow(leaf.tag, leaf.label, value)


def _wording(texts: Mapping[str, Any], gettext: Gettext) -> Iterator[NameGroup]:
    if texts["marks"]:
        meaning = gettext("What this mark means")
        rows = [NameRow(f"{{{{ marks.{name} }}}}", meaning, text) for name, text in texts["marks"].items()]
        yield NameGroup(gettext("Marks"), rows)
    note = gettext("Use these instead of typing the question: they follow the reader's language and later changes.")
    question, explanation = gettext("Question or heading"), gettext("Explanation")
    rows = [NameRow(f"{{{{ labels.{name} }}}}", question, text) for name, text in texts["labels"].items()]
    rows += [NameRow(f"{{{{ hints.{name} }}}}", explanation, text) for name, text in texts["hints"].items() if text]
    rows += [
        NameRow(f"{{{{ columns.{table}.{name} }}}}", gettext("Heading of a column"), text)
        for table, columns in texts["columns"].items()
        for name, text in columns.items()
    ]
    yield NameGroup(gettext("Wording of the questions"), rows, note)
    rows = [NameRow(f"{{{{ words.{name} }}}}", gettext("Fixed word"), text) for name, text in texts["words"].items()]
    yield NameGroup(gettext("Fixed words"), rows)
