"""The same template and the same answers give the same text through docxtpl, whose language this is."""

import io

import docx
from docxtpl import DocxTemplate
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.documents.templates import Names, Rows

from .making import compiled, letters, opened, paper, raw, run, saved

NAMES: Names = {
    "school": None,
    "about": {"person": None},
    "goals": Rows({"title": None, "rows": Rows({"name": None, "cost": None})}),
}
# Text that docxtpl takes as it is: no controls, none of its own escapes, and not the \r that it leaves in.
TEXT = st.text(st.sampled_from("ab & < > \" ' é 家 🙂 \n\t{}%]"), max_size=12).filter(
    lambda text: not any(mark in text for mark in ("{{", "}}", "{%", "%}"))
)
ROW = st.fixed_dictionaries({"name": TEXT, "cost": TEXT})
GOAL = st.fixed_dictionaries({"title": TEXT, "rows": st.lists(ROW, max_size=3)})
ANSWERS = st.fixed_dictionaries(
    {
        "school": TEXT,
        "about": st.fixed_dictionaries({"person": TEXT}),
        "goals": st.lists(GOAL, max_size=3),
    }
)


def by_docxtpl(data, context):
    template = DocxTemplate(io.BytesIO(data))
    template.render(context, autoescape=True)
    return saved(template)


def everything(document):
    """All texts of a document in their order, with the shape of its tables."""
    document = opened(document)
    section = document.sections[0]
    shown = [paragraph.text for place in (section.header, section.footer) for paragraph in place.paragraphs]
    for block in document.iter_inner_content():
        if isinstance(block, docx.table.Table):
            shown.append([[cell.text for cell in row.cells] for row in block.rows])
        else:
            shown.append(block.text)
    return shown


def plan():
    doc = opened(paper(header="{{ school }} · {{ about.person }}", footer="{{school}}"))
    for text in (
        "Plan of {{ school }}",
        "{%p if about.person %}",
        "by {{ about.person }}",
        "{%p else %}",
        "by nobody",
    ):
        doc.add_paragraph(text)
    for text in ("{%p endif %}", "{%p for goal in goals %}", "Goal: {{ goal.title }}", "{%p if goal.rows %}"):
        doc.add_paragraph(text)
    table = doc.add_table(0, 2)
    for texts in (
        ("Name", "Cost"),
        ("{%tr for row in goal.rows %}", ""),
        ("{%tr if row.cost %}", ""),
        ("{{ row.name }}", "{{ row.cost }} in {{ school }}"),
        ("{%tr else %}", ""),
        ("{{ row.name }}", "free"),
        ("{%tr endif %}", ""),
        ("{%tr endfor %}", ""),
    ):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    for text in (
        "{%p endif %}",
        "{%p endfor %}",
        "{%p if not goals %}",
        "No goals.",
        "{%p endif %}",
        "The end.",
    ):
        doc.add_paragraph(text)
    return saved(doc)


PLAN = plan()
COMPILED = compiled(PLAN, NAMES)


@settings(max_examples=12, deadline=None)
@given(ANSWERS)
def test_a_plan(answers):
    assert everything(COMPILED.fill(answers)) == everything(by_docxtpl(PLAN, answers))


def test_tags_split_over_runs():
    data = raw(
        f"<w:p>{letters('{%p for goal in goals %}')}</w:p>",
        f"<w:p>{run('A ')}{letters('{{ goal.title }}')}{run(' of {')}{run('{ school }')}{run('} z')}</w:p>",
        f"<w:p>{letters('{%p endfor %}')}</w:p>",
    )
    answers = {"school": "L & L", "goals": [{"title": "One"}, {"title": "Two <2>"}]}
    ours, theirs = compiled(data, NAMES).fill(answers), by_docxtpl(data, answers)
    assert everything(ours) == everything(theirs)
    assert "A One of L & L z" in everything(ours)
