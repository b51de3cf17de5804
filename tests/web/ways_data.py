"""The log of an organization, how long its data are kept, its export, and its end."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.services.tools import Tools

# A leader above arranges what stands below, and may so erase it; the wrong name keeps it here for the other ways.
WAYS = {
    ("audit.overview", "GET"): Way("GET", "/organizations/{maple}/log?below=1", "arrange"),
    ("data.page", "GET"): Way("GET", "/organizations/{maple}/data", "arrange"),
    ("data.export", "POST"): Way("POST", "/organizations/{maple}/data/export", "run"),
    ("data.ask_erase", "GET"): Way("GET", "/organizations/{maple}/erase", "arrange"),
    ("data.erase", "POST"): Way("POST", "/organizations/{maple}/erase", "arrange", {"name": "Another School"}),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return {}
