"""The long work of making the flyers, slips and paper forms of all places of a survey."""

import uuid
from datetime import timedelta

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Person
from partnerforms.services import access, surveys
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys import materials

_TELL_EVERY = timedelta(seconds=1)


def print_materials(work: Work) -> None:
    """What was chosen, of the places that the person may see now."""
    choice = materials.Choice(work.asked["audiences"], work.asked["languages"], work.asked["kinds"])
    done = 0
    with work.reading() as session:
        reach = access.reach(session, session.get_one(Person, work.person_id))
        try:
            survey = surveys.find(session, reach, uuid.UUID(work.asked["survey"]))
        except NotThereError:
            raise CannotBeDoneError(error="not_allowed") from None
        links = surveys.links(survey, reach)
        most = materials.count(links, choice)
        told = work.now()
        work.report(0, most)
        for done in materials.write(
            session, survey, links, choice, work.asked["names"], work.write, work.tools, told
        ):
            if work.now() - told > _TELL_EVERY:
                told = work.now()
                work.report(done, most)
    if not done:
        raise CannotBeDoneError(error="nothing")
    work.close_file(work.asked["filename"])
    work.finish({"files": done, "survey": work.asked["title"]})
