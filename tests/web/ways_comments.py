"""What comes after a survey of Maple has ended: comments to be read, and what the people are told."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import Comment, Publication
from partnerforms.services.tools import Tools

_FOLLOW_UP = "/surveys/{survey}/follow-up"

WAYS = {
    ("comments.page", "GET"): Way("GET", "/surveys/{survey}/comments", "run"),
    ("comments.decide", "POST"): Way(
        "POST", "/surveys/{survey}/comments", "run", {"comment": "{comment}", "to": "released"}
    ),
    ("follow_up.page", "GET"): Way("GET", f"{_FOLLOW_UP}?place={{maple}}", "run"),
    ("follow_up.save", "POST"): Way(
        "POST", _FOLLOW_UP, "run", {"place": "{maple}", "text-en": "We will", "do": "publish"}
    ),
    ("follow_up.preview", "GET"): Way("GET", f"{_FOLLOW_UP}/preview?place={{maple}}", "run"),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    # Other parts bring publications of their own.
    publication = Publication(survey_id=world.survey, number=7, published_at=world.began)
    session.add(publication)
    session.flush()
    comment = Comment(
        key="c0ffee", publication_id=publication.id, organization_id=world.places["maple"], audience="families",
        item="comment", text="A secret comment",
    )  # fmt: skip
    session.add(comment)
    return {"comment": comment.key}
