"""The next plan starts from what was submitted: here from the stars of the inventory."""

from collections.abc import Callable

from browser import Browser
from recording import begin, fill, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World

from partnerforms.engine.library import Library
from partnerforms.models import Record

SignedIn = Callable[[str], Browser]

MARKS = {
    "meet_superintendent": ["want"],
    "explain_to_boards": ["now"],
    "brief_principals": ["now", "want"],
    "share_knowledge_own": [{"activity": "A podcast", "when": ["want"]}, {"activity": "A stall", "when": ["now"]}],
}


def test_the_stars_of_an_inventory_become_the_activities_of_a_plan(
    signed_in: SignedIn, session: Session, library: Library, world: World
) -> None:
    leader = signed_in("district_leader")
    inventory = library.instrument("inventory")
    labels = {item.id: item.label for item in inventory.items()}
    home = begin(leader, world.places["district"], "inventory")
    fill(leader, home, inventory, MARKS)

    address = f"/records/new?organization={world.places['district']}&instrument=leadership_plan_district"
    assert "starred" not in leader.get(address).page.text, "nothing is submitted yet"
    submit(leader, home)
    page = leader.get(address).page
    assert "With the starred activities of the inventory" in page.text

    start = f"inventory-{home.rsplit('/', 1)[-1]}"
    leader.send(page.form("/records/new"), {"title": "2027", "start": start})
    goals = session.scalars(select(Record).where(Record.title == "2027")).one().draft["goals"]
    assert [(goal["goal"], goal["strategies"]) for goal in goals] == [
        ("Create awareness", ["create_awareness"]),
        ("Share knowledge", ["share_knowledge"]),
    ]
    assert [[row["activity"] for row in goal["own_level"]] for goal in goals] == [
        [labels["meet_superintendent"], labels["brief_principals"]],
        ["A podcast"],
    ]
