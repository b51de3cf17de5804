"""Word's XML: read safely, freed of noise, and cut at its tags.

Word splits text into runs as it likes (a tag may have every letter in a run of its own), so tags are looked
for in the text of a whole paragraph. A tag is put into the run where it begins and takes that run's look.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree
from lxml.etree import _Element as Element

from partnerforms.documents.templates.nodes import PARAGRAPH, ROW, Filler
from partnerforms.documents.templates.problems import WHOLE, Place, TagError
from partnerforms.documents.templates.tags import Tag, find, has_mark

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_DATES = "{http://purl.org/dc/terms/}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

LARGEST = 5_000_000  # bytes of one part that is read as a tree

Piece = bytes | Tag | Filler

_NOISE = (f"{W}proofErr", f"{W}lastRenderedPageBreak")
# Who typed when, and ids that a loop would repeat.
_NOISE_ATTRIBUTES = (f"{W}rsid", f"{_W14}paraId", f"{_W14}textId")
# In the text of a paragraph these stand for what is not text. A tag cannot go on behind them.
_WHITE = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n"}
_THING = "\ufffc"
_THINGS = [f"{W}{name}" for name in ("drawing", "pict", "object", "fldChar", "footnoteReference", "endnoteReference")]
_CUT = re.compile(rb"<\?cut (\d+)\?>")


def parse(xml: bytes) -> Element:
    """The root of a part. TagError when it is not well-formed, has a DOCTYPE or is too large."""
    if len(xml) > LARGEST:
        raise TagError("too_large", WHOLE, most=LARGEST // 1_000_000)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise TagError("not_xml", WHOLE) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise TagError("doctype", WHOLE)
    return root


def to_bytes(root: Element) -> bytes:
    """The part as it is stored."""
    xml: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return xml


def insert(parent: Element, name: str, order: str) -> Element:
    """The child of this name, made at its place when there is none. `order` is the schema's, as words.

    Word calls a file damaged when children stand in another order.
    """
    child = parent.find(f"{W}{name}")
    if child is None:
        names = order.split()
        later = {f"{W}{after}" for after in names[names.index(name) + 1 :]}
        place = next((index for index, other in enumerate(parent) if other.tag in later), len(parent))
        child = etree.Element(f"{W}{name}")
        parent.insert(place, child)
    return child


def tidy(root: Element) -> None:
    """Take out what Word writes for itself: it splits tags and is a tenth of every document."""
    etree.strip_elements(root, *_NOISE, with_tail=False)
    for element in root.iter("*"):
        for name in [name for name in element.attrib if str(name).startswith(_NOISE_ATTRIBUTES)]:
            del element.attrib[name]


def cut(root: Element) -> tuple[list[Piece], list[TagError]]:
    """The XML of a text part and, where they stood in it, its tags, and what is wrong. Changes the tree."""
    if root.nsmap.get("w") != W[1:-1]:
        raise TagError("not_written_as_docx", WHOLE)
    cutter, errors = _Cutter(), list[TagError]()
    # The list keeps every paragraph alive: lxml elements are compared by identity.
    paragraphs = list(root.iter(f"{W}p"))
    numbers = {paragraph: number for number, paragraph in enumerate(paragraphs, 1)}
    for paragraph, spans in _spans(root):
        try:
            cutter.paragraph(paragraph, spans, Place(numbers[paragraph]))
        except TagError as error:
            errors.append(error)
    cutter.add_fillers()
    return cutter.result(root, errors, numbers)


def cut_properties(root: Element) -> tuple[list[Piece], list[TagError]]:
    """The same for the document properties. They may hold names and no blocks."""
    cutter, errors = _Cutter(), list[TagError]()
    for element in root.iter("*"):
        place = Place(property=etree.QName(element).localname)
        try:
            tags = find(element.text or "", place)
        except TagError as error:
            errors.append(error)
            continue
        for tag in tags:
            if tag.word != "value" or element.tag.startswith(_DATES):
                errors.append(TagError("in_property", tag.place))
        if tags:
            cutter.fill(element, list(_parts(element.text or "", 0, tags)))
    return cutter.result(root, errors, {})


@dataclass(frozen=True)
class _Span:
    """A child of a run and its text; what is no text has one character that stands for it."""

    element: Element
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def _spans(root: Element) -> Iterator[tuple[Element, list[_Span]]]:
    """Each paragraph that has runs, with what is in them. A text box's paragraphs are not its anchor's."""
    found: dict[Element, list[_Span]] = {}
    for run in root.iter(f"{W}r"):
        paragraph = next(run.iterancestors(f"{W}p"), None)
        if paragraph is None:
            continue
        spans = found.setdefault(paragraph, [])
        for child in run:
            if child.tag != f"{W}rPr":
                spans.append(_Span(child, _stands_for(child), spans[-1].end if spans else 0))
    yield from found.items()


def _stands_for(child: Element) -> str:
    if child.tag == f"{W}t":
        return child.text or ""
    if child.get(f"{W}type"):  # a page break is more than white space
        return _THING
    return _WHITE.get(child.tag, _THING)


class _Cutter:
    """Puts a mark into the tree for every tag, and later cuts the XML at the marks."""

    def __init__(self) -> None:
        self.cuts: list[Tag | Filler] = []
        self.parents: dict[Element, tuple[int, str]] = {}

    def paragraph(self, paragraph: Element, spans: list[_Span], place: Place) -> None:
        text = "".join(span.text for span in spans)
        tags = find(text, place)
        for tag in tags:
            if tag.level:
                self._lift(paragraph, text, tag)
                return
        if tags:
            self._settle(spans, tags)

    def fill(self, element: Element, parts: Iterable[str | Tag]) -> None:
        """Give an element a new text with marks in it."""
        element.text = ""
        last: Element | None = None
        for part in parts:
            if isinstance(part, Tag):
                last = self._mark(part)
                element.append(last)
            elif last is None:
                element.text += part
            else:
                last.tail = (last.tail or "") + part

    def add_fillers(self) -> None:
        """Where a cell or a table ends with a block, there may be nothing left when it is filled."""
        for parent, (_, level) in self.parents.items():
            if isinstance(parent[-1].tag, str):  # an element, not a mark
                continue
            if level == "p":
                parent.append(self._mark(PARAGRAPH))
            elif parent.tag == f"{W}tbl":
                parent.append(self._mark(ROW))

    def result(
        self, root: Element, errors: list[TagError], numbers: Mapping[Element, int]
    ) -> tuple[list[Piece], list[TagError]]:
        """The pieces, and what is wrong: the errors so far, else tags that are left over."""
        return self._pieces(root), errors or list(_leftovers(root, numbers))

    def _pieces(self, root: Element) -> list[Piece]:
        """The XML before, between and after the marks, and what they stand for."""
        pieces: list[Piece] = []
        for index, piece in enumerate(_CUT.split(to_bytes(root))):
            if index % 2:
                pieces.append(self.cuts[int(piece)])
            elif piece:
                pieces.append(piece)
        return pieces

    def _mark(self, what: Tag | Filler) -> Element:
        self.cuts.append(what)
        return etree.ProcessingInstruction("cut", str(len(self.cuts) - 1))

    def _lift(self, paragraph: Element, text: str, tag: Tag) -> None:
        """Put a mark in place of the row or the paragraph that holds nothing but a block tag."""
        lifted = paragraph
        if tag.level == "tr":
            row = next(paragraph.iterancestors(f"{W}tr"), None)
            if row is None:
                raise TagError("not_in_row", tag.place, example="{%tr … %}")
            lifted, text = row, "".join(said.text or "" for said in row.iter(f"{W}t"))
        # What was cut out before is a mark now and no text.
        others = next(lifted.iter(etree.PI, *_THINGS), None)
        if others is not None or text.replace(tag.text, "", 1).strip():
            raise TagError("not_alone", tag.place)
        if next(lifted.iter(f"{W}sectPr"), None) is not None:
            raise TagError("section_end", tag.place)
        parent = lifted.getparent()
        if parent is None:
            raise TagError("nowhere", tag.place)
        number, _ = self.parents.setdefault(parent, (len(self.parents) + 1, tag.level))
        parent.replace(lifted, self._mark(replace(tag, parent=number)))

    def _settle(self, spans: list[_Span], tags: list[Tag]) -> None:
        """Put every tag whole into the span where it begins."""
        left = iter(tags)
        tag: Tag | None = next(left)
        for span in spans:
            here = []
            while tag is not None and tag.start < span.end:
                if span.element.tag != f"{W}t":
                    raise TagError("interrupted", tag.place)
                here.append(tag)
                if tag.end > span.end:
                    break
                tag = next(left, None)
            if here:
                self.fill(span.element, _parts(span.text, span.start, here))
                span.element.set(_SPACE, "preserve")
                _drop_if_empty(span.element)


def _drop_if_empty(text: Element) -> None:
    """Take out what is left of a run whose text was part of a tag. In a loop it would be repeated."""
    run = text.getparent()
    if run is None or text.text or len(text):
        return
    run.remove(text)
    around = run.getparent()
    if around is not None and all(child.tag == f"{W}rPr" for child in run):
        around.remove(run)


def _parts(text: str, start: int, tags: list[Tag]) -> Iterator[str | Tag]:
    """A text that begins at `start` of its paragraph, cut at its tags; these may reach out of it."""
    at = start
    for tag in tags:
        yield text[at - start : max(tag.start - start, 0)]
        if tag.start >= start:
            yield tag
        at = tag.end
    yield text[at - start :]


def _leftovers(root: Element, numbers: Mapping[Element, int]) -> Iterator[TagError]:
    """Tags are understood in text only; left in a field, an attribute or a chart they would be shown."""
    before = ""  # the end of the field code before this one: Word splits these over runs as well
    for element in root.iter("*"):
        text = element.text or ""
        if element.tag == f"{W}instrText":
            text = before + text
            before = text[-1:]
        for said in (text, element.tail or "", *map(str, element.attrib.values())):
            if has_mark(said):
                above = next(element.iterancestors(f"{W}p"), element)
                place = Place(numbers.get(above, 0), said[:60], inside="outside of paragraphs")
                yield TagError("not_in_text", place, element=etree.QName(element).localname)
