"""Records submitted: checked first, once each time, every revision kept."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from browser import Browser
from recording import begin, draft, filled_plan, submit
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from word_reading import attachment, words_of
from world import World

from partnerforms.models import Delivery, Membership, Revision
from partnerforms.services import papers

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]


def test_what_is_missing_is_said_with_the_way_to_it(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    page = submit(member, home, status=422).page
    assert page.title.startswith("Error:")
    assert [place for place, _ in page.errors] == [f"{home}/team?check=1#q-school_year", home]
    there = member.get(page.errors[0][0]).page
    assert there.errors[0][0] == "#q-school_year"
    assert session.scalars(select(Revision)).all() == []
    assert session.scalars(select(Delivery)).all() == []
    assert "To do" in member.get(home).page.text


def test_problems_of_an_entry_and_of_a_row_lead_to_their_very_field(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    typed = {
        "q-goal_kind": "",
        "q-activities-0-who": "x",
        "q-activities-0-dates": "May",
        "q-activities-1-activity": "x" * 1001,
    }
    member.send(member.get(f"{home}/goals/0").page.form("/goals/0"), typed)  # fmt: skip
    page = submit(member, home, status=422).page
    places = [place for place, _ in page.errors]
    assert places == [
        f"{home}/goals/0?check=1#{field}"
        for field in ("q-goal_kind", "q-activities-0-activity", "q-activities-1-activity")
    ]
    there = member.get(places[1]).page
    assert [place for place, _ in there.errors] == [
        "#q-goal_kind-0",
        "#q-activities-0-activity",
        "#q-activities-1-activity",
    ]


def test_submitting_twice_is_one_revision_and_one_mail(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    form = member.get(f"{home}/check").page.form("/submit")
    member.send(form)
    assert len(mails()) == 1
    member.send(form)
    assert len(session.scalars(select(Revision)).all()) == 1
    assert len(mails()) == 1
    assert "Everything here has been submitted." in member.get(f"{home}/check").page.text


def test_the_page_says_whether_a_mail_is_on_its_way(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    coordinator = Membership.role == "coordinator"
    for sentence, change in (
        ("on its way to the coordinators", {}),
        ("Its mail waits", {"accepted_at": None}),
        ("It is mailed to nobody", None),
    ):
        if change:
            session.execute(update(Membership).where(coordinator).values(**change))
        elif change is None:
            session.execute(update(Membership).where(coordinator).values(role="member"))
        session.commit()
        home = filled_plan(member, world)
        form = member.get(f"{home}/check").page.form("/submit")
        assert sentence in member.follow(member.send(form)).page.text


def test_a_dash_parts_the_words_of_a_file_name() -> None:
    assert papers.filename("Maple School", "2026–2027", "1") == "Maple-School-2026-2027-1.docx"


def test_every_submission_stays_as_a_revision_of_its_own(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    submit(member, home)
    first = member.get(f"{home}/revisions/1.docx").content
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-chairs": "Somebody new"})
    assert "Draft" in member.get(home).page.text
    assert len(mails()) == 1
    submit(member, home)
    assert member.get(f"{home}/revisions/1.docx").content == first
    second = member.get(f"{home}/revisions/2.docx").content
    assert "Somebody new" in words_of(second)
    assert "Somebody new" not in words_of(first)
    assert sorted(attachment(mail) for mail in mails()) == sorted([first, second])
    page = member.get(home).page
    assert "Revision 1 (Word)" in page.text
    assert "Revision 2 (Word)" in page.text
    member.get(f"{home}/revisions/3.docx", status=404)


@pytest.mark.parametrize("number", ["0", "99", "9999999999", "99999999999999999999999999"])
def test_a_revision_that_is_not_there_is_not_found(number: str, signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    member.get(f"{home}/revisions/{number}.docx", status=404)
    member.get(f"{home}/goals/{number if number != '0' else '1'}", status=404)


def test_a_text_of_a_megabyte_is_kept_in_the_draft_and_refused_at_the_end(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-team_members": "x" * 1_000_000})
    assert len(draft(session)["team_members"]) == 1_000_000
    page = submit(member, home, status=422).page
    assert page.errors[0][1].endswith("Use at most 2000 characters; this has 1000000.")
