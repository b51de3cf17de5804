"""What invites people to a survey on paper, flyers and slips: the texts they share, and how they are filled.

Each is a Word template built once for a language, a logo and a size of type. For one place its texts are filled in
and its QR code, which is a picture and therefore no matter of tags, is exchanged.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from io import BytesIO

from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Length
from docx.text.paragraph import Paragraph

from partnerforms.documents import qr
from partnerforms.documents.look import Paper
from partnerforms.documents.templates import Names, Template, compile_template, package
from partnerforms.documents.templates.direction import LEFT_TO_RIGHT
from partnerforms.engine.texts import DOCUMENT_WORDS, Language

_HOLDER = "an address that no survey has"


@dataclass(frozen=True)
class Invitation:
    """What an invitation says, in one language. `address` is for reading and typing, `target` is in the QR code."""

    place: str
    audience: str
    title: str
    intro: str
    when: str
    seen_by: str
    address: str
    code: str
    target: str
    others: str


NAMES: Names = {**dict.fromkeys(field.name for field in fields(Invitation)), "words": dict.fromkeys(DOCUMENT_WORDS)}


@dataclass(frozen=True)
class Form:
    """How an invitation of one language and place looks. `crowded` is set where the name of a place is long."""

    language: Language
    picture_says: str
    logo: bytes | None
    crowded: bool


def crowded(place: str) -> bool:
    """Is the name of a place too long for large type? Chinese and Korean letters are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in place) > 45


def compiled(build: Callable[[Form], bytes], form: Form) -> Template:
    """The template of a kind of invitation."""
    language = form.language
    return compile_template(
        build(form),
        NAMES,
        file=build.__module__,
        language=language.code,
        direction=language.direction,
        logo=form.logo,
    )


def filled(template: Template, invitation: Invitation, words: dict[str, str], inches: float) -> bytes:
    """The invitation, with its QR code so many inches wide."""
    parts = package.read(template.fill({**asdict(invitation), "words": words}))
    held = qr.png(_HOLDER, inches)
    (name,) = [name for name, part in parts.items() if part.size == len(held) and part.content() == held]
    parts[name] = package.pack(name, qr.png(invitation.target, inches))
    return package.Writer(parts.values(), ()).write({})


def put_code(paragraph: Paragraph, inches: float, says: str) -> None:
    """The place of the QR code, with what it says to those who do not see it."""
    shown = paragraph.add_run().add_picture(BytesIO(qr.png(_HOLDER, inches)), width=Length(int(inches * 914400)))
    shown._inline.docPr.set("descr", says)


def put_left_to_right(paper: Paper, paragraph: Paragraph, text: str) -> None:
    """Text that stays as it is in a right-to-left document: an address, a code."""
    styles = paper.doc.styles
    if not any(style.style_id == LEFT_TO_RIGHT for style in styles):
        styles.add_style(LEFT_TO_RIGHT, WD_STYLE_TYPE.CHARACTER)
    # The marks keep a code that begins with figures in order, also where a program does not heed the style.
    paragraph.add_run(f"\u200e{text}\u200e").style = styles[LEFT_TO_RIGHT]
