"""A whole state in a database, made in bulk: what pages and long work are measured on (`bench.pages`).

It has 178 districts, 1,900 schools, 6,000 people, 5,000 records with their revisions and documents, 300 surveys with
60,000 responses, 40,000 deliveries and 100,000 entries in the log; `size` makes it larger or smaller.
"""

import random
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from partnerforms.engine import codes
from partnerforms.engine.answers import parse
from partnerforms.engine.samples import sample
from partnerforms.models import (
    Assignment,
    AuditEntry,
    Base,
    Delivery,
    Document,
    DraftChange,
    Membership,
    Organization,
    Person,
    Record,
    Response,
    Revision,
    SignInSession,
    Survey,
    SurveyLink,
)
from partnerforms.services import instruments, papers
from partnerforms.services.signin import sessions
from partnerforms.services.tools import Tools

FORMS = {
    "state": ("leadership_plan_state",),
    "district": ("inventory", "leadership_plan_district"),
    "school": ("action_plan",),
}
AUDIENCES = ("families", "students", "community", "staff")
_AT_ONCE = 2_000
_ABOUT = {"organization": "School", "record": "Plan", "person": "Person", "date": "today", "revision": "1"}


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    districts: int = 178
    schools: int = 1_900
    people: int = 6_000
    records: int = 5_000
    surveys: int = 300
    responses: int = 60_000
    deliveries: int = 40_000
    entries: int = 100_000

    def times(self, factor: float) -> "Size":
        return Size(*(max(1, round(number * factor)) for number in vars(self).values()))


@dataclass
class State:
    """What to open: sessions by whom, ids by what."""

    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)


