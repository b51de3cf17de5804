"""Organizations: seen, changed, archived and brought back, with their settings and logo."""

from pathlib import Path

from sqlalchemy.orm import Session
from ways import Way
from world import World

import partnerforms
from partnerforms.models import Organization
from partnerforms.services.tools import Tools

LOGO = (Path(partnerforms.__file__).parent / "documents" / "logo.png").read_bytes()

_HOME = "/organizations/{maple}"

WAYS = {
    ("organizations.page", "GET"): Way("GET", _HOME, "see"),
    ("organizations.logo", "GET"): Way("GET", f"{_HOME}/logo", "see"),
    ("organizations.new", "GET"): Way("GET", f"{_HOME}/new", "arrange"),
    ("organizations.create", "POST"): Way("POST", f"{_HOME}/new", "arrange", {"name": "x"}),
    ("organizations.edit", "GET"): Way("GET", f"{_HOME}/edit", "arrange"),
    ("organizations.save", "POST"): Way("POST", f"{_HOME}/edit", "arrange", {"name": "Maple School"}),
    # One after the other, so that all other ways find the school as it was.
    ("organizations.archive", "GET"): Way("GET", f"{_HOME}/archive", "arrange"),
    ("organizations.archive_now", "POST"): Way("POST", f"{_HOME}/archive", "arrange"),
    ("organizations.restore", "POST"): Way("POST", f"{_HOME}/restore", "arrange"),
    ("organization_settings.edit", "GET"): Way("GET", f"{_HOME}/settings", "run"),
    ("organization_settings.save", "POST"): Way("POST", f"{_HOME}/settings", "run", {"term_team": "ATP"}),
    ("records.paper of", "GET"): Way("GET", "/forms/action_plan.docx?organization={maple}", "see"),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """A logo."""
    session.get_one(Organization, world.places["maple"]).logo = LOGO
    return {}
