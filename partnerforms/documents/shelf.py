"""The Word templates of docx_templates/, compiled once for each language and logo."""

import logging
from functools import lru_cache
from pathlib import Path

from partnerforms.documents import sheets, starter
from partnerforms.documents.context import names
from partnerforms.documents.templates import Template, TemplateError, compile_template
from partnerforms.engine.model import Instrument
from partnerforms.engine.texts import Language

log = logging.getLogger(__name__)


class Shelf:
    """Hands out compiled templates. An instrument without a file of its own gets the starter template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = lru_cache(256)(self._template)
        self.answer_sheets = lru_cache(64)(self._answer_sheets)

    def _template(self, instrument: Instrument, language: Language, logo: bytes | None) -> Template:
        """The template of an instrument. TemplateError when its file names what the instrument does not have.

        An instrument kept from an earlier year may have items that today's file does not know, or the other way
        round. Its documents are then made with a starter template of that very instrument.
        """
        path = self._path(instrument.id, language)
        if path is not None:
            try:
                return _compiled(path.read_bytes(), path.name, instrument, language, logo)
            except TemplateError as error:
                log.warning("the starter template serves %s %s: %s", instrument.id, instrument.version, error)
        return _compiled(starter.build(instrument), f"{instrument.id} (starter)", instrument, language, logo)

    def _answer_sheets(self, language: Language, logo: bytes | None) -> Template:
        path = self._path(sheets.NAME, language)
        data = path.read_bytes() if path else sheets.build()
        return compile_template(
            data,
            sheets.NAMES,
            file=sheets.NAME,
            language=language.code,
            direction=language.direction,
            logo=logo,
        )

    def check(self, instrument: Instrument, language: Language) -> Template:
        """The template of the instrument's own file, compiled strictly; TemplateError as it comes."""
        path = self._path(instrument.id, language)
        data = path.read_bytes() if path else starter.build(instrument)
        return _compiled(data, path.name if path else instrument.id, instrument, language, None)

    def _path(self, name: str, language: Language) -> Path | None:
        """The file for this language, else the one for all languages, else None."""
        for path in (self.folder / f"{name}.{language.code}.docx", self.folder / f"{name}.docx"):
            if path.is_file():
                return path
        return None


def _compiled(data: bytes, file: str, instrument: Instrument, language: Language, logo: bytes | None) -> Template:
    return compile_template(
        data, names(instrument), file=file, language=language.code, direction=language.direction, logo=logo
    )
