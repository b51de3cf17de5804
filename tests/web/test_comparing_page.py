"""What was submitted, read again with its own questions, and two revisions beside each other."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE, fields
from pages import Page, text
from recording import GOAL, PLAN, filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import words_of
from world import World

from partnerforms.models import InstrumentVersion, Revision

SignedIn = Callable[[str], Browser]
TWO = {"q-chairs": "Sam & Priya", "q-team_members": "Priya, <b>partner</b>"}


@pytest.fixture
def member(signed_in: SignedIn) -> Browser:
    return signed_in("maple_member")


@pytest.fixture
def home(member: Browser, world: World) -> str:
    """A plan that was submitted twice, and changed since."""
    home = filled_plan(member, world)
    submit(member, home)
    member.send(member.get(f"{home}/team").page.form("/team"), TWO)
    member.send(member.get(f"{home}/goals/0").page.form("/goals/0"), fields({**GOAL, "results": "Everybody reads"}))
    submit(member, home)
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-chairs": "Nobody yet"})
    return home


def told(page: Page) -> list[str]:
    """Each answer that differs: its label and state, then what both say."""
    return [
        " | ".join(text(part) for part in row)
        for both in page.root.iter("dl")
        if both.get("class") == "both"
        for row in both.iter("div")
    ]


def test_two_revisions_are_compared_item_by_item(member: Browser, home: str) -> None:
    page = member.get(f"{home}/compare?from=1&to=2").page
    assert page.h1 == "Compare Revision 1 and Revision 2"
    assert told(page) == [
        "Chair or co-chairs of the team Changed | Revision 1 Sam & was: Ana | Revision 2 Sam & now: Priya",
        "Members of the team Added | Revision 1 Empty | Revision 2 now: Priya, <b>partner</b>",
        "What will be different by the end of the year? Added | Revision 1 Empty | Revision 2 now: Everybody reads",
    ]
    assert "Answers changed: 1. Added: 2. Removed: 0. The same: 3." in page.text
    assert "The same in both: School year" in page.text
    backwards = member.get(f"{home}/compare?from=2&to=1").page
    assert "Members of the team Removed | Revision 2 was: Priya, <b>partner</b> | Revision 1 Empty" in told(backwards)
    assert "Both are the same." in member.get(f"{home}/compare?from=1&to=1").page.text


def test_the_draft_is_compared_with_what_was_submitted(member: Browser, home: str) -> None:
    link = f"{home}/compare?from=2&to=draft"
    assert link in member.get(home).page.links
    page = member.get(link).page
    assert page.h1 == "Compare Revision 2 and Draft"
    assert "Chair or co-chairs of the team Changed" in told(page)[0]
    assert "now: Nobody yet" in told(page)[0]


def test_the_word_file_says_the_same(member: Browser, home: str) -> None:
    page = member.get(f"{home}/compare?from=1&to=2").page
    (link,) = (link for link in page.links if "compare.docx" in link)
    answer = member.get(link)
    assert "Maple-School-Our-plan-1-2.docx" in answer.headers["Content-Disposition"]
    words = words_of(answer.content)
    for said in ("Maple School · Our plan", "Sam & Ana", "Sam & Priya", "Priya, <b>partner</b>", "Everybody reads"):
        assert said in words


def test_a_revision_is_read_as_it_was_submitted(member: Browser, home: str) -> None:
    links = member.get(home).page.links
    for number, chairs in ((1, PLAN["chairs"]), (2, TWO["q-chairs"])):
        assert f"{home}/revisions/{number}" in links
        page = member.get(f"{home}/revisions/{number}").page
        assert page.h1 == f"Revision {number}"
        assert chairs in page.text
        assert "Submitted by Maple Member" in page.text
        assert [form for form in page.forms if not form.action.endswith("/sign-out")] == []
        assert (f"{home}/compare?from=1&to=2" in page.links) == (number == 2)


def test_questions_are_those_that_were_asked_then(member: Browser, home: str, session: Session) -> None:
    revision = session.scalars(select(Revision).where(Revision.number == 1)).one()
    kept = session.get_one(InstrumentVersion, revision.instrument_digest)
    frozen = json.loads(kept.frozen)
    frozen["definition"]["sections"][0]["items"][1] |= {"id": "leaders", "label": "Leaders of the team then"}
    session.add(InstrumentVersion(digest="then", instrument="action_plan", version=1, frozen=json.dumps(frozen)))
    session.flush()
    answers: dict[str, Any] = {**revision.answers}
    answers["leaders"] = answers.pop("chairs")
    revision.instrument_digest, revision.answers = "then", answers
    session.commit()
    assert "Leaders of the team then" in member.get(f"{home}/revisions/1").page.text
    found = told(member.get(f"{home}/compare?from=1&to=2").page)
    assert "Leaders of the team then Removed | Revision 1 was: Sam & Ana | Revision 2 Empty" in found
    assert any(line.startswith("Chair or co-chairs of the team Added") for line in found)
    assert "Leaders of the team then" in words_of(member.get(f"{home}/compare.docx?from=1&to=2").content)


@on_sqlite
@pytest.mark.parametrize(
    "query",
    ["", "?from=1&to=9", "?from=9&to=1", "?from=x", "?from=&to=", "?to=2", "?from=01&to=2", "?from=1&to=\x00"],
)
def test_what_was_never_submitted_cannot_be_compared(query: str, member: Browser, home: str) -> None:
    for path in ("compare", "compare.docx"):
        member.get(f"{home}/{path}{query}", status=404)
    member.get(f"{home}/revisions/3", status=404)


@on_sqlite
@pytest.mark.parametrize("name", HOSTILE)
def test_odd_texts_are_compared(name: str, member: Browser, world: World) -> None:
    home = filled_plan(member, world)
    submit(member, home)
    typed, words = HOSTILE[name]
    member.send(member.get(f"{home}/team").page.form("/team"), {"q-team_members": typed})
    page = member.get(f"{home}/compare?from=1&to=draft").page
    assert f"now: {words}" in " ".join(page.text.split())
    assert words in words_of(member.get(f"{home}/compare.docx?from=1&to=draft").content)
