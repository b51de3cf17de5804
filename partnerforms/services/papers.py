"""Word documents from answers, in the reader's language, checked and kept byte for byte."""

import hashlib
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
from partnerforms.models import Document

_UNFIT = re.compile(r"[^\w.-]+")


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
) -> bytes:
    """The filled document of an instrument. LostWords when an answer is not found in it again."""
    texts = context(instrument, answers, about, reader)
    return fill(shelf.template(instrument, reader.language, logo), texts, answer_texts(instrument, texts))


def blank_form(library: Library, instrument_id: str, language: str, organization: str = "") -> bytes:
    """The paper form of an instrument, in this language if it is complete in it."""
    reading = reader(library, instrument_id, language)
    return blank(library.instrument(instrument_id, reading.language.code), reading, organization)


def keep(session: Session, organization_id: uuid.UUID, filename: str, content: bytes, now: datetime) -> Document:
    """Store a document as it will be mailed and downloaded."""
    document = Document(
        organization_id=organization_id,
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
    plain = unicodedata.normalize("NFKD", "-".join(parts))
    ascii_only = "".join(letter for letter in plain if ord(letter) < 128)
    return (_UNFIT.sub("-", ascii_only).strip("-.")[:100] or "document") + ".docx"
