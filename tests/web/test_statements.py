"""However much there is, a page asks the database as often: twice the data, the same number of statements."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser import Browser
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms.models import (
    Assignment,
    AuditEntry,
    Comment,
    Delivery,
    Document,
    InstrumentVersion,
    Membership,
    Organization,
    Person,
    Publication,
    Record,
    Response,
    ResultGroup,
    Revision,
    Survey,
    SurveyLink,
)

NOW = datetime.now(UTC)
DAYS = timedelta(days=30)
STEPS = ("not_at_all", "a_little", "somewhat", "well", "very_well")
ONCE = 3  # districts, each with two schools

STATE = "/organizations/{state}"
PAGES = [
    "/",
    "/records",
    "/records?words=school",
    "/surveys",
    "/organizations",
    "/organizations?show=school",
    STATE,
    f"{STATE}/edit",
    f"{STATE}/archive",
    f"{STATE}/people",
    f"{STATE}/assignments",
    f"{STATE}/log?below=1",
    f"{STATE}/data",
    f"{STATE}/erase",
    f"{STATE}/documents",
    f"{STATE}/organizations.csv",
    f"{STATE}/deliveries",
    "/deliveries",
    "/deliveries?state=failed",
    "/assignments/{assignment}",
    "/surveys/new?organization={state}",
    "/surveys/{survey}/results",
    "/surveys/{survey}/results.xlsx",
    "/jobs",
]


class Planting:
    """Puts districts with schools, people, forms, surveys, mail and a log below the state of the small world."""

    def __init__(self, session: Session, world: World) -> None:
        self.publication: Any = None
        self.session, self.state = session, session.get_one(Organization, world.places["state"])
        self.leader = session.scalars(select(Person).where(Person.address == address("state_leader"))).one()
        self.version = session.scalars(select(InstrumentVersion)).first()
        families = select(InstrumentVersion).where(InstrumentVersion.instrument == "survey_families")
        self.asked = session.scalars(families).one()

    def assignment(self) -> uuid.UUID:
        return self._add(
            Assignment, organization_id=self.state.id, instrument="action_plan", title="This year",
            since=(NOW - DAYS).date(), due_on=(NOW + DAYS).date(), created_by=self.leader.id, created_at=NOW,
        ).id  # fmt: skip

    def survey(self) -> uuid.UUID:
        """A survey of the state over all its places, that has been published once."""
        self.over_all = self._add(
            Survey, organization_id=self.state.id, title="Over all", opens_on=(NOW - DAYS).date(),
            closes_on=NOW.date(), closed_at=NOW, languages=["en"],
        )  # fmt: skip
        self.publication = self._add(Publication, survey_id=self.over_all.id, number=1, published_at=NOW)
        self._publish(self.state)
        return self.over_all.id

    def _publish(self, place: Organization) -> None:
        frozen = self._add(
            SurveyLink, survey_id=self.over_all.id, organization_id=place.id, audience="families", code=self._name(),
            delivery="batches", instrument_digest=self.asked.digest, minimum_n=10,
        )  # fmt: skip
        self._add(
            ResultGroup, publication_id=self.publication.id, organization_id=place.id, audience=frozen.audience, n=12,
            items={"school_welcome": {"answered": 12, "unsure": 0, "counts": dict.fromkeys(STEPS, 2) | {"well": 4}}},
        )  # fmt: skip
        self._add(
            Comment, key=self._name(), publication_id=self.publication.id, organization_id=place.id,
            audience="families", item="comment", text="Thank you", state="released",
        )  # fmt: skip

    def plant(self, districts: int) -> None:
        for _ in range(districts):
            district = self._add(Organization, level="district", name=self._name(), parent_id=self.state.id)
            self._furnish(district)
            for _ in range(2):
                self._furnish(self._add(Organization, level="school", name=self._name(), parent_id=district.id))
        self._furnish(self.state)
        self.session.commit()

    def _furnish(self, place: Organization) -> None:
        person = self._add(Person, address=f"{self._name()}@example.org", name="Somebody")
        for role in ("leader", "coordinator"):
            self._add(Membership, person_id=person.id, organization_id=place.id, role=role, accepted_at=NOW)
        common = {"organization_id": place.id, "created_at": NOW}
        document = self._add(Document, filename="x.docx", sha256="0", content=b"PK", **common)
        for state in ("draft", "submitted"):
            record = self._add(
                Record, instrument="action_plan", title="A plan of a school", state=state, draft={},
                created_by=person.id, changed_at=NOW, **common,
            )  # fmt: skip
        assert self.version
        self._add(
            Revision, record_id=record.id, number=1, instrument_digest=self.version.digest, answers={},
            submitted_by=person.id, submitted_at=NOW, document_id=document.id,
        )  # fmt: skip
        survey = self._add(
            Survey, organization_id=place.id, title="A survey", opens_on=(NOW - DAYS).date(),
            closes_on=(NOW + DAYS).date(), languages=["en"],
        )  # fmt: skip
        link = self._add(
            SurveyLink, survey_id=survey.id, organization_id=place.id, audience="families", code=self._name(),
            delivery="batches", instrument_digest=self.version.digest, minimum_n=10,
        )  # fmt: skip
        if self.publication and place is not self.state:
            self._publish(place)
        self._add(Response, key=self._name(), link_id=link.id, day=NOW.date(), language="en", answers={})
        for state in ("sent", "failed"):
            self._add(
                Delivery, dedup=self._name(), message_id="<x>", recipient=person.address, language="en",
                letter="answer_sheets", document_id=document.id, state=state, due_at=NOW, give_up_at=NOW,
                details={"survey": "x", "audience": "x", "organization": "x", "count": "1", "link": "x"}, **common,
            )  # fmt: skip
        self._add(
            AuditEntry, at=NOW, organization_id=place.id, person_id=person.id, person_name="Somebody",
            action="record.created", subject="A plan", details={},
        )  # fmt: skip

    def _name(self) -> str:
        return uuid.uuid4().hex

    def _add(self, model: type[Any], **values: Any) -> Any:
        made = model(**values)
        self.session.add(made)
        self.session.flush()
        return made


@contextmanager
def noted(engine: Engine) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def counted(engine: Engine, browser: Browser, things: dict[str, str]) -> dict[str, int]:
    """How many statements each page takes."""
    found = {}
    for page in PAGES:
        with noted(engine) as statements:
            browser.get(page.format(**things))
        found[page] = len(statements)
    return found


@pytest.fixture
def planting(session: Session, world: World) -> Planting:
    return Planting(session, world)


def test_pages_ask_as_often_when_there_is_twice_as_much(
    app: Flask, session: Session, world: World, planting: Planting
) -> None:
    things = {"state": str(world.places["state"]), "assignment": str(planting.assignment())}
    things |= {"survey": str(planting.survey())}
    browser, engine = Browser(app, world.tokens["state_leader"]), session.get_bind()
    assert isinstance(engine, Engine)
    planting.plant(ONCE)
    counted(engine, browser, things)  # what is read once and kept
    before = counted(engine, browser, things)
    planting.plant(ONCE)
    assert counted(engine, browser, things) == before
    assert max(before.values()) < 45


def test_a_reminder_takes_as_many_statements_whoever_gets_it(
    app: Flask, session: Session, world: World, planting: Planting
) -> None:
    browser, engine = Browser(app, world.tokens["state_leader"]), session.get_bind()
    assert isinstance(engine, Engine)
    taken = []
    for _ in range(2):
        planting.plant(ONCE)
        assignment = planting.assignment()
        session.commit()
        proof = browser.proof
        with noted(engine) as statements:
            browser.post(f"/assignments/{assignment}/remind", {"proof": proof})
        taken.append(len(statements))
    assert taken[0] == taken[1]
