"""Double entry: all is typed a second time, what differs is decided by a person, and only then it counts."""

from collections.abc import Callable

import pytest
from browser import Browser
from paper_piles import begin, from_paper, link_of, press, type_in, typed
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import SurveyLink

SignedIn = Callable[[str], Browser]


@pytest.fixture
def link(session: Session, world: World) -> SurveyLink:
    return link_of(session, world)


@pytest.fixture
def member(signed_in: SignedIn) -> Browser:
    return signed_in("maple_member")


@pytest.fixture
def pile(member: Browser, signed_in: SignedIn, link: SurveyLink) -> str:
    """Two sheets, typed by one person and again by another, who types two answers differently."""
    address = begin(member, link, 2, twice=True)
    type_in(member, address, 1, {"school_welcome": "3", "first_choices": "1 2", "comment": "Once is enough"})
    type_in(member, address, 2, {"school_welcome": "4"})
    leader = signed_in("maple_leader")
    page = leader.get(f"{address}/2/1").page
    assert "Once is enough" not in page.text
    assert "a-comment" not in page.ids
    type_in(leader, address, 1, {"school_welcome": "2", "first_choices": "1 3"}, entry=2)
    type_in(leader, address, 2, {"school_welcome": "4"}, entry=2)
    return address


def test_differences_are_decided_item_by_item(member: Browser, link: SurveyLink, pile: str, session: Session) -> None:
    assert "not the same" in press(member, pile, "finish", 409).page.text
    page = member.get(f"{pile}/differences").page
    assert "Sheet 1" in page.text
    assert "Sheet 2" not in page.text
    assert "First time: 3" in page.text
    assert "Second time: 2" in page.text
    first = member.send(page.form("/differences"), {"d-1-school_welcome": "2"})
    left = member.follow(first).page
    assert "still open" in left.text
    assert "d-1-school_welcome" not in left.form("/differences").data()
    assert typed(session, 1)["school_welcome"] == "a_little"
    assert member.send(left.form("/differences"), {"d-1-first_choices": "1"}).location == pile
    press(member, pile, "finish")
    found = sorted((one.answers for one in from_paper(session, link.id)), key=len)
    assert found == [
        {"school_welcome": "well"},
        {
            "school_welcome": "a_little",
            "first_choices": ["school_welcome", "school_student_goals"],
            "comment": "Once is enough",
        },
    ]


def test_a_pile_typed_once_only_cannot_be_finished(member: Browser, link: SurveyLink, session: Session) -> None:
    address = begin(member, link, 1, twice=True)
    assert type_in(member, address, 1, {"school_welcome": "3"}).location == address
    press(member, address, "finish", 409)
    type_in(member, address, 1, {"school_welcome": "3"}, entry=2)
    press(member, address, "finish")
    assert len(from_paper(session, link.id)) == 1


def test_a_sheet_changed_meanwhile_is_not_decided(
    member: Browser, signed_in: SignedIn, pile: str, session: Session
) -> None:
    form = member.get(f"{pile}/differences").page.form("/differences")
    type_in(signed_in("maple_leader"), pile, 1, {"school_welcome": "5"})
    page = member.send(form, {"d-1-school_welcome": "2"}, status=409).page
    assert "First time: 5" in page.text
    assert typed(session, 1)["school_welcome"] == "very_well"
    member.send(page.form("/differences"), {"d-1-school_welcome": "2", "d-1-first_choices": "2"})
    assert typed(session, 1)["school_welcome"] == "a_little"


def test_empty_the_one_time_and_not_the_other_is_a_difference(
    member: Browser, link: SurveyLink, session: Session
) -> None:
    address = begin(member, link, 1, twice=True)
    type_in(member, address, 1, {"school_welcome": "3"})
    form = member.get(f"{address}/2/1").page.form("/2/1")
    member.send(form)  # nothing at all, the second time
    page = member.get(f"{address}/differences").page
    assert "Second time: empty" in page.text
    member.send(page.form("/differences"), {"d-1-school_welcome": "2"})
    assert typed(session, 1) == {}
    press(member, address, "finish")
    assert from_paper(session, link.id) == []
