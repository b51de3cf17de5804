"""Charts that Word draws itself and people can go on editing: a chart part and, inside it, its workbook.

A chart shows shares as they may be told (`engine.disclosure`). Where only a bound is told, the bar ends in the middle
of what is left open, and bar and cell say the bound: neither holds a figure that the table does not show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Cm, Emu
from lxml import etree
from lxml.etree import _Element as Element
from openpyxl.utils import get_column_letter

from partnerforms.documents.chart_figures import SHEET, Series, format_of, workbook
from partnerforms.documents.look import FONT, FONT_ARABIC, Paper
from partnerforms.engine.disclosure import Share

# The five steps from lowest to highest, distinct for the colour-blind too, and what stands apart from them.
STEPS = ("8C510A", "D8B365", "C7C7C7", "5AB4AC", "01665E")
APART = "FFFFFF"
AUDIENCES = {
    "families": "1D4F91",
    "students": "E0A030",
    "staff": "6B3F82",
    "community": "3F9168",
    "district": "A9B1BC",
    "state": "3A3F46",
}

_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIRST_ID = 1000  # python-docx numbers pictures from 1
_EDGE, _INK, _GRID = "1B1F24", "1B1F24", "D5DAE1"
_DARK = frozenset({"8C510A", "01665E", "1D4F91", "6B3F82", "3F9168", "3A3F46"})  # white letters are read on these
_NARROW = 8  # percent: a part of a bar with no room for its figure


@dataclass(frozen=True)
class Chart:
    """Bars from the side: one row for each category; `stacked` puts the series behind each other to a whole.

    `alt` is what a screen reader says instead of it; `words` say "under" and "over" a bound.
    """

    alt: str
    categories: Sequence[str]
    series: Sequence[Series]
    stacked: bool
    words: Mapping[str, str]
    right_to_left: bool = False

    @property
    def height(self) -> int:
        """As high as its bars need."""
        row = 0.72 if self.stacked else 0.3 + 0.36 * len(self.series)
        return int(Cm(min(2.4 + row * len(self.categories), 22)))


def add(paper: Paper, chart: Chart) -> None:
    """Put a chart on the paper, as wide as the page."""
    part, package = paper.doc.part, paper.doc.part.package
    number = 1 + sum(one.partname.startswith("/word/charts/chart") for one in package.iter_parts())
    figures = workbook(chart.categories, chart.series, chart.words, chart.right_to_left)
    embedded = Part(PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx"), _WORKBOOK, figures, package)
    drawn = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART, b"", package)
    drawn._blob = chart_xml(chart, drawn.relate_to(embedded, f"{_R}/package"))
    relation = part.relate_to(drawn, f"{_R}/chart")
    paragraph = paper.doc.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run()._r.append(_drawing(chart, relation, number, paper.width))


def _drawing(chart: Chart, relation: str, number: int, width: Emu) -> Any:
    drawing = parse_xml(
        f'<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:wp="{_WP}" '
        f'xmlns:a="{_A}" xmlns:c="{_C}" xmlns:r="{_R}"><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width}" cy="{chart.height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{_FIRST_ID + number}" name="Chart {number}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{_C}"><c:chart r:id="{relation}"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing>"
    )
    next(drawing.iter(f"{{{_WP}}}docPr")).set("descr", chart.alt)
    return drawing


def chart_xml(chart: Chart, workbook_relation: str) -> bytes:
    """The chart part: what Word draws, with the figures of the workbook, and where that is."""
    root = etree.Element(f"{{{_C}}}chartSpace", nsmap={"c": _C, "a": _A, "r": _R})
    _put(root, "date1904", val="0")
    _put(root, "roundedCorners", val="0")
    body = _put(root, "chart")
    _put(body, "autoTitleDeleted", val="1")
    area = _put(body, "plotArea")
    _put(area, "layout")
    bars = _put(area, "barChart")
    _put(bars, "barDir", val="bar")
    _put(bars, "grouping", val="percentStacked" if chart.stacked else "clustered")
    _put(bars, "varyColors", val="0")
    for index in range(len(chart.series)):
        _series(bars, chart, index)
    _put(bars, "gapWidth", val="40" if chart.stacked else "60")
    if chart.stacked:
        _put(bars, "overlap", val="100")
    for axis in ("1", "2"):
        _put(bars, "axId", val=axis)
    _category_axis(area, chart)
    _value_axis(area, chart)
    legend = _put(body, "legend")
    _put(legend, "legendPos", val="b")
    _put(legend, "overlay", val="0")
    _type(legend, chart.right_to_left)
    _put(body, "plotVisOnly", val="1")
    _put(body, "dispBlanksAs", val="gap")
    _put(_put(_put(root, "spPr"), "ln", space=_A), "noFill", space=_A)
    _type(root)
    external = _put(root, "externalData")
    external.set(f"{{{_R}}}id", workbook_relation)
    _put(external, "autoUpdate", val="0")
    xml: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return xml


def _series(bars: Element, chart: Chart, index: int) -> None:
    series, column = chart.series[index], get_column_letter(index + 2)
    last = len(chart.categories) + 1
    one = _put(bars, "ser")
    _put(one, "idx", val=str(index))
    _put(one, "order", val=str(index))
    _cached(_put(_put(one, "tx"), "strRef"), "strCache", f"${column}$1", [series.name])
    _fill(one, series.color)
    _put(one, "invertIfNegative", val="0")
    _labels(one, chart, series)
    _cached(_put(_put(one, "cat"), "strRef"), "strCache", f"$A$2:$A${last}", list(chart.categories))
    numbers = _put(_put(one, "val"), "numRef")
    cache = _cached(numbers, "numCache", f"${column}$2:${column}${last}", [_number(share) for share in series.shares])
    for point, share in zip(cache.findall(f"{{{_C}}}pt"), filter(None, series.shares), strict=True):
        point.set("formatCode", format_of(share, chart.words))


def _number(share: Share | None) -> str | None:
    return None if share is None else f"{share.drawn:g}"


def _cached(parent: Element, kind: str, cells: str, values: Sequence[str | None]) -> Element:
    """Where the workbook has it, and what it is; Word draws the chart without opening the workbook."""
    _put(parent, "f").text = f"{SHEET}!{cells}"
    cache = _put(parent, kind)
    if kind == "numCache":
        _put(cache, "formatCode").text = '0" %"'
    _put(cache, "ptCount", val=str(len(values)))
    for number, value in enumerate(values):
        if value is not None:
            _put(_put(cache, "pt", idx=str(number)), "v").text = value
    return cache


def _labels(one: Element, chart: Chart, series: Series) -> None:
    """The figure on each bar; where a part of a bar has no room, the table says it."""
    labels = _put(one, "dLbls")
    if chart.stacked:
        for number, share in enumerate(series.shares):
            if share is None or share.drawn < _NARROW:
                label = _put(labels, "dLbl")
                _put(label, "idx", val=str(number))
                _put(label, "delete", val="1")
    _put(labels, "numFmt", formatCode='0" %"', sourceLinked="1")
    _put(_put(labels, "spPr"), "noFill", space=_A)
    inside_dark = chart.stacked and series.color in _DARK
    _type(labels, color="FFFFFF" if inside_dark else _INK)
    _put(labels, "dLblPos", val="ctr" if chart.stacked else "outEnd")
    for name in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize"):
        _put(labels, f"show{name}", val="1" if name == "Val" else "0")


def _category_axis(area: Element, chart: Chart) -> None:
    axis = _axis(area, "catAx", "1", "maxMin", "r" if chart.right_to_left else "l")  # the first category at the top
    _put(axis, "numFmt", formatCode="General", sourceLinked="0")
    _ends(axis, "2", "autoZero", chart.right_to_left)
    _put(axis, "auto", val="1")
    _put(axis, "lblAlgn", val="ctr")
    _put(axis, "lblOffset", val="100")
    _put(axis, "tickLblSkip", val="1")
    _put(axis, "noMultiLvlLbl", val="1")


def _value_axis(area: Element, chart: Chart) -> None:
    axis = _axis(area, "valAx", "2", "maxMin" if chart.right_to_left else "minMax", "b")
    lines = _put(_put(_put(axis, "majorGridlines"), "spPr"), "ln", space=_A, w="6350")
    _color(lines, _GRID)
    _put(axis, "numFmt", formatCode="0%" if chart.stacked else '0" %"', sourceLinked="0")
    _ends(axis, "1", "max")  # categories run downwards, so the axis is below the last
    _put(axis, "crossBetween", val="between")
    _put(axis, "majorUnit", val="0.25" if chart.stacked else "25")


def _axis(area: Element, kind: str, number: str, orientation: str, position: str) -> Element:
    axis = _put(area, kind)
    _put(axis, "axId", val=number)
    scaling = _put(axis, "scaling")
    _put(scaling, "orientation", val=orientation)
    if kind == "valAx":
        whole = "1" if area.find(f".//{{{_C}}}grouping[@val='percentStacked']") is not None else "100"
        _put(scaling, "max", val=whole)
        _put(scaling, "min", val="0")
    _put(axis, "delete", val="0")
    _put(axis, "axPos", val=position)
    return axis


def _ends(axis: Element, crossed: str, crosses: str, right_to_left: bool = False) -> None:
    _put(axis, "majorTickMark", val="none")
    _put(axis, "minorTickMark", val="none")
    _put(axis, "tickLblPos", val="nextTo")
    _color(_put(_put(axis, "spPr"), "ln", space=_A, w="6350"), _GRID)
    _type(axis, right_to_left)
    _put(axis, "crossAx", val=crossed)
    _put(axis, "crosses", val=crosses)


def _fill(one: Element, color: str) -> None:
    """Light tones are hardly seen on white, so every bar has a dark edge."""
    look = _put(one, "spPr")
    _color(look, color)
    _color(_put(look, "ln", space=_A, w="6350"), _EDGE)


def _color(parent: Element, color: str) -> None:
    _put(_put(parent, "solidFill", space=_A), "srgbClr", space=_A, val=color)


def _type(parent: Element, right_to_left: bool = False, color: str = _INK) -> None:
    """The type of a text, in the fonts of the page. Only words run from right to left: figures never do."""
    text = _put(parent, "txPr")
    _put(text, "bodyPr", space=_A)
    _put(text, "lstStyle", space=_A)
    paragraph = _put(text, "p", space=_A)
    direction: Mapping[str, str] = {"rtl": "1"} if right_to_left else {}
    looks = _put(_put(paragraph, "pPr", space=_A, **direction), "defRPr", space=_A, sz="900", b="0")
    _color(looks, color)
    for script, font in (("latin", FONT), ("cs", FONT_ARABIC)):
        _put(looks, script, space=_A, typeface=font)
    _put(paragraph, "endParaRPr", space=_A, lang="en-US")


def _put(parent: Element, name: str, space: str = _C, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{space}}}{name}", attributes)
