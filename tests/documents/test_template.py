"""What a template may say, what it then shows, and what is refused."""

import re

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.documents.fill import LostWords, fill
from partnerforms.documents.templates import Names, Rows, TemplateError

from .making import cells, compiled, opened, paper, part, raw, rezipped, run, saved, texts

NAMES: Names = {
    "school": None,
    "about": {"person": None, "date": None},
    "goals": Rows({"title": None, "activities": Rows({"name": None, "dates": None, "marks": {"now": None}})}),
}


def filled(paragraphs, context, **more):
    return texts(compiled(paper(paragraphs, **more), NAMES).fill(context))


def error(paragraphs, **more):
    with pytest.raises(TemplateError) as caught:
        compiled(paper(paragraphs, **more), NAMES)
    return caught.value


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


def letters(text: str) -> str:
    """Every character in a run of its own, with what Word puts between."""
    between = '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="1" w:name="b"/><w:bookmarkEnd w:id="1"/>'
    return between.join(run(letter, "<w:b/>" if index % 2 else "") for index, letter in enumerate(text))


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


# ---- errors


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ goals.titel }}", '"goals" is a list; there is no "titel" inside of it'),
        ("{{ shcool }}", 'there is no "shcool"; did you mean "school"?'),
        ("{{ about.persn }}", 'there is no "persn" in about; did you mean "person"?'),
        ("{{ xyz }}", 'there is no "xyz"'),
        ("{{ school.name }}", '"school" is a text; there is no "name" inside of it'),
        ("{{ goals }}", '"goals" is a list; go through it with {%tr for … in goals %}'),
        ("{{ about }}", '"about" is a group of names, such as "about.person"'),
        ("{{ school|upper }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ school.upper() }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ 7*7 }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ ''.__class__ }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ _x }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ School }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{r school }}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{{ school }}}", "between {{ and }} stands one name, such as {{ school.name }}"),
        ("{{ school", "this looks like a tag but is not complete"),
        ("school }}", "this looks like a tag but is not complete"),
        ("{{ school %}", "this looks like a tag but is not complete"),
        ("{{ a {{ school }}", "this looks like a tag but is not complete"),
        ("{# note #}", "this looks like a tag but is not complete"),
        ("{%p if school", "this looks like a tag but is not complete"),
        ("%}", "this looks like a tag but is not complete"),
        (
            "x {%p if school %}",
            "this tag must be alone in its row or paragraph, which goes when it is filled",
        ),
        (
            "{%p if school %}{%p endif %}",
            "this tag must be alone in its row or paragraph, which goes when it is filled",
        ),
        (
            "{{ school }}{%p if school %}",
            "this tag must be alone in its row or paragraph, which goes when it is filled",
        ),
        ("{%tr if school %}", "a {%tr … %} tag must stand in a table row"),
        ("{%p if school %}", "there is no {%p endif %} for it"),
        ("{%p for g in goals %}", "there is no {%p endfor %} for it"),
        ("{%p endif %}", "there is nothing open that this endif belongs to"),
        ("{%p else %}", "there is nothing open that this else belongs to"),
        ("{%p if about %}", '"about" is a group of names, such as "about.person"'),
        ("{%p for g in school %}", '"school" is not a list'),
        ("{%p for school in goals %}", '"school" already means something here; choose another name'),
        ("{%p for loop in goals %}", '"loop" is a word of the tag language; choose another name'),
    ],
)
def test_a_tag_that_does_not_fit(text, reason):
    found = error(["First.", text])
    assert (found.file, found.part, found.reason) == ("plan.docx", "word/document.xml", reason)
    assert found.place.startswith('paragraph 2: "')
    assert str(found) == f"plan.docx, word/document.xml, {found.place}: {reason}"


@pytest.mark.parametrize(
    "text",
    [
        "{% if school %}",
        "{%p if school and goals %}",
        "{%p if school == 'x' %}",
        "{%p set x = 1 %}",
        "{%p elif school %}",
        "{%tc for g in goals %}",
        "{%p include 'x' %}",
        "{%p for g in range(9) %}",
        "{%- p if school %}",
        "{% tr if school %}",
    ],
)
def test_a_block_outside_of_the_language(text):
    assert error([text]).reason.startswith("a tag of this kind is one of {%tr for x in list %}")


@pytest.mark.parametrize(
    ("paragraphs", "reason"),
    [
        (["{%p for g in goals %}", "{%p endif %}"], "{%p for g in goals %} is still open here"),
        (["{%p for g in goals %}", "{%p else %}"], "{%p for g in goals %} is still open here"),
        (["{%p if school %}", "{%p else %}", "{%p else %}", "{%p endif %}"], "this if has two else"),
        (
            ["{%p for g in goals %}", "{%p for g in g.activities %}", "{%p endfor %}", "{%p endfor %}"],
            '"g" already means something here; choose another name',
        ),
        (["{%p for g in goals %}", "{%p endfor %}", "{{ g.title }}"], 'there is no "g"'),
        (
            ["{%p for g in goals %}", "{{ g }}", "{%p endfor %}"],
            '"goals" is a group of names, such as "goals.title"',
        ),
        (
            ["{%p for g in goals %}", "{{ g.titel }}", "{%p endfor %}"],
            'there is no "titel" in goals; did you mean "title"?',
        ),
        (["{%p if school %}"] * 51 + ["{%p endif %}"] * 51, "blocks stand more than 50 deep in each other"),
    ],
)
def test_blocks_that_do_not_fit(paragraphs, reason):
    assert error(paragraphs).reason == reason


