"""Answers that came on paper: piles that members type in, and what becomes of them.

A sheet is known by its place in the pile. Whoever saves says what they saw there before: two people at one pile
never overwrite each other. A finished pile is responses like any other, and what was typed is gone.
"""

import hashlib
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from partnerforms.engine.library import thaw
from partnerforms.engine.paper_typing import Difference, differences
from partnerforms.models import PaperBatch, PaperSheet, Survey, SurveyLink
from partnerforms.services import audit, inheritance
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.surveys import answering, state
from partnerforms.services.tools import Tools

MOST_SHEETS = 500
_MOST_PILES = 1_000_000  # a larger number in an address is of no pile

Reason = Literal["closed", "finished", "untyped", "different"]


class NotNowError(Exception):
    """It cannot be done with this pile now; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Pile:
    """A pile and the numbers of its sheets that have been typed, by entry."""

    batch: PaperBatch
    typed: Mapping[int, frozenset[int]]

    @property
    def entries(self) -> tuple[int, ...]:
        """1, and 2 where all is typed twice."""
        return (1, 2) if self.batch.twice else (1,)

    @property
    def complete(self) -> bool:
        """Has everything been typed as often as it must be?"""
        return all(len(self.typed[entry]) == self.batch.sheets for entry in self.entries)

    def next(self, entry: int, after: int = 0) -> int | None:
        """The next sheet that nobody has typed, from a place in the pile on and then from its top."""
        left = [number for number in range(1, self.batch.sheets + 1) if number not in self.typed[entry]]
        return next((number for number in left if number > after), left[0] if left else None)


@dataclass(frozen=True)
class Apart:
    """A sheet whose two typings are not the same; `seen` is the mark of both."""

    number: int
    seen: str
    items: Sequence[Difference]


def piles(session: Session, link: SurveyLink) -> list[Pile]:
    """All piles of a link, the last one first."""
    query = select(PaperBatch).where(PaperBatch.link_id == link.id).order_by(PaperBatch.number.desc())
    return _with_typed(session, session.scalars(query).all())


def find(session: Session, link: SurveyLink, number: int) -> Pile:
    """A pile of a link by its number."""
    query = select(PaperBatch).where(PaperBatch.link_id == link.id, PaperBatch.number == number)
    batch = session.scalars(query).first() if number < _MOST_PILES else None
    if batch is None:
        raise NotThereError
    return _with_typed(session, [batch])[0]


def unfinished(session: Session, survey: Survey) -> list[tuple[SurveyLink, int]]:
    """The links of a survey that have piles which are not finished, with how many."""
    query = (
        select(SurveyLink, func.count(PaperBatch.id))
        .join(PaperBatch, PaperBatch.link_id == SurveyLink.id)
        .where(SurveyLink.survey_id == survey.id, PaperBatch.finished_on.is_(None))
        .group_by(SurveyLink.id)
        .order_by(SurveyLink.id)
    )
    return [(link, count) for link, count in session.execute(query)]


def begin(
    session: Session,
    reach: Reach,
    link: SurveyLink,
    language: str,
    sheets: int,
    twice: bool,
    tools: Tools,
    now: datetime,
) -> PaperBatch:
    """A new pile of so many sheets. Its number goes on from the last one's."""
    session.refresh(link, with_for_update={"key_share": True})
    last = session.scalar(select(func.max(PaperBatch.number)).where(PaperBatch.link_id == link.id)) or 0
    batch = PaperBatch(
        link_id=link.id,
        number=last + 1,
        language=language,
        sheets=sheets,
        twice=twice,
        started_on=inheritance.day(link.organization, now, tools),
    )
    session.add(batch)
    session.flush()
    _note(session, "survey.paper_begun", reach, link, batch, now)
    return batch


def sheet(session: Session, batch: PaperBatch, number: int, entry: int) -> PaperSheet | None:
    """What was typed of a sheet, None when nobody has yet. NotThereError when the pile has no such sheet."""
    if not 1 <= number <= batch.sheets or not 1 <= entry <= (2 if batch.twice else 1):
        raise NotThereError
    where = (PaperSheet.batch_id == batch.id, PaperSheet.number == number, PaperSheet.entry == entry)
    return session.scalars(select(PaperSheet).where(*where)).first()


def mark(*sheets: PaperSheet | None) -> str:
    """What somebody has seen of some sheets, to be told when they save; another one whenever these change."""
    seen = [one and one.answers for one in sheets]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:20]


def save(
    session: Session,
    reach: Reach,
    batch: PaperBatch,
    number: int,
    entry: int,
    answers: dict[str, Any],
    seen: str,
) -> bool:
    """Keep what was typed of a sheet. False, and nothing is kept, when it is not as it was `seen` any more.

    No answers at all say that the paper is empty: it will not be counted.
    """
    _hold(session, batch)
    kept = sheet(session, batch, number, entry)
    if kept is not None and kept.answers == answers and kept.person_id == reach.person.id:
        return True  # pressed twice
    if mark(kept) != seen:
        return False
    if kept is None:
        kept = PaperSheet(batch_id=batch.id, number=number, entry=entry)
        session.add(kept)
    kept.answers, kept.person_id = answers, reach.person.id
    session.flush()
    return True


