"""Responses: each kept once, whatever becomes of its Word document. Who looks suspicious is set aside, never lost."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from partnerforms.database import insert
from partnerforms.engine import codes
from partnerforms.models import Response, SurveyLink
from partnerforms.services import inheritance
from partnerforms.services.surveys import arrivals
from partnerforms.services.tools import Tools

Channel = Literal["link", "kiosk", "paper", "invitation"]
Doubt = Literal["hidden_field", "too_fast", "too_many"]


@dataclass(frozen=True)
class Receipt:
    """What became of a press of Send: the kept response, and whether it says what was sent just now."""

    response: Response
    unchanged: bool


def receive(
    session: Session,
    link: SurveyLink,
    nonce: str,
    answers: dict[str, Any],
    language: str,
    tools: Tools,
    chance: random.Random,
    now: datetime,
    channel: Channel = "link",
    doubt: Doubt | None = None,
) -> Receipt:
    """Keep a response. The nonce of the page makes a second press of Send the same response and no second mail.

    What was sent first stays, also when the second press says something else. With a `doubt` it waits for a person.
    """
    key = response_key(nonce)
    values = {
        "key": key,
        "link_id": link.id,
        "day": inheritance.day(link.organization, now, tools),
        "language": language,
        "channel": channel,
        "answers": answers,
        "set_aside": doubt,
    }
    added = session.execute(
        insert(session, Response).values(values).on_conflict_do_nothing().returning(Response.key)
    ).scalar()
    response = session.get_one(Response, key)
    if added is None:
        return Receipt(response, response.link_id == link.id and response.answers == answers)
    if doubt is None:
        arrivals.on_arrival(session, link, response, tools, chance, now)
    return Receipt(response, True)


def receive_together(
    session: Session,
    link: SurveyLink,
    answer_sets: Sequence[dict[str, Any]],
    language: str,
    channel: Channel,
    tools: Tools,
    chance: random.Random,
    now: datetime,
) -> None:
    """Keep the answers of many people, such as those of a pile of paper, in an order of chance. Their sheets are
    mailed together as far as they may be."""
    day = inheritance.day(link.organization, now, tools)
    for answers in chance.sample(answer_sets, len(answer_sets)):
        key = response_key(f"{chance.getrandbits(128):032x}")
        session.add(Response(key=key, link_id=link.id, day=day, language=language, channel=channel, answers=answers))
    session.flush()
    arrivals.catch_up(session, link, tools, chance, now)


def find_response(session: Session, link: SurveyLink, nonce: str) -> Response | None:
    """The response that a page with this nonce sent over this link, or None."""
    response = session.get(Response, response_key(nonce))
    return response if response is not None and response.link_id == link.id else None


def response_key(nonce: str) -> str:
    """The key of a response: nobody who reads the database can make the nonce of a page from it."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def reference(response: Response) -> str:
    """What a respondent may quote to ask about a response, such as "GHTY-3KWM"."""
    return codes.printed(codes.make(random.Random(response.key)))  # noqa: S311  a name, not a secret
