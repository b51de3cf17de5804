"""The log of who did what: one entry for each thing that was done, written in the transaction that does it.

It never holds an answer, a code or a token. Drafts keep their own history (`DraftChange`).
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import AuditEntry, Person

# What is done, by names that never change meaning. The page of the log has a sentence for each.
ACTIONS = frozenset(
    (
        "record.created",
        "record.submitted",
        "survey.opened",
        "survey.closed",
        "delivery.sent_again",
        "mail.resumed",
        "person.signed_in",
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
) -> None:
    """Write down that a person (None: the program itself) did something with `subject`, by the name people know."""
    if action not in ACTIONS:
        raise ValueError(f"no such action: {action}")
    session.add(
        AuditEntry(
            at=now,
            organization_id=organization_id,
            person_id=person.id if person else None,
            person_name=person.name if person else "",
            action=action,
            subject=subject,
            details=details,
        )
    )


def entries(session: Session, organization_ids: Collection[uuid.UUID], limit: int, skip: int = 0) -> list[AuditEntry]:
    """What was done in these organizations, the latest first."""
    query = select(AuditEntry).where(AuditEntry.organization_id.in_(organization_ids))
    return list(session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id).offset(skip).limit(limit)))
