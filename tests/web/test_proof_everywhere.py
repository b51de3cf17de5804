"""Every form is of a page of this very session, looking changes nothing, and a form changes what it asks for only."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from browser import Answer, Browser, on_sqlite
from flask import Flask
from snapshots import Snapshot, snapshot
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_access import FOR_ALL
from ways import Way, all_ways, make_all
from world import World, address, begin_session

from partnerforms.models import Base, Person
from partnerforms.services.tools import Tools

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
# Routes at which nobody needs to be signed in are proved otherwise: by a code, a link, a page's token.
PROVED_OTHERWISE = FOR_ALL - {"signin.sign_out"}
# Every other form, which is not of an organization: see `ways` for those that are.
OF_ONES_OWN = {
    "workspace.choose_language": "/language",
    "deliveries.resume": "/deliveries/resume",
    "people.accept": "/invitations/{invited}/accept",
    "people.decline": "/invitations/{invited}/decline",
    "account.save": "/account",
    "account.end_others": "/account/sessions",
    "account.prepare": "/account/second-factor",
    "account.turn_on": "/account/second-factor/on",
    "account.turn_off": "/account/second-factor/off",
    "signin.sign_out": "/sign-out",
}
SEEN = ("sign_in_sessions.seen_at",)


@pytest.fixture
def things(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return make_all(session, tools, world)


def posts(app: Flask) -> dict[str, Way]:
    """A way for every route that is not only looked at."""
    found = {endpoint.split()[0]: way for (endpoint, method), way in all_ways().items() if method == "POST"}
    found |= {endpoint: Way("POST", path, "") for endpoint, path in OF_ONES_OWN.items()}
    writing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"} and rule.endpoint not in PROVED_OTHERWISE
    }
    assert writing == set(found)
    return found


def sent(browser: Browser, way: Way, things: dict[str, str], proof: str | None) -> Answer:
    data = {name: value.format(**things) for name, value in way.data.items()}
    data |= {} if proof is None else {"proof": proof}
    return browser.request("POST", way.path.format(**things), data=data)


def test_without_a_right_proof_nothing_is_done(
    app: Flask, signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    leader, mark = signed_in("maple_leader"), signed_in("maple_leader").proof.split(".")
    wrong = {
        "none": None,
        "empty": "",
        "made up": "0" * 64,
        "of another person": signed_in("state_leader").proof,
        "another person's mark, this session": f"{signed_in('oak_leader').proof.rpartition('.')[0]}.{'0' * 64}",
        "letters": f"{mark[0]}.{mark[1]}.ü\N{RIGHT-TO-LEFT OVERRIDE}",
        "no person": f"..{'0' * 64}",
        "huge": "x" * 100_000,
    }
    before = snapshot(session)
    for endpoint, way in posts(app).items():
        for what, proof in wrong.items():
            earlier = what == "letters"  # the mark is right: the person's own page of an earlier session
            if earlier and endpoint == "signin.sign_out":
                continue  # who wants to go may
            answer = sent(leader, way, things, proof)
            assert answer.status == (409 if earlier else 400), (endpoint, what, answer.status)
    assert snapshot(session) == before


def test_a_page_of_an_earlier_session_does_nothing_by_itself(
    app: Flask, signed_in: SignedIn, session: Session, things: dict[str, str], world: World
) -> None:
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    token = begin_session(session, person, datetime.now(UTC))
    session.commit()
    earlier, before = Browser(app, token).proof, snapshot(session)
    for endpoint, way in posts(app).items():
        if endpoint != "signin.sign_out":
            assert sent(signed_in("maple_leader"), way, things, earlier).status == 409, endpoint
    assert snapshot(session) == before


def test_other_methods_are_not_answered(app: Flask, signed_in: SignedIn, things: dict[str, str]) -> None:
    leader = signed_in("maple_leader")
    for way in posts(app).values():
        for method in ("PUT", "PATCH", "DELETE"):
            answer = leader.request(method, way.path.format(**things), data={"proof": leader.proof})
            assert answer.status == 405, (method, way.path)


def test_looking_changes_nothing(
    app: Flask, signed_in: SignedIn, browser: Browser, session: Session, things: dict[str, str], world: World
) -> None:
    """GET, HEAD and OPTIONS at every address, by everybody. `single.come_back` alone signs in, by a GET: its proof is
    the cookie of the browser that set out, see `web.signin.single`."""
    values = {**things, "x": str(uuid.uuid4())}
    looked = [way.path.format(**values) for way in all_ways().values() if way.method == "GET"]
    written = [way.path.format(**values) for way in posts(app).values()]
    code = next(iter(world.codes.values()))
    free = ["/", "/records", "/surveys", "/organizations", "/jobs", "/deliveries", "/account", "/sign-in", "/s/"]
    free += [f"/s/{code}", f"/s/{code}/thanks/x", f"/s/{code}/copy/x", "/account/second-factor"]
    free += ["/sign-in/second-factor", "/sign-in/link/x", "/sign-in/back", "/forms/action_plan.docx"]
    free += [f"/erased/{values['x']}", "/sign-in/code"]
    before = snapshot(session)
    for one in (signed_in("maple_leader"), signed_in("state_leader"), browser):
        for path in (*looked, *written, *free):
            for method in ("GET", "HEAD", "OPTIONS"):
                assert one.request(method, path).status < 500, (method, path)
    assert snapshot(session) == before


# Fields that forms have, beside those in `ways`: what is posted there is asked for.
ASKED = {
    "organizations.create": {"level", "name", "number"},
    "organizations.save": {"name", "number"},
    "organization_settings.save": {"minimum_n", "time_zone", "reply_address", "school_year_start", "keep_answers",
                                   "keep_drafts", "keep_mail", "keep_log"},
    "people.invite": {"name", "address", "role", "language"},
    "people.change_role": {"role"},
    "people.hand_over": {"name", "address", "language"},
    "providers.save": {"issuer", "client_id", "client_secret", "domain"},
    "rules.save": {"from_below"},
    "data.erase": {"name"},
    "records.create": {"title", "instrument"},
    "surveys.create": {"title", "opens_on", "closes_on"},
    "assignments.create": {"title", "instrument", "since", "due_on"},
    "collecting.begin": {"instrument", "since", "which"},
    "drafts.save": {"version"},
    "drafts.entries": {"version"},
    "workspace.choose_language": {"language"},
    "account.save": {"name", "language"},
    "account.turn_on": {"code"},
    "account.turn_off": {"code"},
}  # fmt: skip


def plain(found: Snapshot) -> Snapshot:
    """Without what is another in every run: keys, digests, moments, file contents."""

    def cell(value: object) -> object:
        if isinstance(value, uuid.UUID | datetime | bytes):
            return type(value).__name__
        if isinstance(value, str) and re.search("[0-9a-f]{12}|[\\w-]{40}", value):
            return "random"
        return repr(value) if not isinstance(value, dict) else sorted(value)

    return {
        name: sorted((tuple(cell(value) for value in row) for row in rows), key=repr) for name, rows in found.items()
    }


def test_a_field_that_no_form_has_changes_nothing(
    app: Flask, stage: object, signed_in: SignedIn, session: Session, tools: Tools, world: World
) -> None:
    """The names of all columns, posted along with every form."""
    columns = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    foreign, own = str(world.places["foreign"]), str(world.places["maple"])
    chosen = {"organization_id": foreign, "parent_id": foreign, "role": "leader", "state": "done", "level": "state"}
    chosen |= {"person_id": own, "accepted_at": "2026-01-01", "minimum_n": "5", "complete": "1", "archived_at": ""}
    every = {name: chosen.get(name, "1") for name in columns}
    for endpoint, way in posts(app).items():
        shown = []
        for more in ({}, every):
            stage.reset()  # type: ignore[attr-defined]
            session.rollback()
            session.expunge_all()
            things = make_all(session, tools, world)
            data = {name: value.format(**things) for name, value in way.data.items()}
            extra = {name: value for name, value in more.items() if name not in ASKED.get(endpoint, set())}
            leader = signed_in("maple_leader")
            form = {**extra, **data, "proof": leader.proof}
            answer = leader.request("POST", way.path.format(**things), data=form)
            shown.append((answer.status, plain(snapshot(session, (*SEEN, "survey_links.code")))))
        (status, without), (other, with_them) = shown
        assert status == other, endpoint
        for table, rows in without.items():
            assert rows == with_them[table], (endpoint, table)
