"""The long work of collecting documents into one ZIP."""

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Organization, Person
from partnerforms.services import access
from partnerforms.services.access import NotThereError
from partnerforms.services.jobs import collecting


def collect_documents(work: Work) -> None:
    """The documents that the person may see now, of the choice that was asked for."""
    with work.reading() as session:
        reach = access.reach(session, session.get_one(Person, work.person_id))
        organization = session.get_one(Organization, work.organization_id)
        try:
            ids = collecting.seen(session, reach, organization)
        except NotThereError:
            raise CannotBeDoneError(error="not_allowed") from None
        found = collecting.papers(session, ids, collecting.restored(work.asked))
        if not found:
            raise CannotBeDoneError(error="nothing")
        headings, forms = work.asked["headings"], work.asked["forms"]
        steps = collecting.write(session, organization, found, headings, forms, work.write, work.tools, work.now())
        work.follow(steps, len(found))
    work.close_file(work.asked["filename"])
    places = len({paper.organization_id for paper in found})
    work.finish({"documents": len(found), "organizations": places, "form": work.asked["form"]})
