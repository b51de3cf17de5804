"""The Word templates of docx_templates/ and those of organizations, compiled once for each language and logo."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from partnerforms.documents import sheets, starter
from partnerforms.documents.context import names
from partnerforms.documents.templates import Template, TemplateError, compile_template
from partnerforms.engine.model import Instrument
from partnerforms.engine.texts import Language

log = logging.getLogger(__name__)

_MOST_OWN = 32  # each may keep some megabytes


@dataclass(frozen=True)
class OwnFile:
    """A template that is not on the shelf: its SHA-256, and how to get its bytes when they are needed."""

    sha256: str
    read: Callable[[], bytes]


class Shelf:
    """Hands out compiled templates. An instrument without a file of its own gets the starter template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shipped = lru_cache(256)(self._shipped)
        self.answer_sheets = lru_cache(64)(self._answer_sheets)

        self._own: OrderedDict[tuple[object, ...], Template | TemplateError] = OrderedDict()

    def template(
        self, instrument: Instrument, language: Language, logo: bytes | None, own: OwnFile | None = None
    ) -> Template:
        """The template of an instrument, or what an organization's own file makes of it.

        TemplateError when the own file does not fit the instrument as it is, which may be one of an earlier year.
        """
        if own is None:
            return self.shipped(instrument, language, logo)
        key = (own.sha256, instrument, language, logo)
        found = self._own.pop(key, None)
        if found is None:
            try:
                found = _compiled(own.read(), f"own template of {instrument.id}", instrument, language, logo)
            except TemplateError as error:
                found = error  # it does not fit the next time either
        self._own[key] = found  # now the last one to go; threads that meet here compile twice and nothing worse
        while len(self._own) > _MOST_OWN:
            with suppress(KeyError):
                self._own.popitem(last=False)
        if isinstance(found, TemplateError):
            raise found.with_traceback(None)
        return found

    def shipped_file(self, instrument: Instrument, language: Language) -> bytes:
        """The Word file that serves where there is no own one: a start for an own one."""
        path = self._path(instrument.id, language)
        return path.read_bytes() if path else starter.build(instrument)

    def _shipped(self, instrument: Instrument, language: Language, logo: bytes | None) -> Template:
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
        file = path.name if path else instrument.id
        return _compiled(self.shipped_file(instrument, language), file, instrument, language, None)

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
