"""The people of an organization: who is in it, invitations, roles, handing over, and leaving."""

import uuid
from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Membership, Organization
from partnerforms.services import inheritance, organizations, people
from partnerforms.services.deliveries.limits import LimitError
from partnerforms.services.people import handover, memberships
from partnerforms.services.people.memberships import RefusedError
from partnerforms.web import house, security

people_pages = Blueprint("people", __name__)
people_pages.before_request(security.member_only)

_LONGEST_TYPED = 500  # of a wrong name or address so much is shown again
_HOME = "/organizations/<uuid:organization_id>/people"
_ONE = f"{_HOME}/<uuid:membership_id>"

Typed = dict[str, str]
Refused = list[RefusedError | LimitError]


@people_pages.get(_HOME)
def overview(organization_id: uuid.UUID) -> str:
    return _overview(_organization(organization_id), {"language": house.language().code}, [])


@people_pages.post(_HOME)
def invite(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    organization = _organization(organization_id)
    typed = _typed("name", "address", "role", "language")
    wrong = _wrong(typed)
    if typed["role"] not in memberships.ROLES:
        wrong.append(RefusedError("role"))
    if not wrong:
        try:
            invited = people.invite(
                db.session(), security.reach(), organization, typed["address"], typed["name"], typed["role"],
                house.tools(), house.now(), typed["language"],
            )  # fmt: skip
            db.session.commit()
            return _sent(invited)
        except (RefusedError, LimitError) as error:
            wrong.append(error)
    return _overview(organization, typed, wrong), 422


@people_pages.get(_ONE)
def page(organization_id: uuid.UUID, membership_id: uuid.UUID) -> str:
    return _page(_membership(organization_id, membership_id), {"language": house.language().code}, [])


@people_pages.post(f"{_ONE}/again")
def again(organization_id: uuid.UUID, membership_id: uuid.UUID) -> Response | tuple[str, int]:
    membership = _membership(organization_id, membership_id)
    return _do(
        membership,
        lambda: people.again(db.session(), security.reach(), membership, house.tools(), house.now()),
        lambda: _sent(membership),
        "again",
    )


@people_pages.post(f"{_ONE}/role")
def change_role(organization_id: uuid.UUID, membership_id: uuid.UUID) -> Response | tuple[str, int]:
    membership = _membership(organization_id, membership_id)
    role = request.form.get("role", "")
    return _do(
        membership,
        lambda: people.change_role(db.session(), security.reach(), membership, role, house.now()),
        lambda: _back(membership),
        "role",
    )


@people_pages.post(f"{_ONE}/remove")
def remove(organization_id: uuid.UUID, membership_id: uuid.UUID) -> Response | tuple[str, int]:
    membership = _membership(organization_id, membership_id)
    return _do(
        membership,
        lambda: people.remove(db.session(), security.reach(), membership, house.now()),
        lambda: _back(membership),
        "remove",
    )


@people_pages.post(f"{_ONE}/hand-over")
def hand_over(organization_id: uuid.UUID, membership_id: uuid.UUID) -> Response | tuple[str, int]:
    membership = _membership(organization_id, membership_id)
    typed = _typed("name", "address", "when", "language")
    if wrong := _wrong(typed):
        return _page(membership, typed, wrong), 422
    return _do(
        membership,
        lambda: handover.hand_over(
            db.session(), security.reach(), membership.organization, membership.person, typed["address"],
            typed["name"], typed["when"] == "now", house.tools(), house.now(), typed["language"],
        ),
        lambda: _back(membership, ended=membership not in db.session()),
        "when",
        typed,
    )  # fmt: skip


@people_pages.post("/invitations/<uuid:membership_id>/accept")
def accept(membership_id: uuid.UUID) -> Response:
    people.accept(db.session(), security.reach().person, membership_id, house.now(), _within())
    db.session.commit()
    return redirect(url_for("workspace.start"), 303)


@people_pages.post("/invitations/<uuid:membership_id>/decline")
def decline(membership_id: uuid.UUID) -> Response:
    people.decline(db.session(), security.reach().person, membership_id, house.now(), _within())
    db.session.commit()
    return redirect(url_for("workspace.start"), 303)


def waiting() -> list[people.Invitation]:
    """What the signed-in person is asked to accept; `people/invitations.html` shows it."""
    return people.invitations(db.session(), security.reach().person, _within())


def _within() -> uuid.UUID | None:
    """How far a session of an organization's single sign-on reaches."""
    provider = security.sign_in().provider
    return provider.organization_id if provider else None


def _organization(organization_id: uuid.UUID) -> Organization:
    return organizations.find(db.session(), security.reach(), organization_id, "arrange")


def _membership(organization_id: uuid.UUID, membership_id: uuid.UUID) -> Membership:
    return people.find(db.session(), security.reach(), organization_id, membership_id)


def _typed(*names: str) -> Typed:
    return {name: clean(request.form.get(name, ""))[:_LONGEST_TYPED] for name in names}


def _wrong(typed: Typed) -> Refused:
    """What is wrong with a name and an address, both at once."""
    found: Refused = []
    readings: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("name", memberships.read_name),
        ("address", memberships.read_address),
    )
    for name, read in readings:
        try:
            read(typed[name])
        except RefusedError as error:
            found.append(error)
    return found


def _do(
    membership: Membership,
    deed: Callable[[], None],
    after: Callable[[], Response],
    place: str,
    typed: Typed | None = None,
) -> Response | tuple[str, int]:
    """Do it, commit, and go on; when it is refused, the page says why at this place."""
    try:
        deed()
    except (RefusedError, LimitError) as error:
        return _page(membership, typed or {}, [error], place), 422
    response = after()
    db.session.commit()
    return response


def _sent(membership: Membership) -> Response:
    """Back to the list, which says that an invitation is on its way."""
    home = url_for("people.overview", organization_id=membership.organization_id, sent=membership.id)
    return redirect(home, 303)


def _back(membership: Membership, ended: bool = True) -> Response:
    """Back to the list; who has just ended their own session goes to the start."""
    own = ended and membership.person_id == security.reach().person.id
    home = url_for("people.overview", organization_id=membership.organization_id)
    return redirect(url_for("workspace.start") if own else home, 303)


def _overview(organization: Organization, typed: Typed, wrong: Refused) -> str:
    session, reach = db.session(), security.reach()
    found = people.of_organization(session, organization)
    sent = request.args.get("sent", "")
    return render_template(
        "people/overview.html",
        organization=organization,
        by_role={role: [one for one in found if one.role == role] for role in memberships.ROLES},
        nameless=people.nameless(session, reach, found),
        sent=next((one.person.address for one in found if str(one.id) == sent), ""),
        typed=typed,
        wrong=wrong,
        **_common(organization),
    )


def _page(membership: Membership, typed: Typed, wrong: Refused, place: str = "") -> str:
    session, reach = db.session(), security.reach()
    return render_template(
        "people/page.html",
        membership=membership,
        organization=membership.organization,
        nameless=people.nameless(session, reach, [membership]),
        alone=memberships.leads_alone(session, membership),
        successors=people.successors(session, membership),
        own=membership.person_id == reach.person.id,
        typed=typed,
        wrong=wrong,
        place=place,
        **_common(membership.organization),
    )


def _common(organization: Organization) -> dict[str, object]:
    return {
        "languages": house.library().member_languages(),
        "day_here": lambda moment: inheritance.day(organization, moment, house.tools()),
    }
