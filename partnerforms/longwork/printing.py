"""The long work of making the flyers, slips and paper forms of all places of a survey."""

import uuid

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Person
from partnerforms.services import access, surveys
from partnerforms.services.access import NotThereError
from partnerforms.services.surveys import materials


def print_materials(work: Work) -> None:
    """What was chosen, of the places that the person may see now."""
    choice = materials.Choice(work.asked["audiences"], work.asked["languages"], work.asked["kinds"])
    with work.reading() as session:
        reach = access.reach(session, session.get_one(Person, work.person_id))
        try:
            survey = surveys.find(session, reach, uuid.UUID(work.asked["survey"]))
        except NotThereError:
            raise CannotBeDoneError(error="not_allowed") from None
        links = surveys.links(survey, reach)
        names = work.asked["names"]
        steps = materials.write(session, survey, links, choice, names, work.write, work.tools, work.now())
        done = work.follow(steps, materials.count(links, choice))
    if not done:
        raise CannotBeDoneError(error="nothing")
    work.close_file(work.asked["filename"])
    work.finish({"files": done, "survey": work.asked["title"]})
