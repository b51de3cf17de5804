"""What a template may say, and what it then shows."""

import re

import docx
import pytest

from partnerforms.documents.fill import LostWords, fill

from .making import NAMES, cells, compiled, letters, opened, paper, part, raw, run, saved, texts


def filled(paragraphs, context, **more):
    return texts(compiled(paper(paragraphs, **more), NAMES).fill(context))


# ---- names


def test_names_are_filled_wherever_they_stand():
    template = compiled(
        paper(["At {{ school }} by {{about.person}}."], header="{{ school }}!", footer="{{ about.date }}"),
        NAMES,
    )
    document = opened(template.fill({"school": "Lincoln", "about": {"person": "Ana", "date": "May"}}))
    assert document.paragraphs[0].text == "At Lincoln by Ana."
    assert document.sections[0].header.paragraphs[0].text == "Lincoln!"
    assert document.sections[0].footer.paragraphs[0].text == "May"


def test_properties_hold_names_on_one_line():
    document = opened(compiled(paper(title="Plan of {{ school }}"), NAMES).fill({"school": "A & B\nNorth\tWing"}))
    assert document.core_properties.title == "Plan of A & B North Wing"


@pytest.mark.parametrize("context", [{}, {"school": None}, {"school": ""}])
def test_what_is_missing_is_empty(context):
    assert filled(["[{{ school }}][{{ about.person }}]", "{%p for g in goals %}", "x", "{%p endfor %}"], context) == [
        "[][]"
    ]


def test_other_values_are_shown_as_text():
    assert filled(["{{ school }}"], {"school": 12}) == ["12"]


@pytest.mark.parametrize(
    ("paragraph", "context", "said"),
    [
        ("{{ school }}", {"school": ["a"]}, "school should be a text, not a list"),
        ("{{ about.person }}", {"about": "text"}, "'person' is asked of a str, not of a plain dict"),
    ],
)
def test_a_context_of_another_shape_is_an_error(paragraph, context, said):
    template = compiled(paper([paragraph]), NAMES)
    with pytest.raises(TypeError, match=said):
        template.fill(context)


def test_a_loop_over_a_text_is_an_error():
    template = compiled(paper(["{%p for g in goals %}", "x", "{%p endfor %}"]), NAMES)
    with pytest.raises(TypeError, match="goals should be a list, not a str"):
        template.fill({"goals": "text"})


def test_only_plain_dicts_are_entered():
    class Sneaky(dict):  # type: ignore[type-arg]
        pass

    template = compiled(paper(["{{ about.person }}"]), NAMES)
    with pytest.raises(TypeError, match="plain dict"):
        template.fill({"about": Sneaky(person="x")})


# ---- blocks


def test_rows_repeat():
    rows = [
        ["Name", "Dates"],
        ["{%tr for a in goal.activities %}", ""],
        ["{{ a.name }}", "{{ a.dates }}{{ a.marks.now }}"],
        ["{%tr endfor %}", ""],
    ]
    data = paper(rows=rows)
    doc = opened(data)
    body = doc.element.body
    body.insert(0, doc.add_paragraph("{%p for goal in goals %}")._p)
    doc.add_paragraph("{%p endfor %}")
    template = compiled(saved(doc), NAMES)
    goals = [
        {"activities": [{"name": "Night", "dates": "May", "marks": {"now": "✓"}}, {"name": "Day"}]},
        {"activities": []},
    ]
    document = opened(template.fill({"goals": goals}))
    shown = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    assert shown == [[["Name", "Dates"], ["Night", "May✓"], ["Day", ""]], [["Name", "Dates"]]]
    assert template.used == {
        "goals",
        "goals.activities",
        "goals.activities.name",
        "goals.activities.dates",
        "goals.activities.marks.now",
    }


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        ({}, ["none", "no school"]),
        ({"goals": [], "school": ""}, ["none", "no school"]),
        ({"goals": [{}], "school": "Lincoln"}, ["some"]),
    ],
)
def test_if_asks_for_text_or_entries(context, shown):
    paragraphs = ["{%p if goals %}", "some", "{%p else %}", "none", "{%p endif %}"]
    paragraphs += ["{%p if not school %}", "no school", "{%p endif %}"]
    assert filled(paragraphs, context) == shown


def test_rows_are_chosen_with_if():
    rows = [["{%tr if school %}"], ["{{ school }}"], ["{%tr else %}"], ["nowhere"], ["{%tr endif %}"]]
    template = compiled(paper(rows=rows), NAMES)
    assert cells(template.fill({"school": "Lincoln"})) == [["Lincoln"]]
    assert cells(template.fill({})) == [["nowhere"]]


def test_a_loop_variable_may_be_used_again_behind_its_loop():
    block = ["{%p for g in goals %}", "{{ g.title }}", "{%p endfor %}"]
    assert filled([*block, *block], {"goals": [{"title": "A"}]}) == ["A", "A"]


