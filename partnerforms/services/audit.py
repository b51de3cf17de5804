"""The log of who did what: one entry for each thing that was done, written in the transaction that does it.

It never holds an answer, a code or a token. Drafts keep their own history (`DraftChange`).
"""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import AuditEntry, Person

# What is done, by names that never change meaning. The page of the log has a sentence for each.
ACTIONS = frozenset(
    (
        "assignment.created",
        "assignment.ended",
        "assignment.reminded",
        "language.begun",
        "language.discarded",
        "language.published",
        "language.reviewed",
        "language.taken_back",
        "language.uploaded",
        "organization.archived",
        "organization.created",
        "organization.imported",
        "organization.erased",
        "organization.exported",
        "organization.moved",
        "organization.numbered",
        "organization.renamed",
        "organization.restored",
        "organization.settings_changed",
        "record.created",
        "record.submitted",
        "survey.opened",
        "survey.closed",
        "survey.invited",
        "survey.reminded",
        "survey.comments_released",
        "survey.comments_withheld",
        "survey.follow_up_published",
        "survey.follow_up_saved",
        "survey.follow_up_taken_back",
        "survey.paper_begun",
        "survey.paper_finished",
        "survey.paper_removed",
        "survey.paper_resized",
        "survey.changed",
        "survey.reopened",
        "survey.people_entered",
        "survey.let_count",
        "survey.refused",
        "delivery.returned",
        "delivery.sent_again",
        "delivery_rules.changed",
        "mail.resumed",
        "person.accepted",
        "person.code_printed",
        "person.declined",
        "person.handed_over",
        "person.invited",
        "person.invited_again",
        "person.removed",
        "person.role_changed",
        "person.account_changed",
        "person.connected",
        "person.disconnected",
        "person.second_factor_off",
        "person.second_factor_on",
        "person.second_factor_reset",
        "person.sessions_ended",
        "person.signed_in",
        "template.taken_back",
        "template.uploaded",
        "template.used",
        "single_sign_on.removed",
        "single_sign_on.set",
    )
)


def note(
    session: Session,
    action: str,
    person: Person | None,
    organization_id: uuid.UUID | None,
    now: datetime,
    subject: str = "",
    **details: Any,
) -> AuditEntry:
    """Write down that a person (None: the program itself) did something with `subject`, by the name people know."""
    if action not in ACTIONS:
        raise ValueError(f"no such action: {action}")
    entry = AuditEntry(
        at=now,
        organization_id=organization_id,
        person_id=person.id if person else None,
        person_name=person.name if person else "",
        action=action,
        subject=subject,
        details=details,
    )
    session.add(entry)
    return entry


def kinds() -> list[str]:
    """What something can be done with: the first halves of the actions."""
    return sorted({action.partition(".")[0] for action in ACTIONS})


def entries(
    session: Session,
    organization_ids: Collection[uuid.UUID] | None,
    limit: int | None = None,
    skip: int = 0,
    *,
    person: str = "",
    kind: str = "",
    since: datetime | None = None,
) -> Iterator[AuditEntry]:
    """What was done in these organizations (None: everywhere), the latest first; read from the database bit by bit.

    `person` is a part of the name of who did it, `kind` one of `kinds`.
    """
    query = select(AuditEntry)
    if organization_ids is not None:
        query = query.where(AuditEntry.organization_id.in_(organization_ids))
    if person:
        query = query.where(AuditEntry.person_name.icontains(person, autoescape=True))
    if kind:
        query = query.where(AuditEntry.action.startswith(f"{kind}.", autoescape=True))
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    query = query.order_by(AuditEntry.at.desc(), AuditEntry.id).offset(skip).limit(limit)
    return iter(session.scalars(query.execution_options(yield_per=200)))