def test_a_block_must_close_where_it_opened():
    data = paper(["{%p if school %}"], rows=[["{%p endif %}"], ["x"]])
    with pytest.raises(TemplateError, match=r"must stand in the same table, cell or text as \{%p if school %\}"):
        compiled(data, NAMES)
    doc = docx.Document()
    for text in ("{%tr for g in goals %}", "{%tr endfor %}"):
        doc.add_table(1, 1).cell(0, 0).text = text
        doc.add_paragraph("")
    with pytest.raises(TemplateError, match="must stand in the same table"):
        compiled(saved(doc), NAMES)


def test_a_row_of_a_tag_holds_nothing_else():
    for other in ("text", "{{ school }}", "{%tr endfor %}", "{%p if school %}"):
        for row in ([other, "{%tr for g in goals %}"], ["{%tr for g in goals %}", other]):
            with pytest.raises(TemplateError, match="must be alone"):
                compiled(paper(rows=[row, ["{%tr endfor %}", ""]]), NAMES)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ("<w:p><w:r><w:instrText>HYPERLINK {{ school }}</w:instrText></w:r></w:p>", "instrText"),
        (
            "<w:p><w:r><w:instrText>A {</w:instrText></w:r><w:r><w:instrText>{ x</w:instrText></w:r></w:p>",
            "instrText",
        ),
        ("<w:p><w:pPr><w:pStyle w:val='{{ school }}'/></w:pPr></w:p>", "pStyle"),
        ("<w:p><w:r><w:delText>{{ school }}</w:delText></w:r></w:p>", "delText"),
        ("<w:p><w:r><w:drawing><a:t>{{ school }}</a:t></w:drawing></w:r></w:p>", "t"),
    ],
)
def test_a_tag_that_is_not_in_text(block, name):
    with pytest.raises(TemplateError, match=rf"a tag cannot stand here \({name}\), only in text"):
        compiled(raw(block), NAMES)


@pytest.mark.parametrize("thing", ["<w:tab/>", "<w:br/>", '<w:fldChar w:fldCharType="begin"/>', "<w:drawing/>"])
def test_a_tag_that_is_interrupted(thing):
    data = raw(f"<w:p>{run('{{ sch')}<w:r>{thing}</w:r>{run('ool }}')}</w:p>")
    with pytest.raises(TemplateError, match=r"stands inside this tag|stands one name"):
        compiled(data, NAMES)


@pytest.mark.parametrize("thing", ["<w:drawing/>", '<w:br w:type="page"/>', '<w:footnoteReference w:id="2"/>'])
def test_a_tag_does_not_take_things_with_it(thing):
    data = raw(f"<w:p>{run('{%p if school %}')}<w:r>{thing}</w:r></w:p>", f"<w:p>{run('{%p endif %}')}</w:p>")
    with pytest.raises(TemplateError, match="must be alone"):
        compiled(data, NAMES)
    data = raw(f"<w:p><w:pPr><w:sectPr/></w:pPr>{run('{%p if school %}')}</w:p>", f"<w:p>{run('{%p endif %}')}</w:p>")
    with pytest.raises(TemplateError, match="a section ends at this paragraph"):
        compiled(data, NAMES)


def test_no_picture_in_a_loop():
    data = raw(
        f"<w:p>{run('{%p for g in goals %}')}</w:p>",
        "<w:p><w:r><w:drawing/></w:r></w:p>",
        f"<w:p>{run('{%p endfor %}')}</w:p>",
    )
    with pytest.raises(TemplateError, match="cannot stand inside of a loop"):
        compiled(data, NAMES)


def test_errors_in_headers_and_properties_say_where():
    with pytest.raises(TemplateError, match=r"word/header1\.xml, paragraph 1: "):
        compiled(paper(header="{{ nothing }}"), NAMES)
    with pytest.raises(TemplateError, match=r'docProps/core\.xml, property "title": '):
        compiled(paper(title="{{ nothing }}"), NAMES)
    with pytest.raises(TemplateError, match="cannot stand in this document property"):
        compiled(paper(title="{%p if school %}"), NAMES)


def test_only_word_documents():
    data = paper(["x"])
    types = part(data, "[Content_Types].xml")
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    for other in (
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ):
        with pytest.raises(TemplateError, match="this is not a Word file"):
            compiled(rezipped(data, **{"[Content_Types]_dot_xml": types.replace(main, other)}), NAMES)
    with pytest.raises(TemplateError, match="this is not a Word file"):
        compiled(b"%PDF-1.7", NAMES)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]><w:document xmlns:w="x"/>', "it has a DOCTYPE"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><w:document xmlns:w="x"/>', "it has a DOCTYPE"),
        (b"<w:document", "it is not well-formed XML"),
        (
            b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"/>',
            "save it as that in Word",
        ),
    ],
)
def test_xml_that_word_does_not_write(xml, said):
    with pytest.raises(TemplateError, match=said):
        compiled(rezipped(paper(["x"]), word__document_dot_xml=xml), NAMES)


def test_a_hostile_paragraph_takes_no_longer_than_a_long_one():
    for text in (
        "{" * 200_000,
        "{{ " * 100_000,
        "{%p if" * 50_000,
        "}" * 200_000,
        "{%p if " + " " * 200_000 + "%}",
    ):
        with pytest.raises(TemplateError):
            compiled(raw(f"<w:p>{run(text)}</w:p>"), NAMES)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*"{}%#p ", "{{ ", " }}", "{%", "%}", "school", "tr", "if", "for", "\n"])).map("".join)
)
def test_any_text_is_a_template_or_an_error(text):
    try:
        template = compiled(raw(f"<w:p>{letters(text)}</w:p>"), NAMES)
    except TemplateError:
        return
    shown = re.sub(r"\{\{\s*school\s*\}\}", "S", text)
    assert texts(template.fill({"school": "S"}))[0].split() == shown.split()


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
