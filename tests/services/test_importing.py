"""Organizations from a file: found again, made, renamed, moved, their people invited; wholly or not at all."""

from datetime import timedelta

import pytest
from importing_helpers import problems, run, table_of, tree
from outbox_helpers import writing
from people_helpers import NOW, TOOLS, place, reach_of, roles_in, small_world
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from world import World

from partnerforms.models import AuditEntry, Delivery, Organization, Person
from partnerforms.services import organizations
from partnerforms.services.access import NotAllowedError, NotThereError
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations import importing
from partnerforms.services.organizations.organization_rows import Row

FILE = """\
Level,Name,Number,Belongs to,Leader name,Leader mail address,Coordinator name,Coordinator mail address
school,Birch School,11,Hill District,Ana Paz,Ana@Birch.example.org,,
District,Hill District,D2,,,,Lee Tran,lee@hill.example.org
school,Maple School,12,Riverside District,,,,
school,Elm School,13,D2,Sam,sam@elm.example.org,Sam,sam@elm.example.org
"""


@pytest.fixture
def world(engine: Engine) -> World:
    return small_world(engine)


def test_a_file_in_any_order_is_done_wholly_and_changes_nothing_when_it_comes_again(
    engine: Engine, world: World
) -> None:
    before = tree(engine)
    assert run(engine, world, FILE) == {"new": 3, "numbered": 1, "invited": 4}
    assert {name: place for name, place in tree(engine).items() if before.get(name) != place} == {
        "Hill District": ("district", "D2", "State of Tests"),
        "Birch School": ("school", "11", "Hill District"),
        "Elm School": ("school", "13", "Hill District"),
        "Maple School": ("school", "12", "Riverside District"),
    }
    with Session(engine) as session:
        elm = session.scalars(select(Organization).where(Organization.name == "Elm School")).one()
        assert roles_in(session, elm) == {
            ("sam@elm.example.org", "leader", False), ("sam@elm.example.org", "coordinator", False)
        }  # fmt: skip
        recipients = list(session.scalars(select(Delivery.recipient)))
        assert sorted(recipients) == ["ana@birch.example.org", "lee@hill.example.org", *["sam@elm.example.org"] * 2]
        done = dict(session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action)).all())
    assert done["organization.created"] == 3
    assert done["organization.numbered"] == done["organization.imported"] == 1
    assert done["person.invited"] == 4
    now = tree(engine)
    assert run(engine, world, FILE) == {"unchanged": 4}
    assert tree(engine) == now


def test_by_its_number_an_organization_is_renamed_and_moved(engine: Engine, world: World) -> None:
    run(engine, world, FILE)
    changed = "level,number,name,parent\nschool,11,Birch Academy,Riverside District\nschool,12,Oak House,\n"
    assert run(engine, world, changed) == {"renamed": 2, "moved": 2}
    assert tree(engine)["Birch Academy"] == ("school", "11", "Riverside District")
    assert tree(engine)["Oak House"] == ("school", "12", "State of Tests")
    assert "Birch School" not in tree(engine)


def test_names_may_change_places(engine: Engine, world: World) -> None:
    run(engine, world, FILE)
    swap = "level,number,name,parent\nschool,11,Elm School,D2\nschool,13,Birch School,D2\n"
    assert problems(engine, world, swap) == set()
    assert run(engine, world, swap) == {"renamed": 2}
    assert (tree(engine)["Elm School"][1], tree(engine)["Birch School"][1]) == ("11", "13")


def test_a_file_without_parents_moves_nothing(engine: Engine, world: World) -> None:
    run(engine, world, FILE)
    assert run(engine, world, "level,name,number\nschool,Birch House,11\n") == {"renamed": 1}
    assert tree(engine)["Birch House"][2] == "Hill District"
    # Of organizations elsewhere it says nothing either.
    text = "level,name,number\nschool,Birch School,11\n"
    assert problems(engine, world, text, where="district") == {(2, "number", "number_elsewhere")}


def test_a_new_district_and_its_renamed_parent_go_by_old_and_new_names(engine: Engine, world: World) -> None:
    run(engine, world, "level,name,number\ndistrict,Riverside District,R\n")
    text = "level,name,number,parent\ndistrict,River,R,\nschool,A,,Riverside District\nschool,B,,River\nschool,C,,R\n"
    assert run(engine, world, text) == {"renamed": 1, "new": 3}
    assert {tree(engine)[name][2] for name in "ABC"} == {"River"}


