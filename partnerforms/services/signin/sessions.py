"""Who is signed in: sessions as rows that can be ended. Only the digest of a session's token is kept.

A person with a second factor has, after the first, a session that is not complete: it is good for nothing but to be
asked for the second, see `services.signin.second_factor`.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from partnerforms.models import Person, SecondFactor, SignInProvider, SignInSession
from partnerforms.services import audit

IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=12)
TO_COMPLETE = timedelta(minutes=10)
TRIES = 5
_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Begun:
    """A session that has begun. Without `complete` the second factor is still to be asked for."""

    token: str
    person: Person
    complete: bool


def begin(session: Session, person: Person, now: datetime, how: str, provider: SignInProvider | None = None) -> Begun:
    """A new session of a person; `how` is code, link or single sign-on. Sessions that are long over are forgotten."""
    old = delete(SignInSession).where(SignInSession.person_id == person.id, SignInSession.created_at < now - _KEPT)
    session.execute(old.execution_options(synchronize_session=False))
    second = select(SecondFactor).where(SecondFactor.person_id == person.id, SecondFactor.confirmed_at.is_not(None))
    return _begin(session, person, now, how, provider, complete=session.scalar(second) is None)


def completed(session: Session, row: SignInSession, now: datetime) -> Begun:
    """The second factor was right: the session goes on as a complete one, under another token."""
    person, provider = row.person, row.provider
    session.delete(row)
    return _begin(session, person, now, "second factor", provider, complete=True)


def current(session: Session, token: str, now: datetime) -> SignInSession | None:
    """The session with this token, if it is complete, and neither idle for too long nor too old."""
    row = session.get(SignInSession, digest_of(token)) if token else None
    return row if row and row.complete and _lasts(row, now) else None


def to_complete(session: Session, token: str, now: datetime) -> SignInSession | None:
    """The session with this token, if it still waits for its second factor."""
    row = session.get(SignInSession, digest_of(token)) if token else None
    if row is None or row.complete or row.tries >= TRIES or now - row.created_at > TO_COMPLETE:
        return None
    return row


def listed(session: Session, person: Person, now: datetime) -> list[SignInSession]:
    """The sessions in which a person is signed in now, the one used last first."""
    query = select(SignInSession).where(SignInSession.person_id == person.id, SignInSession.complete)
    found = session.scalars(query.order_by(SignInSession.seen_at.desc(), SignInSession.token_digest))
    return [row for row in found if _lasts(row, now)]


def person(session: Session, person_id: uuid.UUID | None) -> Person | None:
    """The person with this id."""
    return session.get(Person, person_id) if person_id else None


def seen(session: Session, token: str, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(update(SignInSession).where(SignInSession.token_digest == digest_of(token)).values(seen_at=now))


def end(session: Session, token: str) -> None:
    """Sign out: the token is worth nothing from now on."""
    session.execute(delete(SignInSession).where(SignInSession.token_digest == digest_of(token)))


def end_all(session: Session, person: Person, keep_token: str = "") -> int:
    """End all sessions of a person, but for the one with this token; how many that were."""
    kept = digest_of(keep_token) if keep_token else ""
    ending = delete(SignInSession).where(SignInSession.person_id == person.id, SignInSession.token_digest != kept)
    ended = session.execute(ending.returning(SignInSession.token_digest).execution_options(synchronize_session=False))
    return len(ended.all())


def end_of_provider(session: Session, provider: SignInProvider) -> None:
    """End all sessions that began by this single sign-on."""
    ending = delete(SignInSession).where(SignInSession.provider_id == provider.id)
    session.execute(ending.execution_options(synchronize_session=False))


def digest_of(token: str) -> str:
    """What is kept of a token that is random and long."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _begin(
    session: Session, person: Person, now: datetime, how: str, provider: SignInProvider | None, complete: bool
) -> Begun:
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_digest=digest_of(token),
            person_id=person.id,
            created_at=now,
            seen_at=now,
            complete=complete,
            provider_id=provider.id if provider else None,
        )
    )
    if complete:
        person.signed_in_at = now
        audit.note(session, "person.signed_in", person, None, now, how=how)
    session.flush()
    return Begun(token, person, complete)


def _lasts(row: SignInSession, now: datetime) -> bool:
    return now - row.seen_at <= IDLE and now - row.created_at <= LONGEST
