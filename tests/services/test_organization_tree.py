"""The tree of organizations: made, named, numbered, moved, by whom, and seen in order."""

from typing import Any

import pytest
from groves import NOW, Grove
from sqlalchemy import select

from partnerforms.models import AuditEntry, Organization
from partnerforms.services import access, organizations
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.organizations import trees


def test_made_below_another_and_seen_at_once(grove: Grove) -> None:
    reach = grove.leader("State")
    made = organizations.create(grove.session, reach, grove["River"], "school", " New\n School ", " 77 ", NOW)
    assert (made.name, made.number, made.level, made.parent) == ("New School", "77", "school", grove["River"])
    assert access.reach(grove.session, reach.person).can("arrange", made.id)
    below = organizations.create(
        grove.session, reach, organizations.create(grove.session, reach, grove["State"], "district", "D", "", NOW),
        "school", "S", "", NOW,
    )  # fmt: skip
    assert below.parent is grove["D"]
    entry = grove.session.scalars(select(AuditEntry).where(AuditEntry.organization_id == made.id)).one()
    assert (entry.action, entry.subject, entry.details) == (
        "organization.created", "New School", {"level": "school", "parent": "River"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "level", "name", "number", "code"),
    [
        ("River", "district", "x", "", "level"),
        ("River", "state", "x", "", "level"),
        ("Maple", "school", "x", "", "level"),
        ("River", "planet", "x", "", "level"),
        ("River", "school", " \n ", "", "name"),
        ("River", "school", "x" * 201, "", "name"),
        ("River", "school", "x", "9" * 41, "number"),
        ("River", "school", " mAPLE\t", "", "same_name"),
        ("Lake", "school", "x", " 0130", "same_number"),
    ],
)
def test_what_the_tree_does_not_take(
    grove: Grove, parent: str, level: str, name: str, number: str, code: str
) -> None:
    reach = grove.leader("State")
    make = organizations.create
    assert grove.refused(lambda: make(grove.session, reach, grove[parent], level, name, number, NOW)) == code


def test_names_are_one_below_a_parent_and_numbers_one_in_a_tree(grove: Grove) -> None:
    reach = grove.leader("State", "Far")
    organizations.create(grove.session, reach, grove["Lake"], "school", "Maple", "130", NOW)
    there = organizations.create(grove.session, reach, grove["Hill"], "school", "Elm", "0130", NOW)
    move = organizations.move
    assert grove.refused(lambda: move(grove.session, reach, there, grove["State"], NOW)) == "same_number"
    assert grove.refused(lambda: move(grove.session, reach, grove["Hill"], grove["State"], NOW)) == "same_number"
    organizations.set_number(grove.session, reach, there, "", NOW)
    move(grove.session, reach, grove["Hill"], grove["State"], NOW)
    assert there.number is None
    assert grove["Hill"].parent is grove["State"]


def test_renamed_and_numbered(grove: Grove) -> None:
    reach = grove.leader("Maple")
    maple = grove["Maple"]
    assert grove.refused(lambda: organizations.rename(grove.session, reach, maple, "OAK", NOW)) == "same_name"
    organizations.rename(grove.session, reach, maple, "MAPLE", NOW)
    organizations.set_number(grove.session, reach, maple, "0130", NOW)
    organizations.set_number(grove.session, reach, maple, "0131", NOW)
    assert (maple.name, maple.number) == ("MAPLE", "0131")
    entries = grove.session.scalars(select(AuditEntry).order_by(AuditEntry.action))
    assert [(one.action, one.details) for one in entries] == [
        ("organization.numbered", {"number": "0131", "before": "0130"}),
        ("organization.renamed", {"before": "Maple"}),
    ]


@pytest.mark.parametrize(
    ("what", "where", "code"),
    [
        ("River", "Lake", "level"),
        ("River", "Maple", "level"),
        ("River", "River", "level"),
        ("State", "River", "level"),
        ("State", "Far", "level"),
        ("Maple", "Oak", "level"),
    ],
)
def test_no_circles_and_no_wrong_levels(grove: Grove, what: str, where: str, code: str) -> None:
    reach = grove.leader("State", "Far")
    move = organizations.move
    assert grove.refused(lambda: move(grove.session, reach, grove[what], grove[where], NOW)) == code


