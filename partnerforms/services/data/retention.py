"""What is kept no longer than it may be: raw answers, drafts, mail, invitations, traces of signing in, the log.

Plans stay: submitted records, their revisions and documents go only when their organization is erased.

Nothing is remembered about what was done: what is due is asked for anew, and goes a batch at a time, so that nobody
waits long for the database. Doing it twice, or in two places at once, does no harm.
"""

import uuid
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from partnerforms.models import (
    AuditEntry,
    Base,
    Comment,
    Delivery,
    Document,
    DraftChange,
    Invitation,
    Membership,
    Organization,
    PaperBatch,
    PaperSheet,
    Publication,
    Record,
    RecoveryCode,
    Response,
    SignInCode,
    SignInSession,
    Survey,
    SurveyLink,
)
from partnerforms.services.data import removing
from partnerforms.services.inheritance import KEEP, Clock
from partnerforms.services.records import drafts
from partnerforms.services.signin import sessions

BATCH = 500
REST = timedelta(days=1)

# Says of a column that holds an organization's id that it is one of those a clock is asked for.
Here = Callable[[Any], ColumnElement[bool]]
# Some organizations: their ids, or the query for them, which is quicker when they are many.
Within = Collection[uuid.UUID] | Select[tuple[uuid.UUID]]


@dataclass(frozen=True)
class Rule:
    """Rows that may go: `due` says which, for the moment before which all is too old and the organizations asked for.

    That moment comes from a `clock`, which every organization may set, or is the same for all: `after` so long.
    `remove` deletes some of the rows, by their keys, and what hangs on them.
    """

    name: str
    kept: Clock | timedelta
    model: type[Base]
    due: Callable[[datetime, Here], ColumnElement[bool]]
    remove: removing.Remover

    @property
    def key(self) -> Any:
        return removing.key(self.model)


def _surveys(before: datetime, here: Here) -> Any:
    return select(Survey.id).where(Survey.closed_at < before, here(Survey.organization_id))


def _links(before: datetime, here: Here) -> Any:
    closed = select(SurveyLink.id).join(SurveyLink.survey).where(Survey.closed_at < before)
    return closed.where(here(SurveyLink.organization_id))


def _answers(before: datetime, here: Here) -> ColumnElement[bool]:
    return Response.link_id.in_(_links(before, here))


def _typed_sheets(before: datetime, here: Here) -> ColumnElement[bool]:
    piles = select(PaperBatch.id).where(PaperBatch.link_id.in_(_links(before, here)))
    return PaperSheet.batch_id.in_(piles)


def _comments(before: datetime, here: Here) -> ColumnElement[bool]:
    published = select(Publication.id).where(Publication.published_at < before)
    return and_(Comment.publication_id.in_(published), here(Comment.organization_id))


def _addresses(before: datetime, _here: Here) -> ColumnElement[bool]:
    return Invitation.link_id.in_(_links(before, lambda _column: true()))


def _answer_sheets(before: datetime, here: Here) -> ColumnElement[bool]:
    return Document.survey_id.in_(_surveys(before, here))


def _drafts(before: datetime, here: Here) -> ColumnElement[bool]:
    return and_(Record.changed_at < before, ~Record.revisions.any(), here(Record.organization_id))


def _changes(before: datetime, _here: Here) -> ColumnElement[bool]:
    return DraftChange.changed_at < before


def _mail(before: datetime, here: Here) -> ColumnElement[bool]:
    settled = Delivery.state.in_(("sent", "failed"))
    return and_(
        settled, func.coalesce(Delivery.sent_at, Delivery.created_at) < before, here(Delivery.organization_id)
    )


def _leftover_documents(before: datetime, here: Here) -> ColumnElement[bool]:
    return and_(Document.created_at < before, here(Document.organization_id), removing.unreferenced(Document))


def _invitations(before: datetime, _here: Here) -> ColumnElement[bool]:
    return and_(Membership.accepted_at.is_(None), Membership.invited_at < before)


def _codes(before: datetime, _here: Here) -> ColumnElement[bool]:
    return SignInCode.expires_at < before


def _sessions(before: datetime, _here: Here) -> ColumnElement[bool]:
    return or_(SignInSession.created_at < before - sessions.LONGEST, SignInSession.seen_at < before - sessions.IDLE)


def _recovery_codes(before: datetime, _here: Here) -> ColumnElement[bool]:
    return RecoveryCode.used_at < before


def _entries(before: datetime, here: Here) -> ColumnElement[bool]:
    return and_(AuditEntry.at < before, here(AuditEntry.organization_id))


