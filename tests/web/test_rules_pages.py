"""Who gets which documents: the pages for leaders and for coordinators themselves, and what follows for mail."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from browser import Browser, on_sqlite
from filling import HOSTILE
from recording import filled_plan, submit
from sqlalchemy import select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms.models import AuditEntry, Delivery, DeliveryRule, Membership, Organization, Person

SignedIn = Callable[[str], Browser]
Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def page_of(session: Session) -> Callable[[str], str]:
    """The address of what a coordinator of the small world gets."""

    def find(person: str) -> str:
        query = select(Membership.id).join(Membership.person).where(Person.address == address(person))
        return f"/memberships/{session.scalars(query).one()}/deliveries"

    return find


def rules(session: Session) -> dict[str, str]:
    session.rollback()
    return {one.instrument: one.rule for one in session.scalars(select(DeliveryRule))}


def states(session: Session) -> list[tuple[str, str | None]]:
    session.rollback()
    return sorted((one.state, one.held_for) for one in session.scalars(select(Delivery)))


def test_a_leader_holds_plans_and_lets_them_go(
    signed_in: SignedIn, session: Session, world: World, mails: Mails
) -> None:
    leader = signed_in("maple_leader")
    overview = leader.get(f"/organizations/{world.places['maple']}/deliveries").page
    assert "Everything is sent as it comes" in overview.text
    page = leader.get(next(link for link in overview.links if "/memberships/" in link)).page
    saved = leader.follow(leader.send(page.form("/deliveries"), {"action_plan": "hold", "survey_staff": "never"}))
    assert "Saved." in saved.page.text
    assert rules(session) == {"action_plan": "hold", "survey_staff": "never"}
    overview = leader.get(f"/organizations/{world.places['maple']}/deliveries").page
    assert "Held: One-Year Action Plan" in overview.text
    assert "Never sent:" in overview.text

    home = filled_plan(leader, world)
    submit(leader, home)
    assert mails() == []
    assert states(session) == [("held", "paused")]
    held = signed_in("maple_coordinator").get("/deliveries?state=held").page
    assert "Held (1)" in held.text
    assert "It is paused" in held.text

    leader.send(saved.page.form("/deliveries"), {"action_plan": "send"})
    assert rules(session) == {"survey_staff": "never"}
    assert [mail["To"] for mail in mails()] == [address("maple_coordinator")]
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "delivery_rules.changed")).all()
    assert [one.details["rules"] for one in sorted(entries, key=lambda one: one.at)] == [
        {"action_plan": "hold", "survey_staff": "never"},
        {"action_plan": "send"},
    ]


def test_a_new_revision_takes_the_place_of_one_that_waits(
    signed_in: SignedIn, session: Session, world: World, page_of: Callable[[str], str], mails: Mails
) -> None:
    leader = signed_in("maple_leader")
    leader.send(leader.get(page_of("maple_coordinator")).page.form("/deliveries"), {"action_plan": "hold"})
    home = filled_plan(leader, world)
    for title in ("first", "second"):
        leader.send(leader.get(f"{home}/team").page.form("/team"), {"q-school_year": title})
        submit(leader, home)
    assert states(session) == [("held", "paused")]
    leader.send(leader.get(page_of("maple_coordinator")).page.form("/deliveries"), {"action_plan": "send"})
    (mail,) = mails()
    assert "revision 2" in mail["Subject"]


def test_coordinators_change_their_own_and_nobody_else_s(
    signed_in: SignedIn, session: Session, page_of: Callable[[str], str]
) -> None:
    own = page_of("maple_coordinator")
    coordinator = signed_in("maple_coordinator")
    assert own in coordinator.get("/deliveries").page.links
    page = coordinator.get(own).page
    assert page.h1 == "What you get by mail"
    coordinator.send(page.form("/deliveries"), {"action_plan": "never"})
    assert rules(session) == {"action_plan": "never"}
    for person, status in (
        ("district_leader", 403), ("state_leader", 403), ("maple_member", 403), ("oak_coordinator", 404),
        ("oak_leader", 404), ("foreign_leader", 404), ("stranger", 404),
    ):  # fmt: skip
        other = signed_in(person)
        other.get(own, status=status)
        other.post(own, {"proof": other.proof, "action_plan": "send"}, status=status)
    coordinator.get(page_of("maple_leader"), status=404)  # a leader's membership has no rules
    assert rules(session) == {"action_plan": "never"}


def test_only_a_leader_widens_what_comes_from_below(
    signed_in: SignedIn, session: Session, world: World, page_of: Callable[[str], str], mails: Mails
) -> None:
    own = page_of("district_coordinator")
    coordinator = signed_in("district_coordinator")
    page = coordinator.get(own).page
    assert "from_below" not in page.form("/deliveries").data()
    coordinator.send(page.form("/deliveries"), {"from_below": "yes"})
    filled = filled_plan(signed_in("maple_leader"), world)
    submit(signed_in("maple_leader"), filled)
    assert [mail["To"] for mail in mails()] == [address("maple_coordinator")]

    leader = signed_in("district_leader")
    leader.send(leader.get(own).page.form("/deliveries"), {"from_below": "yes"})
    for title in ("again",):
        signed_in("maple_leader").send(
            signed_in("maple_leader").get(f"{filled}/team").page.form("/team"), {"q-school_year": title}
        )
    submit(signed_in("maple_leader"), filled)
    assert sorted(mail["To"] for mail in mails()) == [
        address("district_coordinator"), address("maple_coordinator"), address("maple_coordinator"),
    ]  # fmt: skip
    coordinator.send(coordinator.get(own).page.form("/deliveries"), {"inventory": "hold"})
    session.rollback()
    query = select(Membership).join(Membership.person).where(Person.address == address("district_coordinator"))
    assert session.scalars(query).one().from_below  # the coordinator's own page has no say in it


def test_a_school_has_nothing_below_it(signed_in: SignedIn, page_of: Callable[[str], str]) -> None:
    page = signed_in("maple_leader").get(page_of("maple_coordinator")).page
    assert "Organizations below" not in page.text
    asked = set(page.form("/deliveries").data())
    assert {"action_plan", "survey_families"} <= asked
    assert not {"inventory", "roles_state", "survey_state"} & asked


def test_without_a_coordinator_it_says_who_receives_instead(
    signed_in: SignedIn, session: Session, world: World
) -> None:
    for place, ending in (("maple", "District Coordinator"), ("district", "")):
        query = select(Membership).where(
            Membership.organization_id == world.places[place], Membership.role == "coordinator"
        )
        session.delete(session.scalars(query).one())
        session.commit()
        text = signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/deliveries").page.text
        if ending:
            assert f"Its documents go to Riverside District instead: {ending}." in text
        else:
            assert "Nobody gets these documents by mail" in text


def test_who_was_invited_is_marked(
    signed_in: SignedIn, session: Session, world: World, page_of: Callable[[str], str], mails: Mails
) -> None:
    query = select(Membership).join(Membership.person).where(Person.address == address("maple_coordinator"))
    session.scalars(query).one().accepted_at = None
    session.commit()
    leader = signed_in("maple_leader")
    text = leader.get(f"/organizations/{world.places['maple']}/deliveries").page.text
    assert "Invited: mail waits until they accept" in text
    assert "has not accepted the invitation yet" in leader.get(page_of("maple_coordinator")).page.text
    signed_in("maple_coordinator").get(page_of("maple_coordinator"), status=404)
    submit(leader, filled_plan(leader, world))
    assert mails() == []
    waiting = leader.get("/deliveries?state=held").page
    assert "It waits until maple_coordinator@example.org accepts the invitation." in waiting.text
    assert not [form for form in waiting.forms if "/again" in form.action]


def test_an_archived_school_changes_nothing(
    signed_in: SignedIn, session: Session, world: World, page_of: Callable[[str], str]
) -> None:
    own = page_of("maple_coordinator")
    session.get_one(Organization, world.places["maple"]).archived_at = world.began
    session.commit()
    for person in ("maple_leader", "maple_coordinator"):
        signed_in(person).get(own, status=403)
    signed_in("maple_leader").get(f"/organizations/{world.places['maple']}/deliveries", status=403)


@on_sqlite
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_forged_rule_is_told_and_nothing_is_changed(
    kind: str, signed_in: SignedIn, session: Session, page_of: Callable[[str], str]
) -> None:
    typed, _ = HOSTILE[kind]
    leader = signed_in("maple_leader")
    form = leader.get(page_of("maple_coordinator")).page.form("/deliveries")
    answer = leader.send(form, {"action_plan": typed, "survey_staff": "hold"}, status=422)
    assert answer.page.title.startswith("Error:")
    assert rules(session) == {}
    assert answer.page.form("/deliveries").data()["survey_staff"] == ["hold"]


@on_sqlite
def test_missing_and_unknown_fields_change_nothing(
    signed_in: SignedIn, session: Session, page_of: Callable[[str], str]
) -> None:
    leader = signed_in("maple_leader")
    path = page_of("maple_coordinator")
    leader.send(leader.get(path).page.form("/deliveries"), {"action_plan": "hold"})
    leader.post(path, {"proof": leader.proof})
    leader.post(path, {"proof": leader.proof, "inventory": "never", "nothing": "never", "\x00": "hold"})
    assert rules(session) == {"action_plan": "hold"}
