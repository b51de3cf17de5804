"""The organization's logo in place of every picture whose alternative text is `logo`.

The box of the picture keeps its height; its width follows the logo. A logo wider than three times its height
would push the text away, so it is made lower instead. Nothing is ever distorted or cropped.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PLACED = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"

_WIDEST = 2  # times as wide as the box is high: so much room stands in the shipped templates
_ID = "rIdLogo"


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG file and its size in pixels."""

    data: bytes
    extension: str
    width: int
    height: int

    @property
    def part(self) -> str:
        """The name of its part in a package."""
        return f"word/media/organization-logo.{self.extension}"


def read_picture(data: bytes) -> Picture:
    """ValueError when it is neither a PNG nor a JPEG. Only the size is read, nothing is decoded."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        extension, size = "png", (data[16:20], data[20:24])
    elif data.startswith(b"\xff\xd8"):
        extension, size = "jpeg", _jpeg_size(data)
    else:
        raise ValueError("the logo is neither a PNG nor a JPEG picture")
    width, height = (int.from_bytes(number, "big") for number in size)
    if not width or not height:
        raise ValueError("the logo is damaged: it has no size")
    return Picture(data, extension, width, height)


def _jpeg_size(data: bytes) -> tuple[bytes, bytes]:
    """Width and height from the frame header, found by going from segment to segment."""
    at = 2
    while data[at : at + 1] == b"\xff":
        kind, length = data[at + 1 : at + 2], int.from_bytes(data[at + 2 : at + 4], "big")
        if b"\xc0" <= kind <= b"\xcf" and kind not in (b"\xc4", b"\xc8", b"\xcc"):
            return data[at + 7 : at + 9], data[at + 5 : at + 7]
        at += 2 + max(length, 2) if kind != b"\xff" else 1  # \xff may be repeated before a kind
    return b"", b""


def place(root: Element, picture: Picture) -> bool:
    """Point every picture called `logo` at the new one and fit its box. Was there any?"""
    found = False
    for named in list(root.iter(f"{_PLACED}docPr")):
        box = named.getparent()
        blip = None if box is None else next(box.iter(f"{_DRAWING}blip"), None)
        if named.get("descr") == "logo" and box is not None and blip is not None:
            _point(blip)
            _fit(box, picture)
            found = True
    return found


def _point(blip: Element) -> None:
    blip.attrib.pop(f"{_LINK}link", "")
    blip.set(f"{_LINK}embed", _ID)
    for extension in blip.findall(f"{_DRAWING}extLst"):
        blip.remove(extension)  # may hold an SVG of the old picture, which Word would rather show
    filling = blip.getparent()
    crop = None if filling is None else filling.find(f"{_DRAWING}srcRect")
    if filling is not None and crop is not None:
        filling.remove(crop)


def _fit(box: Element, picture: Picture) -> None:
    extent = box.find(f"{_PLACED}extent")
    said = "" if extent is None else extent.get("cy", "")
    if extent is None or not said.isdecimal() or len(said) > 12:
        return
    height = int(said)
    width = height * picture.width // picture.height
    if width > _WIDEST * height:
        width = _WIDEST * height
        height = max(width * picture.height // picture.width, 1)
    for size in (extent, *box.iterfind(f".//{_DRAWING}xfrm/{_DRAWING}ext")):
        size.set("cx", str(width))
        size.set("cy", str(height))


def relations_of(part: str) -> str:
    """The name of the part that holds the relationships of a part."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def relate(relations: Element, part: str, picture: Picture, root: Element) -> None:
    """Add the relationship to the new picture and drop those to pictures that are shown no more."""
    shown = {value for element in root.iter("*") for value in element.attrib.values()} - {_ID}
    for relation in list(relations):
        if relation.get("Id") == _ID or (relation.get("Type") == _IMAGE and relation.get("Id") not in shown):
            relations.remove(relation)
    target = posixpath.relpath(picture.part, posixpath.dirname(part))
    etree.SubElement(relations, f"{_RELATIONS}Relationship", Id=_ID, Type=_IMAGE, Target=target)


def declare(types: Element, picture: Picture) -> None:
    """See that the package says what kind of file the picture is."""
    if not any(
        (known.get("Extension") or "").lower() == picture.extension for known in types.iter(f"{_TYPES}Default")
    ):
        kind = etree.Element(
            f"{_TYPES}Default", Extension=picture.extension, ContentType=f"image/{picture.extension}"
        )
        types.insert(0, kind)


def targets(relations: Mapping[str, Element]) -> set[str]:
    """The parts that any relationship of a package leads to; `relations` by the name of their part."""
    found = set()
    for name, root in relations.items():
        folder = posixpath.dirname(posixpath.dirname(name))
        for relation in root:
            if relation.get("TargetMode") != "External":
                found.add(posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/"))
    return found
