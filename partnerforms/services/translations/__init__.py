"""Languages of a place: those of the program, with what it or any organization above it has translated itself.

The nearest organization's own words come first. Only published translations count.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Catalogue, Language
from partnerforms.models import Organization, Translation
from partnerforms.services import inheritance
from partnerforms.services.tools import Tools


def library_for(session: Session, organization: Organization, tools: Tools) -> Library:
    """The library as it is read at an organization: the program's own where nobody has translated anything."""
    places = [here.id for here in inheritance.upward(organization)]
    query = select(Translation).where(Translation.organization_id.in_(places), Translation.published.is_not(None))
    found = sorted(session.scalars(query), key=lambda one: places.index(one.organization_id), reverse=True)
    return _overlaid(tools.library, tuple(_Own(one) for one in found)) if found else tools.library


class _Own:
    """A published translation that can be told apart from an earlier state of itself."""

    def __init__(self, translation: Translation) -> None:
        self.language = Language(
            code=translation.language,
            name=translation.name,
            direction=translation.direction,
            locale=translation.locale,
            accept=(translation.language.lower(),),
            reviewed_by=translation.reviewed_by,
        )
        self.texts: Mapping[str, Any] = translation.published or {}
        self._key = (translation.id, translation.published_at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Own) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=64)
def _overlaid(library: Library, own: tuple[_Own, ...]) -> Library:
    """A library in which these translations, the last one first, go before its own."""
    languages, catalogues = dict(library.languages), dict(library.catalogues)
    for one in own:
        known = languages.get(one.language.code)
        known = known or one.language
        languages[one.language.code] = replace(one.language, accept=known.accept, refuse=known.refuse)
        before = catalogues.get(one.language.code, Catalogue())
        keyed = {key: text for key, text in one.texts.items() if not key.startswith(PAGES)}
        pages = {key.removeprefix(PAGES): text for key, text in one.texts.items() if key.startswith(PAGES)}
        catalogues[one.language.code] = Catalogue({**before.by_key, **keyed}, {**before.by_text, **pages})
    return library.overlaid(catalogues, languages)


# In a translation's {key: text} the texts of pages, which are their own key, stand behind this.
PAGES = "pages."