RULES = (
    Rule("responses", "keep_answers", Response, _answers, partial(removing.plain, Response)),
    Rule("typed_sheets", "keep_answers", PaperSheet, _typed_sheets, partial(removing.plain, PaperSheet)),
    Rule("comments", "keep_answers", Comment, _comments, partial(removing.plain, Comment)),
    Rule("addresses", timedelta(days=30), Invitation, _addresses, partial(removing.plain, Invitation)),
    Rule("answer_sheets", "keep_answers", Document, _answer_sheets, removing.documents),
    Rule("drafts", "keep_drafts", Record, _drafts, removing.drafts),
    Rule("draft_changes", drafts.KEPT, DraftChange, _changes, partial(removing.plain, DraftChange)),
    Rule("deliveries", "keep_mail", Delivery, _mail, partial(removing.plain, Delivery)),
    Rule("documents", "keep_mail", Document, _leftover_documents, removing.documents),
    Rule("invitations", timedelta(days=90), Membership, _invitations, removing.memberships),
    Rule("codes", timedelta(days=1), SignInCode, _codes, partial(removing.plain, SignInCode)),
    Rule("sessions", timedelta(days=1), SignInSession, _sessions, partial(removing.plain, SignInSession)),
    Rule("recovery_codes", timedelta(days=1), RecoveryCode, _recovery_codes, partial(removing.plain, RecoveryCode)),
    Rule("log", "keep_log", AuditEntry, _entries, partial(removing.plain, AuditEntry)),
)


def step(session: Session, now: datetime) -> Counter[str]:
    """Remove a batch of what is due, and say how many of what that was. Nothing is due any more when it is empty."""
    removed: Counter[str] = Counter()
    for rule in RULES:
        for condition in _conditions(session, rule, now):
            query = select(rule.key).where(condition).limit(BATCH - removed.total())
            keys = session.scalars(query.with_for_update(skip_locked=True, of=rule.model)).all()
            if keys:
                rule.remove(session, keys)
                removed[rule.name] += len(keys)
            if removed.total() >= BATCH:
                return removed
    return removed


def due(session: Session, now: datetime, within: Within | None = None) -> Counter[str]:
    """How many rows may go, by the names of the rules; in some organizations, or wherever they are."""
    found: Counter[str] = Counter()
    for rule in RULES:
        if within is None or isinstance(rule.kept, str):
            for condition in _conditions(session, rule, now, within):
                query = select(func.count()).select_from(rule.model).where(condition)
                found[rule.name] += session.scalar(query) or 0
    return +found


class Chore:
    """Retention as a chore of a worker: a batch each time, and a day's rest when nothing is left to do."""

    def __init__(self) -> None:
        self._rests_until: datetime | None = None

    def __call__(self, session: Session, now: datetime) -> None:
        if (self._rests_until is None or now >= self._rests_until) and not step(session, now):
            self._rests_until = now + REST


def _conditions(
    session: Session, rule: Rule, now: datetime, within: Within | None = None
) -> Iterator[ColumnElement[bool]]:
    """What is due by a rule: one condition for each number of months that some organization keeps it."""
    if isinstance(rule.kept, timedelta):
        yield rule.due(now - rule.kept, lambda _column: true())
        return
    clocks = _clocks(rule.kept)
    kept = set(session.scalars(select(clocks.c.months).distinct()))
    for months in sorted(kept | {KEEP[rule.kept]}):
        yield rule.due(months_before(now, months), partial(_here, clocks, months, months == KEEP[rule.kept], within))


def _here(clocks: CTE, months: int, default: bool, within: Within | None, column: Any) -> ColumnElement[bool]:
    """Is this one of the organizations with so many months? What belongs to none goes by the program's own clock."""
    ids = select(clocks.c.id).where(clocks.c.months == months)
    if within is not None:
        return and_(column.in_(ids), column.in_(within))
    return or_(column.in_(ids), column.is_(None)) if default else column.in_(ids)


def _clocks(clock: Clock) -> CTE:
    """Every organization with its months: its own, else those of the nearest one above that has set them."""
    own, child = getattr(Organization, clock), aliased(Organization)
    tops = select(Organization.id, func.coalesce(func.nullif(own, 0), KEEP[clock]).label("months"))
    tree = tops.where(Organization.parent_id.is_(None)).cte("clocks", recursive=True)
    months = func.coalesce(func.nullif(getattr(child, clock), 0), tree.c.months)
    return tree.union_all(select(child.id, months).where(child.parent_id == tree.c.id))


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last of its month when that had fewer days."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    year = max(year, 1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
