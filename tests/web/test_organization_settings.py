"""Settings: inherited until set, checked, only raised where they protect people, and heard everywhere."""

import io
import struct
from collections.abc import Callable
from typing import Any

import pytest
from browser import Answer, Browser, on_sqlite
from filling import HOSTILE
from recording import begin, filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from ways_organizations import LOGO
from word_reading import words_of
from world import World, address

from partnerforms.database import begin_writing
from partnerforms.models import AuditEntry, Document, Organization, Person
from partnerforms.services import access, inheritance
from partnerforms.services.organizations import organization_settings
from partnerforms.services.organizations.organization_settings import WrongSettingsError
from partnerforms.services.tools import Tools

SignedIn = Callable[[str], Browser]


@pytest.fixture
def place(session: Session, world: World) -> Callable[[str], Organization]:
    """An organization as it is in the database now."""

    def found(name: str) -> Organization:
        session.rollback()
        return session.get_one(Organization, world.places[name], populate_existing=True)

    return found


@pytest.fixture
def send(signed_in: SignedIn, world: World) -> Callable[..., Answer]:
    """Sends the settings page of the district, or of another place, with some fields changed."""

    def sent(changes: dict[str, Any], status: int = 303, at: str = "district") -> Answer:
        browser = signed_in(f"{at}_leader")
        form = browser.get(f"/organizations/{world.places[at]}/settings").page.form("/settings")
        return browser.send(form, changes, status=status)

    return sent


def said(browser: Browser, world: World, name: str, at: str = "maple") -> str:
    """What the page says at a field."""
    return browser.get(f"/organizations/{world.places[at]}/settings").page.said_at(name)


def png(width: int, height: int, size: int = 0) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return head.ljust(size, b"\0")


def test_what_is_set_above_holds_below_until_it_is_set_there(
    signed_in: SignedIn, send: Callable[..., Answer], place: Callable[[str], Organization], world: World
) -> None:
    send({
        "term_team": "FSCP team", "term_teams": "FSCP teams", "school_year_month": "07", "school_year_day": "1",
        "time_zone": "America/Denver", "minimum_n": "12", "reply_address": "Office@District.example.org",
        "keep_answers": "36", "keep_drafts": "6",
    })  # fmt: skip
    district, maple = place("district"), signed_in("maple_leader")
    assert (district.time_zone, district.minimum_n, district.keep_answers) == ("America/Denver", 12, 36)
    assert district.school_year_start == "07-01"
    assert district.terms == {"team": "FSCP team", "teams": "FSCP teams"}
    for name, words in (
        ("term_team", "From Riverside District: FSCP team."),
        ("term_committee", "Now: school accountability committee."),
        ("time_zone", "From Riverside District: Mountain time."),
        ("minimum_n", "From Riverside District: 12."),
        ("reply_address", "From Riverside District: Office@district.example.org."),
        ("keep_answers", "From Riverside District: 36 months."),
        ("keep_log", "Now: 84 months."),
    ):
        assert words in said(maple, world, name), name
    assert "From Riverside District: July 1." in maple.get(f"/organizations/{world.places['maple']}/settings").text
    send({"keep_answers": "12", "term_team": "ATP"}, at="maple")
    assert "If you leave it empty, from Riverside District: 36 months." in said(maple, world, "keep_answers")
    assert inheritance.keep(place("maple"), "keep_answers") == 12
    assert inheritance.terms(place("maple")) == (("team", "ATP"), ("teams", "FSCP teams"))
    assert inheritance.terms(place("oak")) == (("team", "FSCP team"), ("teams", "FSCP teams"))
    send({"keep_answers": "", "term_team": ""}, at="maple")
    assert place("maple").keep_answers is None
    assert place("maple").terms is None


