"""Whatever people paste into an answer comes out as they meant it; nothing of it is taken for markup."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.documents.fill import fill
from partnerforms.documents.templates import Rows

from .making import cells, compiled, opened, paper, part

# What is answered, and what python-docx reads in the document: \n is a line break, \t a tab of Word's.
STRINGS = {
    "ampersand": ("Tom & Jerry & Co", "Tom & Jerry & Co"),
    "less": ("a < b and <b>bold</b>", "a < b and <b>bold</b>"),
    "greater": ("a > b >> c", "a > b >> c"),
    "entity": ("&amp; &lt; &#65; &nbsp;", "&amp; &lt; &#65; &nbsp;"),
    "quotes": ("\"double\" 'single' “curly” ‘curly’", "\"double\" 'single' “curly” ‘curly’"),
    "newline": ("one\ntwo\n\nfour", "one\ntwo\n\nfour"),
    "crlf": ("one\r\ntwo", "one\ntwo"),
    "cr": ("one\rtwo", "one\ntwo"),
    "tab": ("one\ttwo", "one\ttwo"),
    "spaces": ("  two  spaces  ", "  two  spaces  "),
    "no-break space": ("10\xa0000", "10\xa0000"),
    "emoji": ("👩‍👩‍👧 🙂 🇭🇹", "👩‍👩‍👧 🙂 🇭🇹"),
    "arabic": ("خطة العمل \u200f(2026)", "خطة العمل \u200f(2026)"),
    "chinese": ("家长参与计划𠮷", "家长参与计划𠮷"),
    "combining": ("e\u0301 ñ", "e\u0301 ñ"),
    "vertical tab": ("one\x0btwo", "one\ntwo"),
    "next line": ("one\x85two", "one\ntwo"),
    "line separator": ("one\u2028two\u2029three", "one\ntwo\nthree"),
    "null": ("nu\x00ll", "null"),
    "escape": ("\x1b[31mred", "[31mred"),
    "form feed": ("one\x0ctwo", "one\ntwo"),
    "bell": ("be\x07ll", "bell"),
    "other controls": ("\x01a\x1fb\x7fc\x80d\x9f", "abcd"),
    "non-character": ("a\ufffeb\uffffc\ufdd0", "abc"),
    "lone surrogate": ("a\ud800b\udfffc", "abc"),
    "replacement character": ("a\ufffdb\ufeffc", "a\ufffdb\ufeffc"),
    "sum": ("{{ 7*7 }}", "{{ 7*7 }}"),
    "other name": ("{{ other }}{{other}}", "{{ other }}{{other}}"),
    "block": ("{%p if x %} {%tr endfor %} {# x #}", "{%p if x %} {%tr endfor %} {# x #}"),
    "other engine": ("[[other]] ${other} <%= other %>", "[[other]] ${other} <%= other %>"),
    "escaped braces": ("{_{ }_} {_% %_}", "{_{ }_} {_% %_}"),
    "cut mark": ("<?cut 0?>", "<?cut 0?>"),
    "cdata end": ("a ]]> b <![CDATA[ c ]]>", "a ]]> b <![CDATA[ c ]]>"),
    "comment": ("a <!-- b --> c", "a <!-- b --> c"),
    "injected xml": ("</w:t></w:r></w:p><w:p><w:r><w:t>x", "</w:t></w:r></w:p><w:p><w:r><w:t>x"),
    "field": (
        'DDEAUTO c:\\cmd.exe "/k calc" \\* MERGEFORMAT',
        'DDEAUTO c:\\cmd.exe "/k calc" \\* MERGEFORMAT',
    ),
    "formula": ("=1+cmd|' /C calc'!A0", "=1+cmd|' /C calc'!A0"),
    "percent": ("%s %(x)s {0} \\1 \\n", "%s %(x)s {0} \\1 \\n"),
    "nothing": (None, ""),
    "empty": ("", ""),
}


@pytest.fixture(scope="module")
def template():
    names = {"text": None, "other": None, "rows": Rows({"text": None})}
    rows = [["{%tr for row in rows %}"], ["{{ row.text }}"], ["{%tr endfor %}"]]
    return compiled(paper(["[{{ text }}]"], rows, "[{{ text }}]", "[{{ text }}]", "{{ text }}"), names)


@pytest.mark.parametrize(("given", "shown"), STRINGS.values(), ids=STRINGS)
def test_in_paragraph_row_header_and_footer(template, given, shown):
    context = {"text": given, "rows": [{"text": given}, {"text": "x"}], "other": "EVALUATED"}
    data = fill(template, context, [given or ""])
    document = opened(data)
    assert [paragraph.text for paragraph in document.paragraphs] == [f"[{shown}]"]
    assert cells(data) == [[shown], ["x"]]
    assert [paragraph.text for paragraph in document.sections[0].header.paragraphs] == [f"[{shown}]"]
    assert [paragraph.text for paragraph in document.sections[0].footer.paragraphs] == [f"[{shown}]"]
    assert document.core_properties.title.split() == shown.split()
    assert b"instrText" not in part(data, "word/document.xml")


def test_a_megabyte_of_text(template):
    text = ("All work & no play. " * 500 + "\n") * 100
    assert opened(fill(template, {"text": text}, [text])).paragraphs[0].text == f"[{text}]"


def test_unknown_fields_are_left_alone(template):
    assert opened(template.fill({"text": "a", "__class__": "b", "x": object()})).paragraphs[0].text == "[a]"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
def test_any_text(template, text):
    document = opened(fill(template, {"text": text}, [text]))
    kept = "".join(letter for letter in text if letter.isprintable())
    shown = document.paragraphs[0].text[1:-1]
    assert "".join(letter for letter in shown if letter.isprintable()) == kept