def test_the_organization_itself_may_stand_in_its_file_unchanged(engine: Engine, world: World) -> None:
    text = "level,name,parent\ndistrict,Riverside District,\nschool,New School,Riverside District\n"
    assert run(engine, world, text, "district_leader", "district") == {"unchanged": 1, "new": 1}


def test_headings_and_levels_are_forgiven_much(engine: Engine) -> None:
    head = " SCHOOL_NAME ;Nível de Prueba; Official-Number;leader e-mail address;Leader;Remarks"
    table = table_of(f"{head}\nOak;Schule;1;a@b.org;A;x\n")
    assert table.rows == (Row(2, "school", "Oak", "1", leader_name="A", leader_address="a@b.org"),)
    assert (table.problems, table.unused, table.has_parents) == ((), ("Remarks",), False)


HEAD = "level,name,number,parent,leader name,leader address\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("name,number\nOak,1\n", {(1, "level", "column_missing")}),
        ("level,Name,school name\nschool,Oak,Elm\n", {(1, "name", "column_twice")}),
        ("level,name\n", {(1, "", "no_rows")}),
        ('level,name\nschool,Oak\nschool,"Elm\nschool,Fir\n', {(3, "", "quotation_mark")}),
        ("level,name\nschool,Oak, North\n", {(2, "", "too_many_cells")}),
        (HEAD + "college,,,,,\n,Oak\n",
         {(2, "level", "level_unknown"), (2, "name", "missing"), (3, "level", "missing")}),
        (HEAD + f"school,{'x' * 201},{'9' * 41}\n", {(2, "name", "too_long"), (2, "number", "too_long")}),
        (HEAD + "school,A,7,D\nschool,B,7,D\ndistrict,D\n", {(3, "number", "number_twice")}),
        (HEAD + "school,A,,D\nschool,a,,D\ndistrict,D\n", {(3, "name", "same_name_in_file")}),
        (HEAD + "district,D\ndistrict,Oak School,,\nschool,Oak School,,Riverside District\n", set()),
        (HEAD + "state,Other\n", {(2, "level", "level_below")}),
        (HEAD + "district,D,,Maple School\n", {(2, "level", "level_below")}),
        (HEAD + "school,A,,Nowhere\n", {(2, "parent", "parent_unknown")}),
        (HEAD + "school,A,,Far District\n", {(2, "parent", "parent_unknown")}),
        (HEAD + "school,A,,,Ana,\nschool,B,,,,b@example.org\nschool,C,,,Cy,c@\n",
         {(2, "leader_address", "address_missing"), (3, "leader_name", "person_missing"),
          (4, "leader_address", "address")}),
        (HEAD + "dist,D,9\nschool,A,,D\nschool,B,,9\n", {(2, "level", "level_unknown")}),
        (HEAD + "".join(f"school,S{n},,,X,x@example.org\n" for n in range(5)),
         {(5, "leader_address", "address_full"), (6, "leader_address", "address_full")}),
        (HEAD + "".join(f"school,S{n}\n" for n in range(5001)), {(5002, "", "too_many_rows")}),
        (HEAD + "".join(f"school,S{n},,,X,x{n}@example.org\n" for n in range(1001)),
         {(0, "", "too_many_invitations")}),
    ],
)  # fmt: skip
def test_every_bad_row_is_named(text: str, wrong: set[object], sqlite_engine: Engine) -> None:
    world = small_world(sqlite_engine)
    assert problems(sqlite_engine, world, text) == wrong


def test_what_is_wrong_with_organizations_that_are_there(engine: Engine, world: World) -> None:
    run(engine, world, FILE)
    with writing(engine) as session:
        elm = session.scalars(select(Organization).where(Organization.name == "Elm School")).one()
        organizations.archive(session, reach_of(session, "state_leader"), elm, NOW)
        hill = session.scalars(select(Organization).where(Organization.name == "Hill District")).one()
        twin = Organization(level="school", name="Maple School", parent_id=hill.id)
        session.add(twin)
    for row, column, code in (
        ("school,Elm School,13,D2", "name", "archived"),
        ("school,Elm School,,D2", "name", "archived"),
        ("school,Birch School,99,D2", "number", "other_number"),
        ("district,Maple,12,", "level", "other_level"),
        ("district,Oak,,Riverside District", "level", "level_below"),
        ("school,Oak School,12,Riverside District", "name", "same_name"),
        ("school,Maple School,11,D2", "name", "same_name"),
        ("state,State of Tests,7,", "name", "is_here"),
        ("state,Our State,7,", "level", "level_below"),
    ):
        found = problems(engine, world, f"level,name,number,parent\n{row}\n")
        assert found == {(2, column, code)}, row