def test_a_cell_never_loses_its_last_paragraph_nor_a_table_its_last_row():
    doc = docx.Document()
    table = doc.add_table(1, 1)
    table.cell(0, 0).text = "{%p if school %}"
    table.cell(0, 0).add_paragraph("here")
    table.cell(0, 0).add_paragraph("{%p endif %}")
    rows = doc.add_table(0, 1)
    for text in ("{%tr for g in goals %}", "{{ g.title }}", "{%tr endfor %}"):
        rows.add_row().cells[0].text = text
    template = compiled(saved(doc), NAMES)
    empty = opened(template.fill({}))
    assert [[paragraph.text for paragraph in each.cell(0, 0).paragraphs] for each in empty.tables] == [
        [""],
        [""],
    ]
    full = opened(template.fill({"school": "x", "goals": [{"title": "T"}]}))
    assert [[paragraph.text for paragraph in each.cell(0, 0).paragraphs] for each in full.tables] == [
        ["here"],
        ["T"],
    ]


# ---- as Word writes it


@pytest.mark.parametrize(
    "inside",
    [
        letters("Dear {{ about.person }} of {{ school }}!"),
        run("Dear {")
        + run("{ about.per")
        + "<w:proofErr w:type='gramEnd'/>"
        + run("son }")
        + run("} of {{ school }}!"),
        run("Dear {{ about.person }} of {{ school }}!"),
        run("Dear {{")
        + "<w:hyperlink>"
        + run(" about.person }} of {")
        + "</w:hyperlink>"
        + run("{school}")
        + run("}!"),
        run("Dear {{ about.person") + run("") + run(" }} of ") + letters("{{ school }}") + run("!"),
        "<w:r><w:t>Dear</w:t><w:t xml:space='preserve"
        "'> {</w:t><w:lastRenderedPageBreak/><w:t>{ about.person }} of</w:t><w:t xml:space='preserve"
        "'> {{school}}!</w:t></w:r>",
    ],
)
def test_tags_that_word_split_over_runs(inside):
    template = compiled(raw(f'<w:p w:rsidR="00AB12CD">{inside}</w:p>'), NAMES)
    assert texts(template.fill({"school": "Lincoln", "about": {"person": "Ana"}})) == ["Dear Ana of Lincoln!"]


def test_nothing_is_left_of_the_runs_of_a_tag():
    data = raw(f"<w:p>{letters('{{ school }}')}{run('!')}</w:p>")
    runs = opened(compiled(data, NAMES).fill({"school": "L"})).paragraphs[0].runs
    assert [found.text for found in runs] == ["L", "!"]


def test_block_tags_that_word_split_over_runs():
    data = raw(
        f"<w:p>{letters('{%p for g in goals %}')}</w:p>",
        f"<w:p>{letters('{{ g.title }}')}</w:p>",
        f"<w:p>{letters('{%p endfor %}')}</w:p>",
    )
    assert texts(compiled(data, NAMES).fill({"goals": [{"title": "A"}, {"title": "B"}]})) == ["A", "B"]


def test_a_tag_has_the_look_of_its_beginning():
    data = raw(f"<w:p>{run('{{ sch', '<w:b/>')}{run('ool }}', '<w:i/>')}{run(' x', '<w:i/>')}</w:p>")
    runs = [found for found in opened(compiled(data, NAMES).fill({"school": "L"})).paragraphs[0].runs if found.text]
    assert [(found.text, bool(found.bold), bool(found.italic)) for found in runs] == [
        ("L", True, False),
        (" x", False, True),
    ]


def test_text_boxes_are_filled_apart_from_the_text_around_them():
    box = "<w:r><w:pict><w:txbxContent><w:p>" + run("[{{ school }}]") + "</w:p></w:txbxContent></w:pict></w:r>"
    document = compiled(raw(f"<w:p>{run('a {{ school }}')}{box}{run(' b {{ school }}')}</w:p>"), NAMES).fill(
        {"school": "L"}
    )
    assert re.sub(b"<[^>]+>", b"", part(document, "word/document.xml")).strip() == b"a L[L] b L"


def test_noise_goes_when_a_template_is_compiled():
    data = raw(f'<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CD"><w:proofErr w:type="spellStart"/>{run("x")}</w:p>')
    xml = part(compiled(data, NAMES).fill({}), "word/document.xml")
    assert b"rsid" not in xml
    assert b"proofErr" not in xml


# ---- fill and read back


def test_fill_finds_every_answer_again():
    template = compiled(paper(["{{ school }}"], header="{{ about.person }}", title="{{ about.date }}"), NAMES)
    context = {"school": " a  b\n\tc\x0bd & <e> ", "about": {"person": "Zoë 🙂", "date": "May\n1"}}
    assert fill(template, context, ["a b c d & <e>", "Zoë 🙂", "May 1", "", "a\x00 b"]) == template.fill(context)


def test_a_lost_answer_is_no_document():
    template = compiled(paper(["{{ school }}"]), NAMES)
    with pytest.raises(LostWords, match=r"plan\.docx: the filled document does not hold 'a bc'") as caught:
        fill(template, {"school": "a b c"}, ["a b", "a bc", "x"])
    assert caught.value.text == "a bc"
