"""Word files that people upload as templates: what is refused, and how that is said."""

import io
import socket
import zipfile

import pytest

from partnerforms.documents.templates import TEMPLATE_PROBLEMS

from .making import paper
from .uploading import (
    TYPES,
    changed,
    check,
    codes,
    field,
    good,
    replaced,
    with_body,
    with_part,
    with_relation,
)

OFFICE_KINDS = "application/vnd.openxmlformats-officedocument"
PACKAGE_KINDS = "application/vnd.openxmlformats-package"
WORD = f"{OFFICE_KINDS}.wordprocessingml"
MAIN = f"{WORD}.document.main+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a file says, looking at it opens no connection."""

    def refuse(*_args, **_more):
        raise AssertionError("a connection was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


def odt() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>")
    return file.getvalue()


def test_a_right_file_is_taken():
    assert check(good()) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"PK\3\4" + bytes(2_000_000), "too_large_file"),
        (OLE, "legacy_doc"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7 and so on", "other_file"),
        (b"{\\rtf1 }", "other_file"),
        (b"<html>", "other_file"),
        (b"#!/bin/sh\n" + good(), "other_file"),
        (odt(), "opendocument"),
        (good()[:20_000], "incomplete_file"),
        (replaced(TYPES, MAIN, "application/vnd.ms-word.document.macroEnabled.main+xml"), "macro_file"),
        (replaced(TYPES, MAIN, f"{WORD}.template.main+xml"), "template_file"),
        (
            replaced(TYPES, MAIN, f"{OFFICE_KINDS}.spreadsheetml.sheet.main+xml"),
            "not_docx",
        ),
        (changed(good(), **{TYPES: b"<Types"}), "damaged"),
        (changed(good(), **{f"word/x{number}.xml": b"" for number in range(200)}), "too_many_parts"),
        (changed(good(), **{"word/media/a.png": bytes(300_000)}), "packed_small"),
        (changed(good(), **{"../evil.xml": b""}), "part_name"),
    ],
)
def test_files_that_are_no_template_at_all(data, code):
    (problem,) = check(data)
    assert problem.code == code


@pytest.mark.parametrize(
    ("name", "kind", "content", "code"),
    [
        ("word/vbaProject.bin", "application/vnd.ms-office.vbaProject", OLE, "macros"),
        ("word/vbaProject.bin", f"{WORD}.printerSettings", b"x", "macros"),
        ("word/printerSettings1.bin", f"{WORD}.printerSettings", OLE, "embedded"),
        ("word/customizations.xml", "application/vnd.ms-word.keyMapCustomizations+xml", b"<x/>", "macros"),
        ("word/embeddings/o.bin", f"{OFFICE_KINDS}.oleObject", b"x", "embedded"),
        (
            "word/embeddings/b.xlsx",
            f"{OFFICE_KINDS}.spreadsheetml.sheet",
            b"PK\3\4",
            "embedded",
        ),
        ("word/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml", b"<x/>", "activex"),
        ("word/fonts/font1.odttf", f"{OFFICE_KINDS}.obfuscatedFont", b"x", "fonts"),
        (
            "word/charts/chart1.xml",
            f"{OFFICE_KINDS}.drawingml.chart+xml",
            b"<x/>",
            "chart",
        ),
        ("word/media/a.mp4", "video/mp4", b"x", "media"),
        ("word/chunk.html", "text/html", b"<html/>", "included"),
        ("word/web.xml", "application/vnd.ms-office.webextension+xml", b"<x/>", "web_parts"),
        ("_xmlsignatures/s.xml", f"{PACKAGE_KINDS}.digital-signature-xmlsignature+xml", b"<x/>", "signed"),
        ("word/media/a.png", "image/png", b"MZ\x90", "not_a_picture"),
        ("word/media/a.svg", "image/svg+xml", b"<svg><script/></svg>", "svg"),
        ("word/media/a.svg", "image/svg+xml", b'<svg><image href="http://x.example/a.png"/></svg>', "svg"),
        ("word/media/a.svg", "image/svg+xml", b"<svg><style>@import 'x';</style></svg>", "svg"),
        ("word/media/a.svg", "image/svg+xml", b'<!DOCTYPE svg SYSTEM "http://x.example/"><svg/>', "doctype"),
        ("word/new.xml", "application/vnd.example+xml", b"<x/>", "unknown_part"),
        ("word/new.xml", "application/xml", b"<x/>", "unknown_part"),
        ("word/_rels/x.RELS", "application/vnd.openxmlformats-package.relationships+xml", b"<x/>", "unknown_part"),
    ],
)  # fmt: skip
def test_parts_that_a_template_may_not_have(name, kind, content, code):
    assert code in codes(with_part(name, kind, content))


