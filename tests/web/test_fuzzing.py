"""Whatever is sent, nothing breaks: every route with odd ids, numbers, fields, bodies and cookies."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from browser import COOKIE, Browser, on_sqlite
from flask import Flask
from sqlalchemy.orm import Session
from ways import all_ways, make_all
from werkzeug.routing import Rule
from world import World

from partnerforms.services.tools import Tools

pytestmark = on_sqlite

SignedIn = Callable[[str], Browser]
HUGE = "9" * 5000
ODD = ["0", "-1", "1e9", HUGE, "x", "é", "%00", "%FF", "%ED%A0%80", "..%2f..", "a" * 3000, "{}", "%E2%80%AE", "'\"<>"]
TEXTS = [
    "", " ", "\x00", "\ud7ff\uffff", "\r\nBcc: x@example.org", "<script>", "{{7*7}}", "%s%n", "=1+1", "a" * 20_000,
    "\u202eevil", "1" * 5000, "-1", "0001-01-01", "9999-12-31", "2026-02-30", "NaN", "1e400", "[]", "null", "٣",
    "/\\evil", "//evil.example", "\u0661" * 30, "𝟗" * 300, "²", "é" * 300,
    "urn:uuid:00000000-0000-0000-0000-000000000000",
]  # fmt: skip


@pytest.fixture
def things(session: Session, tools: Tools, world: World) -> dict[str, str]:
    return make_all(session, tools, world)


def addresses(app: Flask, things: dict[str, str]) -> Iterator[tuple[Rule, str]]:
    """Every rule with each of its parts odd, the others those of a thing that is there."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        names = sorted(rule.arguments)
        good = {"organization_id": things["maple"], "record_id": things["record"], "membership_id": things["second"]}
        good |= {"survey_id": things["survey"], "delivery_id": things["delivery"], "job_id": things["job"]}
        good |= {"link_id": things["family_link"], "sheet": "2"}
        good |= {"instrument_id": "action_plan", "template_id": things["own_template"], "step_id": "goals"}
        good |= {
            "assignment_id": things["assignment"],
            "number": "1",
            "entry": "0",
            "provider_id": things["provider"],
        }
        for odd in names:
            for text in ODD:
                path = rule.rule
                for name in names:
                    piece = next(part for part in path.split("<")[1:] if part.split(">")[0].endswith(name))
                    path = path.replace(f"<{piece.split('>')[0]}>", text if name == odd else good.get(name, "x"))
                yield rule, path


def test_odd_addresses(app: Flask, signed_in: SignedIn, things: dict[str, str]) -> None:
    leader = signed_in("maple_leader")
    for rule, path in addresses(app, things):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            data = {"proof": leader.proof} if method == "POST" else None
            answer = leader.request(method, path, data=data)
            assert answer.status < 500, (method, path[:200])


def test_odd_questions(app: Flask, signed_in: SignedIn, things: dict[str, str]) -> None:
    leader = signed_in("maple_leader")
    names = ("skip", "words", "form", "state", "title", "organization", "instrument", "also", "from", "to", "lang",
             "show", "person", "kind", "below", "sent", "recipient", "place", "all", "next", "address", "switch",
             "check", "code", "iss", "start", "over", "entry", "saved", "reminded", "done")  # fmt: skip
    paths = [way.path.partition("?")[0].format(**things) for way in all_ways().values() if way.method == "GET"]
    paths += [
        "/",
        "/records",
        "/surveys",
        "/organizations",
        "/jobs",
        "/deliveries",
        "/sign-in",
        "/sign-in/back",
        "/s/",
    ]
    paths += [f"/records/new?organization={things['maple']}&instrument=action_plan"]
    for path in dict.fromkeys(paths):
        for text in ("-1", HUGE, "%ED%A0%80%00%FF", "draft", "%E2%80%AE=1"):
            query = "&".join(f"{name}={text}" for name in names)
            answer = leader.request("GET", f"{path}{'&' if '?' in path else '?'}{query}")
            assert answer.status < 500, (path, text[:20])


