"""The long work of inviting people to a survey, and of reminding them: all letters are queued in one transaction."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Person, SurveyLink
from partnerforms.services import access, surveys
from partnerforms.services.access import NotAllowedError, NotThereError, Reach
from partnerforms.services.surveys.invitations import mailing, uploading

_CHANCE = random.SystemRandom()


def invite(work: Work) -> None:
    """Everybody of the list that was previewed, as far as nobody has said stop since; or nobody."""
    with _link(work) as (session, reach, link):
        rows = uploading.restored(work.asked)
        made = mailing.invite(session, reach, link, rows, work.tools, _CHANCE, work.now())
        work.finish({**made.outcome(), **_about(link)}, session=session)


def remind(work: Work) -> None:
    """Everybody who has not answered at this moment."""
    with _link(work) as (session, reach, link):
        count = mailing.remind(session, reach, link, work.tools, work.now())
        work.finish({"count": count, **_about(link)}, session=session)


@contextmanager
def _link(work: Work) -> Iterator[tuple[Session, Reach, SurveyLink]]:
    """The link, for somebody who may still run it, in a transaction that commits at the end."""
    with work.writing() as session:
        try:
            reach = access.reach(session, session.get_one(Person, work.person_id))
            link = surveys.find_own_link(session, reach, *uploading.link_of(work.asked), "run")
            yield session, reach, link
        except mailing.CannotError as error:
            raise CannotBeDoneError(error=error.reason) from None
        except uploading.BadListError as error:
            raise CannotBeDoneError(error=error.problems[0].code) from None
        except (NotAllowedError, NotThereError):
            raise CannotBeDoneError(error="not_allowed") from None


def _about(link: SurveyLink) -> dict[str, str]:
    return {"survey": str(link.survey_id), "link": str(link.id), "audience": link.audience}
