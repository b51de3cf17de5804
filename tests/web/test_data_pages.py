"""The pages of an organization's data: what is kept how long, the export, and erasing it."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from planting import on_disk, plant, where
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms.extensions import db
from partnerforms.models import AuditEntry, Job, Membership, Organization, Person, Survey
from partnerforms.server import long_work

SignedIn = Callable[[str], Browser]


@pytest.fixture
def work(app: Flask) -> Callable[[], bool]:
    return long_work(app).run_once


def erase(browser: Browser, place: object, name: str, status: int = 303) -> object:
    page = browser.get(f"/organizations/{place}/erase").page
    return browser.send(page.form("/erase"), {"name": name}, status=status)


def test_each_clock_says_whose_it_is_and_what_goes_soon(signed_in: SignedIn, session: Session, world: World) -> None:
    session.get_one(Organization, world.places["state"]).keep_drafts = 6
    session.get_one(Organization, world.places["district"]).keep_mail = 1
    plant(session, "qzxq", world.began - timedelta(days=20), session.get_one(Organization, world.places["district"]))
    session.commit()
    page = signed_in("district_leader").get(f"/organizations/{world.places['district']}/data").page
    assert "6 months" in page.text
    assert "It is set by State of Tests." in page.text
    assert "1 month" in page.text
    assert "It is set here." in page.text
    assert "2 mails in the list" in page.text
    assert "Nothing goes in the next 30 days" in page.text
    assert f"/organizations/{world.places['state']}/settings" not in page.links
    assert f"/organizations/{world.places['district']}/settings" in page.links
    assert "mails in the list" not in signed_in("oak_leader").get(f"/organizations/{world.places['oak']}/data").text


def test_an_export_is_made_in_the_background_and_fetched(
    signed_in: SignedIn, session: Session, world: World, work: Callable[[], bool]
) -> None:
    leader = signed_in("maple_leader")
    page = leader.get(f"/organizations/{world.places['maple']}/data").page
    home = leader.send(page.form("/data/export")).location
    leader.get(home)
    assert work()
    done = leader.get(home).page
    file = next(link for link in done.links if link.endswith("/file"))
    archive = zipfile.ZipFile(io.BytesIO(leader.get(file).content))
    assert "README.txt" in archive.namelist()
    assert b"Maple School" in archive.read("csv/organizations.csv")
    assert b"Oak" not in b"".join(archive.read(name) for name in archive.namelist())
    assert b"How we share the work" in archive.read("csv/surveys.csv")
    for person in ("maple_member", "district_leader", "oak_leader"):
        signed_in(person).get(file, status=404)


def test_who_does_not_run_it_any_more_gets_no_file(
    signed_in: SignedIn, session: Session, world: World, work: Callable[[], bool]
) -> None:
    leader = signed_in("maple_leader")
    leader.send(leader.get(f"/organizations/{world.places['maple']}/data").page.form("/data/export"))
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    person.memberships[0].role = "member"
    session.commit()
    assert work()
    session.rollback()
    job = session.scalars(select(Job)).one()
    assert (job.state, job.outcome, job.size) == ("failed", {"error": "not_allowed"}, 0)


@pytest.mark.parametrize("name", ["", "maple school", "Maple", "Oak School", "Maple School\x00 x", "x" * 5000])
def test_only_the_very_name_erases(name: str, signed_in: SignedIn, session: Session, world: World) -> None:
    page = erase(signed_in("maple_leader"), world.places["maple"], name, status=422).page  # type: ignore[attr-defined]
    assert page.title.startswith("Error:")
    session.rollback()
    assert session.get(Organization, world.places["maple"]) is not None


def test_a_leader_erases_the_own_organization_and_reads_what_went(
    signed_in: SignedIn, session: Session, world: World, browser: Browser
) -> None:
    leader = signed_in("maple_leader")
    page = leader.get(f"/organizations/{world.places['maple']}/erase").page
    assert "1 survey" in page.text
    assert "4 survey links" in page.text
    told = leader.send(page.form("/erase"), {"name": " Maple  School"})
    assert "/erased/" in told.location
    text = leader.follow(told).page.text
    assert "Maple School is erased" in text
    assert "3 people" in text
    leader.get("/", status=303)  # the account went, too
    session.rollback()
    assert session.get(Organization, world.places["maple"]) is None
    assert session.scalars(select(Survey)).all() == []
    names = set(session.scalars(select(Person.name)))
    assert not [name for name in names if name.startswith("Maple")]
    assert {"Oak Leader", "District Leader", "Stranger"} <= names
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "organization.erased")).one()
    assert (entry.organization_id, entry.person_name) == (world.places["district"], "Maple Leader")
    log = signed_in("district_leader").get(f"/organizations/{world.places['district']}/log").page.text
    assert "Maple Leader erased Maple School and all below it" in log
    signed_in("district_leader").get(f"/organizations/{world.places['maple']}", status=404)


def test_a_leader_above_erases_what_is_below_and_not_the_own_place_above(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    above = signed_in("state_leader")
    assert "Ask those who lead it for an export" in above.get(f"/organizations/{world.places['district']}/erase").text
    erase(above, world.places["district"], "Riverside District")
    session.rollback()
    assert set(session.scalars(select(Organization.name))) == {"State of Tests", "Far", "Far District"}
    assert "State of Tests" in above.get("/").text
    assert len(session.scalars(select(Membership)).all()) == 4


@on_sqlite
def test_after_it_no_byte_is_on_the_disk(signed_in: SignedIn, session: Session, world: World, app: Flask) -> None:
    with app.app_context():
        engine: Engine = db.engine
    district = session.get_one(Organization, world.places["district"])
    place = plant(session, "qzxq", world.began, district)
    ours = place.id
    session.commit()
    assert Path(str(engine.url.database)).exists()
    assert on_disk(engine, "qzxq-answer-")
    erase(signed_in("district_leader"), ours, "District of qzxq")
    session.rollback()
    assert where(session, "qzxq-") == []
    session.rollback()
    assert not on_disk(engine, "qzxq-")


@on_sqlite
def test_what_was_erased_is_told_to_who_knows_the_address(browser: Browser, session: Session, world: World) -> None:
    entry = AuditEntry(
        at=world.began, person_name="x", action="organization.renamed", subject="A secret", details={"removed": {}}
    )
    session.add(entry)
    session.commit()
    browser.get(f"/erased/{entry.id}", status=404)
    browser.get(f"/erased/{world.survey}", status=404)
    entry.action = "organization.erased"
    session.commit()
    assert "A secret is erased" in browser.get(f"/erased/{entry.id}").page.text