def test_a_move_takes_what_stands_below_along(grove: Grove) -> None:
    reach = grove.leader("State", "Far")
    organizations.move(grove.session, reach, grove["River"], grove["Far"], NOW)
    below = access.below(grove.session, [grove["Far"].id])
    assert {grove[name].id for name in ("Far", "Hill", "River", "Maple", "Oak")} == set(below)


@pytest.mark.parametrize(
    ("leads", "role", "what", "where", "error"),
    [
        (["State"], "leader", "River", "Far", NotThereError),
        (["River"], "leader", "Maple", "Lake", NotThereError),
        (["River"], "leader", "Lake", "State", NotThereError),
        (["River", "Lake"], "leader", "River", "State", NotThereError),
        (["Maple", "River"], "coordinator", "Maple", "River", NotAllowedError),
        (["River", "Far"], "leader", "River", "Far", NotThereError),
    ],
)
def test_who_may_not_move(
    grove: Grove, leads: list[str], role: str, what: str, where: str, error: type[Exception]
) -> None:
    reach = grove.leader(*leads, role=role)
    before = grove.everything()
    with pytest.raises(error):
        organizations.move(grove.session, reach, grove[what], grove[where], NOW)
    assert grove.everything() == before


def test_what_stands_at_the_top_joins_a_tree_only_with_who_runs_it(grove: Grove) -> None:
    lone = Organization(level="district", name="Lone")
    grove.session.add(lone)
    grove.session.flush()
    with pytest.raises(NotThereError):
        organizations.move(grove.session, grove.leader("State"), lone, grove["State"], NOW)
    organizations.move(grove.session, grove.leader("State", "Lone"), lone, grove["State"], NOW)
    assert lone.parent is grove["State"]


@pytest.mark.parametrize("role", ["member", "coordinator"])
def test_who_only_works_there_changes_nothing(grove: Grove, role: str) -> None:
    reach, maple = grove.leader("Maple", "River", role=role), grove["Maple"]
    session = grove.session
    for deed in (
        lambda: organizations.create(session, reach, grove["River"], "school", "x", "", NOW),
        lambda: organizations.rename(session, reach, maple, "x", NOW),
        lambda: organizations.set_number(session, reach, maple, "x", NOW),
        lambda: organizations.archive(session, reach, maple, NOW),
        lambda: organizations.restore(session, reach, maple, NOW),
    ):
        with pytest.raises(NotAllowedError):
            deed()


def test_the_tree_is_in_order_with_places_and_counts(grove: Grove) -> None:
    organizations.archive(grove.session, grove.leader("State"), grove["Oak"], NOW)
    nodes = trees.tree(grove.session, grove.leader("State", "Hill"))
    assert [(node.name, node.place, dict(node.below)) for node in nodes] == [
        ("Hill", (), {}),
        ("State", (), {"school": 2, "district": 2}),
        ("Alone", ("State",), {}),
        ("Lake", ("State",), {}),
        ("River", ("State",), {"school": 1}),
        ("Maple", ("State", "River"), {}),
        ("Oak", ("State", "River"), {}),
    ]
    inside = trees.tree(grove.session, grove.leader("State"), within=grove["River"].id)
    assert [(node.name, node.depth) for node in inside] == [("River", 0), ("Maple", 1), ("Oak", 1)]
    assert trees.tree(grove.session, grove.leader("River"), within=grove["State"].id)[0].name == "River"


@pytest.mark.parametrize(("words", "found"), [("ma", ["Maple"]), ("013 MAP", ["Maple"]), ("", 8), ("nothing", [])])
def test_searched_by_parts_of_name_and_number(grove: Grove, words: str, found: Any) -> None:
    nodes = trees.search(trees.tree(grove.session, grove.leader("State", "Far")), words)
    assert ([node.name for node in nodes] if isinstance(found, list) else len(nodes)) == found
