"""What stands in the XML of an uploaded Word file: fields, tracked changes, what is loaded."""

import pytest

from .making import part
from .uploading import changed, check, codes, field, good, replaced, with_body, with_part

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@pytest.mark.parametrize(
    "xml",
    [
        field('INCLUDEPICTURE "http://x.example/a.png"'),
        field("INC", "LUDE", 'TEXT "c:\\\\x"'),
        field(" D", "D", "EAUTO c:\\\\windows\\\\system32\\\\cmd.exe"),
        field('"DDE" x y'),
        field("LINK Excel.Sheet"),
        field("IMPORT x"),
        field("DATABASE \\d x"),
        field("MACROBUTTON Run x"),
        field("PRINT 27"),
        field("QUOTE 68 68 69"),
        field("RD x.docx"),
        field("AUTOTEXT x"),
        field("no_such_field"),
        "<w:p><w:fldSimple w:instr=' \tDdE x '/></w:p>",
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDE x</w:instrText></w:r></w:p>",
        "<w:p><w:r><w:instrText>DDE x</w:instrText></w:r></w:p>",
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:t>DDE</w:t></w:r></w:p>",
        # The name is put together by another field.
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:fldSimple w:instr='TITLE'/><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>",
    ],
)  # fmt: skip
def test_fields_that_do_more_than_show(xml):
    assert codes(with_body(xml)) == {"field"}


def test_fields_are_looked_for_in_headers_too():
    data = with_part("word/header9.xml", f"{WORD}.header+xml", part(with_body(field("DDE x")), "word/document.xml"))
    assert "field" in codes(data)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("PAGE \\* MERGEFORMAT", set()),
        ("TOC \\o &quot;1-3&quot; \\h", set()),
        ("= 2 * 3", set()),
        ('HYPERLINK "https://x.example/" \\o "more"', set()),
        ('HYPERLINK \\l "top"', set()),
        ('HYPERLINK "file:///c:/x.exe"', {"link"}),
        ('HYPERLINK"file:///c:/x.exe"', {"link"}),
        ('HYPERLINK \\o "https://x.example/" "\\\\server\\x"', {"link"}),
        ("MERGEFIELD School", {"merge_field"}),
    ],
)
def test_other_fields(code, found):
    assert codes(with_body(field(code))) == found


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<w:p><w:ins w:id='1' w:author='x'><w:r><w:t>a</w:t></w:r></w:ins></w:p>", "changes"),
        ("<w:p><w:del w:id='1' w:author='x'><w:r><w:delText>a</w:delText></w:r></w:del></w:p>", "changes"),
        ("<w:p><w:pPr><w:pPrChange w:id='1' w:author='x'/></w:pPr></w:p>", "changes"),
        ("<w:altChunk r:id='x'/>", "included"),
        ("<w:p><w:subDoc r:id='x'/></w:p>", "included"),
        ("<w:p><w:r><w:object><o:OLEObject Type='Link'/></w:object></w:r></w:p>", "embedded"),
        ("<w:p><w:r><w:control r:id='x'/></w:r></w:p>", "activex"),
        ("<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:entryMacro w:val='x'/></w:ffData></w:fldChar>"
         "</w:r></w:p>", "macros"),
        ("<w:p><w:r><w:pict><v:shape><v:imagedata src='http://x.example/a.png'/></v:shape></w:pict></w:r></w:p>",
         "linked_picture"),
        ("<w:p><w:r><w:pict><v:rect><v:fill o:href='file://x/a.png'/></v:rect></w:pict></w:r></w:p>",
         "linked_picture"),
        ("<w:p><w:r><w:pict><v:rect href='file:///x'/></w:pict></w:r></w:p>", "link"),
        ("<w:p><w:r><wp15:webVideoPr embeddedHtml='x'/></w:r></w:p>", "web_parts"),
        ("<w:sdt><w:sdtPr><w:dataBinding w:xpath='x'/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>{{ title }}</w:t></w:r>"
         "</w:p></w:sdtContent></w:sdt>", "bound"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_the_text(xml, code):
    assert code in codes(with_body(xml))


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<w:mailMerge/>", "mail_merge"),
        ('<x:schemaLibrary xmlns:x="http://schemas.openxmlformats.org/schemaLibrary/2006/main"><x:schema '
         'x:schemaLocation="http://x.example/"/></x:schemaLibrary>', "schema"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_the_settings(xml, code):
    assert code in codes(replaced("word/settings.xml", "</w:settings>", f"{xml}</w:settings>"))


def test_comments_are_counted():
    comments = b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">%s</w:comments>'
    data = with_part("word/comments.xml", f"{WORD}.comments+xml", comments % (b'<w:comment w:id="1"/>' * 3))
    (problem,) = check(data)
    assert problem.reason == "it has comments (3); in Word: Review, Delete All Comments"
    assert check(with_part("word/comments.xml", f"{WORD}.comments+xml", comments % b"")) == []


def test_a_doctype_in_any_part():
    data = changed(
        good(), **{"word/settings.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}
    )
    assert "doctype" in codes(data)
