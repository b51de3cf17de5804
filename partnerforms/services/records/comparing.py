"""Editions of a record: each revision with the instrument that it answered, and the draft as it is now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from partnerforms.engine.comparing import Asked
from partnerforms.engine.library import Library, languages_in, thaw
from partnerforms.engine.model import Instrument
from partnerforms.models import InstrumentVersion, Record, Revision
from partnerforms.services import inheritance
from partnerforms.services.access import NotThereError

DRAFT = "draft"


@dataclass(frozen=True)
class Edition:
    """What was submitted as a revision; without one, what stands in the draft."""

    revision: Revision | None
    instrument: Instrument
    answers: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As addresses name it: the number of a revision, or "draft"."""
        return str(self.revision.number) if self.revision else DRAFT

    @property
    def asked(self) -> Asked:
        return Asked(self.instrument, self.answers)


def languages(session: Session, library: Library, record: Record, names: Iterable[str]) -> set[str]:
    """The codes of the languages in which all these editions can be read."""
    found = {language.code for language in library.languages_of(record.instrument)}
    for name in names:
        if name != DRAFT:
            found &= languages_in(_frozen(session, _revision(record, name)))
    return found


def edition(session: Session, library: Library, record: Record, name: str, language: str) -> Edition:
    """An edition by its name, its instrument in a language as it was asked then. NotThereError when there is none."""
    terms = inheritance.terms(record.organization)
    if name == DRAFT:
        return Edition(None, library.instrument(record.instrument, language, terms), record.draft)
    found = _revision(record, name)
    return Edition(found, thaw(_frozen(session, found), language, terms), found.answers)


def before(record: Record, number: int) -> Revision | None:
    """The revision before the one of this number."""
    return next((one for one in record.revisions if one.number < number), None)


def _revision(record: Record, name: str) -> Revision:
    found = next((one for one in record.revisions if str(one.number) == name), None)
    if found is None:
        raise NotThereError
    return found


def _frozen(session: Session, revision: Revision) -> str:
    return session.get_one(InstrumentVersion, revision.instrument_digest).frozen
