"""What is mailed when an answer has arrived. An answer is kept whatever becomes of its Word document.

When a document cannot be made, its sheets stay unmailed, and `catch_up` tries again every minute.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partnerforms.models import Response, SurveyLink
from partnerforms.services.surveys import sheets
from partnerforms.services.tools import Tools

_AT_ONCE = 20  # sheets in one transaction: nobody else writes meanwhile

log = logging.getLogger(__name__)


def on_arrival(
    session: Session,
    link: SurveyLink,
    response: Response,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> None:
    """Queue what this link mails now that the response is there."""
    if link.delivery == "each":
        _try(session, link, partial(sheets.queue_one, session, link, response, tools, now))
    elif link.delivery == "batches":
        _try(session, link, partial(sheets.queue_batch, session, link, tools, chance, now))


def catch_up(session: Session, link: SurveyLink, tools: Tools, chance: random.Random, now: datetime) -> None:
    """Queue what could not be made when it arrived."""
    session.refresh(link, with_for_update={"key_share": True})  # several workers may try at once
    if link.delivery == "batches":
        _try(session, link, partial(sheets.queue_batch, session, link, tools, chance, now))
    elif link.delivery == "each":
        waiting = sheets.unmailed(session, link)
        # Some may fail for ever: the others must have their turn.
        for response in chance.sample(waiting, min(_AT_ONCE, len(waiting))):
            _try(session, link, partial(sheets.queue_one, session, link, response, tools, now))


def _try(session: Session, link: SurveyLink, queue: Callable[[], None]) -> None:
    """Queue, or leave everything as it was. Trouble with the database is not ours to hide."""
    try:
        with session.begin_nested():
            queue()
    except SQLAlchemyError:
        raise
    except Exception as error:  # its text may hold an answer
        log.error("sheets of link %s cannot be made, they wait: %s", link.id, type(error).__name__)
