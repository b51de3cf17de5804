"""Sign-in by a code that is mailed and typed into the tab that asked, or by the mail's link in the same browser.

A tab that asks has a secret of its own, `asking`; code and link work only together with it. So whoever asks for
somebody else's address can neither use up nor end the code that this person is waiting for. Whether an address is
known is never told: asking looks the same for everybody. What begins is a session, see `services.signin.sessions`.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from partnerforms.engine.codes import LETTERS
from partnerforms.models import Delivery, Person, SignInCode
from partnerforms.services.deliveries import enqueue
from partnerforms.services.signin import sessions
from partnerforms.services.signin.sessions import Begun, digest_of
from partnerforms.services.tools import Tools

CODE_LIFE = timedelta(minutes=10)
TRIES = 5
ASKS = 5  # mails to one address in ASK_SPAN; browsers in which the person has signed in before have as many again
ASK_SPAN = timedelta(minutes=30)
_WORTH_MAILING = timedelta(minutes=4)  # a code that lives so long yet is sent again instead of a new one
_KEPT = timedelta(days=1)
_LENGTH = 8
_NOBODY = "nobody@example.test"


@dataclass(frozen=True)
class Asking:
    """A tab that asks: its secret, and whether its browser has signed this person in before (the person's id)."""

    secret: str
    known: uuid.UUID | None = None


def ask(session: Session, address: str, asking: Asking, tools: Tools, now: datetime) -> None:
    """Mail code and link to the person with this address, if there is one and not too much was mailed already.

    Asked again in the life of a code, the same tab gets the same code again; when little of its life is left, a
    new one, which ends the old one of this tab alone. For others as much is written and taken back, so that the
    time it takes tells nothing.
    """
    person = person_at(session, address, lock=True)
    known = person is not None and asking.known == person.id
    if person is None or _mailed(session, person, known, now) >= ASKS:
        _pretend(session, asking, tools, now)
        return
    code = session.scalar(select(SignInCode).where(*_of_tab(person, asking.secret), *_usable(now)))
    if code is None or code.expires_at - now < _WORTH_MAILING:
        code = _new_code(session, person, asking.secret, known, tools.secret_key, now)
    code.mailed += 1
    _mail(session, person, code, asking.secret, tools, now)


def issue(
    session: Session, person: Person, pepper: str, now: datetime, life: timedelta, reusable: bool = False
) -> str:
    """A code that is handed out, not mailed, as it is typed: ABCD-EFGH. It works in any tab; its digest is kept."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))
    digest = _digest(letters, pepper)
    session.add(
        SignInCode(person_id=person.id, digest=digest, created_at=now, expires_at=now + life, reusable=reusable)
    )
    session.flush()
    return _printed(letters)


def redeem(session: Session, address: str, typed: str, asking: str, pepper: str, now: datetime) -> Begun | None:
    """A new session, or None when the code is wrong, used, too old, tried too often or of another tab."""
    person = person_at(session, address)
    if person is None:
        return None
    digest = _digest("".join(letter for letter in typed.upper() if letter.isalnum()), pepper)
    if _handed_out(session, person, digest, now) or _typed_in_time(session, person, digest, asking, now):
        return sessions.begin(session, person, now, "code")
    return None


def waits(session: Session, link: str, asking: str, now: datetime) -> Person | None:
    """Whose sign-in this link would complete in a browser with this secret; None when it would none."""
    query = select(Person).join(SignInCode, SignInCode.person_id == Person.id)
    return session.scalar(query.where(*_usable(now), *_linked(link, asking)))


def redeem_link(session: Session, link: str, asking: str, now: datetime) -> Begun | None:
    """A new session for the link of a mail in the browser that asked; in any other None, and nothing happens."""
    person_id = _use(session, *_usable(now), *_linked(link, asking), now=now)
    return sessions.begin(session, session.get_one(Person, person_id), now, "link") if person_id else None


def _handed_out(session: Session, person: Person, digest: str, now: datetime) -> bool:
    """Is it a code that works in any tab? One use, unless it is a demo's."""
    of_any_tab = (
        SignInCode.person_id == person.id,
        SignInCode.asking_digest.is_(None),
        SignInCode.digest == digest,
        SignInCode.used_at.is_(None),
        SignInCode.expires_at > now,
    )
    if session.scalar(select(SignInCode.id).where(*of_any_tab, SignInCode.reusable)):
        return True
    return _use(session, *of_any_tab, now=now) is not None


def _typed_in_time(session: Session, person: Person, digest: str, asking: str, now: datetime) -> bool:
    """Is it the tab's code? A try is counted before it is looked at: many at once are no more than five."""
    attempt = update(SignInCode).where(*_of_tab(person, asking), *_usable(now)).values(tries=SignInCode.tries + 1)
    counted = attempt.returning(SignInCode.id, SignInCode.digest).execution_options(synchronize_session=False)
    for code_id, kept in session.execute(counted).all():
        if hmac.compare_digest(kept, digest):
            return _use(session, SignInCode.id == code_id, SignInCode.used_at.is_(None), now=now) is not None
    return False


def _use(session: Session, *which: ColumnElement[bool], now: datetime) -> uuid.UUID | None:
    """Use up a code, for once and for one only: whose it was, or None when somebody was faster."""
    use = update(SignInCode).where(*which).values(used_at=now).returning(SignInCode.person_id)
    return session.execute(use.execution_options(synchronize_session=False)).scalar()


def _usable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignInCode.used_at.is_(None), SignInCode.expires_at > now, SignInCode.tries < TRIES


def _of_tab(person: Person, asking: str) -> tuple[ColumnElement[bool], ...]:
    return SignInCode.person_id == person.id, SignInCode.asking_digest == digest_of(asking)


def _linked(link: str, asking: str) -> tuple[ColumnElement[bool], ...]:
    return SignInCode.link_digest == digest_of(link), SignInCode.asking_digest == digest_of(asking)


def _new_code(session: Session, person: Person, asking: str, known: bool, pepper: str, now: datetime) -> SignInCode:
    """A code of this tab. An older one of it ends, and codes that are long over are forgotten."""
    _forget_older(session, person, asking, now)
    code = SignInCode(id=uuid.uuid4(), person_id=person.id, created_at=now, expires_at=now + CODE_LIFE)
    code.tries, code.mailed, code.known = 0, 0, known
    code.asking_digest = digest_of(asking)
    code.digest = _digest(_letters(code, asking, pepper), pepper)
    code.link_digest = digest_of(_link(code, asking, pepper))
    session.add(code)
    session.flush()
    return code


def _forget_older(session: Session, person: Person, asking: str, now: datetime) -> None:
    older = update(SignInCode).where(*_of_tab(person, asking), SignInCode.expires_at > now).values(expires_at=now)
    session.execute(older.execution_options(synchronize_session=False))
    old = delete(SignInCode).where(SignInCode.person_id == person.id, SignInCode.expires_at < now - _KEPT)
    session.execute(old.execution_options(synchronize_session=False))


def _mail(session: Session, person: Person, code: SignInCode, asking: str, tools: Tools, now: datetime) -> Delivery:
    letters, link = _letters(code, asking, tools.secret_key), _link(code, asking, tools.secret_key)
    left = code.expires_at - now
    details = {
        "code": _printed(letters),
        "minutes": str(left // timedelta(minutes=1)),
        "link": f"{tools.base_url}/sign-in/link/{link}",
        "person": person.name,
    }
    return enqueue(
        session,
        recipient=person.address,
        language=person.language,
        letter="sign_in_code",
        details=details,
        dedup=f"sign-in:{uuid.uuid4()}",
        now=now,
        domain=tools.domain,
        give_up_after=left,
    )


def _pretend(session: Session, asking: Asking, tools: Tools, now: datetime) -> None:
    """Do and write as much as for a mailed code, for nobody, and take it back."""
    nobody = Person(id=uuid.uuid4(), address=_NOBODY, name="Nobody", language="en")
    _mailed(session, nobody, False, now)
    session.scalar(select(SignInCode).where(*_of_tab(nobody, asking.secret), *_usable(now)))
    _forget_older(session, nobody, asking.secret, now)
    code = SignInCode(id=uuid.uuid4(), expires_at=now + CODE_LIFE)
    letter = _mail(session, nobody, code, asking.secret, tools, now)
    session.execute(delete(Delivery).where(Delivery.id == letter.id))


def _mailed(session: Session, person: Person, known: bool, now: datetime) -> int:
    """How many mails with codes the person got lately: for browsers of theirs, or for all others."""
    query = select(func.sum(SignInCode.mailed)).where(
        SignInCode.person_id == person.id, SignInCode.created_at > now - ASK_SPAN, SignInCode.known == known
    )
    return session.scalar(query) or 0


def person_at(session: Session, address: str, lock: bool = False) -> Person | None:
    """The person with this mail address; with `lock` nobody else changes the row before this transaction ends."""
    query = select(Person).where(Person.address == address.strip().lower())
    return session.scalar(query.with_for_update() if lock else query)


def _letters(code: SignInCode, asking: str, pepper: str) -> str:
    """The code again, out of the tab's secret and ours: it need not be kept to be mailed once more."""
    number = int.from_bytes(_made_of(code, "code", asking, pepper))
    letters = []
    for _ in range(_LENGTH):
        number, one = divmod(number, len(LETTERS))
        letters.append(LETTERS[one])
    return "".join(letters)


def _link(code: SignInCode, asking: str, pepper: str) -> str:
    return base64.urlsafe_b64encode(_made_of(code, "link", asking, pepper)).decode().rstrip("=")


def _made_of(code: SignInCode, what: str, asking: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), f"{what}:{code.id}:{asking}".encode(), "sha256")


def _printed(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:]}"


def _digest(letters: str, pepper: str) -> str:
    return hmac.new(pepper.encode(), letters.encode(), hashlib.sha256).hexdigest()
