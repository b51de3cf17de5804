"""Personal invitations: a one-use address for each person, reminders for those who have not answered, and stop.

`uploading` reads a list of addresses, `mailing` sends and reminds, `stopping` keeps people from further mail, and
`mixing` takes away what the database itself tells.

The mark "used" and the answers come about in one commit, and nothing that is kept ties them: the response's key comes
from its page, not from the invitation; a mark has no time and no number; with it the language, the reminders and the
sealed code of the invitation are wiped and its address becomes a digest; a mail that is settled keeps neither address
nor code; nothing about it is in the log. An upload below the minimum n is refused, or the few in it would be known.

What remains, said honestly. Until `mixing` has run, about a minute, rows of PostgreSQL tell which were written
together. Whoever watches the tables all the time, compares two copies of them (backups) or has the database's own
write-ahead log sees which mark and which answers are new. The reminders that still wait in the outbox name who had
not answered, as do the addresses of unused invitations: to remind some and not others, this must be known. While one
person has answered, one mark and one response are a pair by themselves. And on a disk that is read byte by byte old
versions of rows stay until the database has used their place again.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from partnerforms.engine.texts import Language
from partnerforms.models import AuditEntry, Delivery, Invitation, SurveyLink
from partnerforms.services import surveys, translations
from partnerforms.services.surveys.invitations.stopping import address_digest
from partnerforms.services.tools import Tools

MOST = 5_000  # for one link
MOST_REMINDERS = 2
MAILED = ("survey.invited", "survey.reminded")  # in the log


@dataclass(frozen=True)
class Standing:
    """How the invitations of a link stand, in numbers only. `mailed_at` is when letters were queued the last time."""

    invited: int
    used: int
    stopped: int
    waiting: int
    failed: int
    reminders: int
    mailed_at: datetime | None

    @property
    def open(self) -> int:
        """How many could still be reminded."""
        return self.invited - self.used - self.stopped


def may_invite(link: SurveyLink) -> bool:
    """Can people be invited personally to this link? Not where each sheet is mailed as it arrives: its moment would
    tell whose it is to somebody who watches the number of those who have answered."""
    return link.delivery != "each"


def languages(session: Session, link: SurveyLink, tools: Tools) -> list[Language]:
    """The languages in which people can be invited: those in which the link can be answered."""
    library = translations.library_for(session, link.organization, tools)
    return surveys.languages(library, link)


def cause(link: SurveyLink) -> str:
    """What the outbox keeps of a link's letters: nothing but that they were its."""
    return f"invitations:{link.id}"


def standing(session: Session, link: SurveyLink) -> Standing:
    """The numbers of a link's invitations."""
    counted = (
        select(
            func.count(),
            func.count().filter(Invitation.used),
            func.count().filter(~Invitation.used, Invitation.address.is_(None)),
            func.coalesce(func.max(Invitation.reminders), 0),
        )
        .where(Invitation.link_id == link.id)
        .select_from(Invitation)
    )
    invited, used, stopped, reminders = session.execute(counted).one()
    by_state = select(Delivery.state, func.count()).where(Delivery.cause == cause(link)).group_by(Delivery.state)
    mail: dict[str, int] = dict(session.execute(by_state).all())
    waiting = mail.get("queued", 0) + mail.get("sending", 0)
    return Standing(invited, used, stopped, waiting, mail.get("failed", 0), reminders, mailed_at(session, link))


def mailed_at(session: Session, link: SurveyLink) -> datetime | None:
    """When letters of a link were queued the last time; the log knows."""
    query = select(AuditEntry.at, AuditEntry.details).where(
        AuditEntry.organization_id == link.organization_id, AuditEntry.action.in_(MAILED)
    )
    return max((at for at, details in session.execute(query) if details.get("link") == str(link.id)), default=None)


def digest_of(code: str) -> str:
    """The key of the invitation with this code. Codes are 128 bits of chance, so nobody makes a code from it."""
    return sha256(code.encode()).hexdigest()


def find(session: Session, code: str) -> Invitation | None:
    """The invitation with this code, or None."""
    return session.get(Invitation, digest_of(code))


def dedup(digest: str, number: int) -> str:
    """The name of a letter that waits in the outbox: of an invitation the first (0), or a reminder by its number."""
    return f"invitation:{digest}:{number}"


def use(session: Session, invitation: Invitation, tools: Tools) -> bool:
    """Mark an invitation as used, in the transaction that keeps the answers. False when somebody has used it.

    Of two who send at once one waits here for the other, and then finds it used.
    """
    values: dict[str, object] = {"used": True, "language": "", "reminders": 0, "sealed_code": None}
    if invitation.address is not None:
        values["address"] = address_digest(invitation.address, tools.secret_key)
    free = update(Invitation).where(Invitation.digest == invitation.digest, ~Invitation.used)
    marked = session.execute(
        free.values(**values).returning(Invitation.digest).execution_options(synchronize_session=False)
    )
    if marked.one_or_none() is None:
        return False
    reminders = [dedup(invitation.digest, number + 1) for number in range(MOST_REMINDERS)]
    unneeded = delete(Delivery).where(Delivery.dedup.in_(reminders), Delivery.state == "queued")
    session.execute(unneeded.execution_options(synchronize_session=False))
    return True