class Builder:
    """Collects rows by table, and writes them in the order of the tables."""

    def __init__(self, session: Session, tools: Tools, size: Size, now: datetime) -> None:
        self.session, self.tools, self.size, self.now = session, tools, size, now
        self.chance = random.Random(7)
        self.made = State()
        self.rows: dict[Table, list[dict[str, Any]]] = {}
        self.places: list[dict[str, Any]] = []
        self.people: list[uuid.UUID] = []

    def add(self, table: Any, **values: Any) -> uuid.UUID:
        values.setdefault("id", uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.rows.setdefault(table.__table__, []).append(values)
        found: uuid.UUID = values["id"]
        return found

    def ago(self, most: int = 300) -> datetime:
        """A moment of the last days."""
        return self.now - timedelta(minutes=self.chance.randrange(1, most * 1440))

    def write(self) -> None:
        for table in Base.metadata.sorted_tables:
            rows = self.rows.pop(table, [])
            for start in range(0, len(rows), _AT_ONCE):
                self.session.execute(insert(table), rows[start : start + _AT_ONCE])
        self.session.flush()

    def build(self) -> State:
        self._places()
        self._people()
        self.write()
        for part in (self._records, self._surveys, self._mail, self._log, self._assignments):
            part()
            self.write()
        return self.made

    def _place(self, level: str, name: str, parent: uuid.UUID | None, number: str) -> uuid.UUID:
        made = self.add(Organization, level=level, name=name, parent_id=parent, number=number)
        self.places.append({"id": made, "level": level, "name": name})
        return made

    def _places(self) -> None:
        state = self._place("state", "State of Many", None, "ST")
        districts = [self._place("district", f"District {n}", state, f"D{n}") for n in range(self.size.districts)]
        for n in range(self.size.schools):
            self._place("school", f"School {n}", districts[n % len(districts)], f"S{n}")
        first = self.places[1 + self.size.districts]["id"]
        self.made.ids |= {"state": state, "district": districts[0], "school": first}

    def _people(self) -> None:
        self.people = [
            self.add(
                Person, address=f"person{n}@example.org", name=f"Person {n}", language="es" if n % 20 == 0 else "en"
            )
            for n in range(self.size.people)
        ]
        turn = 0
        for place in self.places:
            for role in ("leader", "member", "coordinator"):
                person = self.people[turn % len(self.people)]
                turn += 1
                accepted = None if turn % 50 == 49 else self.ago()
                if place["id"] in self.made.ids.values():
                    accepted = self.now
                made = self.add(
                    Membership, person_id=person, organization_id=place["id"], role=role, accepted_at=accepted,
                    invited_by=self.people[0], invited_at=self.ago(), from_below=False,
                )  # fmt: skip
                for name, one in self.made.ids.copy().items():
                    if one == place["id"]:
                        self.made.ids[f"{name} {role}"] = made
                        self.made.tokens[f"{name} {role}"] = self._signed_in(person)

    def _signed_in(self, person: uuid.UUID) -> str:
        token = secrets.token_urlsafe(32)
        self.rows.setdefault(SignInSession.__table__, []).append(
            {"token_digest": sessions.digest_of(token), "person_id": person, "created_at": self.now,
             "seen_at": self.now, "complete": True, "tries": 0}
        )  # fmt: skip
        return token

    def _records(self) -> None:
        filled = {name: self._filled(name) for names in FORMS.values() for name in names}
        for n in range(self.size.records):
            place = self.places[n % len(self.places)]
            turn = n // len(self.places)
            form = FORMS[place["level"]][turn // 2 % len(FORMS[place["level"]])]
            raw, answers, digest, content = filled[form]
            state, person, changed = (
                "draft" if turn == 1 else "submitted",
                self.chance.choice(self.people),
                self.ago(),
            )
            record = self.add(
                Record, organization_id=place["id"], instrument=form, title=f"Plan {n}", state=state, draft=raw,
                draft_version=3, created_by=person, created_at=changed, changed_at=changed,
            )  # fmt: skip
            self.add(
                DraftChange, record_id=record, version=3, person_id=person, changed_at=changed, before={}, moved=False
            )
            for number in range(1, 1 + (state == "submitted") + (n % 4 == 1)):
                document = self.add(
                    Document, organization_id=place["id"], filename=f"plan-{n}-{number}.docx", created_at=changed,
                    content=content + uuid.uuid4().bytes, sha256=f"{n:060x}{number:04x}",
                )  # fmt: skip
                self.add(
                    Revision, record_id=record, number=number, instrument_digest=digest, answers=answers,
                    submitted_by=person, submitted_at=changed, document_id=document,
                )  # fmt: skip
            for name, one in self.made.ids.copy().items():
                if one == place["id"]:
                    self.made.ids.setdefault(f"{name} {state}", record)
            if n % 500 == 0:
                self.write()

    def _filled(self, form: str) -> tuple[dict[str, Any], dict[str, Any], str, bytes]:
        """A form as typed and as read, the digest of its instrument, and its document."""
        instrument, reader = self.tools.library.instrument(form), papers.reader(self.tools.library, form, "en")
        raw = sample(instrument)
        answers = parse(instrument, raw).answers
        content = papers.fill_instrument(self.tools.shelf, instrument, answers, _ABOUT, reader, None)
        return raw, answers, instruments.keep(self.session, self.tools.library, form).digest, content

    def _surveys(self) -> None:
        links = []
        kept = {one: instruments.keep(self.session, self.tools.library, f"survey_{one}").digest for one in AUDIENCES}
        today = self.now.date()
        wanted = sorted(self.made.ids[name] for name in ("state", "district", "school"))
        for n in range(self.size.surveys):
            place = wanted[n] if n < len(wanted) else self.chance.choice(self.places)["id"]
            running = n % 3 != 2
            closes = today + timedelta(days=14 if running else -30)
            survey = self.add(
                Survey, organization_id=place, title=f"Survey {n}", opens_on=closes - timedelta(days=60),
                closes_on=closes, closed_at=None if running else self.ago(20), languages=["en", "es"],
            )  # fmt: skip
            for name, one in self.made.ids.copy().items():
                if one == place:
                    self.made.ids.setdefault(f"{name} survey", survey)
            for audience, digest in kept.items():
                code = codes.make(self.chance)
                self.made.codes += [code] if running else []
                link = self.add(
                    SurveyLink, survey_id=survey, organization_id=place, audience=audience, code=code,
                    instrument_digest=digest, delivery="batches" if running else "at_close", minimum_n=10,
                )  # fmt: skip
                links.append((link, audience))
        self.write()
        answers = {one: self._answers(f"survey_{one}") for one in AUDIENCES}
        for n in range(self.size.responses):
            link, audience = links[n % len(links)]
            self.rows.setdefault(Response.__table__, []).append(
                {"key": secrets.token_hex(32), "link_id": link, "day": today, "language": "en",
                 "answers": answers[audience], "batch": None if n >= self.size.responses - len(links) * 3 else 1}
            )  # fmt: skip
            if n % 20_000 == 0:
                self.write()

    def _answers(self, form: str) -> dict[str, Any]:
        instrument = self.tools.library.instrument(form)
        found: dict[str, Any] = parse(instrument, sample(instrument)).answers
        return found

    def _mail(self) -> None:
        states = ["sent"] * 90 + ["failed"] * 2 + ["queued"] * 6 + ["held"] * 2
        for n in range(self.size.deliveries):
            place, state = self.places[n % len(self.places)], self.chance.choice(states)
            moment = self.ago()
            self.add(
                Delivery, organization_id=place["id"], dedup=f"mail:{n}", message_id=f"<{n}@x>",
                recipient=f"person{n % self.size.people}@example.org", language="en", letter="record_submitted",
                details={"record": f"Plan {n}", "instrument": "Plan", "instrument_id": "action_plan", "revision": "1",
                         "organization": place["name"], "person": "Person 1", "link": "http://localhost/"},
                cause=f"person:{self.people[n % len(self.people)]}", state=state, attempts=1, created_at=moment,
                held_for="paused" if state == "held" else None, give_up_at=moment + timedelta(days=3),
                due_at=self.now + timedelta(days=30) if state == "queued" else moment,
                sent_at=moment if state == "sent" else None,
                error="550 5.1.1 no such user" if state == "failed" else None,
            )  # fmt: skip
            if n % 10_000 == 0:
                self.write()

    def _log(self) -> None:
        actions = ("record.created", "record.submitted", "person.invited", "person.signed_in", "delivery.sent_again")
        for n in range(self.size.entries):
            person = n % len(self.people)
            self.add(
                AuditEntry, at=self.ago(), organization_id=self.places[n % len(self.places)]["id"],
                person_id=self.people[person], person_name=f"Person {person}", action=actions[n % len(actions)],
                subject=f"Plan {n}", details={},
            )  # fmt: skip
            if n % 20_000 == 0:
                self.write()

    def _assignments(self) -> None:
        today = self.now.date()
        for n, place in enumerate(place for place in self.places if place["level"] != "school"):
            forms = ("inventory", "action_plan") if n == 0 else ("action_plan",)
            for form in forms:
                made = self.add(
                    Assignment, organization_id=place["id"], instrument=form, title="This year", created_at=self.now,
                    since=today - timedelta(days=100), due_on=today + timedelta(days=40), created_by=self.people[0],
                )  # fmt: skip
                if n == 0:
                    self.made.ids["assignment"] = made


def build(session: Session, tools: Tools, size: Size | None = None) -> State:
    """Put a state into an empty database; the caller commits."""
    return Builder(session, tools, size or Size(), datetime.now(UTC)).build()
