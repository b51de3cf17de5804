"""Surveys that have ended, for tests: answered by many, and published."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from partnerforms.models import Response, Survey, SurveyLink
from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools


def answer(session: Session, link: SurveyLink, answers: Mapping[str, Any], times: int) -> None:
    """So many answers alike, as if they had come today."""
    for number in range(times):
        key = f"{link.id}-{number}-{random.getrandbits(64)}"
        session.add(
            Response(key=key, link_id=link.id, day=link.survey.opens_on, language="en", answers=dict(answers))
        )
    session.flush()


def close(session: Session, survey: Survey, tools: Tools) -> None:
    """End it as its leader does."""
    opening.close(session, survey, tools, random.Random(1), datetime.now(UTC))
    session.commit()
