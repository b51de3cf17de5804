"""Invitations from the mail to the first page, and who is kept out."""

import uuid
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import PEOPLE, SECRET, World, address, begin_session

from partnerforms.models import Membership, Organization, Person
from partnerforms.services import access, people
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]
NEW = "new@example.org"


@pytest.fixture
def invite(session: Session, tools: Tools, world: World) -> Callable[..., str]:
    """Lets a leader invite somebody to the leader's organization; gives the membership's id."""

    def done(leader: str, to: str, role: str = "leader", language: str = "en") -> str:
        person = session.scalars(select(Person).where(Person.address == address(leader))).one()
        place = session.get_one(Organization, world.places[PEOPLE[leader][0]])
        reach = access.reach(session, person)
        made = people.invite(session, reach, place, to, "New Person", role, tools, world.began, language)
        session.commit()
        return str(made.id)

    return done


def enter(app: Flask, session: Session, world: World, to: str) -> Browser:
    """A browser in which the person with this address is signed in."""
    session.rollback()
    person = session.scalars(select(Person).where(Person.address == to)).one()
    token = begin_session(session, person, world.began)
    session.commit()
    return Browser(app, token)


def pending(session: Session, membership_id: str) -> bool | None:
    """Does the invitation wait? None when it is gone."""
    session.rollback()
    found = session.get(Membership, uuid.UUID(membership_id))
    return None if found is None else found.accepted_at is None


def test_from_the_mail_to_the_organization(
    app: Flask, signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    leader = signed_in("maple_leader")
    path = f"/organizations/{world.places['maple']}/people"
    form = leader.get(path).page.form(path)
    typed = {"name": "New Person", "address": "New@Example.org", "role": "leader", "language": "en"}
    page = leader.follow(leader.send(form, typed)).page
    assert f"An invitation is on its way to {NEW}." in page.text

    (mail,) = mails()
    text = mail.get_content()
    assert (mail["To"], mail["Subject"]) == (NEW, "Maple Leader invites you to Maple School")
    assert "A leader runs the forms and surveys of Maple School" in text
    (link,) = [line for line in text.splitlines() if line.startswith("http")]
    there = urlsplit(link)
    asked = Browser(app).get(f"{there.path}?{there.query}").page
    assert asked.form("/sign-in").data()["address"] == [NEW]

    newcomer = enter(app, session, world, NEW)
    newcomer.get(f"/organizations/{world.places['maple']}", status=404)
    start = newcomer.get("/").page
    assert "Maple Leader invites you as: Leader." in start.text
    newcomer.follow(newcomer.send(start.form("/accept")))
    assert "You are invited" not in newcomer.get("/").text
    assert "Maple School" in newcomer.get(f"/organizations/{world.places['maple']}").text
    newcomer.get(path)


def test_not_me(app: Flask, session: Session, world: World, invite: Callable[..., str], signed_in: SignedIn) -> None:
    membership = invite("maple_leader", NEW)
    newcomer = enter(app, session, world, NEW)
    newcomer.follow(newcomer.send(newcomer.get("/").page.form("/decline")))
    assert pending(session, membership) is None
    assert "You are invited" not in newcomer.get("/").text
    for answer in ("accept", "decline"):
        newcomer.post(f"/invitations/{membership}/{answer}", {"proof": newcomer.proof}, status=404)
    assert NEW not in signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/people").text


def test_nobody_answers_for_somebody_else(signed_in: SignedIn, session: Session, invite: Callable[..., str]) -> None:
    membership = invite("maple_leader", NEW)
    for person in PEOPLE:
        browser = signed_in(person)
        for answer in ("accept", "decline"):
            foreign, unknown = (
                browser.post(f"/invitations/{one}/{answer}", {"proof": browser.proof}, status=404)
                for one in (membership, uuid.uuid4())
            )
            assert foreign.content == unknown.content
    assert pending(session, membership) is True


@pytest.mark.parametrize("role", ["leader", "member", "coordinator"])
def test_who_is_invited_sees_nothing_before_accepting(
    app: Flask, session: Session, world: World, invite: Callable[..., str], role: str
) -> None:
    membership = invite("district_leader", NEW, role)
    newcomer = enter(app, session, world, NEW)
    places = [f"/organizations/{world.places[place]}" for place in ("district", "maple")]
    paths = [*places, f"{places[0]}/people", f"/surveys/{world.survey}"]
    for path in paths:
        newcomer.get(path, status=404)
    start = newcomer.get("/").text
    assert "How we share the work" not in start
    assert "Maple" not in start
    newcomer.post(f"/invitations/{membership}/accept", {"proof": newcomer.proof})
    for path in paths[:1]:
        newcomer.get(path)


def test_the_role_that_waits_is_said_with_what_it_means(
    app: Flask, session: Session, world: World, invite: Callable[..., str]
) -> None:
    invite("maple_leader", NEW, "coordinator")
    invite("foreign_leader", NEW, "member")
    text = enter(app, session, world, NEW).get("/").page.text
    assert "Maple Leader invites you as: Coordinator. Receives the documents by mail" in text
    assert "Documents wait for you until you accept." in text
    assert "Foreign Leader invites you as: Member. Fills in forms." in text


@on_sqlite
def test_an_invitation_is_answered_by_a_form_of_one_s_own_page_alone(
    app: Flask, session: Session, world: World, invite: Callable[..., str]
) -> None:
    membership = invite("maple_leader", NEW)
    newcomer = enter(app, session, world, NEW)
    for answer in ("accept", "decline"):
        newcomer.get(f"/invitations/{membership}/{answer}", status=405)
        newcomer.post(f"/invitations/{membership}/{answer}", {}, status=400)
        newcomer.post(f"/invitations/{membership}/{answer}", {"proof": "x" * 64}, status=400)
    assert pending(session, membership) is True


@on_sqlite
def test_the_letter_holds_no_code_and_nothing_that_signs_in(
    invite: Callable[..., str], mails: Mails, session: Session
) -> None:
    invite("maple_leader", NEW, language="en")
    (mail,) = mails()
    (link,) = [word for word in mail.get_content().split() if word.startswith("http")]
    assert link == "http://localhost/sign-in?address=new%40example.org"
    assert SECRET not in str(mail)
