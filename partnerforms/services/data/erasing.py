"""The end of an organization: all of it and of what lies below it goes, and what is left says how much that was.

Everything goes in the transaction of whoever called. Persons go who are nothing else anywhere and whose name
nothing else needs. One entry stays in the log of the organization above.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, func, or_, select, update
from sqlalchemy.orm import Session

from partnerforms.models import (
    Assignment,
    AuditEntry,
    Base,
    Comment,
    Delivery,
    DeliveryRule,
    Document,
    DraftChange,
    FollowUp,
    Identity,
    InstrumentVersion,
    Invitation,
    Job,
    JobChunk,
    Membership,
    Organization,
    OwnTemplate,
    PaperBatch,
    PaperSheet,
    Person,
    Publication,
    Record,
    Response,
    ResultGroup,
    Revision,
    SignInProvider,
    SignInSession,
    Stop,
    Survey,
    SurveyLink,
    Translation,
)
from partnerforms.services import audit
from partnerforms.services.access import NotAllowedError, NotThereError, Reach, below, subtree
from partnerforms.services.data import removing

TOLD_FOR = timedelta(hours=1)

Ids = Collection[uuid.UUID]


def may(reach: Reach, organization: Organization) -> bool:
    """May the person erase it? Who runs it may, and who arranges what stands above it."""
    above = organization.parent_id
    return reach.can("run", organization.id) or (above is not None and reach.can("arrange", above))


def require(reach: Reach, organization: Organization) -> None:
    """NotThereError where the person sees nothing, NotAllowedError where the person may not erase."""
    reach.require("see", organization.id)
    if not may(reach, organization):
        raise NotAllowedError


def same_name(typed: str, organization: Organization) -> bool:
    """Is this the organization's name, letter by letter? Pages show several spaces as one."""
    return typed.split() == organization.name.split()


def counts(session: Session, organization: Organization) -> Counter[str]:
    """What would go with it, by the names of tables."""
    found: Counter[str] = Counter()
    for model, condition in _going(subtree([organization.id])):
        found[model.__tablename__] = session.scalar(select(func.count()).select_from(model).where(condition)) or 0
    return +found


def erase(session: Session, organization: Organization, person: Person | None, now: datetime) -> AuditEntry:
    """Remove it and all below it; the entry that stays in the log above has in its details how much that was."""
    ids = below(session, [organization.id])
    name, level, above = organization.name, organization.level, organization.parent_id
    _hold(session, ids)
    candidates = _people(session, ids)
    removed = _let_go(session, ids)
    session.execute(_forget_year_before(ids))
    for model, condition in _going(ids):
        removed[model.__tablename__] += removing.rows(session, model, condition)
    session.execute(select(Person.id).where(Person.id.in_(candidates)).order_by(Person.id).with_for_update()).all()
    removed += removing.people(session, candidates)
    removing.rows(session, InstrumentVersion, removing.unreferenced(InstrumentVersion))
    entry = audit.note(session, "organization.erased", person, above, now, name, level=level, removed=dict(+removed))
    session.flush()
    return entry


def told(session: Session, entry_id: uuid.UUID, now: datetime) -> AuditEntry:
    """The entry of something that was just erased, for whoever knows its id: that is who has erased it.

    It is shown without a sign-in, for the account may have gone with the organization.
    """
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.action != "organization.erased" or now - entry.at > TOLD_FOR:
        raise NotThereError
    return entry


