"""Comments after a survey has ended: one person reads each, and releases it or withholds it.

They are kept apart from all other answers, in the order of a random key: nothing tells which came from one person.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from partnerforms.models import Comment, Organization, Publication, Survey
from partnerforms.services import audit
from partnerforms.services.access import Reach
from partnerforms.services.surveys.publishing import Above, downward, places_above

State = Literal["waiting", "released", "withheld"]
Verdict = Literal["released", "withheld"]
STATES: tuple[State, ...] = ("waiting", "released", "withheld")
PAGE = 50


@dataclass(frozen=True)
class Heap:
    """Comments of one audience of one place, by key, in an order of chance."""

    place: Organization
    audience: str
    texts: dict[str, str]


def counts(session: Session, survey: Survey) -> dict[State, int]:
    """How many comments of a survey are in each state."""
    query = select(Comment.state, func.count()).where(Comment.publication_id.in_(_publications(survey)))
    found = dict(session.execute(query.group_by(Comment.state)).all())
    return {state: found.get(state, 0) for state in STATES}


def heaps(session: Session, reach: Reach, survey: Survey, state: State, skip: int = 0) -> list[Heap]:
    """The comments of a survey in one state, `PAGE` of them at most, for who runs the survey."""
    reach.require("run", survey.organization_id)
    query = (
        select(Comment, Organization)
        .join(Organization, Organization.id == Comment.organization_id)
        .where(Comment.publication_id.in_(_publications(survey)), Comment.state == state)
        .order_by(Comment.audience, Organization.name, Organization.id, Comment.key)
    )
    found: dict[tuple[str, uuid.UUID], Heap] = {}
    for comment, place in session.execute(query.offset(skip).limit(PAGE)):
        heap = found.setdefault((comment.audience, place.id), Heap(place, comment.audience, {}))
        heap.texts[comment.key] = comment.text
    return list(found.values())


def decide(
    session: Session, reach: Reach, survey: Survey, keys: Collection[str], verdict: Verdict, now: datetime
) -> int:
    """Release or withhold comments of a survey; how many that were. Keys of other surveys are passed over."""
    reach.require("run", survey.organization_id)
    chosen = (Comment.key.in_(keys), Comment.publication_id.in_(_publications(survey)), Comment.state != verdict)
    moved = session.execute(update(Comment).where(*chosen).values(state=verdict).returning(Comment.key)).all()
    if moved:
        audit.note(
            session, f"survey.comments_{verdict}", reach.person, survey.organization_id, now, survey.title,
            survey=str(survey.id), number=len(moved),
        )  # fmt: skip
    session.flush()
    return len(moved)


def released(
    session: Session, survey: Survey, place: uuid.UUID, audience: str, above: Above | None = None
) -> list[str]:
    """What an audience of a place and of all below it wrote, as far as somebody has released it; in an order of
    chance. Whoever may see the results of that place may see it. `above` is `places_above`, if it is known."""
    above = places_above(session, survey) if above is None else above
    query = select(Comment.text).where(
        Comment.publication_id.in_(_publications(survey)),
        Comment.organization_id.in_(downward(above, place)),
        Comment.audience == audience,
        Comment.state == "released",
    )
    return list(session.scalars(query.order_by(Comment.key)))


def _publications(survey: Survey) -> Select[Any]:
    return select(Publication.id).where(Publication.survey_id == survey.id)
