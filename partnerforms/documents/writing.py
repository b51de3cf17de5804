"""A Word file written from texts that people typed, once: no template stays behind.

Each text goes in as a tag and is filled in at the end, so that nothing somebody typed is ever taken for a tag, and
the file is read back like every other.
"""

import unicodedata
from collections.abc import Sequence

from partnerforms.documents.fill import fill
from partnerforms.documents.invitations import put_left_to_right
from partnerforms.documents.look import Paper
from partnerforms.documents.templates import compile_template
from partnerforms.engine.texts import Language


class Writing:
    """Gives a tag for each text that is put on `paper`, and makes the file."""

    def __init__(self, title: str) -> None:
        self._texts: dict[str, str] = {}
        self.paper = Paper(self.tag(title))

    def tag(self, text: str) -> str:
        """What to write on the paper in place of a text."""
        if not text:
            return ""
        name = f"n{len(self._texts)}"
        self._texts[name] = text
        return f"{{{{ t.{name} }}}}"

    def tags(self, texts: Sequence[str]) -> list[str]:
        return [self.tag(text) for text in texts]

    def heading(self, text: str, level: int = 1, new_page: bool = False) -> None:
        self.paper.heading(self.tag(text), level, new_page)

    def paragraph(self, text: str, style: str = "Normal") -> None:
        self.paper.paragraph(self.tag(text), style)

    def quote(self, text: str, style: str, right_to_left: bool) -> None:
        """What somebody wrote, in whatever language: Latin letters keep their order and their full stop in a document
        that runs from the right."""
        directions = (unicodedata.bidirectional(letter) for letter in text)
        if right_to_left and next((one for one in directions if one in ("L", "R", "AL")), "") == "L":
            put_left_to_right(self.paper, self.paper.paragraph("", style), self.tag(text))
        else:
            self.paragraph(text, style)

    def finish(self, file: str, language: Language, logo: bytes | None) -> bytes:
        """The .docx in a language and its direction. LostWords when a text is not found in it again."""
        names = {"t": dict.fromkeys(self._texts)}
        template = compile_template(
            self.paper.bytes(), names, file=file, language=language.code, direction=language.direction, logo=logo
        )
        return fill(template, {"t": self._texts}, self._texts.values())
