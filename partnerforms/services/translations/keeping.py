"""What an organization does with a language: begins it, fills it from a file, publishes it, takes it back.

A draft is what was uploaded and not published. What is the same as above is not kept: it would not follow when it is
mended there. Surveys that are open keep the questions that they were opened with.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.engine.library import Library
from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Translation
from partnerforms.services import audit
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.translations.checking import Checked, Row, check
from partnerforms.services.translations.standings import Standing, newest
from partnerforms.services.translations.texts import Pairs, options_of, pairs


class IncompleteError(ValueError):
    """Texts are missing, so the language cannot be published."""


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
    before = newest(row)
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
