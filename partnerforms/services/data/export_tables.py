"""What of the tables is in an export, in the words of its README. What is secret is not asked for."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, aliased

from partnerforms.models import (
    Assignment,
    AuditEntry,
    Comment,
    Delivery,
    DeliveryRule,
    Document,
    FollowUp,
    InstrumentVersion,
    Membership,
    Organization,
    OwnTemplate,
    Person,
    Publication,
    Record,
    ResultGroup,
    Revision,
    SignInProvider,
    Survey,
    SurveyLink,
    Translation,
)
from partnerforms.services.deliveries import RESPONDENT_LETTERS

Ids = Collection[Any]


@dataclass(frozen=True)
class Kind:
    """One file of the export: its rows. Columns that begin with an underscore are in the JSON alone."""

    name: str
    rows: Callable[[Ids], Select[Any]]


_inviter = aliased(Person)


def _organizations(ids: Ids) -> Select[Any]:
    above = aliased(Organization)
    columns: list[Any] = [
        Organization.id, above.name.label("above"), Organization.level, Organization.name, Organization.number,
        Organization.archived_at, Organization.time_zone, Organization.school_year_start, Organization.minimum_n,
        Organization.reply_address, Organization.keep_answers, Organization.keep_drafts, Organization.keep_mail,
        Organization.keep_log, Organization.terms.label("_terms"),
    ]  # fmt: skip
    query = select(*columns).outerjoin(above, above.id == Organization.parent_id)
    return query.where(Organization.id.in_(ids)).order_by(Organization.level.desc(), Organization.name)


def _people(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), _name(), Person.address, Person.language, Membership.role, Membership.from_below,
        _inviter.name.label("invited_by"), Membership.invited_at, Membership.accepted_at,
    ]  # fmt: skip
    query = _of(select(*columns).select_from(Membership), Membership, ids).join(Membership.person)
    query = query.outerjoin(_inviter, _inviter.id == Membership.invited_by)
    return query.order_by(Organization.name, Person.name, Membership.role)


def _rules(ids: Ids) -> Select[Any]:
    columns = [_organization(), _name(), Person.address, DeliveryRule.instrument, DeliveryRule.rule]
    query = select(*columns).select_from(DeliveryRule).join(Membership, Membership.id == DeliveryRule.membership_id)
    return _of(query, Membership, ids).join(Membership.person).order_by(Organization.name, Person.name)


def _single_sign_on(ids: Ids) -> Select[Any]:
    columns = [_organization(), SignInProvider.issuer, SignInProvider.client_id, SignInProvider.domain]
    return _of(select(*columns).select_from(SignInProvider), SignInProvider, ids)


def _assignments(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), Assignment.instrument, Assignment.title, Assignment.since, Assignment.due_on,
        Person.name.label("created_by"), Assignment.created_at, Assignment.reminded_at, Assignment.ended_at,
    ]  # fmt: skip
    query = _of(select(*columns).select_from(Assignment), Assignment, ids)
    return query.join(Person, Person.id == Assignment.created_by).order_by(Assignment.created_at)


def _records(ids: Ids) -> Select[Any]:
    columns = [
        Record.id, _organization(), Record.instrument, Record.title, Record.state,
        Person.name.label("created_by"), Record.created_at, Record.changed_at, Record.draft.label("_draft"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(Record), Record, ids)
    return query.join(Person, Person.id == Record.created_by).order_by(Record.created_at, Record.id)


def _revisions(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), Revision.record_id.label("record"), Record.title, Record.instrument, Revision.number,
        Person.name.label("submitted_by"), Revision.submitted_at, Revision.document_id.label("document"),
        Revision.instrument_digest.label("asked"), Revision.answers.label("_answers"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(Revision).join(Revision.record), Record, ids)
    return query.join(Revision.person).order_by(Record.created_at, Revision.record_id, Revision.number)


def _instruments(ids: Ids) -> Select[Any]:
    records = select(Revision.instrument_digest).join(Revision.record).where(Record.organization_id.in_(ids))
    links = select(SurveyLink.instrument_digest).where(SurveyLink.organization_id.in_(ids))
    columns: list[Any] = [
        InstrumentVersion.digest.label("asked"), InstrumentVersion.instrument, InstrumentVersion.version,
        InstrumentVersion.frozen.label("_asked_as"),
    ]  # fmt: skip
    return select(*columns).where(InstrumentVersion.digest.in_(records.union(links)))


def _surveys(ids: Ids) -> Select[Any]:
    columns = [Survey.id, _organization(), Survey.title, Survey.opens_on, Survey.closes_on, Survey.closed_at]
    return _of(select(*columns).select_from(Survey), Survey, ids).order_by(Survey.opens_on, Survey.id)


def _links(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), Survey.id.label("survey"), Survey.title, SurveyLink.audience, SurveyLink.delivery,
        SurveyLink.minimum_n, SurveyLink.people, SurveyLink.instrument_digest.label("asked"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(SurveyLink).join(SurveyLink.survey), SurveyLink, ids)
    return query.order_by(Survey.opens_on, Survey.id, SurveyLink.audience)


def _results(ids: Ids) -> Select[Any]:
    """The groups that were published: each is at least the minimum n, and counts at its organization and above."""
    columns: list[Any] = [
        _organization(), Publication.survey_id.label("survey"), Publication.number.label("publication"),
        Publication.published_at, ResultGroup.audience, ResultGroup.n, ResultGroup.items.label("_items"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(ResultGroup).join(ResultGroup.publication), ResultGroup, ids)
    return query.order_by(Publication.published_at, ResultGroup.audience, Organization.name)


def _comments(ids: Ids) -> Select[Any]:
    """In the order of their random keys, so that nothing tells which are one person's."""
    columns = [
        _organization(), Publication.survey_id.label("survey"), Comment.audience, Comment.item, Comment.text,
        Comment.state,
    ]  # fmt: skip
    published = select(*columns).select_from(Comment).join(Publication, Publication.id == Comment.publication_id)
    return _of(published, Comment, ids).order_by(Comment.key)


