"""Does an uploaded template show every answer, alone and together, and stay quick and small?"""

import random
import time

import pytest

from partnerforms.documents import starter, uploads
from partnerforms.documents.context import Reader
from partnerforms.documents.shelf import OwnFile, Shelf
from partnerforms.documents.templates import TemplateError
from partnerforms.documents.uploads import content

from .making import paper, part
from .uploading import BOTH, ENGLISH, LIBRARY, PLAN, WORDS, changed, check, codes, good, replaced, with_body

MAIN = "word/document.xml"


@pytest.mark.parametrize("instrument_id", sorted(LIBRARY.definitions))
def test_starter_templates_of_all_forms_can_be_uploaded(instrument_id):
    instrument = LIBRARY.instrument(instrument_id)
    readers = [Reader(reader.language, WORDS) for _, reader in BOTH]
    assert uploads.check(starter.build(instrument), [(instrument, reader) for reader in readers]) == []


def test_an_answer_that_is_left_out_is_named_by_its_question():
    (problem,) = check(replaced(MAIN, "{{ chairs }}", "—"))
    assert (problem.code, problem.place.shown) == ("not_shown", "Chair or co-chairs of the team")
    (problem,) = check(replaced(MAIN, "{{ row.dates }}", "—"))
    assert (problem.code, problem.place.shown) == ("not_shown_in_rows", "Activities for this goal: Dates")


def test_an_answer_that_hangs_on_another_one():
    tag, conditional = "<w:t>{{ chairs }}</w:t>", "<w:t>—</w:t>"
    data = replaced(MAIN, tag, conditional)
    paragraphs = ["{%p if school_year %}", "{{ chairs }}", "{%p endif %}"]
    xml = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    data = replaced(MAIN, "<w:sectPr", f"{xml}<w:sectPr", data)
    assert codes(data) == {"not_always_shown"}
    # In both branches it is always shown; and an answer may hang on itself.
    both = ["{%p if school_year %}", "{{ chairs }}", "{%p else %}", "{{ chairs }}", "{%p endif %}"]
    itself = ["{%p if chairs %}", "{{ chairs }}", "{%p endif %}"]
    for paragraphs in (both, itself):
        xml = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
        data = replaced(MAIN, "<w:sectPr", f"{xml}<w:sectPr", replaced(MAIN, tag, conditional))
        assert check(data) == []


def test_an_answer_in_the_properties_alone_is_not_shown():
    data = replaced(MAIN, "{{ chairs }}", "—")
    assert codes(replaced("docProps/core.xml", "{{ title }}", "{{ chairs }}", data)) == {"not_shown"}


def test_tags_in_text_boxes_and_content_controls_are_filled():
    data = replaced(MAIN, "{{ chairs }}", "—")
    text = "<w:p><w:r><w:t>{{ chairs }}</w:t></w:r></w:p>"
    for around in (
        "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        "</w:p>",
        "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>",
    ):
        xml = part(with_body(around.format(text)), MAIN).decode().replace("{{ chairs }}", "—", 1)
        assert check(changed(data, **{MAIN: xml.encode()})) == []


def test_lists_inside_of_lists_do_not_multiply():
    loops = ["{%p for a in goals %}", "{%p for b in goals %}", "{{ b.goal }}", "{%p endfor %}", "{%p endfor %}"]
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in loops)
    (problem,) = check(with_body(body))
    assert problem.reason == "inside of {%p for a in goals %} only its own lists can be gone through"


def test_a_large_text_in_a_loop_is_refused_before_it_is_filled():
    chance = random.Random(1)
    text = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz ", k=1_000_000))
    loops = ["{%p for g in goals %}", "{%p for r in g.activities %}", text, "{%p endfor %}", "{%p endfor %}"]
    body = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in loops)
    started = time.process_time()
    assert codes(with_body(body)) == {"grows"}
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<w:p/>" * (content.MOST_SIGNS + 1), "too_long"),
        ("<w:p><w:r><w:t>" + "{{title}}" * (content.MOST_TAGS + 1) + "</w:t></w:r></w:p>", "too_many_tags"),
        ("<w:p><w:r><w:t>" + "&#123;&#123;title}}" * (content.MOST_TAGS + 1) + "</w:t></w:r></w:p>", "too_many_tags"),
        ("<w:sdt>" * 90 + "<w:r/>" + "</w:sdt>" * 90, "too_long"),
        ("<w:p " + " ".join(f'w:a{number}=""' for number in range(150_000)) + "/>", "too_long"),
        ("<w:p><w:r><w:t>" + "x" * 3_000_000 + "</w:t></w:r></w:p>", "too_long"),
    ],
    ids=["elements", "tags", "written tags", "depth", "attributes", "bytes"],
)
def test_there_is_a_limit_to_everything(body, code):
    started = time.process_time()
    assert code in codes(padded(body))
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "unit",
    ["<w:r/>", "<w:p/>", '<w:p w:rsidR="1" w:rsidP="2" w:rsidRDefault="3"/>', "<w:r><w:t>x</w:t></w:r>"],
)
def test_the_worst_file_that_is_taken_is_looked_at_in_seconds(unit):
    left = content.MOST_SIGNS - part(good(), MAIN).count(b"<") - 200
    inside = unit * (left // unit.count("<"))
    started = time.process_time()
    assert check(padded("<w:sdt>" * 70 + inside + "</w:sdt>" * 70)) == []
    assert time.process_time() - started < 6  # two seconds where nothing else runs


def padded(body: str) -> bytes:
    """Before the last section; with noise, so that it is not packed too small."""
    noise = random.Random(1).randbytes(20_000).hex()
    return replaced(MAIN, "<w:sectPr", f"<!--{noise}-->{body}<w:sectPr")


def test_an_own_file_is_compiled_once_for_each_language_and_not_again_when_it_fails(tmp_path):
    shelf, reads = Shelf(tmp_path), []

    def own(data: bytes, name: str) -> OwnFile:
        return OwnFile(name, lambda: reads.append(name) or data)

    first = shelf.template(PLAN, ENGLISH.language, None, own(good(), "a"))
    assert shelf.template(PLAN, ENGLISH.language, None, own(good(), "a")) is first
    assert shelf.template(PLAN, BOTH[1][1].language, None, own(good(), "a")) is not first
    for _ in range(2):
        with pytest.raises(TemplateError, match="nothing"):
            shelf.template(PLAN, ENGLISH.language, None, own(paper(["{{ nothing }}"]), "b"))
    assert reads == ["a", "a", "b"]
    for number in range(40):
        shelf.template(PLAN, ENGLISH.language, None, own(good(), str(number)))
    shelf.template(PLAN, ENGLISH.language, None, own(good(), "a"))
    assert reads[-1] == "a"
    assert len(shelf._own) == 32
