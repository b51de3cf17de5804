"""What an organization does with a language: begins it, fills it from a file, publishes it, takes it back.

A draft is what was uploaded and not published. What is the same as above is not kept: it would not follow when it is
mended there. Surveys that are open keep the questions that they were opened with.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Translation
from partnerforms.services import audit, inheritance
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.translations import Own, drafted, overlaid, overlaid_once, published
from partnerforms.services.translations.checking import Checked, Row, check
from partnerforms.services.translations.texts import Asked, Pairs, Texts, counting, options_of, outdated, pairs, said


class IncompleteError(ValueError):
    """Texts are missing, so the language cannot be published."""


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
        return [asked for key, asked in self.texts.items() if key not in self.now]

    @property
    def still_missing(self) -> list[Asked]:
        """What would not be translated with the draft."""
        return [asked for key, asked in self.texts.items() if key not in self.next]

    @property
    def offered(self) -> bool:
        return not self.missing

    @property
    def own(self) -> int:
        """How many texts in use are this organization's own."""
        return len(counting(pairs(self.row.published), self.texts)) if self.row and self.row.published else 0

    @property
    def has_draft(self) -> bool:
        return self.row is not None and self.row.draft is not None


def standings(session: Session, organization: Organization, library: Library, texts: Texts) -> list[Standing]:
    """Every language but English that the program, the organization or one above it has."""
    found = _above(session, organization)
    rows = {row.language: row for row in _rows(session, organization.id)}
    above = overlaid(library, found)
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
    kept, draft = pairs(row.published if row else None), pairs(row.draft if row else None)
    following = draft if row is not None and row.draft is not None else kept
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


def _effective(above: Library, row: Translation | None, kept: Pairs, texts: Texts) -> dict[str, str]:
    """The texts of a language with those of an organization laid over what it has from above."""
    if row is None:
        return {}
    return said(with_draft(above, row, kept, texts), row.language, texts)


def with_draft(above: Library, row: Translation, kept: Pairs, texts: Texts) -> Library:
    """The library as it would be with these texts; those made from another English do not count."""
    current = {key: (texts[key].english, text) for key, text in counting(kept, texts).items()}
    return overlaid_once(above, drafted(row, current))


def preview(
    session: Session, translation_id: uuid.UUID, library: Library, texts: Texts
) -> tuple[Library, Translation, Organization]:
    """The library as it would be with the draft of a language, whole or not. NotThereError when it is gone."""
    row = session.get(Translation, translation_id)
    if row is None:
        raise NotThereError
    organization = session.get_one(Organization, row.organization_id)
    above = overlaid(library, _above(session, organization))
    kept = pairs(row.draft if row.draft is not None else row.published)
    return with_draft(above, row, kept, texts), row, organization


def begin(session: Session, reach: Reach, organization: Organization, language: Language, now: datetime) -> None:
    """A language that neither the program nor anybody above has. It has no texts yet."""
    row = _own_row(session, reach, organization, language, now)
    if row.draft is not None or row.published is not None:
        return  # somebody has begun it at the same time
    row.draft = {}
    _note(session, "language.begun", reach, row, now)
    session.flush()


def upload(
    session: Session, reach: Reach, organization: Organization, one: Standing, checked: Checked, now: datetime
) -> bool:
    """Put the texts of a file into the draft; texts that are not in the file stay. False when nothing changes."""
    row = one.row or _own_row(session, reach, organization, one.language, now)
    reach.require("run", organization.id)
    session.refresh(row, with_for_update=True)
    before = pairs(row.draft if row.draft is not None else row.published)
    after = dict(before)
    for given in checked.rows:
        _lay(after, given, one)
    if after == before:
        if row.draft is None and row.published is None:
            session.delete(row)
        session.flush()
        return False
    row.draft = None if row.published is not None and after == pairs(row.published) else _kept(after)
    row.changed_at = now
    if row.published is None:
        row.reviewed_by = ""
    _note(session, "language.uploaded", reach, row, now, texts=len(after))
    session.flush()
    return True