def test_odd_fields(app: Flask, signed_in: SignedIn, things: dict[str, str]) -> None:
    """One field of each form after the other says one of these; then all of them at once."""
    leader = signed_in("maple_leader")
    for (endpoint, method), way in all_ways().items():
        if method == "POST" and not way.ends:
            data = {name: value.format(**things) for name, value in way.data.items()}
            for number, text in enumerate(TEXTS):
                turn = list(data)[number % len(data) : number % len(data) + 1] if data else []
                forms = [{**data, name: text} for name in turn] + [dict.fromkeys(data, text)]
                for form in forms:
                    path = way.path.format(**things)
                    answer = leader.request("POST", path, data={**form, "proof": leader.proof})
                    assert answer.status < 500, (endpoint, text[:30], form.keys())


SETTINGS = ("minimum_n", "time_zone", "reply_address", "school_year_month", "school_year_day", "keep_answers",
            "keep_drafts", "keep_mail", "keep_log", "term_team")  # fmt: skip
FORMS = {
    "/organizations/{maple}/settings": SETTINGS,
    "/surveys/new": (
        "organization",
        "title",
        "opens_on",
        "closes_on",
        "audience",
        "delivery-staff",
        "language",
        "where",
        "which",
        "listed",
        "school",
        "earlier",
    ),
    "/organizations/{maple}/assignments/new": ("instrument", "title", "since", "due_on"),
    "/account": ("name", "language"),
    "/account/second-factor/on": ("code",),
    "/account/second-factor/off": ("code",),
    "/language": ("language",),
    "/sign-in": ("address", "asking", "next", "lang", "carry", "connect", "code"),
    "/sign-in/code": ("address", "asking", "next", "lang", "carry", "connect", "code"),
    "/sign-in/second-factor": ("code", "next", "lang", "carry", "connect"),
    "/sign-in/link/x": ("next", "lang", "carry", "connect"),
    "/organizations/{maple}/sign-in": ("issuer", "client_id", "domain"),
    "/organizations/{maple}/documents": ("instrument", "since", "which"),
    "/records/{record}/goals/0": ("version", "do", "asked", "keep-goal", "q-goal", "q-goal_kind"),
    "/records/{record}/entries/goals": ("version", "do"),
}


@pytest.mark.parametrize("path", FORMS)
def test_odd_fields_of_other_forms(path: str, signed_in: SignedIn, things: dict[str, str]) -> None:
    leader = signed_in("maple_leader")
    for text in (*TEXTS, "add:goals:9999", "down:goals:9999", f"remove:goals:{HUGE}", f"goal:{HUGE}"):
        for name in FORMS[path]:
            form = {"organization": things["maple"], "instrument": "action_plan", "title": "x", name: text}
            answer = leader.request("POST", path.format(**things), data={**form, "proof": leader.proof})
            assert answer.status < 500, (path, name, text[:30])
            if answer.status == 303 and answer.location.startswith("/sign-in"):
                pytest.fail(f"{path} {name} {text[:30]} ended the session")
    assert leader.request("GET", "/").status == 200, "the session has ended"


BODIES: list[dict[str, Any]] = [
    {"data": b"{}", "content_type": "application/json"},
    {"data": b"\xff\xfe\x00", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"a=%ff%ED%A0%80&proof=%ff", "content_type": "application/x-www-form-urlencoded; charset=utf-7"},
    {"data": b"x" * 1000, "content_type": "multipart/form-data"},
    {"data": b"x" * 1000, "content_type": "multipart/form-data; boundary="},
    {"data": b"--a\r\n\r\n--a--", "content_type": "multipart/form-data; boundary=a"},
    {"data": b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--",
     "content_type": "multipart/form-data; boundary=a"},
    {"data": b"--a\r\n" * 5000, "content_type": "multipart/form-data; boundary=a"},
    {"data": b'--a\r\nContent-Disposition: form-data; name="file"; filename="\xff\xed\xa0\x80"\r\n\r\nx\r\n--a--\r\n',
     "content_type": "multipart/form-data; boundary=a"},
    {"data": b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n"
             b"Content-Disposition: form-data; name=q\r\n\r\n--b\r\n\r\n--b--\r\n--a--\r\n",
     "content_type": "multipart/form-data; boundary=a"},
    {"data": b"a=1&" * 20_000, "content_type": "application/x-www-form-urlencoded"},
    {"data": b"", "content_type": "x" * 5000},
    {"data": b"abc", "content_type": "application/x-www-form-urlencoded", "headers": {"Content-Length": "-1"}},
    {"data": b"abc", "content_type": "text/plain", "headers": {"Content-Encoding": "gzip"}},
]  # fmt: skip


