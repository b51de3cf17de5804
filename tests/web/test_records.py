"""Records on the pages from beginning to mail: every form, starts, names, hostile words, languages, paper."""

from collections.abc import Callable
from email.message import EmailMessage
from hashlib import sha256

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE, fields
from recording import GOAL, PLAN, begin, draft, fill, filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import attachment, words_of
from world import World, address

from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.samples import sample
from partnerforms.models import Document, Record, Revision

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]

FORMS = [
    ("maple_leader", "maple", "action_plan"),
    ("district_leader", "district", "inventory"),
    ("district_leader", "district", "roles_district"),
    ("district_leader", "district", "leadership_plan_district"),
    ("state_leader", "state", "roles_state"),
    ("state_leader", "state", "leadership_plan_state"),
]


@pytest.mark.parametrize(("person", "place", "instrument_id"), FORMS, ids=[form[2] for form in FORMS])
def test_every_form_is_filled_submitted_and_mailed_as_it_is_downloaded(
    person: str,
    place: str,
    instrument_id: str,
    signed_in: SignedIn,
    session: Session,
    library: Library,
    world: World,
    mails: Mails,
) -> None:
    member = signed_in(person)
    instrument = library.instrument(instrument_id)
    raw = sample(instrument)
    home = begin(member, world.places[place], instrument_id)
    fill(member, home, instrument, raw)
    assert parse(instrument, draft(session)) == parse(instrument, raw)
    member.get(home)

    done = member.follow(submit(member, home)).page
    download = member.get(next(link for link in done.links if link.endswith(".docx")))
    session.rollback()
    revision = session.scalars(select(Revision)).one()
    assert revision.answers == parse(instrument, raw).answers
    document = session.get_one(Document, revision.document_id)
    assert download.content == document.content
    assert sha256(download.content).hexdigest() == document.sha256
    sent = mails()
    if place == "state":  # nobody coordinates for the state
        assert sent == []
    else:
        (mail,) = sent
        assert mail["To"] == address(f"{place}_coordinator")
        assert attachment(mail) == document.content
        assert instrument.title in mail["Subject"]
        body = mail.get_body()
        assert body is not None
        assert f"http://localhost{home}" in body.get_content()
    assert "& <sample>" in words_of(document.content)


def test_a_start_is_taken_and_every_word_of_it_can_be_changed(
    signed_in: SignedIn, session: Session, library: Library, world: World
) -> None:
    leader = signed_in("state_leader")
    instrument = library.instrument("leadership_plan_state")
    form = leader.get(f"/records/new?organization={world.places['state']}&instrument={instrument.id}").page.form(
        "/records/new"
    )
    home = leader.send(form, {"title": "x", "start": instrument.starts[0].id}).location
    assert draft(session) == instrument.starts[0].answers
    page = leader.get(f"{home}/goals/0").page
    leader.send(page.form("/goals/0"), {"q-goal": "Another goal"})
    assert draft(session)["goals"][0]["goal"] == "Another goal"
    assert draft(session)["goals"][1:] == instrument.starts[0].answers["goals"][1:]


def test_a_submitted_plan_is_a_start_for_the_next(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    submit(member, home)
    path = f"/records/new?organization={world.places['maple']}&instrument=action_plan"
    form = member.get(path).page.form("/records/new")
    start = f"record-{home.rsplit('/', 1)[-1]}"
    following = member.send(form, {"title": "Next year", "start": start}).location
    record = session.scalars(select(Record).where(Record.title == "Next year")).one()
    assert following.endswith(str(record.id))
    assert (record.draft, record.state) == ({**PLAN, "goals": [GOAL]}, "draft")


@on_sqlite
@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "\x00\x1b"])
def test_a_form_needs_a_name(title: str, signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    path = f"/records/new?organization={world.places['maple']}&instrument=action_plan"
    page = member.send(member.get(path).page.form("/records/new"), {"title": title}, status=422).page
    assert page.errors[0][0] == "#title"
    assert session.scalars(select(Record)).all() == []


def test_hostile_names_are_names(signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    for typed, words in HOSTILE.values():
        assert member.get(begin(member, world.places["maple"], title=typed)).page.h1 == words
    start = member.get("/records").page.text
    assert [words for _, words in HOSTILE.values() if words not in start] == []


def test_hostile_words_are_on_the_pages_in_the_document_and_in_the_mail(
    signed_in: SignedIn, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    rows = [{"activity": typed, "dates": typed} for typed, _ in HOSTILE.values()]
    member.send(member.get(f"{home}/goals/0").page.form("/goals/0"), fields({"activities": rows}))
    member.get(f"{home}/goals/0")
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-chairs": " ".join(row["dates"] for row in rows)})
    check = member.get(f"{home}/check").page.text
    done = member.follow(submit(member, home)).page
    download = member.get(next(link for link in done.links if link.endswith(".docx")))
    filled = words_of(download.content)
    for _, words in HOSTILE.values():
        assert words in check
        assert filled.count(words) == 3
    (mail,) = mails()
    assert attachment(mail) == download.content


def test_a_person_chooses_the_language_of_the_pages(signed_in: SignedIn) -> None:
    member = signed_in("maple_member")
    start = member.get("/").page
    spanish = member.follow(member.send(start.form("/language"), {"language": "es"})).page
    assert spanish.language == "es"
    assert member.get("/deliveries").page.language == "es"
    member.send(spanish.form("/language"), {"language": "xx"})
    assert member.get("/").page.language == "es"


def test_a_paper_form_is_there_for_whoever_is_signed_in(signed_in: SignedIn, library: Library) -> None:
    member = signed_in("stranger")
    content = member.get("/forms/survey_staff.docx").content
    assert library.instrument("survey_staff").title in words_of(content)
    member.get("/forms/nothing.docx", status=404)
    member.get("/forms/..%2foptions.docx", status=404)