def apart(session: Session, batch: PaperBatch, language: str) -> list[Apart]:
    """The sheets of a pile that were typed twice and not the same, in the order of the pile."""
    instrument = thaw(batch.link.version.frozen, language)
    found = []
    for number, (first, second) in sorted(_pairs(session, batch).items()):
        items = differences(instrument, first.answers, second.answers)
        if items:
            found.append(Apart(number, mark(first, second), items))
    return found


def decide(
    session: Session, batch: PaperBatch, chosen: Mapping[int, Mapping[str, int]], seen: Mapping[int, str]
) -> bool:
    """Let the typing that a person chose for an item stand, by sheet and item. False when a sheet was changed
    meanwhile: what was chosen for it is not done."""
    _hold(session, batch)
    unchanged = True
    for number, pair in _pairs(session, batch).items():
        if number not in chosen:
            continue
        if mark(*pair) != seen.get(number):
            unchanged = False
            continue
        for item_id, entry in chosen[number].items():
            value = pair[entry - 1].answers.get(item_id)
            for one in pair:
                rest = {name: answer for name, answer in one.answers.items() if name != item_id}
                one.answers = rest if value is None else {**rest, item_id: value}
    session.flush()
    return unchanged


def resize(session: Session, reach: Reach, batch: PaperBatch, sheets: int, now: datetime) -> bool:
    """Say anew how many sheets a pile has; False when more than that have been typed."""
    _hold(session, batch)
    last = session.scalar(select(func.max(PaperSheet.number)).where(PaperSheet.batch_id == batch.id)) or 1
    if sheets < last:
        return False
    batch.sheets = sheets
    _note(session, "survey.paper_resized", reach, batch.link, batch, now)
    session.flush()
    return True


def remove(session: Session, reach: Reach, batch: PaperBatch, now: datetime) -> None:
    """Throw away an unfinished pile with all that was typed of it."""
    _hold(session, batch)
    _note(session, "survey.paper_removed", reach, batch.link, batch, now)
    session.execute(delete(PaperSheet).where(PaperSheet.batch_id == batch.id))
    session.delete(batch)
    session.flush()


def finish(
    session: Session, reach: Reach, batch: PaperBatch, tools: Tools, chance: random.Random, now: datetime
) -> None:
    """Make responses of the sheets, in an order of chance, and forget what was typed. The pile keeps their number.

    NotNowError when the survey is not open, or something is not typed or not decided.
    """
    link = batch.link
    session.refresh(link.survey, with_for_update={"read": True})  # nobody closes it meanwhile
    if state(link.survey, now, tools) != "open":
        raise NotNowError("closed")
    _hold(session, batch)
    if not _with_typed(session, [batch])[0].complete:
        raise NotNowError("untyped")
    if apart(session, batch, "en"):
        raise NotNowError("different")
    typed = session.scalars(select(PaperSheet).where(PaperSheet.batch_id == batch.id, PaperSheet.entry == 1))
    answer_sets = [one.answers for one in typed if one.answers]
    session.execute(delete(PaperSheet).where(PaperSheet.batch_id == batch.id))
    answering.receive_together(session, link, answer_sets, batch.language, "paper", tools, chance, now)
    batch.sheets, batch.finished_on = len(answer_sets), inheritance.day(link.organization, now, tools)
    _note(session, "survey.paper_finished", reach, link, batch, now)
    session.flush()


def _hold(session: Session, batch: PaperBatch) -> None:
    """Nobody else changes anything of the pile until we are done; a finished one stays as it is."""
    session.refresh(batch, with_for_update=True)
    if batch.finished_on is not None:
        raise NotNowError("finished")


def _pairs(session: Session, batch: PaperBatch) -> dict[int, tuple[PaperSheet, PaperSheet]]:
    """The sheets that were typed twice."""
    found: dict[int, list[PaperSheet]] = {}
    query = select(PaperSheet).where(PaperSheet.batch_id == batch.id).order_by(PaperSheet.entry)
    for one in session.scalars(query):
        found.setdefault(one.number, []).append(one)
    return {number: (both[0], both[1]) for number, both in found.items() if len(both) == 2}


def _with_typed(session: Session, batches: Sequence[PaperBatch]) -> list[Pile]:
    query = select(PaperSheet.batch_id, PaperSheet.entry, PaperSheet.number)
    query = query.where(PaperSheet.batch_id.in_([batch.id for batch in batches]))
    typed: dict[tuple[uuid.UUID, int], set[int]] = {}
    for batch_id, entry, number in session.execute(query):
        typed.setdefault((batch_id, entry), set()).add(number)
    return [
        Pile(batch, {entry: frozenset(typed.get((batch.id, entry), ())) for entry in (1, 2)}) for batch in batches
    ]


def _note(session: Session, action: str, reach: Reach, link: SurveyLink, batch: PaperBatch, now: datetime) -> None:
    audit.note(
        session, action, reach.person, link.organization_id, now, link.survey.title,
        survey=str(link.survey_id), number=batch.number, sheets=batch.sheets,
    )  # fmt: skip
