"""A form that is asked for: on the start page of those who are asked, and in the sight of those who ask."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from pages import text
from recording import filled_plan, submit
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import Assignment, AuditEntry, Membership, Organization
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


def ask_for(browser: Browser, world: World, tools: Tools, place: str, days: int = 30, **more: str) -> str:
    """Ask for action plans by so many days from today; the address of the page that shows how far they are."""
    today = tools.day(world.began)
    form = browser.get(f"/organizations/{world.places[place]}/assignments/new").page.form("/assignments/new")
    typed = {"instrument": "action_plan", "title": "This year", "since": f"{today - timedelta(days=60)}"}
    return browser.send(form, {**typed, "due_on": f"{today + timedelta(days=days)}", **more}).location


def standing(browser: Browser, page: str) -> dict[str, list[str]]:
    """Who is how far, by the heading they stand under."""
    found: dict[str, list[str]] = {}
    heading = ""
    for element in browser.get(page).page.root.iter():
        if element.tag == "h2":
            heading = text(element)
        elif heading and element.tag == "li":
            name = next(inside for inside in element if inside.tag in ("a", "strong"))
            found.setdefault(heading, []).append(text(name))
    return found


def test_what_a_district_asks_for_is_due_in_its_schools_until_they_submit(
    signed_in: SignedIn, world: World, tools: Tools
) -> None:
    district, maple = signed_in("district_leader"), signed_in("maple_leader")
    page = ask_for(district, world, tools, "district")
    assert standing(district, page) == {"Not begun (2)": ["Maple School", "Oak School"]}
    start = maple.get("/").page
    assert "Due" in start.text
    assert "Not begun" in start.text
    home = filled_plan(maple, world)
    assert standing(district, page) == {"Not begun (1)": ["Oak School"], "Begun (1)": ["Maple School"]}
    assert any(home in link for link in maple.get("/").page.links)
    submit(maple, home)
    assert standing(district, page) == {"Not begun (1)": ["Oak School"], "Submitted (1)": ["Maple School"]}
    assert "Due on" not in maple.get("/").page.text
    assert "Due on" in signed_in("oak_member").get("/").page.text
    for person in ("maple_coordinator", "foreign_leader", "stranger", "state_leader"):
        assert "Due on" not in signed_in(person).get("/").page.text, person


def test_the_link_of_what_is_due_begins_the_form_under_its_name(
    signed_in: SignedIn, world: World, tools: Tools
) -> None:
    ask_for(signed_in("district_leader"), world, tools, "district", title="Plan 2030 & more")
    maple = signed_in("maple_leader")
    link = next(link for link in maple.get("/").page.links if "records/new" in link and "2030" in link)
    assert maple.get(link).page.form("/records/new").data()["title"] == ["Plan 2030 & more"]


def test_what_was_submitted_before_the_first_day_does_not_count(
    signed_in: SignedIn, session: Session, world: World, tools: Tools
) -> None:
    maple = signed_in("maple_leader")
    submit(maple, filled_plan(maple, world))
    tomorrow = tools.day(world.began) + timedelta(days=1)
    page = ask_for(maple, world, tools, "maple", since=f"{tomorrow}")
    assert list(standing(maple, page)) == ["Not begun (1)"]
    session.execute(update(Assignment).values(since=tools.day(world.began)))
    session.commit()
    assert list(standing(maple, page)) == ["Submitted (1)"]


def test_archived_schools_are_not_asked(signed_in: SignedIn, session: Session, world: World, tools: Tools) -> None:
    page = ask_for(signed_in("district_leader"), world, tools, "district")
    session.get_one(Organization, world.places["oak"]).archived_at = world.began
    session.commit()
    assert standing(signed_in("district_leader"), page) == {"Not begun (1)": ["Maple School"]}


def test_reminders_reach_those_who_fill_and_have_not_submitted_once_in_three_days(
    signed_in: SignedIn, session: Session, world: World, tools: Tools, mails: Callable[[], list[EmailMessage]]
) -> None:
    district, maple = signed_in("district_leader"), signed_in("maple_leader")
    page = ask_for(district, world, tools, "district")
    submit(maple, filled_plan(maple, world))
    mails()
    for _ in range(3):
        district.post(f"{page}/remind", {"proof": district.proof})
    reminders = [mail for mail in mails() if "please submit" in str(mail["Subject"])]
    assert [str(mail["To"]) for mail in reminders] == ["oak_leader@example.org", "oak_member@example.org"]
    assert "Oak School" in reminders[0].get_content()
    assert "You can send them again" in district.get(page).page.text
    session.execute(update(Assignment).values(reminded_at=world.began - timedelta(days=4)))
    session.commit()
    district.post(f"{page}/remind", {"proof": district.proof})
    assert len([mail for mail in mails() if "please submit" in str(mail["Subject"])]) == 4
    noted = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "assignment.reminded")).all()
    assert [entry["count"] for entry in noted] == [2, 2]


def test_reminders_that_nobody_can_get_are_not_said_to_be_on_their_way(
    signed_in: SignedIn, session: Session, world: World, tools: Tools, mails: Callable[[], list[EmailMessage]]
) -> None:
    district = signed_in("district_leader")
    page = ask_for(district, world, tools, "district")
    for role in ("leader", "member"):
        session.execute(
            update(Membership)
            .where(
                Membership.organization_id.in_((world.places["maple"], world.places["oak"])), Membership.role == role
            )
            .values(accepted_at=None)
        )
    session.commit()
    told = district.follow(district.post(f"{page}/remind", {"proof": district.proof})).page
    assert "Nobody was reminded" in told.text
    assert "on their way" not in told.text
    assert told.form(f"{page}/remind"), "who accepts now can be reminded at once"
    assert not [mail for mail in mails() if "please submit" in str(mail["Subject"])]


def test_what_is_no_longer_asked_for_is_no_longer_due(signed_in: SignedIn, world: World, tools: Tools) -> None:
    district = signed_in("district_leader")
    page = ask_for(district, world, tools, "district", days=-3)
    assert "Overdue" in signed_in("oak_leader").get("/").page.text
    district.post(f"{page}/end", {"proof": district.proof})
    assert "Overdue" not in signed_in("oak_leader").get("/").page.text
    assert (
        "Riverside District asks nobody for a form now"
        in district.get(f"/organizations/{world.places['district']}/assignments").text
    )


@on_sqlite
@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"instrument": ""}, "instrument"),
        ({"instrument": "inventory"}, "instrument"),
        ({"instrument": "survey_families"}, "instrument"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"since": "yesterday"}, "since"),
        ({"due_on": ""}, "due_on"),
        ({"since": "2026-10-02", "due_on": "2026-10-01"}, "due_on"),
        ({"due_on": "9999-99-99"}, "due_on"),
    ],
)
def test_what_cannot_be_asked_for_is_said_at_its_field(
    wrong: dict[str, str], where: str, signed_in: SignedIn, world: World
) -> None:
    maple = signed_in("maple_leader")
    form = maple.get(f"/organizations/{world.places['maple']}/assignments/new").page.form("/assignments/new")
    typed = {"instrument": "action_plan", "title": "A & B", "since": "2026-08-01", "due_on": "2026-10-15", **wrong}
    page = maple.send(form, typed, status=422).page
    assert page.title.startswith("Error:")
    assert f"#{where}" in page.links
    assert page.form("/assignments/new").data()["title"] == [typed["title"].strip()]
