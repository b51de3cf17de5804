"""Headers on every answer, pages for everything that goes wrong, and reading that changes nothing."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from world import PEOPLE, World, address

from partnerforms import create_app
from partnerforms.engine.library import Library
from partnerforms.extensions import db
from partnerforms.models import Base, Organization, Person
from partnerforms.services import access, records
from partnerforms.services.records import drafts
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.house import KEY

SignedIn = Callable[[str], Browser]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
POLICY_OF_MEMBERS = f"{POLICY}; script-src 'self'; connect-src 'self'"


@pytest.fixture
def other_app(app: Flask, library: Library) -> Iterator[Callable[..., Flask]]:
    """Applications with other settings, on the same database unless told otherwise."""
    made = []

    def make(**changes: object) -> Flask:
        settings: Settings = app.extensions[KEY].settings
        made.append(create_app(replace(settings, **changes), library))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        with one.app_context():
            db.engine.dispose()


def test_every_answer_has_the_headers_that_protect_it(
    signed_in: SignedIn, browser: Browser, world: World, other_app: Callable[..., Flask], tmp_path: Path
) -> None:
    broken = other_app(database_url=f"sqlite:///{tmp_path}/empty.sqlite")
    broken.add_url_rule("/broken", view_func=lambda: 1 // 0)
    leader = signed_in("maple_leader")
    code = world.codes["families"]
    style = next(e.get("href", "") for e in leader.get("/").page.root.iter("link") if e.get("rel") == "stylesheet")
    answers = {
        (200, "page"): leader.get("/"),
        (200, "survey"): browser.get(f"/s/{code}"),
        (200, "document"): leader.get("/forms/survey_staff.docx"),
        (200, "style"): browser.get(style),
        (303, "redirect"): browser.get("/", status=303),
        (400, "no token"): browser.post(f"/s/{code}", {}, status=400),
        (403, "another site"): browser.post("/sign-in", {}, status=403, headers={"Origin": "https://evil.example"}),
        (404, "nowhere"): browser.get("/nowhere", status=404),
        (404, "no style"): browser.get("/static/nothing.css", status=404),
        (405, "not so"): browser.post("/s/", {}, status=405),
        (413, "too much"): browser.post("/sign-in", {"address": "x" * 5_000_000}, status=413),
        (422, "no address"): browser.post("/sign-in", {}, status=422),
        (500, "broken"): Browser(broken).get("/broken", status=500),
        (503, "no tables"): Browser(broken).get(f"/s/{code}", status=503),
    }
    for (status, what), answer in answers.items():
        headers = answer.headers
        assert answer.status == status, what
        policy = POLICY_OF_MEMBERS if what in ("page", "document") else POLICY
        assert headers["Content-Security-Policy"] == policy, what
        assert headers["X-Content-Type-Options"] == "nosniff", what
        assert headers["Referrer-Policy"] == "same-origin", what
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what
        assert "Strict-Transport-Security" not in headers, what
        kept = {"style": "public, max-age=31536000", "survey": "private, no-cache"}.get(what, "no-store")
        assert headers.get("Cache-Control") == kept, what
        assert "Traceback" not in answer.content.decode("latin-1"), what


def test_what_went_wrong_on_our_side_has_a_name_and_no_details(
    other_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = other_app()

    def broken() -> str:
        raise ValueError("a secret of somebody")

    app.add_url_rule("/broken", view_func=broken)
    page = Browser(app).get("/broken", status=500).page
    assert page.h1 == "Something went wrong on our side"
    assert "secret" not in page.text
    name = page.text.rpartition("say ")[2]
    assert name in caplog.text


def test_behind_tls_cookies_and_addresses_are_for_tls_alone(
    other_app: Callable[..., Flask], session: Session, world: World
) -> None:
    app = other_app(base_url="https://forms.example.org")
    browser = Browser(app)
    assert browser.get("/s/").headers["Strict-Transport-Security"].startswith("max-age=31536000")
    browser.client.set_cookie(
        "__Host-partnerforms", world.tokens["maple_leader"], domain="forms.example.org", secure=True
    )
    page = browser.get("/", base_url="https://forms.example.org").page
    proof = page.form("/sign-out").data()["proof"]
    out = browser.client.post("/sign-out", data={"proof": proof}, base_url="https://forms.example.org")
    cookie = out.headers["Set-Cookie"]
    assert cookie.startswith("__Host-partnerforms=;")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_forwarded_addresses_are_believed_of_as_many_proxies_as_there_are(other_app: Callable[..., Flask]) -> None:
    evil = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Origin": "https://evil.example"}
    assert Browser(other_app()).request("POST", "/sign-in", headers=evil).status == 403
    behind = Browser(other_app(trusted_proxies=1))
    assert behind.request("POST", "/sign-in", headers=evil).status == 422


# --- reading changes nothing ---


def fingerprint(engine: Engine) -> dict[str, str]:
    """What is in every table."""
    with engine.connect() as connection:
        return {
            table.name: hashlib.sha256(
                repr(sorted(map(repr, connection.execute(select(table))))).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
        }


def test_reading_every_page_changes_nothing(
    signed_in: SignedIn, browser: Browser, session: Session, tools: Tools, world: World
) -> None:
    for person, place, form in (
        ("maple_leader", "maple", "action_plan"),
        ("district_leader", "district", "inventory"),
    ):
        leader = session.scalars(select(Person).where(Person.address == address(person))).one()
        organization = session.get_one(Organization, world.places[place])
        reach = access.reach(session, leader)
        instrument = tools.library.instrument(form)
        answers = {"school_year": "2026", "goals": [{"goal_kind": "climate", "goal": "x", "activities": [{}]}]}
        record = records.create(session, reach, organization, instrument, "x", None, world.began)
        if form == "action_plan":
            drafts.keep(session, reach, record, answers, world.began)
            records.submit(session, reach, record, tools, world.began)
    session.commit()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    before = fingerprint(engine)
    seen = 0
    for person in ("maple_leader", "district_leader", "maple_coordinator", ""):
        visitor = signed_in(person) if person else browser
        start = (
            ["/"] if person else [f"/s/{code}?lang={lang}" for code in world.codes.values() for lang in ("en", "es")]
        )
        seen += crawl(visitor, [*start, "/sign-in", "/s/"])
    assert seen > 50
    assert fingerprint(engine) == before


ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]+(?=\.\w+$)")  # ids, and the name before .docx


def crawl(visitor: Browser, start: list[str]) -> int:
    """Follow every link once, and ask for the head of every page too; how many pages that were. Of the files that
    only another link or language makes different, the first is enough."""
    waiting, known, files = list(start), set(start), set[str]()
    while waiting:
        path = waiting.pop()
        answer = visitor.request("GET", path)
        assert answer.status in (200, 303), (path, answer.status)
        if not path.endswith(".docx"):
            assert visitor.request("HEAD", path).status == answer.status
        found = [answer.location] if answer.location else []
        if answer.is_page:
            found += answer.page.links
        for link in found:
            there = link.removeprefix("http://localhost").partition("#")[0]
            if there.startswith("/") and there not in known and not there.startswith("/forms/"):
                known.add(there)
                kind = ONE_OF_MANY.sub("", there.partition("?")[0])
                if not kind.rpartition("/")[2].startswith(".") or kind not in files:
                    files.add(kind)
                    waiting.append(there)
    return len(known)


@on_sqlite
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_do_nothing(method: str, signed_in: SignedIn, world: World) -> None:
    leader = signed_in("maple_leader")
    for path in ("/", "/deliveries", f"/surveys/{world.survey}", f"/s/{world.codes['families']}", "/sign-in"):
        assert leader.request(method, path).status == 405


@on_sqlite
def test_a_long_header_an_odd_path_and_an_odd_query_break_nothing(signed_in: SignedIn) -> None:
    leader = signed_in("maple_leader")
    for header in (
        "Accept-Language",
        "User-Agent",
        "Referer",
        "Accept",
        "If-None-Match",
        "Range",
    ):
        for value in ("x" * 8000, "\xff\xfe", ";;;,,,===", "bytes=9-1", "gzip;q=x"):
            leader.get("/", headers={header: value})
            leader.get("/s/", headers={header: value})
    for query in (
        "lang=es&lang=en",
        "%ff=%ff",
        "a&b&&&",
        "skip=1e9",
        "skip=-5",
        "skip=99999999999999999999999",
        "state=",
    ):
        leader.get(f"/deliveries?{query}")
        leader.get(f"/?{query}")
    for path in ("//", "/%00", "/s/%2e%2e", "/.git/config", "/s//x", "/records//", "/\xff"):
        assert leader.request("GET", path).status in (303, 308, 404)


@on_sqlite
def test_everybody_s_start_page_is_whole(signed_in: SignedIn) -> None:
    for person in PEOPLE:
        for language in ("en", "es"):
            assert signed_in(person).get(f"/?lang={language}").page.h1
