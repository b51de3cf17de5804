"""The start page and the lists: each role sees what concerns it, and finds what it looks for."""

from collections.abc import Callable

import pytest
from browser import Browser, on_sqlite
from recording import begin, filled_plan, submit
from surveying import answers, send
from world import PEOPLE, World

from partnerforms.engine.library import Library

SignedIn = Callable[[str], Browser]


def test_a_draft_waits_for_those_who_fill_and_a_submission_arrives_at_those_who_see(
    signed_in: SignedIn, world: World
) -> None:
    maple = signed_in("maple_leader")
    home = filled_plan(maple, world)
    fill, see = {"maple_leader", "maple_member"}, {"maple_coordinator", "district_leader", "state_leader"}
    for person in PEOPLE:
        start = signed_in(person).get("/").page
        assert ("Drafts to finish" in start.text) == (person in fill), person
        assert (home in start.links) == (person in fill), person
        assert "Submitted lately" not in start.text
    submit(maple, home)
    for person in PEOPLE:
        start = signed_in(person).get("/").page
        assert "Drafts to finish" not in start.text
        assert (home in start.links) == (f"{home}/revisions/1.docx" in start.links) == (person in fill | see), person


def test_surveys_that_run_are_shown_with_their_counts(
    signed_in: SignedIn, browser: Browser, world: World, library: Library
) -> None:
    for _ in range(3):
        send(browser, world.codes["families"], answers(library, "families"))
    for person in ("maple_leader", "maple_member", "maple_coordinator", "district_leader", "state_leader"):
        page = signed_in(person).get("/").page
        assert "Families: 3" in page.text
        assert "School staff: 0" in page.text
    for person in ("oak_leader", "foreign_leader", "stranger"):
        assert "Families" not in signed_in(person).get("/").page.text
    leader = signed_in("maple_leader")
    leader.post(f"/surveys/{world.survey}/close", {"proof": leader.proof})
    assert "Families" not in leader.get("/").page.text
    assert "How we share the work" in leader.get("/surveys").page.text


@on_sqlite
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Reading 100%", "Climate"}),
        ({"words": "reading"}, {"Reading 100%"}),
        ({"words": "MAPLE climate"}, {"Climate"}),
        ({"words": "oak"}, set()),
        ({"words": "%"}, {"Reading 100%"}),
        ({"words": "_"}, set()),
        ({"words": "maple\x00 100%"}, {"Reading 100%"}),
        ({"words": "x " * 5000}, set()),
        ({"form": "action_plan"}, {"Reading 100%", "Climate"}),
        ({"form": "inventory"}, set()),
        ({"state": "submitted"}, set()),
        ({"skip": "1"}, {"Reading 100%"}),
    ],
)
def test_forms_are_found_by_name_organization_kind_and_state(
    query: dict[str, str], found: set[str], signed_in: SignedIn, world: World
) -> None:
    maple = signed_in("maple_leader")
    for title in ("Reading 100%", "Climate"):
        begin(maple, world.places["maple"], title=title)
    page = maple.get("/records", query_string=query).page
    assert {title for title in ("Reading 100%", "Climate") if title in page.text.partition("Search")[2]} == found
    assert (
        "Reading 100%"
        not in signed_in("oak_leader").get("/records", query_string=query).page.text.partition("Search")[2]
    )


@on_sqlite
def test_long_lists_come_page_by_page(signed_in: SignedIn, world: World) -> None:
    maple = signed_in("maple_leader")
    for number in range(53):
        begin(maple, world.places["maple"], title=f"Plan {number:02}")
    first = maple.get("/records?words=plan").page
    assert "Plan 52" in first.text
    assert "Plan 02" not in first.text
    older = maple.get(next(link for link in first.links if "skip=50" in link)).page
    assert [f"Plan {number:02}" in older.text for number in (0, 1, 2, 3)] == [True, True, True, False]
    assert not [link for link in older.links if "skip" in link]


@on_sqlite
def test_lists_of_what_there_is_not_do_not_exist(signed_in: SignedIn) -> None:
    for query in ("form=survey_families", "form=nothing", "state=burnt"):
        signed_in("maple_leader").get(f"/records?{query}", status=404)