def test_pictures_and_data_that_word_writes_are_taken():
    for name, kind, content in (
        ("word/media/a.svg", "image/svg+xml", b'<svg><use href="#a"/><path style="fill:url(#b)"/></svg>'),
        ("word/media/a.jpeg", "image/jpeg", b"\xff\xd8\xff\xe0"),
        ("customXml/item1.xml", "application/xml", b"<data>{{ not a tag }}</data>"),
        ("word/printerSettings1.bin", f"{WORD}.printerSettings", b"HP LaserJet"),
        ("word/people.xml", f"{WORD}.people+xml", b"<x/>"),
    ):
        assert check(with_part(name, kind, content)) == [], name


@pytest.mark.parametrize(
    ("kind", "target", "mode", "code"),
    [
        ("attachedTemplate", "file:///C:/Users/x/Letter.dotm", "External", "attached_template"),
        ("image", "http://169.254.169.254/latest", "External", "linked_picture"),
        ("image", "//server/share/a.png", "", "external"),
        ("image", "http://x.example/a.png", "Internal", "external"),
        ("image", "http://x.example/a.png", "external", "linked_picture"),
        ("styles", "http://x.example/styles.xml", "External", "external"),
        ("aFChunk", "chunk.html", "", "included"),
        ("subDocument", "http://x.example/b.docx", "External", "included"),
        ("frame", "http://x.example/", "External", "included"),
        ("oleObject", "file://server/x.xlsx", "External", "embedded"),
        ("control", "activeX/activeX1.xml", "", "activex"),
        ("video", "https://video.example/1", "External", "media"),
        ("mailMergeSource", "file:///C:/people.xlsx", "External", "mail_merge"),
        ("transform", "http://x.example/x.xsl", "External", "schema"),
        ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin", "", "macros"),
        ("http://example.org/relationships/hyperlink", "https://x.example/", "External", "relation"),
        ("hyperlink", "file:///etc/passwd", "External", "link"),
        ("hyperlink", "javascript:alert(1)", "External", "link"),
        ("hyperlink", "ms-word:ofe|u|http://x.example/", "External", "link"),
        ("hyperlink", "\\\\server\\share", "External", "link"),
        ("hyperlink", "https://a@b.example/", "External", "link"),
        ("hyperlink", "https://x.example/" + "a" * 2000, "External", "link"),
        ("header", "no_such_part.xml", "", "external"),
    ],
)
def test_ties_that_lead_out_of_the_file(kind, target, mode, code):
    assert code in codes(with_relation(kind, target, mode))


@pytest.mark.parametrize(
    "target", ["https://district.example/plan?a=b#c", "HTTP://x.example", "mailto:a@b.example", "#top"]
)
def test_links_for_people_are_taken(target):
    assert check(with_relation("hyperlink", target)) == []


def test_everything_is_said_at_once():
    texts = ("{{ about.organisation }}", "{{ title", "{%p endfor %}", "{{ school_yaer }}")
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
    data = with_body(body + field("DDE x") + "<w:p><w:ins w:id='1'/></w:p>")
    data = changed(data, **{"word/vbaProject.bin": OLE})
    found = check(data)
    assert {"macros", "field", "changes", "incomplete", "unknown_in_near", "unknown_near"} <= {
        one.code for one in found
    }
    near = [one.figures["nearest"] for one in found if "nearest" in one.figures]
    assert near == ["organization", "school_year"]
    assert all(one.reason for one in found)


def test_every_problem_has_a_sentence_and_no_sentence_is_left_over():
    import inspect
    from pathlib import Path

    import partnerforms.documents as documents

    sources = "".join(path.read_text() for path in Path(inspect.getfile(documents)).parent.rglob("*.py"))
    assert [code for code in TEMPLATE_PROBLEMS if sources.count(f'"{code}"') < 2] == []


def test_a_file_without_tags_lists_every_question_it_leaves_out():
    found = check(paper(["Our plan"]))
    assert {one.code for one in found} == {"not_shown", "not_shown_in_rows"}
    told = {str(one.place): one.reason for one in found}
    assert told[': "School year"'].endswith("add {{ school_year }}")
    assert told[': "Activities for this goal: Dates"'].endswith(
        "add {{ row.dates }} between {%tr for row in goal.activities %} and {%tr endfor %}"
    )
