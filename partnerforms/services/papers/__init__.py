"""Word documents from answers, in the reader's language, checked and kept byte for byte."""

import hashlib
import logging
import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from partnerforms.documents.blank import blank
from partnerforms.documents.context import Reader, answer_texts, context
from partnerforms.documents.fill import fill
from partnerforms.documents.shelf import Shelf
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument
from partnerforms.engine.terms import Terms
from partnerforms.models import Document, Organization
from partnerforms.services.papers import own_templates

log = logging.getLogger(__name__)

_UNFIT = re.compile(r"[^\w.-]+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def reader(library: Library, instrument_id: str, language: str, blank: str = "") -> Reader:
    """The reader of a document: in this language if the instrument is complete in it, else in English."""
    offered = {offer.code: offer for offer in library.languages_of(instrument_id)}
    chosen = offered.get(language) or library.languages["en"]
    words = library.catalogues[chosen.code].words()
    return Reader(chosen, words, words.get(blank, ""))


def fill_instrument(
    shelf: Shelf,
    instrument: Instrument,
    answers: Mapping[str, Any],
    about: Mapping[str, str],
    reader: Reader,
    logo: bytes | None,
    organization: Organization | None = None,
) -> bytes:
    """The filled document of an instrument. LostWords when an answer is not found in it again.

    It is made with the template that the organization or one above it uses. Where that one fails, as it may for an
    instrument of an earlier year, the shipped one serves: no form is refused because of how its document looks.
    """
    texts = context(instrument, answers, about, reader)
    shown = list(answer_texts(instrument, texts))
    own = own_templates.in_use(organization, instrument.id) if organization else None
    if own is not None:
        try:
            template = shelf.template(instrument, reader.language, logo, own_templates.file_of(own))
            return fill(template, texts, shown)
        except (ValueError, TypeError, SyntaxError) as error:  # what compiling, filling and reading back raise
            log.warning(
                "own template %s does not serve %s version %s: %s",
                *(own.id, instrument.id, instrument.version, type(error).__name__),
            )
    return fill(shelf.template(instrument, reader.language, logo), texts, shown)


def blank_form(
    library: Library, instrument_id: str, language: str, organization: str = "", terms: Terms = ()
) -> bytes:
    """The paper form of an instrument, in this language if it is complete in it, with the words of a place."""
    reading = reader(library, instrument_id, language)
    return blank(library.instrument(instrument_id, reading.language.code, terms), reading, organization)


def keep(
    session: Session,
    organization_id: uuid.UUID,
    filename: str,
    content: bytes,
    now: datetime,
    survey_id: uuid.UUID | None = None,
) -> Document:
    """Store a document as it will be mailed and downloaded; with `survey_id` when raw answers are in it."""
    document = Document(
        organization_id=organization_id,
        survey_id=survey_id,
        filename=filename,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=now,
    )
    session.add(document)
    session.flush()
    return document


def filename(*parts: str) -> str:
    """A file name that every system takes, made of some texts: "Maple-School-Plan-2026-1.docx"."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKD", "-".join(parts)))
    ascii_only = "".join(letter for letter in plain if ord(letter) < 128)
    return (_UNFIT.sub("-", ascii_only).strip("-.")[:100] or "document") + ".docx"
