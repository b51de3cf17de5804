"""Word's XML: read safely, freed of noise, and cut at its tags.

Word splits text into runs as it likes (a tag may have every letter in a run of its own), so tags are looked
for in the text of a whole paragraph. A tag is put into the run where it begins and takes that run's look.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree
from lxml.etree import _Element as Element

from partnerforms.documents.templates.nodes import PARAGRAPH, ROW, Filler
from partnerforms.documents.templates.tags import Tag, TagError, find, has_mark

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
        raise TagError("the whole part", f"it is larger than {LARGEST // 1_000_000} MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise TagError("the whole part", "it is not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise TagError("the whole part", "it has a DOCTYPE, which Word does not write")
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


def cut(root: Element) -> list[Piece]:
    """The XML of a text part and, where they stood in it, its tags. Changes the tree."""
    if root.nsmap.get("w") != W[1:-1]:
        raise TagError("the whole part", 'it is not written as "Word Document (.docx)"; save it as that in Word')
    cutter = _Cutter()
    # The list keeps every paragraph alive: lxml elements are compared by identity.
    paragraphs = list(root.iter(f"{W}p"))
    numbers = {paragraph: number for number, paragraph in enumerate(paragraphs, 1)}
    for paragraph, spans in _spans(root):
        cutter.paragraph(paragraph, spans, f"paragraph {numbers[paragraph]}")
    cutter.add_fillers()
    _refuse_leftovers(root, numbers)
    return cutter.pieces(root)


def cut_properties(root: Element) -> list[Piece]:
    """The same for the document properties. They may hold names and no blocks."""
    cutter = _Cutter()
    for element in root.iter("*"):
        place = f'property "{etree.QName(element).localname}"'
        tags = find(element.text or "", place)
        for tag in tags:
            if tag.word != "value" or element.tag.startswith(_DATES):
                raise TagError(tag.place, "this tag cannot stand in this document property")
        if tags:
            cutter.fill(element, list(_parts(element.text or "", 0, tags)))
    _refuse_leftovers(root, {})
    return cutter.pieces(root)


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

    def paragraph(self, paragraph: Element, spans: list[_Span], place: str) -> None:
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

    def pieces(self, root: Element) -> list[Piece]:
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
                raise TagError(tag.place, "a {%tr … %} tag must stand in a table row")
            lifted, text = row, "".join(said.text or "" for said in row.iter(f"{W}t"))
        # What was cut out before is a mark now and no text.
        others = next(lifted.iter(etree.PI, *_THINGS), None)
        if others is not None or text.replace(tag.text, "", 1).strip():
            raise TagError(tag.place, "this tag must be alone in its row or paragraph, which goes when it is filled")
        if next(lifted.iter(f"{W}sectPr"), None) is not None:
            raise TagError(tag.place, "a section ends at this paragraph; put the tag into another one")
        parent = lifted.getparent()
        if parent is None:
            raise TagError(tag.place, "this paragraph stands nowhere")
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
                    raise TagError(tag.place, "a tab, a line break, a field or a picture stands inside this tag")
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


def _refuse_leftovers(root: Element, numbers: dict[Element, int]) -> None:
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
                place = f"paragraph {numbers[above]}" if above in numbers else "outside of paragraphs"
                name = etree.QName(element).localname
                raise TagError(f'{place}: "{said[:60]}"', f"a tag cannot stand here ({name}), only in text")
