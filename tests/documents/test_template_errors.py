"""What a template may not say, and how that is said."""

import re

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.documents.templates import TemplateError

from .making import NAMES, compiled, letters, paper, part, raw, rezipped, run, saved, texts


def error(paragraphs, **more):
    with pytest.raises(TemplateError) as caught:
        compiled(paper(paragraphs, **more), NAMES)
    return caught.value


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
