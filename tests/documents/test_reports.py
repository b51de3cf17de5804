"""Reports, memos, compacts: every figure is the published one, and the charts hold what the tables say."""

import io
import re
import zipfile

import pytest
from docx.oxml.ns import qn
from lxml import etree

from partnerforms.documents.compact import GROUPS, compact
from partnerforms.documents.memo import Evidence, memo
from partnerforms.documents.report import MOST_GAPS, report
from partnerforms.documents.results import Results
from partnerforms.engine.disclosure import share
from partnerforms.engine.gaps import favorable
from partnerforms.engine.model import Scale
from partnerforms.engine.tally import Tally
from partnerforms.languages import read_library

from .making import opened
from .report_reading import charts, tables, told
from .telling import COMMENTS, results

LIBRARY = read_library()
EVIDENCE = Evidence(
    "Dana Lee, dana@example.org", "Evening hours\nA second line", "May 5", ["English"], ["paper form"]
)


def groups() -> dict[str, list[str]]:
    bank = LIBRARY.responsibilities.values()
    return {group: [one.id for one in bank if one.group == group] for group in GROUPS}


@pytest.fixture(scope="module")
def english() -> Results:
    return results(LIBRARY)


@pytest.fixture(scope="module")
def content(english: Results) -> bytes:
    return report(english)


@pytest.mark.parametrize("language", LIBRARY.languages)
def test_every_language_makes_every_document(language: str, content: bytes) -> None:
    found = results(LIBRARY, language)
    rtl, reported = found.language.direction == "rtl", report(found)
    for made in (reported, memo(found, EVIDENCE), compact(found, groups())):
        doc = opened(made)
        assert doc.core_properties.language == language
        said = found.words["unreviewed"].format(language=found.language.name)
        assert (said in [paragraph.text for paragraph in doc.paragraphs]) is (not found.language.reviewed_by)
        turned = [one for one in doc.element.iter(qn("w:p")) if one.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None]
        assert bool(turned) is rtl
    figures = [figure for *_, figure in told(reported, found.words)]
    assert figures == [figure for *_, figure in told(content)]


def test_bounds_are_words_where_one_reads_from_the_right() -> None:
    """Among Arabic words "< 5 %" would be turned around, and be read as more than 5."""
    arabic = results(LIBRARY, "ar")
    cells = [text for table in tables(report(arabic)) for row in table.rows for text in row]
    assert "دون\u00a05\u00a0%" in cells
    for made in (report(arabic), memo(arabic, EVIDENCE), compact(arabic, groups())):
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            parts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")]
        assert not [part for part in parts if "&lt; 5" in part or "&gt; 95" in part]


def test_the_table_of_answers_has_the_published_shares(english: Results, content: bytes) -> None:
    for one in english.heard:
        if not isinstance(one.counted, Tally):
            continue
        (table,) = [table for table in tables(content) if table.headings == (one.name, "All answers")]
        rows = {row[0]: row[1:] for row in table.rows if len(row) > 1}
        for item in one.counted.items.values():
            if isinstance(item.item, Scale):
                whole = item.answered + item.unsure
                counts = [*(item.counts[option.id] for option in item.item.options), item.unsure]
                assert rows[item.item.short] == [str(share(count, whole)) for count in counts]


def test_gaps_and_choices_are_as_published(english: Results, content: bytes) -> None:
    (table,) = [table for table in tables(content) if table.headings == ("Where views differ",)]
    assert len(table.rows) == 1 + len(english.gaps)
    for row, gap in zip(table.rows[1:], english.gaps, strict=True):
        assert row[0] == english.responsibilities[gap.responsibility]
        seen = [str(gap.seen.get(one, "–")) for one in ("families", "students", "staff")]
        assert row[1:] == [*seen, str(gap.points)]
    families = english.heard[0]
    (table,) = [table for table in tables(content) if table.headings == ("Families", "Work on first")]
    wanted = [(str(one.chosen), str(one.favorable)) for one in families.priorities]
    assert [(row[1], row[2]) for row in table.rows[1:]] == wanted
    assert all(row[3] for row in table.rows[1:])
    (table,) = [
        table for table in tables(content) if table.headings[:1] == ("Families",) and "Compared" in table.headings[1]
    ]
    assert table.rows[0][1:] == ["Maple School", "Riverside District"]
    good = [favorable(one) for one in families.counted.items.values() if isinstance(one.item, Scale)]  # type: ignore[union-attr]
    assert [row[1:] for row in table.rows[1:]] == [[str(one)] * 2 for one in good]


