"""People invited personally: a list is read and previewed, letters go out, some are reminded, and all is numbers."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from filling import fields
from flask import Flask
from inviting import PEOPLE, a_list, all_due, give, invite, link_of, links_in, page_of
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from surveying import answers
from working import do_work, done
from world import World

from partnerforms.engine.library import Library
from partnerforms.models import AuditEntry, Delivery, Invitation, Job, Stop, Survey
from partnerforms.services.surveys import invitations
from partnerforms.services.surveys.invitations import stopping, uploading
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]


def addresses(session: Session) -> set[str | None]:
    session.rollback()
    return set(session.scalars(select(Invitation.address)))


def answer(app: Flask, library: Library, mail: EmailMessage) -> None:
    """Answer by the link of a letter."""
    person, link = Browser(app), links_in(mail)[0]
    person.send(person.get(link).page.form("/i/"), fields(answers(library, "families")))


def later(session: Session, days: int = 4) -> None:
    """As if the letters had gone out so many days ago."""
    session.rollback()
    moved = select(AuditEntry).where(AuditEntry.action.in_(invitations.MAILED))
    for entry in session.scalars(moved):
        entry.at -= timedelta(days=days)
    session.commit()


def test_a_list_becomes_letters_in_everybodys_language(
    app: Flask, signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    languages = ["", "es", "Spanish", "español", "zh-CN", "Haitian Creole", "ar", *[""] * 5]
    preview = leader.follow(give(leader, path, a_list([*PEOPLE, PEOPLE[0].upper()], [*languages, "ko"])))
    assert "People who get a letter12" in preview.page.text
    assert "In the list more than once1" in preview.page.text
    assert "Español3" in preview.page.text
    assert not addresses(session)  # nothing before somebody says yes
    leader.send(preview.page.form("/approve"))
    do_work(app)
    assert addresses(session) == set(PEOPLE)
    all_due(session)
    letters = {str(mail["To"]): mail for mail in mails()}
    assert set(letters) == set(PEOPLE)
    spanish = letters[PEOPLE[1]].get_body()
    assert spanish
    assert "/i/" in spanish.get_content()
    assert "lang=es" in spanish.get_content()
    assert letters[PEOPLE[0]]["Subject"] == "Maple School asks you: How we share the work"
    link, stop = links_in(letters[PEOPLE[0]])
    assert letters[PEOPLE[0]]["List-Unsubscribe"] == f"<http://localhost{stop}>"
    assert letters[PEOPLE[0]]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Browser(app).get(link).page.language == "en"
    assert len({links_in(mail)[0] for mail in letters.values()}) == len(PEOPLE)
    page = leader.get(path).page
    assert "People invited12" in page.text
    assert not [one for one in PEOPLE if one in page.text]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "survey.invited")).one()
    assert entry.details["count"] == 12
    assert "@" not in f"{entry.subject} {entry.details}"


@on_sqlite
def test_every_bad_row_is_named_with_its_line_and_nobody_is_invited(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    bad = "Idioma;Correo electrónico\n;ana@example.org\nklingon;bo@example.org\n;not an address\nfr;\n"
    page = give(leader, path, bad.encode("utf-16"), 422).page
    assert page.title.startswith("Error:")
    for said in (
        "Line 3, Language",
        "Line 4, Mail address",
        "Line 5, Mail address",
        "3 places in the file are wrong",
    ):
        assert said in page.text, said
    for content, said in (
        (b"Name\nAna\n", "The column “Mail address” is missing."),
        (b"mail,email\na@example.org,b@example.org\n", "are the same column"),
        (b"email\n", "There are headings, but no rows."),
        (b"", "The file is empty."),
        (b"PK\3\4", "This is an Excel file."),
        (a_list(PEOPLE[:9]), "New people in this list: 9. At least 10"),
        (a_list([f"p{n}@example.org" for n in range(invitations.MOST + 1)]), "5000 are the most"),
    ):
        assert said in give(leader, path, content, 422).page.text, said
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_who_is_invited_or_wants_no_more_mail_is_left_out(
    app: Flask, signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    for place, name in (("district", "above"), ("maple", "here"), ("oak", "beside"), ("foreign", "elsewhere")):
        digest = stopping.address_digest(f"{name}@example.org", tools.secret_key)
        session.add(Stop(organization_id=world.places[place], address_digest=digest))
    session.commit()
    wanted = [*PEOPLE, *(f"{name}@example.org" for name in ("above", "here", "beside", "elsewhere"))]
    page = leader.follow(give(leader, path, a_list(wanted))).page
    assert "People who get a letter14" in page.text
    assert "Want no more mail2" in page.text
    leader.send(page.form("/approve"))
    do_work(app)
    assert addresses(session) == {*PEOPLE, "beside@example.org", "elsewhere@example.org"}
    more = [f"more{number}@example.org" for number in range(10)]
    page = leader.follow(give(leader, path, a_list([*PEOPLE, *more]))).page
    assert "People who get a letter10" in page.text
    assert "Invited before12" in page.text


@on_sqlite
def test_whom_many_surveys_ask_already_is_left_out(
    app: Flask, signed_in: SignedIn, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_FOR_ONE", 1)
    leader = signed_in("maple_leader")
    invite(app, leader, page_of(session, world), a_list(PEOPLE))
    more = [f"more{number}@example.org" for number in range(10)]
    page = leader.follow(give(leader, page_of(session, world, "staff"), a_list([PEOPLE[0], *more]))).page
    assert "People who get a letter10" in page.text
    assert "Asked by many surveys now1" in page.text


@on_sqlite
def test_what_has_changed_since_the_preview_stops_it_and_the_list_is_forgotten(
    app: Flask, signed_in: SignedIn, session: Session, world: World
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    begun = give(leader, path, a_list(PEOPLE))
    session.rollback()
    session.execute(update(Survey).values(closed_at=world.began))
    session.commit()
    leader.send(leader.follow(begun).page.form("/approve"))
    do_work(app)
    assert "Nobody was invited" in leader.follow(begun).page.text
    assert not addresses(session)
    assert session.scalars(select(Job.asked)).all() == [{}]
    assert "on the days on which the survey is open" in leader.get(path).page.text
    give(leader, path, a_list(PEOPLE), 422)


@on_sqlite
def test_where_sheets_go_one_by_one_nobody_is_invited(signed_in: SignedIn, session: Session, world: World) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world, "community")
    assert "Its moment would tell whose it is" in leader.get(path).page.text
    give(leader, path, a_list(PEOPLE), 422)
    leader.post(f"{path}/remind", {"proof": leader.proof}, 409)


def test_only_who_has_not_answered_is_reminded_and_no_trace_of_it_stays(
    app: Flask, signed_in: SignedIn, session: Session, world: World, mails: Mails, library: Library
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    invite(app, leader, path, a_list(PEOPLE))
    assert "The next reminder can be sent from" in leader.get(path).page.text
    leader.post(f"{path}/remind", {"proof": leader.proof}, 409)
    all_due(session)
    letters = mails()
    answer(app, library, letters[3])
    Browser(app).post(links_in(letters[4])[1].partition("?")[0], {"List-Unsubscribe": "One-Click"}, 200)
    later(session)
    page = done(app, leader, leader.send(leader.get(path).page.form("/remind"))).page
    assert "Reminders on their way: 10" in page.text
    answer(app, library, letters[5])  # while the reminders wait: this one is not needed any more
    all_due(session)
    mails()
    reminded = [mail for mail in mails() if "until" in str(mail["Subject"])]
    assert {str(mail["To"]) for mail in reminded} == {str(letters[n]["To"]) for n in range(12) if n not in (3, 4, 5)}
    assert links_in(reminded[0])[0] == links_in(letters[0])[0]
    session.rollback()
    for one in session.scalars(select(Delivery).where(Delivery.cause == invitations.cause(link_of(session, world)))):
        assert (one.state, one.recipient, one.details, one.language) == ("sent", "", {}, "")
    text = leader.get(path).page.text
    assert "Have answered2" in text
    assert "Want no more mail1" in text
    assert "Letters that did not arrive0" in text
    for _ in range(2):
        later(session)
        begun = leader.post(f"{path}/remind", {"proof": leader.proof}, None)  # type: ignore[arg-type]
        do_work(app)
    assert begun.status == 409
    assert "as often as may be: 2 times" in leader.get(path).page.text


@on_sqlite
def test_letters_to_respondents_are_on_nobodys_list(
    app: Flask, signed_in: SignedIn, session: Session, world: World
) -> None:
    leader, path = signed_in("maple_leader"), page_of(session, world)
    invite(app, leader, path, a_list(PEOPLE))
    one = session.scalars(select(Delivery.id).where(Delivery.letter == "survey_invitation")).first()
    for person in ("maple_leader", "maple_coordinator", "district_leader"):
        assert "family1@" not in signed_in(person).get("/deliveries").text
    leader.post(f"/deliveries/{one}/again", {"proof": leader.proof}, 404)
