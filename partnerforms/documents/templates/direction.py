"""The language of a document, and right to left where it is written so.

Screen readers choose their voice by the language, and Word lays a table out from the right only when it is
told to.
"""

from lxml import etree
from lxml.etree import _Element as Element

from partnerforms.documents.templates.markup import W, insert

_DC = "{http://purl.org/dc/elements/1.1/}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"

# Children in the order of the schema (ECMA-376 part 1, 17.3.1.26, 17.3.2.28, 17.4.60).
_IN_PARAGRAPH = """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers
    pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN
    bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc
    textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"""
_IN_RUN = """ins del moveFrom moveTo rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow
    emboss imprint noProof snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u
    effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath rPrChange"""
_IN_TABLE = """tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc
    tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription
    tblPrChange"""
_IN_STYLES = "docDefaults latentStyles style"
# The character style of what is written from left to right in every language: addresses and codes.
LEFT_TO_RIGHT = "LeftToRight"
_STAYS = f"{W}rPr/{W}rStyle[@{W}val='{LEFT_TO_RIGHT}']"
# The font for languages that our documents' own font has no letters of, and Word's name of the language.
_EAST_ASIAN = {
    "zh-hans": ("zh-CN", "Microsoft YaHei"),
    "zh-hant": ("zh-TW", "Microsoft JhengHei"),
    "ja": ("ja-JP", "Yu Gothic"),
    "ko": ("ko-KR", "Malgun Gothic"),
}
# In right-to-left text Word goes by the second of each pair.
_PAIRS = (("b", "bCs"), ("i", "iCs"), ("sz", "szCs"))


def turn(root: Element) -> None:
    """Make a text part run from right to left: paragraphs, runs and tables."""
    for paragraph in list(root.iter(f"{W}p")):
        if next(paragraph.iter(_CHART), None) is None:  # LibreOffice turns the figures of a chart around: 16 is 61
            _on(insert(_first(paragraph, "pPr"), "bidi", _IN_PARAGRAPH))
    for run in list(root.iter(f"{W}r")):
        if run.find(_STAYS) is None:
            _on(insert(_first(run, "rPr"), "rtl", _IN_RUN))
    for table in list(root.iter(f"{W}tbl")):
        _on(insert(_first(table, "tblPr"), "bidiVisual", _IN_TABLE))
    double_looks(root)


def double_looks(root: Element) -> None:
    """Bold, italic and size hold for right-to-left text too, where nothing else is said."""
    for look in list(root.iter(f"{W}rPr")):
        for name, twin in _PAIRS:
            said = look.find(f"{W}{name}")
            if said is not None and look.find(f"{W}{twin}") is None:
                copied = insert(look, twin, _IN_RUN)
                for attribute, value in said.attrib.items():
                    copied.set(attribute, value)


def set_language(styles: Element, language: str, direction: str) -> None:
    """The language of text that names none itself. A template's own en-GB is kept where `en` is wanted."""
    defaults = insert(insert(styles, "docDefaults", _IN_STYLES), "rPrDefault", "rPrDefault pPrDefault")
    lang = insert(_first(defaults, "rPr"), "lang", _IN_RUN)
    if language in _EAST_ASIAN:
        # What else Word names the language of is that of Latin letters: their words would be torn by Korean rules.
        name, font = _EAST_ASIAN[language]
        lang.set(f"{W}eastAsia", name)
        fonts = insert(_first(defaults, "rPr"), "rFonts", _IN_RUN)
        if fonts.attrib.pop(f"{W}eastAsiaTheme", "") or f"{W}eastAsia" not in fonts.attrib:
            fonts.set(f"{W}eastAsia", font)
        return
    for attribute in ("val", "bidi") if direction == "rtl" else ("val",):
        if lang.get(f"{W}{attribute}", "").split("-")[0] != language:
            lang.set(f"{W}{attribute}", language)


def set_property(properties: Element, language: str) -> None:
    """The language among the document's properties."""
    element = properties.find(f"{_DC}language")
    if element is None:
        element = etree.SubElement(properties, f"{_DC}language", nsmap={"dc": _DC[1:-1]})
    element.text = language


def _first(parent: Element, name: str) -> Element:
    """The properties of an element, made as its first child when there are none."""
    child = parent.find(f"{W}{name}")
    if child is None:
        child = parent.makeelement(f"{W}{name}")
        parent.insert(0, child)
    return child


def _on(switch: Element) -> None:
    switch.attrib.clear()