def test_a_chart_its_workbook_and_its_table_say_the_same(content: bytes) -> None:
    found = charts(content)
    assert len(found) == 4
    by_heading = [table for table in tables(content) if "All answers" in table.headings]
    for chart, table in zip(found[:3], by_heading, strict=True):
        rows = [row for row in table.rows if len(row) > 1]
        assert chart.drawn == chart.workbook
        assert [row[1:] for row in chart.workbook[1:]] == [row[1:] for row in rows[1:]]
        assert [row[0] for row in chart.workbook[1:]] == [row[0] for row in rows[1:]]
        assert chart.workbook[0][1:] == rows[0][1:]
    (gaps,) = [table for table in tables(content) if table.headings == ("Where views differ",)]
    assert found[3].drawn == found[3].workbook
    rows = [[cell.replace("–", "") for cell in row[:-1]] for row in gaps.rows]
    assert found[3].workbook[1:] == rows[1 : MOST_GAPS + 1]
    assert found[3].workbook[0][1:] == rows[0][1:]


def test_a_chart_knows_no_more_than_a_bound(content: bytes) -> None:
    bounded = [
        (cell, chart)
        for chart in charts(content)
        for row in chart.workbook
        for cell in row
        if cell[:1] in "<>" and cell
    ]
    assert {cell for cell, _ in bounded} == {"< 5 %", "> 95 %"}
    drawn = {
        point.findtext("{*}v")
        for chart in charts(content)
        for point in chart.xml.iter("{*}pt")
        if re.match('"[<>]', point.get("formatCode", ""))
    }
    assert drawn == {"2.5", "97.5"}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_package_is_one_that_word_opens(language: str) -> None:
    content = report(results(LIBRARY, language))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        types = etree.fromstring(archive.read("[Content_Types].xml"))
        kinds = {one.get("PartName"): one.get("ContentType") for one in types if one.get("PartName")}
        (workbooks,) = [one.get("ContentType") for one in types if one.get("Extension") == "xlsx"]
        assert workbooks.endswith("spreadsheetml.sheet")
        for number in range(1, 5):
            assert kinds[f"/word/charts/chart{number}.xml"].endswith("drawingml.chart+xml")
            assert f"word/embeddings/Microsoft_Excel_Sheet{number}.xlsx" in names
            assert f"word/charts/_rels/chart{number}.xml.rels" in names
    doc = opened(content)
    ids = [one.get("id") for one in doc.element.iter(qn("wp:docPr"))]
    assert len(ids) == len(set(ids))
    for chart in charts(content):
        assert "{" not in chart.alt
        assert chart.alt.startswith("Bar chart") or language != "en"
        (external,) = chart.xml.iter("{*}externalData")
        assert external.find("{*}autoUpdate").get("val") == "0"
        orientation = [one.get("val") for one in chart.xml.findall(".//{*}valAx/{*}scaling/{*}orientation")]
        assert orientation == (["maxMin"] if language == "ar" else ["minMax"])
        assert chart.xml.find(".//{*}catAx/{*}scaling/{*}orientation").get("val") == "maxMin"
        _in_order(chart.xml)
    for paragraph in doc.element.iter(qn("w:p")):
        if next(paragraph.iter("{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"), None) is not None:
            assert paragraph.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is None  # LibreOffice would write 61 for 16


