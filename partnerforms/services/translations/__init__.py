"""Languages of a place: those of the program, with what it or any organization above it has translated itself.

The nearest organization's own words come first. Only published translations count, and only for the English texts
that they were made from: what has changed since is not shown in an old translation.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from partnerforms.engine.library import Library, keys, message_keys
from partnerforms.engine.report_texts import report_keys
from partnerforms.engine.texts import Catalogue, Language
from partnerforms.models import Organization, Translation
from partnerforms.services import inheritance
from partnerforms.services.tools import Tools
from partnerforms.services.translations.texts import PAGES, Letters, Pairs, options_of, pairs


@dataclass(frozen=True)
class Own:
    """A language as one organization says it. `at` tells its states apart; the pairs are not compared."""

    language: Language
    organization_id: uuid.UUID
    translation_id: uuid.UUID
    at: datetime | None
    pairs: Pairs = field(compare=False)


def library_for(session: Session, organization: Organization, tools: Tools) -> Library:
    """The library as it is read at an organization: the program's own where nobody has translated anything."""
    return overlaid(tools.library, published(session, list(inheritance.upward(organization))))


def library_at(organization: Organization, tools: Tools) -> Library:
    """The same, for who has the organization from a session and not the session itself."""
    session = object_session(organization)
    if session is None:
        raise ValueError("this organization is not of a session")
    return library_for(session, organization, tools)


def published(session: Session, places: Sequence[Organization]) -> tuple[Own, ...]:
    """What these organizations have published, the last one's first.

    One small statement: the texts themselves are asked for only when this state of them was never seen here.
    """
    order = [here.id for here in places]
    columns = (
        Translation.id, Translation.organization_id, Translation.language, Translation.name, Translation.direction,
        Translation.locale, Translation.reviewed_by, Translation.published_at,
    )  # fmt: skip
    query = select(*columns).where(Translation.organization_id.in_(order), Translation.published_at.is_not(None))
    rows = sorted(session.execute(query), key=lambda row: (-order.index(row.organization_id), row.language))
    return tuple(
        Own(
            _language(row.language, row.name, row.direction, row.locale, row.reviewed_by),
            row.organization_id,
            row.id,
            row.published_at,
            _texts(session, row.id, row.published_at),
        )
        for row in rows
    )


def drafted(translation: Translation, draft: Pairs) -> Own:
    """A language of an organization as it would be with these texts."""
    one = translation
    language = _language(one.language, one.name, one.direction, one.locale, one.reviewed_by)
    return Own(language, one.organization_id, one.id, None, draft)


def overlaid(library: Library, own: tuple[Own, ...], letters: Letters = ()) -> Library:
    """A library in which these languages, the last one first, go before its own.

    Only who writes letters gives their keys and texts, which the library does not know.
    """
    return _overlaid(library, own, letters) if own else library


def overlaid_once(library: Library, own: Own, letters: Letters) -> Library:
    """The same for a draft, which is not kept in memory: it is of no use a minute later."""
    return _laid(library, (own,), letters)


_MOST_TEXTS = 32  # languages of organizations kept in memory, of some 100 kB each
_seen: dict[tuple[uuid.UUID, datetime], Pairs] = {}


def _texts(session: Session, translation_id: uuid.UUID, published_at: datetime) -> Pairs:
    key = (translation_id, published_at)
    if (known := _seen.get(key)) is None:
        known = pairs(session.scalar(select(Translation.published).where(Translation.id == translation_id)))
        while len(_seen) >= _MOST_TEXTS:
            _seen.pop(next(iter(_seen)), None)  # another thread may have taken it
        _seen[key] = known
    return known


def _language(code: str, name: str, direction: str, locale: str, reviewed_by: str) -> Language:
    return Language(code, name, direction, locale, (code.lower(),), reviewed_by)


def _laid(library: Library, own: tuple[Own, ...], letters: Letters) -> Library:
    languages, catalogues = dict(library.languages), dict(library.catalogues)
    english = {**_english(library), **dict(letters)}
    for one in own:
        code = one.language.code
        known = languages.get(code, one.language)
        languages[code] = replace(one.language, accept=known.accept, refuse=known.refuse)
        before = catalogues.get(code, Catalogue())
        pages = {first: text for key, (first, text) in one.pairs.items() if key.startswith(PAGES)}
        keyed = {key: text for key, (first, text) in one.pairs.items() if english.get(key) == first}
        by_key = _told_apart({**before.by_key, **keyed}, before.by_key, library)
        catalogues[code] = Catalogue(by_key, {**before.by_text, **pages})
    return library.overlaid(catalogues, languages)


_overlaid = lru_cache(maxsize=64)(_laid)


@lru_cache(maxsize=8)
def _english(library: Library) -> Mapping[str, str]:
    """Today's English of everything in surveys, messages and reports, by key."""
    found = message_keys() | report_keys()
    for survey in library.instruments("survey"):
        found |= keys(library.definitions[survey.id])
    return found


def _told_apart(texts: dict[str, str], before: Mapping[str, str], library: Library) -> dict[str, str]:
    """The texts, where answers that would be alike fall back to what they were: somebody above has changed them
    since these were checked, and a survey must be able to tell its answers apart."""
    for group in options_of(library):
        labels = [texts[key] for key in group if key in texts]
        if len(set(labels)) < len(labels):
            for key in group:
                texts.pop(key, None)
                if key in before:
                    texts[key] = before[key]
    return texts
