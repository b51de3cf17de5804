"""Own Word templates: uploaded, looked at, used, taken back."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.models import Organization, Person
from partnerforms.services import access
from partnerforms.services.papers import own_templates
from partnerforms.services.tools import Tools
from partnerforms.settings import checkout

_HOME = "/organizations/{maple}/templates"
_FORM = f"{_HOME}/action_plan"

WAYS = {
    ("own_templates.overview", "GET"): Way("GET", _HOME, "run"),
    ("own_templates.page", "GET"): Way("GET", _FORM, "run"),
    ("own_templates.upload", "POST"): Way("POST", _FORM, "run"),
    ("own_templates.standard", "GET"): Way("GET", f"{_FORM}/standard.docx", "run"),
    ("own_templates.names", "GET"): Way("GET", f"{_FORM}/names", "run"),
    ("own_templates.names_file", "GET"): Way("GET", f"{_FORM}/names.docx", "run"),
    ("own_templates.file", "GET"): Way("GET", f"{_FORM}/{{own_template}}.docx", "run"),
    ("own_templates.sample", "GET"): Way("GET", f"{_FORM}/{{own_template}}/sample.docx", "run"),
    ("own_templates.use", "POST"): Way("POST", f"{_FORM}/{{own_template}}/use", "run"),
    ("own_templates.take_back", "POST"): Way("POST", f"{_FORM}/back", "run"),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """A template that was uploaded and is not used yet."""
    maple = session.get_one(Organization, world.places["maple"])
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    reach = access.reach(session, leader)
    plan = tools.library.instrument("action_plan")
    file = (checkout() / "docx_templates" / "action_plan.docx").read_bytes()
    template = own_templates.upload(session, reach, maple, plan, "A secret look.docx", file, world.began)
    return {"own_template": str(template.id)}