def test_odd_bodies(app: Flask, signed_in: SignedIn, browser: Browser, world: World, things: dict[str, str]) -> None:
    leader = signed_in("maple_leader")
    paths = [way.path.format(**things) for way in all_ways().values() if way.method == "POST"]
    paths += ["/sign-in", "/sign-in/code", "/sign-out", "/account", f"/s/{world.codes['staff']}", "/sign-in/link/x"]
    for path in paths:
        for body in BODIES:
            for one in (leader, browser):
                assert one.request("POST", path, **body).status < 500, (path, body["content_type"][:40])


COOKIES = ["x", "é", "\xff\xfe", "a.b.c", "." * 500, "a" * 4000, '"', "%00", "\u202e", "null", "[]", "eyJ9.x.y"]


def test_odd_cookies_and_headers(app: Flask, world: World, things: dict[str, str]) -> None:
    paths = ["/", "/sign-in", "/sign-in/back?code=x&state=y", "/sign-in/link/x", "/sign-in/second-factor", "/account"]
    for text in COOKIES:
        header = "; ".join(f"{COOKIE}{name}={text}" for name in ("", "-known", "-asking", "-single"))
        raw = header.encode().decode("latin-1")
        for path in paths:
            for method in ("GET", "POST"):
                answer = Browser(app).request(method, path, environ_overrides={"HTTP_COOKIE": raw})
                assert answer.status < 500, (method, path, text)
    for name, value in (
        ("Accept-Language", "x" * 5000), ("Accept-Language", "en;q=NaN,es;q=1e999,*;q="), ("Accept", "\xff"),
        ("Host", "a b"), ("Host", ""), ("Origin", "null"), ("Origin", "\xff"), ("Sec-Fetch-Site", "\xff"),
        ("X-Forwarded-For", "\x00"), ("Range", "bytes=9-1,-"), ("If-Modified-Since", "x"), ("Referer", "\xff"),
    ):  # fmt: skip
        for path in paths:
            key = "HTTP_" + name.upper().replace("-", "_")
            assert Browser(app).request("GET", path, environ_overrides={key: value}).status < 500, (name, path)


FILES = [
    b"", b"\x00" * 100, b"PK\x03\x04" + b"\xff" * 200, b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\xff" * 100, b"GIF89a" + b"\xff" * 20,
    b"\xef\xbb\xbf", b"\xff\xfe\x00", b"\xfe\xff\xd8\x00",
    b'Level,Name\n"x', b"Level,Name,Number\n" + b"school,\x00,\xff\n" * 5, b"Level;Name\n=1;@x\n",
    b"sep=,\n", b"," * 100_000,
    b"Level,Name\n" + b"school," + b"a" * 300_000 + b"\n", b"a" * 400_000,
    b"Level,Name,Belongs to\nschool,A,A\nschool,B,A\n",
]  # fmt: skip
NAMES = ["x.docx", "../../../etc/passwd", "C:\\x\\..\\y.docx", "\r\nX: y.docx", "\u202excod.docx", "a" * 3000, "."]
NAMES += ["<b>.docx", "con"]


def test_odd_files(app: Flask, signed_in: SignedIn, things: dict[str, str]) -> None:
    leader, maple = signed_in("maple_leader"), things["maple"]
    for path, field in (
        (f"/organizations/{maple}/templates/action_plan", "file"),
        (f"/organizations/{maple}/settings", "logo"),
        (f"/organizations/{maple}/import", "file"),
    ):
        for content in FILES:
            answer = leader.request("POST", path, data={"proof": leader.proof, field: (BytesIO(content), "x.docx")})
            assert answer.status in (200, 303, 422), (path, content[:40], answer.status)
        for name in NAMES:
            data = {"proof": leader.proof, field: (BytesIO(b"PK\x03\x04"), name)}
            assert leader.request("POST", path, data=data).status in (303, 422), (path, name[:40])
        assert leader.request("GET", path).status == 200