# Children in the order of the schema (ECMA-376 part 1, 21.2.2): in another one Word calls the file damaged.
ORDER = {
    "chartSpace": "date1904 roundedCorners chart spPr txPr externalData",
    "chart": "title autoTitleDeleted plotArea legend plotVisOnly dispBlanksAs",
    "plotArea": "layout barChart catAx valAx",
    "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap axId",
    "ser": "idx order tx spPr invertIfNegative dLbls cat val",
    "dLbls": "dLbl numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName showPercent showBubbleSize",
    "dLbl": "idx delete",
    "catAx": "axId scaling delete axPos numFmt majorTickMark minorTickMark tickLblPos spPr txPr crossAx crosses auto "
    "lblAlgn lblOffset tickLblSkip noMultiLvlLbl",
    "valAx": "axId scaling delete axPos majorGridlines numFmt majorTickMark minorTickMark tickLblPos spPr txPr "
    "crossAx crosses crossBetween majorUnit",
    "scaling": "orientation max min",
    "legend": "legendPos overlay txPr",
    "numCache": "formatCode ptCount pt",
    "strCache": "ptCount pt",
    "externalData": "autoUpdate",
}


def _in_order(root: etree._Element) -> None:
    for element in root.iter():
        order = ORDER.get(etree.QName(element).localname)
        if order and etree.QName(element).namespace.endswith("/chart"):
            places = [order.split().index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), element.tag


def test_too_few_are_said_to_be_too_few(content: bytes) -> None:
    words = "\n".join(paragraph.text for paragraph in opened(content).paragraphs)
    assert "There are fewer than 10 answers, so nothing more is shown." in words
    (table,) = [table for table in tables(content) if table.headings == ("Who answered",)]
    assert table.rows[1:] == [
        ["Families", "124", "400", "31 %", "10"],
        ["Students", "212", "not entered", "–", "10"],
        ["School staff", "31", "40", "78 %", "5"],
        ["Community leaders", "fewer than 10", "20", "–", "10"],
    ]
    assert not [one for one in told(content) if one[0][0] == "Community leaders"]


def test_what_people_typed_stands_as_they_typed_it(content: bytes) -> None:
    assert set(COMMENTS) <= {paragraph.text for paragraph in opened(content).paragraphs}


def test_the_memo_and_the_compact_are_drafts_for_joint_review(english: Results) -> None:
    for made in (memo(english, EVIDENCE), compact(english, groups())):
        doc = opened(made)
        assert "Draft for joint review" in [paragraph.text for paragraph in doc.paragraphs]
        assert "Draft for joint review" in "".join(part.text for part in doc.sections[0].footer.paragraphs)


def test_the_memo_tells_how_people_were_asked_and_what_changed(english: Results) -> None:
    made = memo(english, EVIDENCE)
    cells = [cell for table in tables(made) for row in table.rows for cell in row]
    assert "How we share the work: family survey, version 1" in "\n".join(cells)
    assert {"English", "paper form", "124"} <= set(cells)
    assert {"Evening hours", "A second line"} <= {paragraph.text for paragraph in opened(made).paragraphs}


def test_the_compact_has_each_responsibility_with_what_each_audience_says(english: Results) -> None:
    made = compact(english, groups())
    rows = {row[0]: row for table in tables(made) for row in table.rows}
    for group in GROUPS:
        for responsibility in groups()[group]:
            said = rows[english.responsibilities[responsibility]][1]
            for one in english.heard:
                if not isinstance(one.counted, Tally):
                    continue
                for item in one.counted.items.values():
                    if isinstance(item.item, Scale) and item.item.responsibility == responsibility:
                        assert f"{one.name}: {favorable(item)}" in said
    assert {"Family", "Student", "Teacher", "Principal"} <= rows.keys()


def test_the_same_results_give_the_same_file(english: Results, content: bytes) -> None:
    assert report(english) == content