def _follow_ups(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), FollowUp.survey_id.label("survey"), FollowUp.language, FollowUp.text, FollowUp.published_at,
    ]  # fmt: skip
    query = _of(select(*columns).select_from(FollowUp), FollowUp, ids)
    return query.order_by(FollowUp.changed_at, FollowUp.language)


def _translations(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), Translation.language, Translation.name, Translation.direction, Translation.locale,
        Translation.reviewed_by, Translation.published_at, Translation.draft.label("_draft"),
        Translation.published.label("_published"),
    ]  # fmt: skip
    return _of(select(*columns).select_from(Translation), Translation, ids).order_by(Translation.language)


def _deliveries(ids: Ids) -> Select[Any]:
    """Without the document where it has raw answers: the moment of a mail would tell when somebody answered. Without
    letters to respondents: they would tell who."""
    columns = [
        _organization(), Delivery.letter, Delivery.recipient, Delivery.language, Delivery.state, Delivery.error,
        Delivery.created_at, Delivery.sent_at, Document.id.label("document"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(Delivery), Delivery, ids)
    query = query.where(Delivery.letter.not_in(RESPONDENT_LETTERS))
    plans = (Document.id == Delivery.document_id) & Document.survey_id.is_(None)
    return query.outerjoin(Document, plans).order_by(Delivery.created_at, Delivery.id)


def _templates(ids: Ids) -> Select[Any]:
    columns = [
        _organization(), OwnTemplate.instrument, OwnTemplate.filename, Person.name.label("uploaded_by"),
        OwnTemplate.uploaded_at, OwnTemplate.used_from, OwnTemplate.used_until,
    ]  # fmt: skip
    query = _of(select(*columns).select_from(OwnTemplate), OwnTemplate, ids).join(OwnTemplate.person)
    return query.order_by(OwnTemplate.uploaded_at)


def _log(ids: Ids) -> Select[Any]:
    columns = [
        AuditEntry.at, _organization(), AuditEntry.person_name.label("person"), AuditEntry.action, AuditEntry.subject,
        AuditEntry.details.label("_details"),
    ]  # fmt: skip
    query = _of(select(*columns).select_from(AuditEntry), AuditEntry, ids)
    return query.order_by(AuditEntry.at, AuditEntry.id)


KINDS = (
    Kind("organizations", _organizations),
    Kind("people_and_roles", _people),
    Kind("delivery_rules", _rules),
    Kind("single_sign_on", _single_sign_on),
    Kind("assignments", _assignments),
    Kind("records", _records),
    Kind("revisions", _revisions),
    Kind("instruments_as_asked", _instruments),
    Kind("surveys", _surveys),
    Kind("links", _links),
    Kind("results", _results),
    Kind("comments", _comments),
    Kind("follow_ups", _follow_ups),
    Kind("translations", _translations),
    Kind("deliveries", _deliveries),
    Kind("templates", _templates),
    Kind("log", _log),
)


def rows(session: Session, kind: Kind, ids: Ids) -> Iterator[dict[str, Any]]:
    """The rows of a kind, read from the database bit by bit."""
    found = session.execute(kind.rows(ids).execution_options(yield_per=50))
    return (dict(row) for row in found.mappings())


def columns(kind: Kind) -> list[str]:
    return [column.name for column in kind.rows([]).selected_columns]


def _organization() -> Any:
    return Organization.name.label("organization")


def _name() -> Any:
    """Of who is invited only the address says enough: the name may be known elsewhere."""
    return case((Membership.accepted_at.is_not(None), Person.name), else_="").label("name")


def _of(query: Select[Any], model: Any, ids: Ids) -> Select[Any]:
    return query.join(Organization, Organization.id == model.organization_id).where(Organization.id.in_(ids))
