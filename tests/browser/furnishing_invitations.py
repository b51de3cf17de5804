"""People who were invited personally: one has answered, one wants no more mail; and lists on their way."""

from urllib.parse import urlsplit

from browser import Browser
from filling import fields
from flask import Flask
from inviting import PEOPLE, a_list, give, invite, link_of, page_of
from sqlalchemy import select
from sqlalchemy.orm import Session
from surveying import answers
from world import World

from partnerforms.models import Delivery, Job
from partnerforms.services.tools import Tools
from partnerforms.web.house import KEY

OTHERS = [f"another-{number}@example.org" for number in range(10)]


def invitations(app: Flask, leader: Browser, session: Session, world: World, things: dict[str, str]) -> None:
    """Of the staff of Maple School, twelve are invited."""
    tools: Tools = app.extensions[KEY].tools
    things["invitations"] = page_of(session, world, "staff")
    things["community_link"] = str(link_of(session, world, "community").id)
    session.rollback()
    invite(app, leader, things["invitations"], a_list(PEOPLE))
    things["inviting_previewed"] = give(leader, things["invitations"], a_list([*PEOPLE, *OTHERS])).location
    letters = session.scalars(select(Delivery.details).where(Delivery.letter == "survey_invitation")).all()
    links = [urlsplit(details["link"]).path for details in letters]
    things["invitation"], things["invitation_used"], things["invitation_stopped"] = links[:3]
    session.rollback()
    person, (_, used, stopped) = Browser(app), links[:3]
    person.send(person.get(used).page.form("/i/"), fields(answers(tools.library, "staff")))
    person.post(f"{stopped}/stop", {}, 200)
    _jobs(session, things)


def _jobs(session: Session, things: dict[str, str]) -> None:
    """What became of lists and reminders, one way and the other."""
    done = session.scalars(select(Job).where(Job.kind == "invitations", Job.state == "done")).one()
    things["inviting_done"] = f"/jobs/{done.id}"
    for name, kind, outcome in (
        ("inviting_failed", "invitations", {"error": "too_few"}),
        ("reminding_failed", "reminders", {"error": "too_soon"}),
        ("reminding_done", "reminders", {**done.outcome, "count": 7}),
    ):
        job = Job(
            organization_id=done.organization_id, person_id=done.person_id, kind=kind, asked={}, outcome=outcome,
            state="failed" if "error" in outcome else "done", created_at=done.created_at, finished_at=done.created_at,
        )  # fmt: skip
        session.add(job)
        session.flush()
        things[name] = f"/jobs/{job.id}"
    session.commit()
