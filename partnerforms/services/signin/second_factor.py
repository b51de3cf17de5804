"""The second factor: codes of an authenticator app (TOTP), and ten codes for the day the phone is gone.

A time step works once, and a code for the day works once. The app's secret is kept sealed, the codes as digests.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from partnerforms.engine.codes import LETTERS
from partnerforms.models import Person, RecoveryCode, SecondFactor, SignInSession
from partnerforms.services import audit
from partnerforms.services.signin import sessions
from partnerforms.services.signin.sealing import UnsealError, seal, unseal

STEP = 30  # seconds
CODES = 10
TRIES_A_DAY = 20  # wrong codes of one person; only who reads the person's mail gets as far as typing one
_LENGTH = 10


def is_on(session: Session, person: Person) -> bool:
    """Is a second factor asked for when this person signs in?"""
    row = session.get(SecondFactor, person.id)
    return row is not None and row.confirmed_at is not None


def prepare(session: Session, person: Person, secret_key: str) -> None:
    """A new secret for the app. It counts for nothing until a first code confirms it; one that is on stays."""
    row = session.get(SecondFactor, person.id)
    if row is None:
        row = SecondFactor(person_id=person.id, last_step=0)
        session.add(row)
    if row.confirmed_at is None:
        row.secret = seal(pyotp.random_base32(), secret_key)
    session.flush()


def prepared(session: Session, person: Person, secret_key: str) -> str | None:
    """The secret that waits to be confirmed."""
    row = session.get(SecondFactor, person.id)
    if row is None or row.confirmed_at is not None:
        return None
    return _secret(row, secret_key)


def confirm(session: Session, person: Person, typed: str, token: str, secret_key: str, now: datetime) -> list[str]:
    """Turn it on by a first code; the person's other sessions end. The recovery codes, [] when the code is wrong."""
    row = session.get(SecondFactor, person.id)
    if row is None or row.confirmed_at is not None or not _of_app(session, row, typed, secret_key, now):
        return []
    row.confirmed_at = now
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    letters = ["".join(secrets.choice(LETTERS) for _ in range(_LENGTH)) for _ in range(CODES)]
    session.add_all(RecoveryCode(digest=_digest(one, secret_key), person_id=person.id) for one in letters)
    sessions.end_all(session, person, keep_token=token)
    audit.note(session, "person.second_factor_on", person, None, now)
    session.flush()
    return [f"{one[:5]}-{one[5:]}" for one in letters]


def try_once(session: Session, row: SignInSession, typed: str, secret_key: str, now: datetime) -> bool:
    """Is it a code of the session's person? Every try is counted in the session, wrong ones also for the day."""
    count = update(SignInSession).where(
        SignInSession.token_digest == row.token_digest, SignInSession.tries < sessions.TRIES
    )
    counted = session.execute(
        count.values(tries=SignInSession.tries + 1)
        .returning(SignInSession.tries)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.refresh(row)
    if counted is None or _wrong_today(session, row.person, now) > TRIES_A_DAY:
        return False
    factor = session.get(SecondFactor, row.person_id)
    if factor is None or factor.confirmed_at is None:
        return False
    return _of_app(session, factor, typed, secret_key, now) or _recovers(session, row.person, typed, secret_key, now)


def codes_left(session: Session, person: Person) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def turn_off(session: Session, person: Person, now: datetime, by: Person | None) -> None:
    """No second factor any more. Without `by` it is the installation's own doing, and all sessions end."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    if by is None:
        sessions.end_all(session, person)
    action = "person.second_factor_off" if by else "person.second_factor_reset"
    audit.note(session, action, by, None, now, person.name)


def _of_app(session: Session, row: SecondFactor, typed: str, secret_key: str, now: datetime) -> bool:
    """Is it the app's code of now, or of the step before or after? A step is taken once, and none before it after."""
    digits = "".join(one for one in typed if one.isdigit() and one.isascii())
    secret = _secret(row, secret_key)
    if secret is None or len(digits) != 6:
        return False
    here = int(now.timestamp()) // STEP
    app = pyotp.TOTP(secret, interval=STEP)
    for step in (here - 1, here, here + 1):
        if hmac.compare_digest(app.generate_otp(step), digits):
            newer: tuple[ColumnElement[bool], ...] = (
                SecondFactor.person_id == row.person_id,
                SecondFactor.last_step < step,
            )
            take = update(SecondFactor).where(*newer).values(last_step=step).returning(SecondFactor.last_step)
            if session.execute(take.execution_options(synchronize_session=False)).first():
                return True
    return False


def _recovers(session: Session, person: Person, typed: str, secret_key: str, now: datetime) -> bool:
    letters = "".join(one for one in typed.upper() if one.isalnum())
    use = update(RecoveryCode).where(
        RecoveryCode.digest == _digest(letters, secret_key),
        RecoveryCode.person_id == person.id,
        RecoveryCode.used_at.is_(None),
    )
    used = use.values(used_at=now).returning(RecoveryCode.digest).execution_options(synchronize_session=False)
    return session.execute(used).first() is not None


def _wrong_today(session: Session, person: Person, now: datetime) -> int:
    query = select(func.sum(SignInSession.tries)).where(
        SignInSession.person_id == person.id,
        ~SignInSession.complete,
        SignInSession.created_at > now - timedelta(days=1),
    )
    return session.scalar(query) or 0


def _secret(row: SecondFactor, secret_key: str) -> str | None:
    try:
        return unseal(row.secret, secret_key)
    except UnsealError:
        return None  # sealed with another secret key: recovery codes are lost too, the command resets it


def _digest(letters: str, secret_key: str) -> str:
    return hmac.new(secret_key.encode(), f"recovery:{letters}".encode(), hashlib.sha256).hexdigest()
