"""Somebody who was invited personally: nothing uses the invitation up but answers, once; and stop is stop."""

import threading
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from filling import fields
from flask import Flask
from inviting import PEOPLE, a_list, all_due, give, invite, link_of, links_in, page_of
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from surveying import answers, kept
from world import World, open_survey

from partnerforms.engine.library import Library
from partnerforms.models import AuditEntry, Delivery, Invitation, Stop, Survey
from partnerforms.services.deliveries import returned
from partnerforms.services.surveys import invitations
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def links(app: Flask, signed_in: SignedIn, session: Session, world: World, mails: Mails) -> list[tuple[str, str]]:
    """Twelve families are invited: for each the link to answer and the link to stop, in the order of PEOPLE."""
    invite(app, signed_in("maple_leader"), page_of(session, world), a_list(PEOPLE))
    all_due(session)
    found = {str(mail["To"]): links_in(mail) for mail in mails()}
    return [found[address] for address in PEOPLE]


@pytest.fixture
def right(library: Library) -> dict[str, object]:
    """Answers that are in order."""
    return fields(answers(library, "families"))


def used(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Invitation.used)) or 0


def test_answers_use_the_invitation_up_and_nothing_else_does(
    browser: Browser, session: Session, links: list[tuple[str, str]], right: dict[str, object]
) -> None:
    link = links[0][0]
    for method in ("HEAD", "GET"):
        browser.request(method, link)
    page = browser.get(link).page
    assert "Your answers are kept apart from your mail address." in page.text
    form = page.form("/i/")
    browser.send(form, status=422)  # the button, pressed by a machine that fills in nothing
    browser.post(form.action, {}, 400)
    browser.send(form, {"switch": "es"}, status=200)
    assert not used(session)
    sent = browser.send(form, right)
    assert sent.headers["Referrer-Policy"] == "no-referrer"
    assert "Answer once more" not in browser.follow(sent).page.text
    assert [one.channel for one in kept(session)] == ["invitation"]
    assert used(session) == 1
    mark = session.scalars(select(Invitation).where(Invitation.used)).one()
    assert (mark.language, mark.reminders, mark.sealed_code) == ("", 0, None)
    assert mark.address not in PEOPLE
    assert browser.send(form, right).location == sent.location  # the same page once more is the same response
    assert len(kept(session)) == 1
    assert browser.get(link, 410).page.h1 == "This invitation has been used"
    browser.send(form, {**right, "token": "none"}, status=410)


def test_of_two_pages_one_counts(
    app: Flask, session: Session, links: list[tuple[str, str]], right: dict[str, object]
) -> None:
    phone, computer = Browser(app), Browser(app)
    forms = [browser.get(links[0][0]).page.form("/i/") for browser in (phone, computer)]
    phone.send(forms[0], right)
    computer.send(forms[1], right, status=410)
    assert (len(kept(session)), used(session)) == (1, 1)


def test_of_many_who_send_at_once_one_counts(
    app: Flask, session: Session, links: list[tuple[str, str]], right: dict[str, object]
) -> None:
    people = [Browser(app) for _ in range(8)]
    forms = [browser.get(links[0][0]).page.form("/i/") for browser in people[:7]]
    forms.append(forms[0])  # the eighth is the first page, pressed twice
    barrier, got = threading.Barrier(8), {}

    def send(number: int) -> None:
        barrier.wait()
        got[number] = people[number].send(forms[number], right, status=None).status  # type: ignore[arg-type]

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first_page = [got[0], got[7]]
    assert sorted(got.values()) in ([303] + [410] * 7, [303] * 2 + [410] * 6)
    assert first_page in ([303, 303], [410, 410])
    assert (len(kept(session)), used(session)) == (1, 1)


