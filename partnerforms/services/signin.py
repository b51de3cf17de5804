"""Sign-in by a code that is mailed and typed into the tab that asked; sessions as rows that can be ended.

Whether an address is known is never told: asking looks the same for everybody.
"""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from partnerforms.engine.codes import LETTERS
from partnerforms.models import Person, SignInCode, SignInSession
from partnerforms.services.deliveries import enqueue

CODE_LIFE = timedelta(minutes=10)
TRIES = 5
ASKS = 5  # codes to one address in ASK_SPAN
ASK_SPAN = timedelta(minutes=30)
IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=12)


def ask(session: Session, address: str, pepper: str, domain: str, now: datetime) -> None:
    """Mail a code to the person with this address, if there is one. Older codes end."""
    person = _person(session, address)
    if person is None or _asked_too_often(session, person, now):
        return
    session.execute(
        update(SignInCode)
        .where(SignInCode.person_id == person.id, ~SignInCode.reusable, SignInCode.expires_at > now)
        .values(expires_at=now)
    )
    code = issue(session, person, pepper, now, CODE_LIFE)
    enqueue(
        session,
        recipient=person.address,
        language=person.language,
        letter="sign_in_code",
        details={"code": code, "minutes": str(CODE_LIFE // timedelta(minutes=1)), "person": person.name},
        dedup=f"sign-in:{uuid.uuid4()}",
        now=now,
        domain=domain,
        give_up_after=CODE_LIFE,
    )


def issue(
    session: Session, person: Person, pepper: str, now: datetime, life: timedelta, reusable: bool = False
) -> str:
    """A new code for a person, as it is typed: ABCD-EFGH. Only its digest is kept."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    session.add(
        SignInCode(
            person_id=person.id,
            digest=_digest(letters, pepper),
            created_at=now,
            expires_at=now + life,
            reusable=reusable,
        )
    )
    session.flush()
    return f"{letters[:4]}-{letters[4:]}"


def redeem(session: Session, address: str, typed: str, pepper: str, now: datetime) -> str | None:
    """The token of a new session, or None when the code is wrong, used, too old or tried too often."""
    person = _person(session, address)
    if person is None:
        return None
    digest = _digest("".join(letter for letter in typed.upper() if letter.isalnum()), pepper)
    query = (
        select(SignInCode)
        .where(SignInCode.person_id == person.id, SignInCode.expires_at > now, SignInCode.used_at.is_(None))
        .with_for_update()
    )
    for code in session.scalars(query):
        if code.tries >= TRIES and not code.reusable:
            continue
        if hmac.compare_digest(code.digest, digest):
            code.used_at = None if code.reusable else now
            return _begin(session, person, now)
        code.tries += 1
    session.flush()
    return None


def whose(session: Session, token: str, now: datetime) -> Person | None:
    """The person of a session that is neither idle for too long nor too old."""
    row = session.get(SignInSession, _token_digest(token))
    if row is None or now - row.seen_at > IDLE or now - row.created_at > LONGEST:
        return None
    return row.person


def seen(session: Session, token: str, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(
        update(SignInSession).where(SignInSession.token_digest == _token_digest(token)).values(seen_at=now)
    )


def end(session: Session, token: str) -> None:
    """Sign out: the token is worth nothing from now on."""
    session.execute(delete(SignInSession).where(SignInSession.token_digest == _token_digest(token)))


def _begin(session: Session, person: Person, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(SignInSession(token_digest=_token_digest(token), person_id=person.id, created_at=now, seen_at=now))
    session.flush()
    return token


def _person(session: Session, address: str) -> Person | None:
    return session.scalar(select(Person).where(Person.address == address.strip().lower()))


def _asked_too_often(session: Session, person: Person, now: datetime) -> bool:
    query = select(func.count()).where(
        SignInCode.person_id == person.id, SignInCode.created_at > now - ASK_SPAN, ~SignInCode.reusable
    )
    return (session.scalar(query) or 0) >= ASKS


def _digest(letters: str, pepper: str) -> str:
    return hmac.new(pepper.encode(), letters.encode(), hashlib.sha256).hexdigest()


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
