"""The demo: a state, a district, two schools, their people, two surveys that are open, and one of last year with its
results (`demo_answers`). `make demo` runs it.

Everything is made through the services that the pages use. A second start keeps what is there.
"""

import json
import random
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.orm import Session

from partnerforms import create_app, demo_answers
from partnerforms.database import begin_writing
from partnerforms.engine import codes
from partnerforms.extensions import db
from partnerforms.models import Membership, Organization, Person, Survey
from partnerforms.services import access, signin
from partnerforms.services.organizations import assignments
from partnerforms.services.surveys import opening
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

_OPEN_FOR = timedelta(days=90)
_DUE_IN = timedelta(days=30)
_CODE_LIFE = timedelta(days=3650)
# Families' and leaders' sheets go out one by one here, so that a visitor of the demo sees mail after one answer.
_DELIVERIES = {"families": "each", "students": "batches", "community": "each", "staff": "at_close"}
_SURVEY = "How we share the work"  # Maple's own; demo.json has its links
_PEOPLE = [
    # what they are, name, address, and their roles
    ("state leader", "Rosa Delgado", "rosa@state.example.org", [("state", "leader")]),
    (
        "facilitator",
        "Dana Whitfield",
        "dana@riverside.example.org",
        [("district", "leader"), ("maple", "leader"), ("oak", "member")],
    ),
    ("school team chair", "Sam Okafor", "sam@maple.example.org", [("maple", "leader")]),
    ("coordinator", "Lee Tran", "lee@riverside.example.org", [("district", "coordinator")]),
]


def settings(folder: Path, port: int) -> Settings:
    """The demo's settings: SQLite, mail to files, and a secret that is made once."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret_key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32))
    return Settings(
        secret_key=secret.read_text(),
        database_url=f"sqlite:///{(folder / 'partnerforms.sqlite').resolve()}",
        base_url=f"http://127.0.0.1:{port}",
        outbox_folder=(folder / "outbox").resolve(),
        demo=True,
    )


def prepare(settings: Settings, folder: Path) -> list[str]:
    """Make tables and content where they are missing, write demo.json, and give the lines to print."""
    app = create_app(settings)
    settings.outbox_folder.mkdir(exist_ok=True)
    with app.app_context():
        upgrade()
        begin_writing(db.session)
        session = db.session()
        tools: Tools = app.extensions[KEY].tools
        now = datetime.now(UTC)
        if session.scalar(select(Organization.id).limit(1)) is None:
            _fill(session, tools, now)
        facts = _facts(session, settings, _codes(session, settings, folder, now))
        db.session.commit()
        db.engine.dispose()
    (folder / "demo.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return _lines(facts)


def _fill(session: Session, tools: Tools, now: datetime) -> None:
    state = Organization(level="state", name="Demo State Department of Education")
    district = Organization(level="district", name="Riverside School District", parent=state)
    maple = Organization(level="school", name="Maple Elementary School", parent=district)
    oak = Organization(level="school", name="Oak Middle School", parent=district)
    places = {"state": state, "district": district, "maple": maple, "oak": oak}
    session.add_all(places.values())
    for _, name, address, roles in _PEOPLE:
        person = Person(address=address, name=name, language="en")
        person.memberships = [
            Membership(organization=places[place], role=role, accepted_at=now) for place, role in roles
        ]
        session.add(person)
    session.flush()
    facilitator = session.scalars(select(Person).where(Person.name == "Dana Whitfield")).one()
    today = tools.day(now)
    assignments.create(
        session,
        access.reach(session, facilitator),
        district,
        tools.library.instrument("action_plan"),
        f"{today.year}–{today.year + 1}",
        today,
        today + _DUE_IN,
        now,
    )
    chair = session.scalars(select(Person).where(Person.name == "Sam Okafor")).one()
    before = demo_answers.last_year(session, chair, maple, f"{_SURVEY}, {today.year - 1}", tools, now)
    opening.open_survey(
        session,
        access.reach(session, chair),
        maple,
        opening.Plan(_SURVEY, today, tools.day(now + _OPEN_FOR), _DELIVERIES, previous_id=before.id),
        tools,
        random.SystemRandom(),
        now,
    )
    opening.open_survey(
        session,
        access.reach(session, facilitator),
        district,
        opening.Plan(
            "Families and staff of all schools",
            today,
            tools.day(now + _OPEN_FOR),
            {"families": "batches", "staff": "batches"},
            places=[maple.id, oak.id],
        ),
        tools,
        random.SystemRandom(),
        now,
    )


def _codes(session: Session, settings: Settings, folder: Path, now: datetime) -> dict[str, str]:
    """Address to sign-in code: those of the last start, or new ones. They keep working, as the demo is local."""
    file = folder / "demo.json"
    if file.exists():
        kept = json.loads(file.read_text(encoding="utf-8"))["accounts"]
        return {account["address"]: account["code"] for account in kept}
    people = session.scalars(select(Person)).all()
    return {
        person.address: signin.issue(session, person, settings.secret_key, now, _CODE_LIFE, reusable=True)
        for person in people
    }


def _facts(session: Session, settings: Settings, sign_in_codes: dict[str, str]) -> dict[str, Any]:
    survey = session.scalars(select(Survey).where(Survey.title == _SURVEY).order_by(Survey.id)).first()
    links = survey.links if survey else []
    return {
        "base_url": settings.base_url,
        "survey_links": {link.audience: f"{settings.base_url}/s/{codes.printed(link.code)}" for link in links},
        "accounts": [
            {
                "role": role,
                "name": name,
                "address": address,
                "code": sign_in_codes[address],
                "sign_in": f"{settings.base_url}/sign-in?address={address}",
            }
            for role, name, address, _ in _PEOPLE
        ],
        "outbox": str(settings.outbox_folder),
        "outbox_page": f"{settings.base_url}/outbox",
    }


def _lines(facts: dict[str, Any]) -> list[str]:
    links = [f"  {audience:<10} {address}" for audience, address in facts["survey_links"].items()]
    accounts = [
        f"  {account['role']:<18} {account['address']:<28} code {account['code']}" for account in facts["accounts"]
    ]
    return [
        "",
        "partnerforms demo",
        "",
        "Answer a survey (nobody needs an account):",
        *links,
        "",
        f"Sign in at {facts['base_url']}/sign-in with an address and its code:",
        *accounts,
        "",
        f"Mail that was sent: {facts['outbox_page']}",
        "",
    ]