def test_what_is_not_committed_is_not_used(
    browser: Browser,
    session: Session,
    links: list[tuple[str, str]],
    right: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form = browser.get(links[0][0]).page.form("/i/")
    with monkeypatch.context() as patch:

        def away(_session: Session) -> None:
            raise OperationalError("", {}, Exception("the database is gone"))

        patch.setattr(Session, "commit", away)
        browser.send(form, right, status=503)
    assert (len(kept(session)), used(session)) == (0, 0)
    browser.send(form, right)
    assert (len(kept(session)), used(session)) == (1, 1)


@on_sqlite
def test_unknown_and_closed(
    browser: Browser, session: Session, links: list[tuple[str, str]], right: dict[str, object], world: World
) -> None:
    assert browser.get("/i/nothing", 404).page.h1 == "We do not know this invitation"
    browser.get("/i/nothing/stop", 404)
    browser.post("/i/nothing/stop", {}, 404)
    form = browser.get(links[0][0]).page.form("/i/")
    session.rollback()
    session.execute(update(Survey).values(closed_at=world.began))
    session.commit()
    assert browser.get(links[0][0], 410).page.h1 == "This survey has ended"
    browser.send(form, right, status=410)
    assert (len(kept(session)), used(session)) == (0, 0)


def test_stop_erases_the_address_and_later_lists_leave_it_out(
    app: Flask,
    browser: Browser,
    signed_in: SignedIn,
    session: Session,
    tools: Tools,
    links: list[tuple[str, str]],
    right: dict[str, object],
    world: World,
) -> None:
    browser.request("HEAD", links[0][1])
    page = browser.get(links[0][1]).page
    assert PEOPLE[0] in set(session.scalars(select(Invitation.address)))
    session.rollback()
    assert browser.send(page.form("/stop"), status=200).page.h1 == "You get no more mail like this"
    browser.send(browser.get(links[1][0]).page.form("/i/"), right)
    browser.post(links[1][1], {"List-Unsubscribe": "One-Click"}, 200)  # used, and stopped all the same
    browser.post(links[1][1], {}, 200)
    session.rollback()
    session.execute(update(Survey).values(closed_at=world.began))
    session.commit()
    browser.post(links[2][1], {}, 200)
    session.rollback()
    assert {one for one in session.scalars(select(Invitation.address)) if one} == set(PEOPLE[3:])
    assert session.scalar(select(func.count()).select_from(Stop)) == 3
    assert all("@" not in digest for digest in session.scalars(select(Stop.address_digest)))
    above = open_survey(session, tools, "district_leader", world.began, {"families": "batches"})
    path = f"/surveys/{above.id}/links/{above.links[0].id}/invitations"
    session.commit()
    more = [f"more{number}@example.org" for number in range(10)]
    leader = signed_in("district_leader")
    text = leader.follow(give(leader, path, a_list([*PEOPLE, *more]))).page.text
    assert "Want no more mail3" in text
    assert "People who get a letter19" in text


@on_sqlite
def test_stop_takes_back_what_waits_and_leaves_the_way_to_answer(
    app: Flask, browser: Browser, signed_in: SignedIn, session: Session, world: World, right: dict[str, object]
) -> None:
    for audience in ("families", "staff"):
        invite(app, signed_in("maple_leader"), page_of(session, world, audience), a_list(PEOPLE))
    mine = select(Delivery.details).where(Delivery.recipient == PEOPLE[0])
    details = next(one for one in session.scalars(mine) if "/i/" in one["link"])
    session.rollback()
    browser.post(details["stop"].removeprefix("http://localhost"), {}, 200)
    assert session.scalars(mine).all() == []
    assert PEOPLE[0] not in set(session.scalars(select(Invitation.address)))
    session.rollback()
    assert browser.get(details["link"].removeprefix("http://localhost")).status == 200


@on_sqlite
def test_a_letter_that_came_back_is_a_number(
    app: Flask, signed_in: SignedIn, session: Session, links: list[tuple[str, str]], world: World
) -> None:
    cause = invitations.cause(link_of(session, world))
    one = session.scalars(select(Delivery).where(Delivery.cause == cause).limit(1)).one()
    words = f"550 5.1.1 <{PEOPLE[0]}>: no such user"
    assert returned.report(session, one.message_id, PEOPLE[0], words, True, world.began) == "noted"
    session.commit()
    assert (one.state, one.error, one.recipient) == ("failed", None, "")
    assert session.scalar(select(func.count()).where(AuditEntry.action == "delivery.returned")) == 0
    session.rollback()
    assert "Letters that did not arrive1" in signed_in("maple_leader").get(page_of(session, world)).page.text
