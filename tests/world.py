"""A small world for tests: a state, a district, two schools, somebody else's district, and everybody's roles."""

import random
import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms.models import Membership, Organization, Person, SignInSession, Survey
from partnerforms.services import access
from partnerforms.services.signin import sessions
from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools

SECRET = "a secret that only tests know, 32 characters long"

# Who they are by name: the place they belong to, and their role in it.
PEOPLE = {
    "state_leader": ("state", "leader"),
    "district_leader": ("district", "leader"),
    "district_member": ("district", "member"),
    "district_coordinator": ("district", "coordinator"),
    "maple_leader": ("maple", "leader"),
    "maple_member": ("maple", "member"),
    "maple_coordinator": ("maple", "coordinator"),
    "oak_leader": ("oak", "leader"),
    "oak_member": ("oak", "member"),
    "oak_coordinator": ("oak", "coordinator"),
    "foreign_leader": ("foreign", "leader"),
    "foreign_member": ("foreign", "member"),
    "foreign_coordinator": ("foreign", "coordinator"),
    "stranger": ("", ""),
}

DELIVERIES = {"families": "batches", "students": "at_close", "community": "each", "staff": "batches"}


@dataclass(frozen=True)
class World:
    """Ids and codes of what there is, and for each person a session that has begun."""

    began: datetime
    places: Mapping[str, uuid.UUID]
    survey: uuid.UUID
    codes: Mapping[str, str]
    tokens: Mapping[str, str]


def address(person: str) -> str:
    return f"{person}@example.org"


def build_world(session: Session, tools: Tools, now: datetime) -> World:
    """Make it with the models and services of the program; the survey is Maple's."""
    state = Organization(level="state", name="State of Tests")
    district = Organization(level="district", name="Riverside District", parent=state)
    places = {
        "state": state,
        "district": district,
        "maple": Organization(level="school", name="Maple School", parent=district),
        "oak": Organization(level="school", name="Oak School", parent=district),
        "foreign": Organization(
            level="district", name="Far District", parent=Organization(level="state", name="Far")
        ),
    }
    session.add_all(places.values())
    people = {}
    for name, (place, role) in PEOPLE.items():
        person = Person(address=address(name), name=name.replace("_", " ").title(), language="en")
        person.memberships = [Membership(organization=places[place], role=role, accepted_at=now)] if place else []
        session.add(person)
        people[name] = person
    session.flush()
    tokens = {name: begin_session(session, person, now) for name, person in people.items()}
    survey = open_survey(session, tools, "maple_leader", now, DELIVERIES, seed=1)
    return World(
        began=now,
        places={name: place.id for name, place in places.items()},
        survey=survey.id,
        codes={link.audience: link.code for link in survey.links},
        tokens=tokens,
    )


def begin_session(session: Session, person: Person, now: datetime) -> str:
    """The token of a session of a person that has just begun, without a trace in the log."""
    token = secrets.token_urlsafe(32)
    digest = sessions.digest_of(token)
    session.add(SignInSession(token_digest=digest, person_id=person.id, created_at=now, seen_at=now))
    session.flush()
    return token


def open_survey(
    session: Session,
    tools: Tools,
    leader: str,
    now: datetime,
    deliveries: Mapping[str, str],
    first: int = -1,
    last: int = 30,
    seed: int = 2,
    places: Collection[uuid.UUID] = (),
) -> Survey:
    """A survey of a leader's organization, or of places below it, open from and to so many days from today."""
    person = session.scalars(select(Person).where(Person.address == address(leader))).one()
    today = tools.day(now)
    plan = opening.Plan(
        "How we share the work",
        today + timedelta(days=first),
        today + timedelta(days=last),
        deliveries,
        places=places,
    )
    return opening.open_survey(
        session,
        access.reach(session, person),
        next(held.organization for held in person.memberships if held.accepted_at),
        plan,
        tools,
        random.Random(seed),
        now,
    )