def test_numbers_of_other_people_s_organizations_stay_theirs(engine: Engine, world: World) -> None:
    run(engine, world, FILE)
    text = "level,name,number,parent\nschool,Mine,11,\n"  # Birch School, of a sister district
    assert problems(engine, world, text, "district_leader", "district") == {(2, "number", "number_elsewhere")}
    assert run(engine, world, text, "foreign_leader", "foreign") == {"new": 1}  # another state numbers as it likes
    for who, where, error in (
        ("district_leader", "state", NotThereError),
        ("foreign_leader", "district", NotThereError),
        ("district_member", "district", NotAllowedError),
        ("maple_leader", "district", NotThereError),
    ):
        with pytest.raises(error):
            run(engine, world, FILE, who, where)


def test_nothing_goes_below_what_is_archived(engine: Engine, world: World) -> None:
    with writing(engine) as session:
        organizations.archive(session, reach_of(session, "state_leader"), place(session, world, "district"), NOW)
    text = "level,name,parent\nschool,A,Riverside District\n"
    assert problems(engine, world, text) == {(2, "parent", "parent_archived")}
    assert problems(engine, world, "level,name\nschool,A\n", where="district") == {(0, "", "here_archived")}


def test_what_was_previewed_is_done_or_nothing(engine: Engine, world: World) -> None:
    with Session(engine) as session:
        reach, here = reach_of(session, "state_leader"), place(session, world, "state")
        table = table_of(FILE)
        asked = importing.kept(table, importing.prepare(session, reach, here, table, NOW), "x.csv")
    with writing(engine) as session:  # meanwhile somebody makes one of them by hand
        organizations.create(
            session, reach_of(session, "state_leader"), place(session, world, "state"), "district", "Hill District",
            "D2", NOW,
        )  # fmt: skip
    before = tree(engine)
    with Session(engine) as session:
        reach, here = reach_of(session, "state_leader"), place(session, world, "state")
        with pytest.raises(importing.BadRowsError) as caught:
            importing.apply_kept(session, reach, here, asked, TOOLS, NOW)
    assert [(problem.line, problem.code, problem.value) for problem in caught.value.problems] == [
        (3, "changed", "Hill District")
    ]
    assert tree(engine) == before


def test_who_is_in_it_already_is_not_asked_again(engine: Engine, world: World) -> None:
    text = "level,name,leader,leader address\nschool,Maple School,Chair,MAPLE_leader@example.org\n"
    assert run(engine, world, text, "district_leader", "district") == {"unchanged": 1}
    text = "level,name,coordinator,coordinator address\nschool,Maple School,Chair,maple_leader@example.org\n"
    assert run(engine, world, text, "district_leader", "district") == {"unchanged": 1, "invited": 1}
    with Session(engine) as session:
        assert session.scalar(select(func.count()).where(Person.address == "maple_leader@example.org")) == 1


def test_invitations_of_other_days_do_not_count(engine: Engine, world: World) -> None:
    rows = [f"school,S{n},X,x@example.org\n" for n in range(4)]
    head = "level,name,leader,leader address\n"
    run(engine, world, head + "".join(rows[:3]))
    assert problems(engine, world, head + "".join(rows)) == {(5, "leader_address", "address_full")}
    with writing(engine) as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.created_at -= timedelta(hours=25)
    assert run(engine, world, head + "".join(rows)) == {"unchanged": 3, "new": 1, "invited": 1}


def test_what_is_downloaded_changes_nothing_when_it_is_imported(engine: Engine, world: World) -> None:
    run(engine, world, FILE + "school,=cmd|' /C calc'!A0,-7,,,,,\nschool,\"Fir, North\",,,,,,\n")
    heads = dict.fromkeys(("level", "name", "number", "parent"), "") | {
        name: name for name in ("level", "name", "number", "parent", "leader_name", "leader_address")
    }
    heads |= {"coordinator_name": "coordinator", "coordinator_address": "coordinator mail"}
    with Session(engine) as session:
        content = importing.download(
            session, place(session, world, "state"), heads, {one: one for one in ("state", "district", "school")}
        )
    assert len(spreadsheets.read(content).lines) == 9
    assert b"\n'" not in content.replace(b",'=cmd", b"").replace(b",'-7", b"")
    now = tree(engine)
    assert run(engine, world, content.decode("utf-8-sig")) == {"unchanged": 8}
    assert tree(engine) == now
