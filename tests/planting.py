"""Everything that an organization can have, planted with words that are found again wherever they stand."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.languages import read_library
from partnerforms.models import (
    Assignment,
    AuditEntry,
    Base,
    Comment,
    Delivery,
    DeliveryRule,
    Document,
    DraftChange,
    FollowUp,
    Identity,
    InstrumentVersion,
    Invitation,
    Job,
    JobChunk,
    MailQueue,
    Membership,
    Organization,
    OwnTemplate,
    PaperBatch,
    PaperSheet,
    Person,
    Publication,
    Record,
    RecoveryCode,
    Response,
    ResultGroup,
    Revision,
    SecondFactor,
    SignInCode,
    SignInProvider,
    SignInSession,
    Stop,
    Survey,
    SurveyLink,
    Translation,
)

TAIL = 3  # answers that came after the last batch


def document(session: Session, place: uuid.UUID, words: str, when: datetime, survey: uuid.UUID | None = None) -> Any:
    content = b"PK " + words.encode()
    made = Document(
        organization_id=place, survey_id=survey, filename=f"{words}.docx", sha256=sha256(content).hexdigest(),
        content=content, created_at=when,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def delivery(words: str, when: datetime, state: str = "sent", **more: Any) -> Delivery:
    return Delivery(
        dedup=words, message_id=f"<{words}@x>", recipient=f"{words}@example.org", language="en",
        letter="answer_sheets", details={"survey": words}, state=state, due_at=when, give_up_at=when, created_at=when,
        sent_at=when if state == "sent" else None, **more,
    )  # fmt: skip


def person(session: Session, words: str) -> Person:
    made = Person(address=f"{words}@example.org", name=words, language="en")
    session.add(made)
    session.flush()
    return made


def plant(session: Session, tag: str, when: datetime, above: Organization | None = None) -> Organization:
    """A district with a school, and a row of everything, all of that moment. Every text in it begins with the tag."""
    place = Organization(level="district", name=f"District of {tag}", parent=above, terms={"team": f"{tag}-terms"})
    school = Organization(level="school", name=f"School of {tag}", parent=place, logo=f"{tag}-logo".encode())
    session.add_all([place, school])
    leader, member = person(session, f"{tag}-leader"), person(session, f"{tag}-member")
    roles = [
        Membership(person=leader, organization=place, role="leader", accepted_at=when),
        Membership(person=member, organization=school, role="member", accepted_at=when, invited_by=leader.id),
    ]
    session.add_all(roles)
    session.flush()
    coordinator = Membership(
        person=leader, organization=school, role="coordinator", accepted_at=when, replaces_id=roles[1].id
    )
    session.add(coordinator)
    session.flush()
    session.add(DeliveryRule(membership_id=coordinator.id, instrument="action_plan", rule="hold"))
    _signing_in(session, tag, place, leader, when)
    version = _version(session, tag)
    plan = _records(session, tag, school, leader, version, when)
    sheet = _survey(session, tag, school, version, leader, when)
    session.add_all(
        [
            delivery(f"{tag}-mail", when, membership_id=coordinator.id, **_of(school, sheet)),
            delivery(f"{tag}-plan-mail", when, **_of(school, plan)),
            Assignment(
                organization_id=place.id, instrument="action_plan", title=f"{tag}-assignment", since=when.date(),
                due_on=when.date(), created_by=leader.id, created_at=when,
            ),
            OwnTemplate(
                organization_id=place.id, instrument="action_plan", filename=f"{tag}.docx", sha256="0" * 64,
                content=f"PK {tag}-template".encode(), uploaded_by=leader.id, uploaded_at=when,
            ),
            AuditEntry(
                at=when, organization_id=school.id, person_id=leader.id, person_name=f"{tag}-leader",
                action="record.created", subject=f"{tag}-entry", details={},
            ),
        ]
    )  # fmt: skip
    job = Job(
        organization_id=place.id, person_id=leader.id, kind="documents", state="running", asked={"x": f"{tag}-job"},
        outcome={}, created_at=when, lease_token=f"{tag}-lease",
    )  # fmt: skip
    session.add(job)
    session.flush()
    session.add(JobChunk(job_id=job.id, number=0, content=f"{tag}-chunk".encode()))
    if session.get(MailQueue, 1) is None:
        session.add(MailQueue(id=1, pauses=0))
    session.flush()
    return place


def _signing_in(session: Session, tag: str, place: Organization, who: Person, when: datetime) -> None:
    provider = SignInProvider(
        organization_id=place.id, issuer=f"https://{tag}-issuer", client_id=f"{tag}-client",
        client_secret=f"{tag}-sealed", domain=f"{tag}.example.org", created_at=when,
    )  # fmt: skip
    session.add(provider)
    session.flush()
    session.add_all(
        [
            Identity(provider_id=provider.id, subject=f"{tag}-subject", person_id=who.id, linked_at=when),
            SignInSession(
                token_digest=f"{tag}-sso", person_id=who.id, created_at=when, seen_at=when, provider=provider
            ),
            SignInSession(token_digest=f"{tag}-session", person_id=who.id, created_at=when, seen_at=when),
            SignInCode(person_id=who.id, digest=f"{tag}-code", created_at=when, expires_at=when),
            SecondFactor(person_id=who.id, secret=f"{tag}-factor"),
            RecoveryCode(digest=f"{tag}-recovery", person_id=who.id, used_at=when),
            _code_mail(tag, who, when),
        ]
    )


def _of(place: Organization, word: Document) -> dict[str, uuid.UUID]:
    return {"organization_id": place.id, "document_id": word.id}


def _code_mail(tag: str, who: Person, when: datetime) -> Delivery:
    mail = delivery(f"{tag}-code-mail", when)
    mail.recipient, mail.letter, mail.details = who.address, "sign_in_code", {}
    return mail


def _version(session: Session, tag: str) -> InstrumentVersion:
    frozen = {**json.loads(read_library().freeze("survey_families")), "tag": f"{tag}-version"}
    made = InstrumentVersion(
        digest=f"{tag}-digest", instrument="survey_families", version=1, frozen=json.dumps(frozen)
    )
    session.add(made)
    session.flush()
    return made


def _records(
    session: Session, tag: str, school: Organization, who: Person, version: InstrumentVersion, when: datetime
) -> Document:
    """A draft, and a plan that was submitted."""
    draft, plan = (
        Record(
            organization_id=school.id, instrument="action_plan", title=f"{tag}-{kind}", state=state,
            draft={"school_year": f"{tag}-{kind}-words"}, created_by=who.id, created_at=when, changed_at=when,
        )
        for kind, state in (("draft", "draft"), ("plan", "submitted"))
    )  # fmt: skip
    session.add_all([draft, plan])
    session.flush()
    session.add(
        DraftChange(
            record_id=draft.id, version=2, person_id=who.id, changed_at=when, before={"goals": f"{tag}-change"}
        )
    )
    word = document(session, school.id, f"{tag}-plan-document", when)
    session.add(
        Revision(
            record_id=plan.id, number=1, instrument_digest=version.digest, answers={"goal": f"{tag}-revision"},
            submitted_by=who.id, submitted_at=when, document_id=word.id,
        )
    )  # fmt: skip
    return word


def _survey(
    session: Session, tag: str, school: Organization, version: InstrumentVersion, who: Person, when: datetime
) -> Document:
    """A closed survey with a batch of twelve, and a few who came after it and must stay unknown."""
    survey = Survey(
        organization_id=school.id,
        title=f"{tag}-survey",
        opens_on=when.date(),
        closes_on=when.date(),
        closed_at=when,
        languages=["en"],
    )
    session.add(survey)
    session.flush()
    link = SurveyLink(
        survey_id=survey.id, organization_id=school.id, audience="families", code=f"{tag}-linkcode",
        instrument_digest=version.digest, delivery="batches", minimum_n=10,
    )  # fmt: skip
    session.add(link)
    session.flush()
    for number in range(12 + TAIL):
        came = "answer" if number < 12 else "tail"
        session.add(
            Response(
                key=sha256(f"{tag} {number}".encode()).hexdigest(), link_id=link.id, day=when.date(), language="en",
                answers={"school_welcome": "well", "comment": f"{tag}-{came}-{number}"},
                batch=1 if number < 12 else None,
            )
        )  # fmt: skip
    _asking(session, tag, school, link, who, when)
    _results(session, tag, school, survey, when)
    return document(session, school.id, f"{tag}-sheet", when, survey.id)


def _asking(session: Session, tag: str, school: Organization, link: SurveyLink, who: Person, when: datetime) -> None:
    """A personal invitation, somebody who wants none, and a pile of paper that is being typed."""
    pile = PaperBatch(link_id=link.id, number=1, language="en", sheets=3, twice=True, started_on=when.date())
    session.add_all(
        [
            Invitation(
                digest=f"{tag}-invitation", link_id=link.id, address=f"{tag}-family@example.org", language="en",
                sealed_code=f"{tag}-sealed-code",
            ),
            Stop(organization_id=school.id, address_digest=f"{tag}-stop"),
            Translation(
                organization_id=school.id, language="so", name="Soomaali", direction="ltr", locale="so",
                draft={"words": f"{tag}-unready-words"}, published={"words": f"{tag}-words"}, changed_at=when,
                published_at=when,
            ),
            pile,
        ]
    )  # fmt: skip
    session.flush()
    session.add(
        PaperSheet(batch_id=pile.id, number=1, entry=1, answers={"comment": f"{tag}-typed"}, person_id=who.id)
    )


def _results(session: Session, tag: str, school: Organization, survey: Survey, when: datetime) -> None:
    """What was published of the survey, and what the people were told."""
    publication = Publication(survey_id=survey.id, number=1, published_at=when)
    session.add(publication)
    session.flush()
    figures = {"answered": 12, "unsure": 0, "counts": {"well": 12}}
    session.add_all(
        [
            ResultGroup(
                publication_id=publication.id, organization_id=school.id, audience="families", n=12,
                items={"school_welcome": figures},
            ),
            Comment(
                key=f"{tag}-comment", publication_id=publication.id, organization_id=school.id, audience="families",
                item="comment", text=f"{tag}-said",
            ),
            FollowUp(
                survey_id=survey.id, organization_id=school.id, language="en", text=f"{tag}-told", changed_at=when
            ),
        ]
    )  # fmt: skip


def rows(session: Session) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    session.flush()
    return {
        table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
        for table in Base.metadata.sorted_tables
    }


def where(session: Session, words: str) -> list[str]:
    """The tables in which these words stand."""
    return [name for name, lines in rows(session).items() if any(words in line for line in lines)]


def on_disk(engine: Engine, words: str) -> bool:
    """Do these words stand in the files of a SQLite database?"""
    path = str(engine.url.database)
    return any(words.encode() in Path(file).read_bytes() for file in _files(path))


def _files(path: str) -> Iterator[str]:
    yield path
    if Path(f"{path}-wal").exists():
        yield f"{path}-wal"


LONG_AGO = timedelta(days=31 * 100)
