"""The work of an export: an organization and all below it, written piece by piece into the file of the job."""

import random

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Organization, Person
from partnerforms.services import access, inheritance
from partnerforms.services.data import exporting


def export(work: Work) -> None:
    """Write the file. CannotBeDoneError when the person may not have it any more."""
    with work.reading() as session:
        person = session.get(Person, work.person_id)
        organization = session.get(Organization, work.organization_id)
        if person is None or organization is None:
            raise CannotBeDoneError(error="not_allowed")
        if not access.reach(session, person).can("run", organization.id):
            raise CannotBeDoneError(error="not_allowed")
        filename = exporting.filename(organization, inheritance.day(organization, work.now(), work.tools))
    with work.reading() as session:
        chance = random.SystemRandom()
        counts = exporting.export(session, work.organization_id, work.write, chance, work.now(), work.report)
    work.close_file(filename)
    work.finish({"counts": dict(+counts)})
