"""The script that saves while somebody types, as the server sees it: the same form, answered in JSON."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Answer, Browser, on_sqlite
from pages import Form
from recording import PLAN, begin, draft, filled_plan
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from world import World

import partnerforms
from partnerforms.models import DraftChange, Organization, SignInSession

SignedIn = Callable[[str], Browser]
SCRIPT = Path(partnerforms.__file__).parent / "static" / "drafts.js"


def autosave(browser: Browser, form: Form, changes: dict[str, Any] | None = None, status: int = 200) -> Answer:
    data = {**form.data(), **(changes or {}), "do": "autosave"}
    answer = browser.post(form.action, data, status, headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "application/json"
    return answer


def told(answer: Answer) -> dict[str, str]:
    found = answer.json()
    assert isinstance(found, dict)
    return found


def form_of(browser: Browser, home: str, page: str = "/team") -> Form:
    return browser.get(f"{home}{page}").page.form(page)


def test_what_is_typed_is_saved_and_the_page_goes_on_from_there(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    home = begin(member, world.places["maple"])
    form = form_of(member, home)
    versions = [form.data()["version"][0]]
    for chairs in ("S", "Sa", "Sam"):
        answer = told(autosave(member, form, {"q-chairs": chairs, "version": versions[-1]}))
        assert re.fullmatch(r"Saved at \d{1,2}:\d\d\s[AP]M\.", answer["text"])
        versions.append(answer["version"])
        assert draft(session) == {"chairs": chairs}
    assert len(set(versions)) == 4
    member.send(form, {"q-chairs": "Sam", "version": versions[-1], "q-school_year": "2026-27"})
    assert draft(session) == {"chairs": "Sam", "school_year": "2026-27"}
    again = told(autosave(member, form_of(member, home)))
    assert again["version"].split()[0] == "5"
    assert session.scalars(select(DraftChange.version).order_by(DraftChange.version)).all() == [2, 3, 4, 5]


def test_an_answer_that_got_lost_does_no_harm(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    form = form_of(member, begin(member, world.places["maple"]))
    for chairs in ("S", "Sa", "Sa", "Sam"):
        autosave(member, form, {"q-chairs": chairs})
    assert draft(session) == {"chairs": "Sam"}


def test_blank_rows_stay_while_somebody_types(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    member.send(form_of(member, home, "/goals/0"), press="Add another")
    form = form_of(member, home, "/goals/0")
    autosave(member, form, {"q-activities-1-activity": "The second"})
    rows = draft(session)["goals"][0]["activities"]
    assert [row["activity"] for row in rows] == ["", "The second"]
    member.send(form_of(member, home, "/goals/0"))
    assert [row["activity"] for row in draft(session)["goals"][0]["activities"]] == ["The second"]


def test_somebody_else_at_the_page_is_told_and_not_overwritten(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member, leader = signed_in("maple_member"), signed_in("maple_leader")
    home = begin(member, world.places["maple"])
    mine, theirs = form_of(member, home), form_of(leader, home)
    autosave(leader, theirs, {"q-school_year": "2026-27"})
    first = told(autosave(member, mine, {"q-chairs": "Sa"}))
    assert "Somebody else changed other answers here" in first["text"]
    second = told(autosave(member, mine, {"q-chairs": "Sam", "version": first["version"]}))
    assert draft(session) == PLAN | {"chairs": "Sam"}
    typed = {"q-chairs": "Sam", "q-school_year": "next year", "version": second["version"]}
    refused = told(autosave(member, mine, typed, status=409))
    assert refused == {"text": refused["text"]}
    assert "Maple Leader changed this page meanwhile" in refused["text"]
    assert draft(session)["school_year"] == "2026-27"
    page = member.send(mine, typed, status=409).page
    assert [place for place, _ in page.errors] == ["#keep-school_year"]


def test_tables_that_both_changed_are_put_together_only_by_a_button(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member, leader = signed_in("maple_member"), signed_in("maple_leader")
    home = filled_plan(member, world)
    mine, theirs = form_of(member, home, "/goals/0"), form_of(leader, home, "/goals/0")
    autosave(leader, theirs, {"q-activities-0-activity": "Theirs"})
    typed = {"q-activities-0-activity": "Mine"}
    autosave(member, mine, typed, status=409)
    member.send(mine, typed)
    assert [row["activity"] for row in draft(session)["goals"][0]["activities"]] == ["Theirs", "Mine"]


@on_sqlite
def test_who_is_signed_out_is_told_so_and_nothing_is_saved(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    member = signed_in("maple_member")
    form = form_of(member, begin(member, world.places["maple"]))
    session.execute(delete(SignInSession))
    session.commit()
    answer = autosave(member, form, {"q-chairs": "Sam"}, status=401)
    assert "Sam" not in answer.text
    assert draft(session) == {}


@on_sqlite
def test_the_time_is_that_of_the_organization_s_place(signed_in: SignedIn, session: Session, world: World) -> None:
    member = signed_in("maple_member")
    form = form_of(member, begin(member, world.places["maple"]))
    said = []
    for zone in ("Pacific/Kiritimati", "Etc/GMT+8"):
        session.execute(update(Organization).where(Organization.id == world.places["maple"]).values(time_zone=zone))
        session.commit()
        said.append(told(autosave(member, form, {"q-chairs": zone}))["text"])
    assert said[0] != said[1]  # 22 hours lie between


@on_sqlite
def test_the_script_is_small_and_only_where_somebody_types(signed_in: SignedIn, world: World) -> None:
    member = signed_in("maple_member")
    home = filled_plan(member, world)
    (address_of_script,) = member.get(f"{home}/team").page.scripts
    assert member.get(f"{home}/goals/0").page.scripts == [address_of_script]
    for path in ("/", home, f"{home}/check", "/deliveries"):
        assert member.get(path).page.scripts == []
    answer = member.get(address_of_script)
    assert answer.content == SCRIPT.read_bytes()
    assert len(answer.content) < 3000
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000"


@on_sqlite
@pytest.mark.parametrize("person", ["maple_coordinator", "district_leader"])
def test_who_only_sees_saves_nothing(person: str, signed_in: SignedIn, session: Session, world: World) -> None:
    home = begin(signed_in("maple_member"), world.places["maple"])
    browser = signed_in(person)
    data = {"proof": browser.proof, "do": "autosave", "version": "1", "q-chairs": "x"}
    browser.post(f"{home}/team", data, status=403)
    assert draft(session) == {}


@on_sqlite
def test_a_form_of_another_session_is_not_taken(signed_in: SignedIn, session: Session, world: World) -> None:
    member, leader = signed_in("maple_member"), signed_in("maple_leader")
    form = form_of(member, begin(member, world.places["maple"]))
    answer = leader.request("POST", form.action, data={**form.data(), "q-chairs": "x", "do": "autosave"})
    assert answer.status >= 400
    assert draft(session) == {}
