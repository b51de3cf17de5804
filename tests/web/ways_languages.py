"""Languages that an organization makes or mends itself: downloaded, uploaded, looked at, published, taken back."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from ways import Way
from world import World, address

from partnerforms.engine.texts import Language
from partnerforms.models import Organization, Person
from partnerforms.services import access
from partnerforms.services.tools import Tools
from partnerforms.services.translations import keeping

_HOME = "/organizations/{maple}"
_SOMALI = f"{_HOME}/languages/so"

WAYS = {
    ("languages.overview", "GET"): Way("GET", f"{_HOME}/languages", "run"),
    ("languages.new", "GET"): Way("GET", f"{_HOME}/new-language", "run"),
    ("languages.create", "POST"): Way("POST", f"{_HOME}/new-language", "run"),
    ("languages.page", "GET"): Way("GET", _SOMALI, "run"),
    ("languages.as_workbook", "GET"): Way("GET", f"{_SOMALI}/texts.xlsx", "run"),
    ("languages.as_po", "GET"): Way("GET", f"{_SOMALI}/texts.po", "run"),
    ("languages.upload", "POST"): Way("POST", _SOMALI, "run"),
    ("languages.publish", "POST"): Way("POST", f"{_SOMALI}/publish", "run"),
    ("languages.reviewed", "POST"): Way("POST", f"{_SOMALI}/reviewed", "run", {"name": "Ayaan", "day": "2026-01-02"}),
    ("languages.take_back", "POST"): Way("POST", f"{_SOMALI}/back", "run"),
    ("languages.discard", "POST"): Way("POST", f"{_SOMALI}/discard", "run", ends=True),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """Somali, begun and not translated."""
    maple = session.get_one(Organization, world.places["maple"])
    leader = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    somali = Language("so", "Soomaali", "ltr", "so", ("so",))
    keeping.begin(session, access.reach(session, leader), maple, somali, world.began)
    return {}
