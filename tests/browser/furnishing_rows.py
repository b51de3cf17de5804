"""The furniture that no page brings in: rows in states that take days, other people or bad luck to come about."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from test_own_templates_pages import letterhead
from world import World, address, open_survey

from partnerforms.engine.codes import printed
from partnerforms.models import (
    Assignment,
    Delivery,
    Job,
    MailQueue,
    Membership,
    Organization,
    OwnTemplate,
    Person,
    Response,
    SignInProvider,
    Survey,
)
from partnerforms.services import access, deliveries, people
from partnerforms.services.organizations import assignments
from partnerforms.services.signin import sessions
from partnerforms.services.tools import Tools

LONG = (
    "Riverside-Northwest Consolidated School of Science and the Performing Arts at Llanfairpwllgwyngyllgogerychwyrn"
)
LONG_ADDRESS = "the-chair-of-the-school-family-and-community-partnership-team@llanfairpwllgwyngyllgogery.example.org"
AUDIENCES = {"families": "batches", "students": "at_close", "community": "each", "staff": "batches"}


def _person(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.address == address(name))).one()


def surveys(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """One that runs is there; one that is over, and one that is not open yet."""
    for name, first, last in (("over", -60, -20), ("early", 10, 40)):
        survey = open_survey(session, tools, "maple_leader", world.began, AUDIENCES, first, last, seed=first)
        survey.title = f"The survey that is {name}"
        things[f"survey_{name}"] = str(survey.id)
        things[f"code_{name}"] = survey.links[0].code
    things["code"] = printed(world.codes["families"])
    wide = open_survey(
        session, tools, "district_leader", world.began, {"families": "batches", "district": "batches"},
        places=[world.places["maple"], world.places["oak"]], seed=50,
    )  # fmt: skip
    things["wide_survey"] = str(wide.id)
    _answered(session, session.get_one(Survey, world.survey), 24)
    _answered(session, wide, 3)


def _answered(session: Session, survey: Survey, times: int) -> None:
    """So many answers at each link, some of them set aside."""
    for link in survey.links:
        link.people = 300
        for number in range(times):
            session.add(
                Response(
                    key=f"{link.code}-{number}", link_id=link.id, day=survey.opens_on, language="en",
                    channel=("link", "paper")[number % 2], batch=None if number % 5 == 0 else 1,
                    answers={"school_welcome": "very_well", "comment": "See www.example.org"},
                    set_aside=("too_fast", "hidden_field", "refused")[number % 3] if number % 5 == 0 else None,
                )
            )  # fmt: skip
    session.flush()


def invited(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """Invitations that wait: for somebody who is in already, and for somebody who is nowhere yet."""
    reach = access.reach(session, _person(session, "district_leader"))
    for name, place, role in (
        ("maple_leader", "district", "coordinator"),
        ("maple_leader", "oak", "member"),
        ("stranger", "oak", "leader"),
    ):
        there = session.get_one(Organization, world.places[place])
        people.invite(session, reach, there, address(name), "x", role, tools, world.began)
    for name in ("maple_leader", "maple_coordinator", "foreign_leader"):
        person = _person(session, name)
        held = next(one for one in person.memberships if one.accepted_at)
        things[f"{name}_membership"] = str(held.id)


def jobs(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """One waits, one runs, one failed and one found nothing."""
    for name, state, outcome in (
        ("queued", "queued", {}),
        ("running", "running", {}),
        ("failed", "failed", {"error": "unforeseen"}),
        ("nothing", "failed", {"error": "nothing"}),
    ):
        job = Job(
            organization_id=world.places["maple"],
            person_id=_person(session, "maple_leader").id,
            kind="documents",
            state=state,
            asked={},
            outcome=outcome,
            created_at=world.began,
            done=40 if state == "running" else 0,
            total=200 if state == "running" else 0,
        )
        session.add(job)
        session.flush()
        things[f"job_{name}"] = str(job.id)


def assigned(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """What Maple asks itself for is overdue; the district asks its schools; one is over."""
    today = tools.day(world.began)
    overdue = session.scalars(select(Assignment)).one()
    overdue.since, overdue.due_on = today - timedelta(days=30), today - timedelta(days=3)
    district = session.get_one(Organization, world.places["district"])
    reach = access.reach(session, _person(session, "district_leader"))
    plan = tools.library.instrument("action_plan")
    for name, title in (("asked", "2026–2027"), ("ended", "2025–2026")):
        made = assignments.create(
            session, reach, district, plan, title, today - timedelta(days=1), today + timedelta(days=30), world.began
        )
        things[name] = str(made.id)
    assignments.end(session, reach, made, world.began)


def mail_of_yesterday(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """Plans that were mailed to Maple's coordinator."""
    for number in range(8):
        deliveries.enqueue(
            session,
            recipient=address("maple_coordinator"),
            language="en",
            letter="record_submitted",
            details={
                "record": f"One-Year Action Plan {number}",
                "instrument": "Action plan",
                "organization": "Maple School",
                "person": "Maple Leader",
                "revision": 1,
                "link": "http://127.0.0.1/x",
            },
            dedup=f"plan {number}",
            now=world.began - timedelta(hours=1),
            organization_id=world.places["maple"],
        )


def half_signed_in(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """Oak's member has typed the mailed code and is to type the code of the app."""
    things["half"] = sessions.begin(session, _person(session, "oak_member"), world.began, "code").token
    provider = session.scalars(select(SignInProvider)).one()
    by_sso = sessions.begin(session, _person(session, "maple_member"), world.began, "single sign-on", provider)
    things["by_sso"] = by_sso.token


def mail_of_today(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    """Mail in every state; our own mail server takes none for a while."""
    found = session.scalars(select(Delivery).where(Delivery.dedup.startswith("plan "))).all()
    states: list[dict[str, Any]] = [
        {"state": "held", "held_for": "invited"},
        {"state": "held", "held_for": "paused"},
        {"state": "queued"},
        {"state": "queued", "error": "451 4.7.1 Greylisted, please come back in five minutes"},
        {"state": "sending"},
        {"state": "failed", "error": "550 5.1.1 <nobody@example.org>: no such user here"},
        {"state": "failed", "error": "552 5.2.2 mailbox is full"},
        {"state": "sent", "error": "4.4.1 delayed"},
    ]
    for delivery, values in zip(found, states, strict=True):
        for name, value in values.items():
            setattr(delivery, name, value)
        delivery.due_at = world.began + timedelta(hours=3)
    limited = session.get_one(Delivery, uuid.UUID(things["delivery"]))
    limited.state = "failed"
    queue = session.get(MailQueue, 1) or MailQueue(id=1)
    queue.paused_until, queue.reason = world.began + timedelta(hours=1), "535 5.7.8 the password was not accepted"
    session.add(queue)


def names(session: Session, tools: Tools, world: World) -> None:
    """Names and titles as long as life has them, and a template that no longer fits its form."""
    session.get_one(Organization, world.places["oak"]).name = LONG
    session.add(
        Membership(
            person=Person(address=LONG_ADDRESS, name=LONG, language="en"),
            organization_id=world.places["maple"],
            role="coordinator",
            accepted_at=world.began,
        )
    )
    session.scalars(select(Survey).where(Survey.title.contains("early"))).one().title = LONG
    fits_no_more = session.scalars(select(OwnTemplate).where(OwnTemplate.instrument == "survey_families")).one()
    fits_no_more.sha256 = "another file"
    fits_no_more.content = letterhead(tools.library, "action_plan", "{{ about.organisation }}")
