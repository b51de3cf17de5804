"""The organization's logo takes the place of the picture that is called logo."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Cm

from partnerforms.documents.templates.logo import read_picture

from .making import compiled, jpeg_head, opened, paper, part, png, saved

HEIGHT = Cm(2)


def letter(header="logo", body="logo", other=""):
    """A file with pictures of these alternative texts; python-docx keeps equal bytes in one part."""
    doc = docx.Document()
    for place, text in ((doc.sections[0].header.paragraphs[0], header), (doc.add_paragraph(), body)):
        picture = place.add_run().add_picture(io.BytesIO(png(10, 10)), height=HEIGHT)
        picture._inline.docPr.set("descr", text)
    if other:
        picture = doc.add_paragraph().add_run().add_picture(io.BytesIO(png(11, 11)), height=HEIGHT)
        picture._inline.docPr.set("descr", other)
    return saved(doc)


def filled(data, logo):
    return compiled(data, {}, logo=logo).fill({})


def names(document):
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return [name for name in archive.namelist() if name.startswith("word/media/")]


def boxes(document):
    """Size, picture and relative distortion of each picture in the body."""
    doc = opened(document)
    found = []
    for shape in doc.inline_shapes:
        extent = shape._inline.graphic.graphicData.pic.spPr.xfrm.ext
        assert (extent.cx, extent.cy) == (shape.width, shape.height)
        blip = shape._inline.graphic.graphicData.pic.blipFill.blip
        found.append((shape.width, shape.height, doc.part.related_parts[blip.embed].blob))
    return found


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (20, 10, (2 * HEIGHT, HEIGHT)),
        (5, 10, (HEIGHT // 2, HEIGHT)),
        (40, 10, (2 * HEIGHT, HEIGHT // 2)),
        (80, 10, (2 * HEIGHT, HEIGHT // 4)),
    ],
)
def test_the_box_fits_the_logo(width, height, box):
    logo = png(width, height)
    assert boxes(filled(letter(), logo)) == [(*box, logo)]


def test_the_logo_is_in_the_header_too_and_the_old_one_is_gone():
    logo = png(20, 10)
    document = filled(letter(), logo)
    header = opened(document).sections[0].header
    assert [rel.target_part.blob for rel in header.part.rels.values()] == [logo]
    assert names(document) == ["word/media/organization-logo.png"]


def test_other_pictures_stay_even_when_they_have_the_same_bytes():
    document = filled(letter(header="Our school", other="A chart"), png(20, 10))
    assert names(document) == [
        "word/media/image1.png",
        "word/media/image2.png",
        "word/media/organization-logo.png",
    ]
    header = opened(document).sections[0].header
    assert [rel.target_part.blob for rel in header.part.rels.values()] == [png(10, 10)]
    assert [blob for _, _, blob in boxes(document)] == [png(20, 10), png(11, 11)]


def test_a_jpeg_is_declared():
    logo = jpeg_head(20, 10)
    document = filled(letter(), logo)
    assert boxes(document) == [(2 * HEIGHT, HEIGHT, logo)]
    assert b'<Default Extension="jpeg" ContentType="image/jpeg"/>' in part(document, "[Content_Types].xml")
    assert part(document, "[Content_Types].xml").count(b'Extension="png"') == 1


def test_a_crop_and_an_svg_of_the_old_picture_go():
    doc = opened(letter())
    fill = doc.inline_shapes[0]._inline.graphic.graphicData.pic.blipFill
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    fill.insert(1, parse_xml(f'<a:srcRect {space} l="100"/>'))
    fill.blip.append(parse_xml(f"<a:extLst {space}><a:ext uri='svg'/></a:extLst>"))
    xml = part(filled(saved(doc), png(20, 10)), "word/document.xml")
    assert b"srcRect" not in xml
    assert b"extLst" not in xml


def test_a_template_without_a_place_for_it_is_left_alone():
    data = paper(["x"])
    assert filled(data, png(20, 10)) == filled(data, None)
    assert boxes(filled(letter(), None)) == [(HEIGHT, HEIGHT, png(10, 10))]


@pytest.mark.parametrize(
    ("logo", "said"),
    [
        (b"GIF89a", "neither a PNG nor a JPEG"),
        (b"", "neither a PNG nor a JPEG"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "neither a PNG nor a JPEG"),
        (png(0, 10), "damaged"),
        (jpeg_head(20, 10)[:12], "damaged"),
        (b"\xff\xd8" + b"\xff" * 1000, "damaged"),
    ],
)
def test_what_is_no_picture_is_refused(logo, said):
    with pytest.raises(ValueError, match=said):
        read_picture(logo)
