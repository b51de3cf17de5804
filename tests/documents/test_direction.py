"""The language of a document, and right to left."""

import pytest
from docx.oxml.ns import qn

from partnerforms.documents.templates import Rows

from .making import compiled, opened, paper, raw, run

NAMES = {"school": None, "rows": Rows({"text": None})}
ROWS = [["{%tr for row in rows %}", ""], ["{{ row.text }}", "x"], ["{%tr endfor %}", ""]]


def filled(language, direction, data=None):
    data = data or paper(["{{ school }}"], ROWS, "{{ school }}", "{{ school }}")
    template = compiled(data, NAMES, language=language, direction=direction)
    return opened(template.fill({"school": "مدرسة", "rows": [{"text": "a"}, {"text": "b"}]}))


def default_language(document):
    lang = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}")
    return lang.get(qn("w:val")), lang.get(qn("w:bidi"))


def roots(document):
    section = document.sections[0]
    return [document.element, section.header._element, section.footer._element]


def test_the_language_stands_in_styles_and_properties():
    document = filled("ht", "ltr")
    assert default_language(document)[0] == "ht"
    assert document.core_properties.language == "ht"
    for root in roots(document):
        assert not list(root.iter(qn("w:bidi"), qn("w:rtl"), qn("w:bidiVisual")))


def test_a_template_keeps_its_own_kind_of_english():
    assert default_language(filled("en", "ltr"))[0] == "en-US"


def test_everything_runs_from_right_to_left():
    document = filled("fa", "rtl")
    assert default_language(document) == ("fa", "fa")
    for root in roots(document):
        assert all(found.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None for found in root.iter(qn("w:p")))
        assert all(found.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None for found in root.iter(qn("w:r")))
        assert all(
            found.find(f"{qn('w:tblPr')}/{qn('w:bidiVisual')}") is not None for found in root.iter(qn("w:tbl"))
        )
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["b", "x"]


@pytest.mark.parametrize(
    ("block", "path", "order"),
    [
        (
            "<w:p><w:pPr><w:pStyle/><w:tabs/><w:spacing/><w:jc/><w:rPr/></w:pPr></w:p>",
            "w:pPr",
            ["pStyle", "tabs", "bidi", "spacing", "jc", "rPr"],
        ),
        (
            '<w:p><w:pPr><w:bidi w:val="0"/><w:ind/></w:pPr></w:p>',
            "w:pPr",
            ["bidi", "ind"],
        ),
        (
            f"<w:p>{run('x', '<w:rFonts/><w:b/><w:i/><w:color/><w:sz/><w:vertAlign/><w:lang/>')}</w:p>",
            "w:r/w:rPr",
            ["rFonts", "b", "bCs", "i", "iCs", "color", "sz", "szCs", "vertAlign", "rtl", "lang"],
        ),
        (
            "<w:tbl><w:tblPr><w:tblStyle/><w:tblW/><w:jc/></w:tblPr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
            "w:tblPr",
            ["tblStyle", "bidiVisual", "tblW", "jc"],
        ),
    ],
)
def test_children_stand_in_the_order_of_the_schema(block, path, order):
    first = filled("ar", "rtl", raw(block)).element.body[0]
    found = first.xpath(path)[0]
    assert [child.tag for child in found] == [qn(f"w:{name}") for name in order]
    assert all(switch.get(qn("w:val")) is None for switch in found.iter(qn("w:bidi")))


def test_bold_styles_are_bold_from_right_to_left_too():
    styles = filled("ar", "rtl").styles.element
    for look in styles.iter(qn("w:rPr")):
        assert (look.find(qn("w:b")) is None) == (look.find(qn("w:bCs")) is None)
