"""Word documents of a survey's results."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.services.tools import Tools

_PLACE = "?place={maple}"

WAYS = {
    ("reports.page", "GET"): Way("GET", f"/surveys/{{survey}}/report{_PLACE}", "see"),
    ("reports.report", "GET"): Way("GET", f"/surveys/{{survey}}/report.docx{_PLACE}", "see"),
    ("reports.compact", "GET"): Way("GET", f"/surveys/{{survey}}/compact.docx{_PLACE}", "see"),
    ("reports.memo", "GET"): Way("GET", f"/surveys/{{survey}}/memo{_PLACE}", "see"),
    ("reports.make_memo", "POST"): Way(
        "POST", "/surveys/{survey}/memo", "see",
        {"place": "{maple}", "contact": "Dana", "changes": "Evening hours", "meeting": "2027-01-02"},
    ),
}  # fmt: skip


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return {}
