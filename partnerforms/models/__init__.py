"""The tables. Importing this package makes all of them known to `Base.metadata`."""

from partnerforms.models.base import Base
from partnerforms.models.deliveries import Delivery, DeliveryRule, Document, MailQueue
from partnerforms.models.jobs import Job, JobChunk
from partnerforms.models.organizations import Assignment, AuditEntry, Membership, Organization, Person
from partnerforms.models.records import DraftChange, InstrumentVersion, OwnTemplate, Record, Revision
from partnerforms.models.signin import Identity, RecoveryCode, SecondFactor, SignInCode, SignInProvider, SignInSession
from partnerforms.models.surveys import Response, Survey, SurveyLink

__all__ = [
    "Assignment",
    "AuditEntry",
    "Base",
    "Delivery",
    "DeliveryRule",
    "Document",
    "DraftChange",
    "Identity",
    "InstrumentVersion",
    "Job",
    "JobChunk",
    "MailQueue",
    "Membership",
    "Organization",
    "OwnTemplate",
    "Person",
    "Record",
    "RecoveryCode",
    "Response",
    "Revision",
    "SecondFactor",
    "SignInCode",
    "SignInProvider",
    "SignInSession",
    "Survey",
    "SurveyLink",
]
