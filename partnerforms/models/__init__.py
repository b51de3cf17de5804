"""The tables. Importing this package makes all of them known to `Base.metadata`."""

from partnerforms.models.base import Base
from partnerforms.models.deliveries import Delivery, Document, MailQueue
from partnerforms.models.organizations import Membership, Organization, Person, SignInCode, SignInSession
from partnerforms.models.records import InstrumentVersion, Record, Revision
from partnerforms.models.surveys import Response, Survey, SurveyLink

__all__ = [
    "Base",
    "Delivery",
    "Document",
    "InstrumentVersion",
    "MailQueue",
    "Membership",
    "Organization",
    "Person",
    "Record",
    "Response",
    "Revision",
    "SignInCode",
    "SignInSession",
    "Survey",
    "SurveyLink",
]
