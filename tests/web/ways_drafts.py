"""What was submitted, read again and compared."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.services.tools import Tools

_TO_DRAFT = "?from=1&to=draft"

WAYS = {
    ("comparing.revision", "GET"): Way("GET", "/records/{submitted}/revisions/1", "see"),
    ("comparing.page", "GET"): Way("GET", f"/records/{{submitted}}/compare{_TO_DRAFT}", "see"),
    ("comparing.document", "GET"): Way("GET", f"/records/{{submitted}}/compare.docx{_TO_DRAFT}", "see"),
    ("drafts.save autosave", "POST"): Way(
        "POST", "/records/{record}/team", "fill", {"version": "2", "do": "autosave", "q-chairs": "Sam"}
    ),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """The records are those of `ways_records`."""
    return {}
