"""The long work of an import: everything that was previewed, in one transaction with the word that it is done."""

from partnerforms.longwork import CannotBeDoneError, Work
from partnerforms.models import Organization, Person
from partnerforms.services import access
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.organizations import importing


def import_organizations(work: Work) -> None:
    """Done wholly, or not at all with every row that is now bad named."""
    with work.writing() as session:
        reach = access.reach(session, session.get_one(Person, work.person_id))
        here = session.get_one(Organization, work.organization_id)
        try:
            outcome = importing.apply_kept(session, reach, here, work.asked, work.tools, work.now())
        except importing.BadRowsError as error:
            raise CannotBeDoneError(**importing.told(error)) from None
        except (NotAllowedError, NotThereError):
            raise CannotBeDoneError(error="not_allowed") from None
        work.finish(outcome, session=session)
