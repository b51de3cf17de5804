"""Answers of many people at once, for tests of results."""

import random
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from partnerforms.engine.library import thaw
from partnerforms.engine.model import Scale
from partnerforms.models import Response, Survey, SurveyLink
from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools


def answered(session: Session, link: SurveyLink, number: int, chance: random.Random, **same: Any) -> None:
    """So many people answer by a link: by chance, but for what the test says of all of them."""
    scales = [item for item in thaw(link.version.frozen).items() if isinstance(item, Scale)]
    rows = []
    for _ in range(number):
        answers = {item.id: chance.choice([*item.options, item.unsure]).id for item in scales}
        answers["first_choices"] = [item.id for item in chance.sample(scales, 3)]
        rows.append(
            {
                "key": uuid.uuid4().hex, "link_id": link.id, "day": link.survey.opens_on,
                "language": "en", "channel": "link", "answers": {**answers, **same},
            }
        )  # fmt: skip
    if rows:
        session.execute(insert(Response), rows)


def closed(
    session: Session, survey: Survey, numbers: Mapping[str, int], tools: Tools, now: datetime, **same: Any
) -> Survey:
    """The survey after so many people of each audience have answered at each place, and it has closed."""
    chance = random.Random(5)
    for link in survey.links:
        answered(session, link, numbers.get(link.audience, 0), chance, **same)
    opening.close(session, survey, tools, chance, now)
    session.commit()
    return survey
