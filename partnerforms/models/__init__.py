"""The tables. Importing this package makes all of them known to `Base.metadata`."""

from partnerforms.models.asking import Invitation, PaperBatch, PaperSheet, Stop
from partnerforms.models.base import Base
from partnerforms.models.deliveries import Delivery, DeliveryRule, Document, MailQueue
from partnerforms.models.jobs import Job, JobChunk
from partnerforms.models.languages import Translation
from partnerforms.models.organizations import Assignment, AuditEntry, Membership, Organization, Person
from partnerforms.models.records import DraftChange, InstrumentVersion, OwnTemplate, Record, Revision
from partnerforms.models.results import Comment, FollowUp, Publication, ResultGroup
from partnerforms.models.signin import Identity, RecoveryCode, SecondFactor, SignInCode, SignInProvider, SignInSession
from partnerforms.models.surveys import Response, Survey, SurveyLink

__all__ = [
    "Assignment",
    "AuditEntry",
    "Base",
    "Comment",
    "Delivery",
    "DeliveryRule",
    "Document",
    "DraftChange",
    "FollowUp",
    "Identity",
    "InstrumentVersion",
    "Invitation",
    "Job",
    "JobChunk",
    "MailQueue",
    "Membership",
    "Organization",
    "OwnTemplate",
    "PaperBatch",
    "PaperSheet",
    "Person",
    "Publication",
    "Record",
    "RecoveryCode",
    "Response",
    "ResultGroup",
    "Revision",
    "SecondFactor",
    "SignInCode",
    "SignInProvider",
    "SignInSession",
    "Stop",
    "Survey",
    "SurveyLink",
    "Translation",
]
