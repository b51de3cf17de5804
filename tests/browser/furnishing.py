"""The small world furnished with things of every part of the program, each in every state that it can be in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import furnishing_paper as paper
import furnishing_rows as rows
from browser import Browser
from filling import fields
from flask import Flask
from furnishing_invitations import invitations
from furnishing_languages import languages, looks
from furnishing_preview import preview
from recording import GOAL, PLAN, begin, filled_plan, submit
from sqlalchemy.orm import Session
from surveying import answers, send
from test_import_pages import FILE, give
from test_own_templates_pages import letterhead, press, upload
from test_second_factor import prepared, set_up
from walking import Mirror
from ways import make_all
from working import do_work
from world import World, build_world

from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.server import mail_worker
from partnerforms.services.tools import Tools
from partnerforms.web.house import KEY

BAD_FILE = "Level,Name,Number,Belongs to,Leader mail address\nPlanet,Mars,1,,\nSchool,,2,Nowhere,nobody\n"


@dataclass(frozen=True)
class House(Mirror):
    """The application in the pseudo language, and the things in it by name: ids, paths and tokens."""

    app: Flask
    things: dict[str, str]

    @contextmanager
    def database(self) -> Iterator[Session]:
        """A transaction that commits at its end."""
        with self.app.app_context(), Session(db.engine) as session:
            yield session
            session.commit()


def furnish(app: Flask) -> tuple[dict[str, str], World]:
    """Put the things in, by the pages and services that people use, as far as these lead there."""
    tools: Tools = app.extensions[KEY].tools
    now = datetime.now(UTC)
    app.extensions[KEY].settings.outbox_folder.mkdir()
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        world = build_world(session, tools, now)
        things = make_all(session, tools, world)
        things |= {f"{name}_place": str(place) for name, place in world.places.items()}
        rows.surveys(session, tools, world, things)
        rows.invited(session, tools, world, things)
        paper.piles(session, world, things)
        paper.ended(session, tools, world, things)
        session.commit()
    enter = {name: Browser(app, token) for name, token in world.tokens.items()}
    _answer(app, things)
    preview(enter["maple_leader"], things)
    with Session(engine) as session:
        languages(session, tools, world, things)
        session.commit()
    looks(enter["maple_leader"], world, things)
    with Session(engine) as session:
        invitations(app, enter["maple_leader"], session, world, things)
    _records(enter["maple_leader"], world, things)
    _templates(enter["maple_leader"], world, tools)
    _places(enter["district_leader"], world, things)
    _long_work(app, enter, world, things)
    _second_factors(enter)
    with Session(engine) as session:
        for part in (rows.jobs, rows.assigned, rows.mail_of_yesterday, rows.half_signed_in):
            part(session, tools, world, things)
        session.commit()
    worker = mail_worker(app)
    while worker.run_once(datetime.now(UTC)):
        pass
    with Session(engine) as session:
        rows.mail_of_today(session, tools, world, things)
        rows.names(session, tools, world)
        session.commit()
    outbox = app.extensions[KEY].settings.outbox_folder
    things["mail"] = max(outbox.glob("*.eml"), key=lambda path: path.stat().st_size).stem
    return things, world


def _answer(app: Flask, things: dict[str, str]) -> None:
    tools: Tools = app.extensions[KEY].tools
    things["thanks"] = send(Browser(app), things["code"], answers(tools.library, "families"))


def _records(leader: Browser, world: World, things: dict[str, str]) -> None:
    """A plan that was submitted twice and is changed again, and one that two people are at."""
    home = filled_plan(leader, world)
    for chairs in ("Sam, Ana & Lee", "Ana & Lee"):
        submit(leader, home)
        leader.send(leader.get(f"{home}/team").page.form("/team"), fields({**PLAN, "chairs": chairs}))
    submit(leader, home)
    leader.send(leader.get(f"{home}/team").page.form("/team"), fields({**PLAN, "chairs": "Lee\nand many others"}))
    things["twice"] = home
    things["shared"] = filled_plan(leader, world)
    things["unfinished"] = begin(leader, world.places["maple"], title="Unfinished")
    added = leader.send(leader.get(things["unfinished"]).page.form("/entries/goals"), press="Add")
    leader.send(leader.follow(added).page.form("/goals/0"), fields({"goal_kind": GOAL["goal_kind"]}))


def _templates(leader: Browser, world: World, tools: Tools) -> None:
    """One was used before, one is used, and one is ready to be used."""
    page = f"/organizations/{world.places['maple']}/templates/action_plan"
    press(leader, page, "/use")
    for words in ("Our letterhead", "Our new letterhead"):
        upload(leader, page, letterhead(tools.library, "action_plan", words), f"{words}.docx")
        if words == "Our letterhead":
            press(leader, page, "/use")
    families = page.replace("action_plan", "survey_families")
    upload(leader, families, letterhead(tools.library, "survey_families"), "Families.docx")
    press(leader, families, "/use")


def _places(district: Browser, world: World, things: dict[str, str]) -> None:
    """A school that was archived, and one that was erased."""
    new = f"/organizations/{world.places['district']}/new"
    old, gone = (
        district.send(district.get(new).page.form("/new"), {"name": name, "level": "school"}).location
        for name in ("Old Mill School", "Gone School")
    )
    district.send(district.get(f"{old}/archive").page.form("/archive"))
    things["old"] = old.removeprefix("/organizations/")
    things["erased"] = district.send(
        district.get(f"{gone}/erase").page.form("/erase"), {"name": "Gone School"}
    ).location
    page = f"/organizations/{world.places['maple']}/people/{things['second']}"
    district.send(
        district.get(page).page.form("/hand-over"), {"name": "Next Coordinator", "address": "next@example.org"}
    )


def _long_work(app: Flask, enter: dict[str, Browser], world: World, things: dict[str, str]) -> None:
    """An import that is done, one that could not be, one that waits for a yes; documents and an export."""
    district, place = enter["district_leader"], world.places["district"]
    rows = "level,name,number,leader name,leader address\nschool,Birch School,11,Ana Paz,ana@birch.example.org\n"
    for name, file in (
        ("import_done", rows),
        ("import_failed", "level,name\nschool,Elm School\nschool,Ash School\n"),
    ):
        given = give(district, place, file)
        if name == "import_failed":
            with app.app_context(), Session(db.engine) as session:
                session.add(Organization(level="school", name="Elm School", parent_id=place))
                session.commit()
        district.send(district.follow(given).page.form("/approve"))
        do_work(app)
        things[name] = given.location
    things["import_previewed"] = give(enter["state_leader"], world.places["state"], FILE).location
    things["import_nothing"] = give(
        enter["state_leader"], world.places["state"], "level,name\ndistrict,Riverside District\n"
    ).location
    leader, home = enter["maple_leader"], f"/organizations/{world.places['maple']}"
    for name, page, ending in (("documents", "documents", "/documents"), ("export", "data", "/data/export")):
        things[name] = leader.send(leader.get(f"{home}/{page}").page.form(ending)).location
    do_work(app)


def _second_factors(enter: dict[str, Browser]) -> None:
    """Oak's leader has a picture to scan, Oak's member is asked for codes."""
    prepared(enter["oak_leader"])
    set_up(enter["oak_member"])