def _lay(after: dict[str, tuple[str, str]], given: Row, one: Standing) -> None:
    today = one.texts[given.key].english
    if not given.text:
        # An outdated translation is shown in the note of its row, which is empty: it stays until there is a new one.
        if given.key in after and after[given.key][0] == today:
            del after[given.key]
    elif given.text == one.inherited.get(given.key):
        after.pop(given.key, None)
    else:
        after[given.key] = (given.english, given.text)


def checked_file(rows: Sequence[Row], one: Standing, library: Library) -> Checked:
    """The rows of a file as they can be uploaded; what `checking.check` raises when they cannot."""
    return check(rows, one.texts, one.next, options_of(library))


def publish(session: Session, reach: Reach, one: Standing, now: datetime) -> None:
    """Use the draft from now on, here and below. IncompleteError when something is not translated."""
    row = _held(session, reach, one)
    if row.draft is None:
        return
    if one.still_missing:
        raise IncompleteError
    if row.published is not None:
        row.reviewed_by = ""  # it was said of other texts
    row.published, row.draft, row.published_at, row.changed_at = row.draft, None, now, now
    _note(session, "language.published", reach, row, now)
    session.flush()


def take_back(session: Session, reach: Reach, one: Standing, now: datetime) -> None:
    """Go back to the language from above, or offer it no more. The texts stay as a draft."""
    row = _held(session, reach, one)
    if row.published is None:
        return
    if row.draft is None:
        row.draft = row.published
    row.published, row.published_at, row.changed_at = None, None, now
    _note(session, "language.taken_back", reach, row, now)
    session.flush()


def discard(session: Session, reach: Reach, one: Standing, now: datetime) -> None:
    """Throw the draft away, and with it a language that was never published."""
    row = _held(session, reach, one)
    _note(session, "language.discarded", reach, row, now)
    if row.published is None:
        session.delete(row)
    else:
        row.draft = None
    session.flush()


def reviewed(session: Session, reach: Reach, one: Standing, name: str, day: date | None, now: datetime) -> None:
    """Say who has read the texts in use, or the draft of a language not yet used; without a name: nobody."""
    row = _held(session, reach, one)
    row.reviewed_by = f"{name}, {day.isoformat()}" if name and day else ""
    _note(session, "language.reviewed", reach, row, now, reviewer=row.reviewed_by)
    session.flush()


def _above(session: Session, organization: Organization) -> tuple[Own, ...]:
    return published(session, list(inheritance.upward(organization))[1:])


def _rows(session: Session, organization_id: uuid.UUID) -> Sequence[Translation]:
    query = select(Translation).where(Translation.organization_id == organization_id)
    return session.scalars(query.order_by(Translation.language)).all()


def _own_row(
    session: Session, reach: Reach, organization: Organization, language: Language, now: datetime
) -> Translation:
    """The organization's own row of a language, made when there is none yet."""
    reach.require("run", organization.id)
    # Two leaders who begin at once come one after the other.
    session.execute(select(Organization.id).where(Organization.id == organization.id).with_for_update(key_share=True))
    query = select(Translation).where(
        Translation.organization_id == organization.id, Translation.language == language.code
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        row = Translation(
            organization_id=organization.id,
            language=language.code,
            name=language.name,
            direction=language.direction,
            locale=language.locale,
            reviewed_by="",
            changed_at=now,
        )
        session.add(row)
        session.flush()
    return row


def _held(session: Session, reach: Reach, one: Standing) -> Translation:
    """The own row of a language, which nobody else changes meanwhile. NotThereError when there is none."""
    if one.row is None:
        raise NotThereError
    reach.require("run", one.row.organization_id)
    session.refresh(one.row, with_for_update=True)
    return one.row


def _kept(given: Pairs) -> dict[str, Any]:
    return {key: list(pair) for key, pair in given.items()}


def _note(session: Session, action: str, reach: Reach, row: Translation, now: datetime, **details: Any) -> None:
    audit.note(session, action, reach.person, row.organization_id, now, row.name, language=row.language, **details)
