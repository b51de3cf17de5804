"""Letters to people who are invited: the first one, and reminders to those who have not answered. Each is one job."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_date
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from partnerforms.engine.library import thaw
from partnerforms.engine.texts import Language
from partnerforms.models import Invitation, SurveyLink
from partnerforms.services import audit, surveys
from partnerforms.services.access import Reach
from partnerforms.services.deliveries import enqueue_all
from partnerforms.services.signin.sealing import UnsealError, seal, unseal
from partnerforms.services.surveys import invitations
from partnerforms.services.surveys.invitations import mixing, uploading
from partnerforms.services.tools import Tools

REMIND_EVERY = timedelta(days=3)  # also after the invitation itself
_APART = timedelta(milliseconds=250)  # 5,000 letters take 21 minutes, and others' mail goes out between them


class CannotError(Exception):
    """Letters cannot be sent: `reason` is each (sheets go one by one), closed (or not open yet), too_soon, often
    (reminded as often as may be) or nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def why_not_invite(link: SurveyLink, tools: Tools, now: datetime) -> str:
    """The reason why nobody can be invited to a link, "" when people can."""
    if not invitations.may_invite(link):
        return "each"
    return "" if surveys.state(link.survey, now, tools) == "open" else "closed"


def why_not_remind(link: SurveyLink, standing: invitations.Standing, tools: Tools, now: datetime) -> str:
    """The reason why nobody can be reminded now, "" when people can."""
    if reason := why_not_invite(link, tools, now):
        return reason
    if not standing.open:
        return "nobody"
    if standing.reminders >= invitations.MOST_REMINDERS:
        return "often"
    last = standing.mailed_at
    return "too_soon" if last is not None and now - last < REMIND_EVERY else ""


def invite(
    session: Session,
    reach: Reach,
    link: SurveyLink,
    rows: Iterable[tuple[str, str]],
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> uploading.Plan:
    """Invite everybody of a list who is not left out; gives what was done. CannotError or BadListError: nothing was.

    Who has said stop since the list was read is left out too.
    """
    if reason := why_not_invite(link, tools, now):
        raise CannotError(reason)
    mixing.alone(session)
    made = uploading.plan(session, link, rows, tools)
    mailed = []
    for address, language in made.people:
        code = f"{chance.getrandbits(128):032x}"
        invitation = Invitation(
            digest=invitations.digest_of(code), link_id=link.id, address=address, language=language,
            sealed_code=seal(code, tools.secret_key),
        )  # fmt: skip
        session.add(invitation)
        mailed.append((invitation, code))
    session.flush()
    _queue(session, link, "survey_invitation", mailed, tools, now)
    _note(session, reach, link, "survey.invited", len(mailed), now)
    return made


def remind(session: Session, reach: Reach, link: SurveyLink, tools: Tools, now: datetime) -> int:
    """Remind all who have not answered at this moment; gives how many. CannotError says why not."""
    mixing.alone(session)
    if reason := why_not_remind(link, invitations.standing(session, link), tools, now):
        raise CannotError(reason)
    waits = (Invitation.link_id == link.id, ~Invitation.used, Invitation.address.is_not(None))
    mailed = []
    for invitation in session.scalars(select(Invitation).where(*waits).order_by(Invitation.digest)):
        try:
            mailed.append((invitation, unseal(invitation.sealed_code or "", tools.secret_key)))
        except UnsealError:
            continue  # the installation's secret has changed since: the first letter's link still works
    if not mailed:
        raise CannotError("nobody")
    counted = update(Invitation).where(*waits).values(reminders=Invitation.reminders + 1)
    session.execute(counted.execution_options(synchronize_session=False))
    mixing.write_anew(session, [link.id])  # or all would carry one number, and lie in the order of their use
    _queue(session, link, "survey_reminder", mailed, tools, now)
    _note(session, reach, link, "survey.reminded", len(mailed), now)
    return len(mailed)


@dataclass(frozen=True)
class _Said:
    """What letters in one language say of a survey."""

    about: str
    day: str


def _queue(
    session: Session,
    link: SurveyLink,
    letter: str,
    mailed: Sequence[tuple[Invitation, str]],
    tools: Tools,
    now: datetime,
) -> None:
    said = {one.code: _said(link, one) for one in invitations.languages(session, link, tools)}
    letters = []
    for invitation, code in mailed:
        language = invitation.language if invitation.language in said else "en"
        number = invitation.reminders + 1 if letter == "survey_reminder" else 0
        letters.append(
            {
                "recipient": invitation.address,
                "language": language,
                "letter": letter,
                "details": _details(link, said[language], f"{tools.base_url}/i/{code}", language),
                "dedup": invitations.dedup(invitation.digest, number),
                "organization_id": link.organization_id,
            }
        )
    enqueue_all(session, letters, now=now, domain=tools.domain, cause=invitations.cause(link), apart=_APART)


def _details(link: SurveyLink, said: _Said, address: str, language: str) -> dict[str, Any]:
    return {
        "organization": link.organization.name,
        "survey": link.survey.title,
        "about": said.about,
        "day": said.day,
        "link": f"{address}?lang={language}",
        "stop": f"{address}/stop?lang={language}",
    }


def _said(link: SurveyLink, language: Language) -> _Said:
    instrument = thaw(link.version.frozen, language.code)
    return _Said(instrument.intro, str(format_date(link.survey.closes_on, "long", locale=language.locale)))


def _note(session: Session, reach: Reach, link: SurveyLink, action: str, count: int, now: datetime) -> None:
    audit.note(
        session, action, reach.person, link.organization_id, now, link.survey.title,
        survey=str(link.survey_id), link=str(link.id), count=count,
    )  # fmt: skip
    session.flush()