def _going(ids: Ids | Select[tuple[uuid.UUID]]) -> list[tuple[type[Base], ColumnElement[bool]]]:
    """All that belongs to these organizations; what refers to something comes before it."""
    surveys = select(Survey.id).where(Survey.organization_id.in_(ids))
    of_links = or_(SurveyLink.survey_id.in_(surveys), SurveyLink.organization_id.in_(ids))
    links = select(SurveyLink.id).where(of_links)
    piles = select(PaperBatch.id).where(PaperBatch.link_id.in_(links))
    publications = select(Publication.id).where(Publication.survey_id.in_(surveys))
    of_documents = or_(Document.organization_id.in_(ids), Document.survey_id.in_(surveys))
    documents = select(Document.id).where(of_documents)
    records = select(Record.id).where(Record.organization_id.in_(ids))
    memberships = select(Membership.id).where(Membership.organization_id.in_(ids))
    jobs = select(Job.id).where(Job.organization_id.in_(ids))
    providers = select(SignInProvider.id).where(SignInProvider.organization_id.in_(ids))
    return [
        (Response, Response.link_id.in_(links)),
        (Invitation, Invitation.link_id.in_(links)),
        (Stop, Stop.organization_id.in_(ids)),
        (PaperSheet, PaperSheet.batch_id.in_(piles)),
        (PaperBatch, PaperBatch.link_id.in_(links)),
        (Comment, or_(Comment.publication_id.in_(publications), Comment.organization_id.in_(ids))),
        (ResultGroup, or_(ResultGroup.publication_id.in_(publications), ResultGroup.organization_id.in_(ids))),
        (Publication, Publication.survey_id.in_(surveys)),
        (FollowUp, or_(FollowUp.survey_id.in_(surveys), FollowUp.organization_id.in_(ids))),
        (Translation, Translation.organization_id.in_(ids)),
        (Delivery, or_(Delivery.organization_id.in_(ids), Delivery.document_id.in_(documents))),
        (DeliveryRule, DeliveryRule.membership_id.in_(memberships)),
        (Revision, Revision.record_id.in_(records)),
        (DraftChange, DraftChange.record_id.in_(records)),
        (Record, Record.organization_id.in_(ids)),
        (Document, of_documents),
        (SurveyLink, of_links),
        (Survey, Survey.organization_id.in_(ids)),
        (OwnTemplate, OwnTemplate.organization_id.in_(ids)),
        (Assignment, Assignment.organization_id.in_(ids)),
        (JobChunk, JobChunk.job_id.in_(jobs)),
        (Job, Job.organization_id.in_(ids)),
        (Identity, Identity.provider_id.in_(providers)),
        (SignInSession, SignInSession.provider_id.in_(providers)),
        (SignInProvider, SignInProvider.organization_id.in_(ids)),
        (Membership, Membership.organization_id.in_(ids)),
        (AuditEntry, AuditEntry.organization_id.in_(ids)),
        (Organization, Organization.id.in_(ids)),
    ]


def _hold(session: Session, ids: Ids) -> None:
    """Nobody else adds anything to what goes: the organizations first, then all that other rows refer to."""
    for model, condition in reversed(_going(ids)):
        if model in (Organization, Membership, SignInProvider, Job, Survey, SurveyLink, Document, Record):
            session.execute(select(removing.key(model)).where(condition).with_for_update()).all()


def _people(session: Session, ids: Ids) -> set[uuid.UUID]:
    """Everybody whom something that goes refers to."""
    found: set[uuid.UUID] = set()
    for model, condition in _going(ids):
        for column in _to_people(model):
            found |= set(session.scalars(select(column).where(condition, column.is_not(None)).distinct()))
    return found


def _to_people(model: type[Base]) -> Iterator[Any]:
    table: Any = model.__table__
    return (key.parent for key in table.foreign_keys if key.column.table is Person.__table__)


def _forget_year_before(ids: Ids) -> Update:
    """Surveys of others, such as a school that has moved, are compared no more with one that goes."""
    going = select(Survey.id).where(Survey.organization_id.in_(ids))
    statement = update(Survey).where(Survey.previous_id.in_(going)).values(previous_id=None)
    return statement.execution_options(synchronize_session=False)


def _let_go(session: Session, ids: Ids) -> Counter[str]:
    """What belongs to others, such as mail from before an organization moved, forgets the memberships that go."""
    going = select(Membership.id).where(Membership.organization_id.in_(ids))
    replaced = update(Membership).where(Membership.replaces_id.in_(going)).values(replaces_id=None)
    session.execute(replaced.execution_options(synchronize_session=False))
    return removing.let_go(session, Delivery.membership_id.in_(going), membership_id=None)