@on_sqlite
@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("term_team", "x" * 81, "at most 80"),
        ("school_year_day", "31", "a day that it has"),
        ("school_year_day", "", "a day that it has"),
        ("school_year_day", "-1", "a day that it has"),
        ("school_year_day", "9" * 400, "a day that it has"),
        ("time_zone", "America/Nowhere", "of the list"),
        ("time_zone", "../../etc/passwd", "of the list"),
        ("minimum_n", "4", "only be raised: enter 5 or more"),
        ("minimum_n", "9.5", "whole number"),
        ("minimum_n", "1001", "up to 1000"),
        ("minimum_n", "9" * 400, "whole number"),
        ("minimum_n", "²", "whole number"),
        ("reply_address", "two@example.org, one@example.org", "one mail address"),
        ("reply_address", "a@example.org\nBcc: b@example.org", "one mail address"),
        ("keep_answers", "0", "1 to 120"),
        ("keep_log", "121", "1 to 120"),
        ("keep_mail", "forever", "whole number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    send: Callable[..., Answer], place: Callable[[str], Organization], session: Session,
    name: str, typed: str, words: str,
) -> None:  # fmt: skip
    page = send({"school_year_month": "06", "school_year_day": "1", "keep_drafts": "7", name: typed}, 422).page
    assert page.title.startswith("Error:")
    assert len(page.errors) == 1
    assert words in page.errors[0][1]
    again = page.form("/settings").data()
    assert again["keep_drafts"] == ["7"]
    assert again[name][0].split() == ([] if name == "time_zone" and "Nowhere" not in typed else typed.split()) or (
        name == "time_zone"
    )
    assert place("district").keep_drafts is None
    assert not [one for one in session.scalars(select(AuditEntry.action)) if one.startswith("organization.")]


@on_sqlite
@pytest.mark.parametrize("text", [typed for typed, _ in HOSTILE.values()], ids=HOSTILE)
def test_hostile_words_are_words(send: Callable[..., Answer], text: str) -> None:
    send(dict.fromkeys(("term_team", "term_teams", "term_committee"), text))
    send(dict.fromkeys(("minimum_n", "keep_log", "reply_address", "school_year_day", "time_zone"), text), 422)


def test_the_smallest_group_only_goes_up(send: Callable[..., Answer], place: Callable[[str], Organization]) -> None:
    send({"minimum_n": "10"})
    for lower in ("9", ""):
        send({"minimum_n": lower}, 422)
    send({"minimum_n": "9"}, 422, at="maple")
    send({"minimum_n": "15"}, at="maple")
    send({"minimum_n": "20"})
    send({"keep_log": "12"}, at="maple")  # 15 stays there, and 20 holds
    assert inheritance.minimum_n(place("maple")) == 20
    send({"minimum_n": "19"}, 422, at="maple")
    send({"minimum_n": ""}, at="maple")
    assert (place("maple").minimum_n, inheritance.minimum_n(place("maple"))) == (None, 20)


@pytest.mark.parametrize("stage", ["postgresql"], indirect=True)
def test_two_leaders_at_once_do_not_lower_it(
    session: Session, stage: Any, world: World, place: Callable[[str], Organization]
) -> None:
    """Who read the lower value first is told so. With SQLite, who writes reads nothing before it is their turn."""
    begin_writing(session)
    person = session.scalars(select(Person).where(Person.address == address("district_leader"))).one()
    reach = access.reach(session, person)
    with Session(stage.engine) as late:
        read = late.get_one(Organization, world.places["district"])
        here = session.get_one(Organization, world.places["district"])
        organization_settings.save(session, reach, here, {"minimum_n": "30"}, world.began)
        session.commit()
        assert read.minimum_n is None
        with pytest.raises(WrongSettingsError):
            organization_settings.save(late, reach, read, {"minimum_n": "20"}, world.began)
    assert place("district").minimum_n == 30


