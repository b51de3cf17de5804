"""How the languages of an organization stand: what respondents see, what they would see, and what is missing."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Translation
from partnerforms.services import inheritance
from partnerforms.services.access import NotThereError
from partnerforms.services.translations import Own, drafted, overlaid, overlaid_once, published
from partnerforms.services.translations.texts import (
    Asked,
    Pairs,
    Texts,
    counting,
    letters_in,
    outdated,
    pairs,
    said,
)


@dataclass(frozen=True)
class Standing:
    """A language at an organization. `row` is the organization's own, `above` whose published language it has
    otherwise, by the name of the organization, "" for the program's own.

    `now` are the texts that respondents see, `next` those they would see with the draft.
    """

    language: Language
    row: Translation | None
    above: str
    texts: Texts
    inherited: dict[str, str]
    now: dict[str, str]
    next: dict[str, str]
    stale: dict[str, tuple[str, str]]

    @property
    def missing(self) -> list[Asked]:
        """What is not translated, of what respondents see."""
        return [asked for key, asked in self.texts.items() if asked.needed and key not in self.now]

    @property
    def still_missing(self) -> list[Asked]:
        """The same with the draft."""
        return [asked for key, asked in self.texts.items() if asked.needed and key not in self.next]

    @property
    def offered(self) -> bool:
        return not self.missing

    @property
    def reviewed(self) -> bool:
        """Has a native speaker read what is in use, or the draft of what is not?"""
        return bool(self.language.reviewed_by)

    @property
    def own(self) -> int:
        """How many texts in use are this organization's own."""
        return len(counting(pairs(self.row.published), self.texts)) if self.row else 0

    @property
    def own_next(self) -> dict[str, str]:
        """The texts that would be this organization's own with the draft."""
        return counting(newest(self.row), self.texts)

    @property
    def has_draft(self) -> bool:
        return self.row is not None and self.row.draft is not None


def standings(session: Session, organization: Organization, library: Library, texts: Texts) -> list[Standing]:
    """Every language but English that the program, the organization or one above it has."""
    found = _above(session, organization)
    rows = {row.language: row for row in _rows(session, organization.id)}
    above = overlaid(library, found, letters_in(texts))
    names = {here.id: here.name for here in inheritance.upward(organization)}
    from_whom = {own.language.code: names[own.organization_id] for own in found}
    codes = dict.fromkeys([*above.languages, *rows])
    return [_standing(above, rows.get(code), code, from_whom.get(code, ""), texts) for code in codes if code != "en"]


def standing(session: Session, organization: Organization, code: str, library: Library, texts: Texts) -> Standing:
    """One of `standings`. NotThereError when there is no such language here."""
    for one in standings(session, organization, library, texts):
        if one.language.code == code:
            return one
    raise NotThereError


def _standing(above: Library, row: Translation | None, code: str, from_whom: str, texts: Texts) -> Standing:
    inherited = said(above, code, texts)
    kept, following = pairs(row.published if row else None), newest(row)
    return Standing(
        language=drafted(row, {}).language if row else above.languages[code],
        row=row,
        above=from_whom,
        texts=texts,
        inherited=inherited,
        now=_effective(above, row, kept, texts) if kept else inherited,
        next=_effective(above, row, following, texts) if following else inherited,
        stale=outdated(following, texts),
    )


def newest(row: Translation | None) -> dict[str, tuple[str, str]]:
    """The draft, and where there is none what is in use."""
    if row is None:
        return {}
    return pairs(row.draft if row.draft is not None else row.published)


def _effective(above: Library, row: Translation | None, kept: Pairs, texts: Texts) -> dict[str, str]:
    """The texts of a language with those of an organization laid over what it has from above."""
    if row is None:
        return {}
    return said(with_draft(above, row, kept, texts), row.language, texts)


def with_draft(above: Library, row: Translation, kept: Pairs, texts: Texts) -> Library:
    """The library as it would be with these texts; those made from another English do not count."""
    current = {key: (texts[key].english, text) for key, text in counting(kept, texts).items()}
    return overlaid_once(above, drafted(row, current), letters_in(texts))


def preview(
    session: Session, translation_id: uuid.UUID, library: Library, texts: Texts
) -> tuple[Library, Translation, Organization]:
    """The library as it would be with the draft of a language, whole or not. NotThereError when it is gone."""
    row = session.get(Translation, translation_id)
    if row is None:
        raise NotThereError
    organization = session.get_one(Organization, row.organization_id)
    above = overlaid(library, _above(session, organization), letters_in(texts))
    return with_draft(above, row, newest(row), texts), row, organization


def _above(session: Session, organization: Organization) -> tuple[Own, ...]:
    return published(session, list(inheritance.upward(organization))[1:])


def _rows(session: Session, organization_id: uuid.UUID) -> Sequence[Translation]:
    query = select(Translation).where(Translation.organization_id == organization_id)
    return session.scalars(query.order_by(Translation.language)).all()
