"""Organizations from a CSV file on the pages: asked for, previewed, applied by the worker, and bad files."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from browser import Answer, Browser, on_sqlite
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart
from working import do_work, done
from world import World

from partnerforms.models import AuditEntry, Job, Organization, Person

SignedIn = Callable[[str], Browser]
FILE = """\
Belongs to;Level;Name;Number;Leader name;Leader mail address;Remarks
;District;Hill <b>District</b>;D2;;;
D2;School;Birch School;11;Ana Paz;ana@birch.example.org;new
Riverside District;School;Maple School;12;;;
"""


def give(browser: Browser, place: Any, content: str | bytes, status: int = 303, name: str = "list.csv") -> Answer:
    """Upload a file."""
    sent = FileStorage(BytesIO(content.encode() if isinstance(content, str) else content), name)
    boundary, body = encode_multipart({"proof": browser.proof, "file": sent})
    content_type = f"multipart/form-data; boundary={boundary}"
    answer = browser.request("POST", f"/organizations/{place}/import", data=body, content_type=content_type)
    assert answer.status == status, answer.text[:2000]
    return answer


def names(session: Session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Organization.name)))


def test_a_file_is_previewed_applied_once_and_tells_what_it_did(
    app: Flask, signed_in: SignedIn, session: Session, world: World
) -> None:
    browser = signed_in("state_leader")
    before = names(session)
    given = give(browser, world.places["state"], FILE)
    page = browser.follow(given).page
    assert names(session) == before  # nothing yet
    assert "list.csv" in page.text
    assert "Hill <b>District</b>" in page.text
    assert "Remarks" in page.text
    assert "ana@birch.example.org" in page.text
    do_work(app)
    assert names(session) == before  # and nothing without a yes
    approve = page.form("/approve")
    browser.send(approve)
    browser.send(approve)  # pressed twice
    page = done(app, browser, given).page
    assert "Imported" in page.text
    assert "Hill <b>District</b>" in page.text
    assert names(session) == before | {"Hill <b>District</b>", "Birch School"}
    actions = dict(session.execute(select(AuditEntry.action, func.count()).group_by(AuditEntry.action)).all())
    assert (actions["organization.imported"], actions["organization.created"], actions["person.invited"]) == (1, 2, 1)
    again = browser.follow(give(browser, world.places["state"], FILE)).page
    assert "There is nothing to apply" in again.text
    assert not any("/approve" in form.action for form in again.forms)


def test_what_changed_since_the_preview_is_named_and_nothing_is_done(
    app: Flask, signed_in: SignedIn, session: Session, world: World
) -> None:
    browser = signed_in("district_leader")
    given = give(browser, world.places["district"], "level,name\nschool,Birch School\nschool,Elm School\n")
    session.add(Organization(level="school", name="Birch School", parent_id=world.places["district"]))
    session.commit()
    browser.send(browser.follow(given).page.form("/approve"))
    page = done(app, browser, given).page
    assert "Nothing was imported" in page.text
    assert "Line 2, Name Birch School Since the preview something has changed" in page.text
    assert "Line 3" not in page.text
    assert "Elm School" not in names(session)


def test_who_loses_the_role_before_the_work_begins_imports_nothing(
    app: Flask, signed_in: SignedIn, session: Session, world: World
) -> None:
    browser = signed_in("maple_leader")
    person = session.scalars(select(Person).where(Person.name == "Maple Leader")).one()
    person.memberships[0].organization_id = world.places["district"]
    session.commit()
    given = give(browser, world.places["district"], "level,name\nschool,Birch School\n")
    browser.send(browser.follow(given).page.form("/approve"))
    session.refresh(person)
    person.memberships[0].role = "member"
    session.commit()
    assert "meanwhile you may not do this" in done(app, browser, given).page.text
    assert "Birch School" not in names(session)


def test_every_bad_row_is_on_the_page_and_no_job_is_made(signed_in: SignedIn, session: Session, world: World) -> None:
    browser = signed_in("district_leader")
    rows = "level,name,number,leader name,leader address\nSchule,<script>,1,,\nschool,,1,A,b\nschool,Oak School,3,,\n"
    answer = give(browser, world.places["district"], rows, 422)
    assert answer.page.title.startswith("Error:")
    assert [where for where, _ in answer.page.errors] == ["#file"]
    for said in (
        "4 places in the file are wrong",
        "Line 2, Level Schule “Schule” is not a level.",
        "Line 3, Name Nothing stands here.",
        "Line 3, Number 1 Line 2 has the same number.",
        "Line 3, Leader mail address b This is not a mail address.",
    ):
        assert said in answer.page.text
    assert session.scalars(select(Job)).all() == []


@on_sqlite
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04" + bytes(100), "This is an Excel file"),
        (b"\xff\xfe\x00\xd8", "This is not a CSV file"),
        (b"level,name\n" + b"school,x\n" * 300_000, "larger than 2 MB"),
        (b"level,name\n" + b"school,x\n" * 5_001, "more than 5000 rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "is missing"),
        (b'level,name\nschool,"' + b"x\n" * 100_000, "A quotation mark begins here"),
        (b"level,name\n" + b"," * 100_000 + b"\nschool,x" + b",y" * 50_000, "more cells than headings"),
        (b"a" * 1_000_000, "A quotation mark begins here"),
        (b"level,name\nschool,\x00\x1b\x07\n", "Nothing stands here"),
    ],
)
def test_hostile_files(content: bytes, said: str, signed_in: SignedIn, world: World) -> None:
    answer = give(signed_in("district_leader"), world.places["district"], content, 422, name="x" * 300)
    assert said in answer.page.text


@on_sqlite
def test_no_file_and_no_proof(signed_in: SignedIn, world: World) -> None:
    browser, path = signed_in("district_leader"), f"/organizations/{world.places['district']}/import"
    assert "Choose a CSV file" in browser.post(path, {"proof": browser.proof}, status=422).page.text
    assert "Choose a CSV file" in give(browser, world.places["district"], "x", 422, name="").page.text
    browser.post(path, {"proof": "x"}, status=400)


@on_sqlite
def test_long_lists_are_shown_in_part_until_all_is_asked_for(signed_in: SignedIn, world: World) -> None:
    browser = signed_in("district_leader")
    rows = "level,name\n" + "".join(f"school,School no. {number:04}\n" for number in range(300))
    given = give(browser, world.places["district"], rows)
    page = browser.follow(given).page
    assert "School no. 0199" in page.text
    assert "School no. 0200" not in page.text
    assert f"{given.location}?all=1" in page.links
    assert "School no. 0299" in browser.get(f"{given.location}?all=1").page.text


@on_sqlite
def test_the_page_tells_how_the_file_must_look(signed_in: SignedIn, world: World) -> None:
    browser = signed_in("district_leader")
    page = browser.get(f"/organizations/{world.places['district']}/import").page
    assert "Coordinator mail address" in page.text
    link = f"/organizations/{world.places['district']}/organizations.csv"
    assert link in page.links
    answer = browser.get(link)
    assert (
        answer.content
        == (
            "\ufeffLevel,Name,Number,Belongs to,Leader name,Leader mail address,Coordinator name,"
            "Coordinator mail address\r\nSchool,Maple School,,,,,,\r\nSchool,Oak School,,,,,,\r\n"
        ).encode()
    )
    assert answer.headers["Content-Disposition"] == "attachment; filename=organizations.csv"
    assert "There is nothing to apply" in browser.follow(give(browser, world.places["district"], answer.content)).text
    school = signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/import").page
    assert "nothing to import here" in school.text