@on_sqlite
def test_a_field_that_is_not_sent_stays(
    signed_in: SignedIn, send: Callable[..., Answer], place: Callable[[str], Organization], world: World
) -> None:
    send({"keep_log": "12", "term_team": "ATP", "school_year_month": "02", "school_year_day": "29"})
    browser = signed_in("district_leader")
    browser.post(f"/organizations/{world.places['district']}/settings", {"proof": browser.proof})
    district = place("district")
    assert (district.keep_log, district.terms, district.school_year_start) == (12, {"team": "ATP"}, "02-29")


@on_sqlite
def test_a_logo_is_taken_shown_and_taken_away(
    signed_in: SignedIn, send: Callable[..., Answer], place: Callable[[str], Organization], world: World
) -> None:
    send({"logo": (io.BytesIO(LOGO), "our logo.png")})
    assert place("district").logo == LOGO
    maple = signed_in("maple_leader")
    assert maple.get(f"/organizations/{world.places['maple']}/logo").content == LOGO
    assert "From Riverside District." in maple.get(f"/organizations/{world.places['maple']}/settings").page.text
    send({"keep_log": "10"})
    assert place("district").logo == LOGO
    send({"without_logo": "1"})
    assert place("district").logo is None


@on_sqlite
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "PNG or JPEG"),
        (b"GIF89a" + bytes(50), "PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG or JPEG"),
        (b"\xff\xd8\xff", "PNG or JPEG"),
        (png(15, 400), "16 to 4000"),
        (png(400, 100_000), "16 to 4000"),
        (png(0, 0), "PNG or JPEG"),
        (png(400, 400, 500_001), "at most 500 kB"),
    ],
)
def test_what_is_no_logo(
    send: Callable[..., Answer], place: Callable[[str], Organization], content: bytes, words: str
) -> None:
    page = send({"logo": (io.BytesIO(content), "x.png"), "keep_log": "9"}, 422).page
    assert [href for href, _ in page.errors] == ["#logo"]
    assert words in page.errors[0][1]
    assert page.form("/settings").data()["keep_log"] == ["9"]
    assert place("district").logo is None


@on_sqlite
def test_the_log_says_what_was_set(send: Callable[..., Answer], session: Session) -> None:
    send({"keep_log": "12", "logo": (io.BytesIO(LOGO), "x.png")})
    send({})
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "organization.settings_changed")).all()
    assert [(one.subject, one.details) for one in entries] == [
        ("Riverside District", {"keep_log": "12", "logo": "new"})
    ]


def test_the_words_of_a_place_are_on_its_pages_and_in_its_documents(
    signed_in: SignedIn, send: Callable[..., Answer], session: Session, world: World, tools: Tools
) -> None:
    send({"term_team": "action team", "term_teams": "ATPs"})
    chair, facilitator = signed_in("maple_leader"), signed_in("district_leader")
    home = filled_plan(chair, world)
    for path in (home, f"{home}/team", f"{home}/check"):
        text = chair.get(path).page.text
        assert "Action team" in text, path
        assert "partnership team" not in text, path
    submit(chair, home)
    (document,) = session.scalars(select(Document))
    assert "Action team" in words_of(document.content)
    assert "chool partnership team" not in words_of(document.content)
    paper = chair.get(f"/forms/action_plan.docx?organization={world.places['maple']}").content
    assert "Action team" in words_of(paper)
    assert "Maple School" in words_of(paper)
    assert "School partnership team" in words_of(chair.get("/forms/action_plan.docx").content)
    for place in (world.places["foreign"], "nonsense"):
        chair.get(f"/forms/action_plan.docx?organization={place}", status=404)
    start = tools.library.instrument("leadership_plan_district").starts[0].id
    plan = begin(facilitator, world.places["district"], "leadership_plan_district", start=start)
    shown = facilitator.get(f"{plan}/check").page.text
    assert "Hold workshops that prepare ATPs for their work." in shown
    send({"term_teams": ""})
    assert "Hold workshops that prepare ATPs for their work." in facilitator.get(f"{plan}/check").page.text
