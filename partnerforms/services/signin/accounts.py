"""What a person changes in their own account."""

from datetime import datetime

from sqlalchemy.orm import Session

from partnerforms.models import Person
from partnerforms.services import audit
from partnerforms.services.signin import sessions

LONGEST_NAME = 200


def change(session: Session, person: Person, name: str, language: str, now: datetime) -> None:
    """Another name or language."""
    if (person.name, person.language) == (name, language):
        return
    audit.note(session, "person.account_changed", person, None, now)  # under the name that it was until now
    person.name, person.language = name, language
    session.flush()


def end_others(session: Session, person: Person, token: str, now: datetime) -> None:
    """End all sessions of a person but the one with this token."""
    ended = sessions.end_all(session, person, keep_token=token)
    audit.note(session, "person.sessions_ended", person, None, now, number=ended)
