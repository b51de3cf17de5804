"""Organizations: found in the tree, seen with all that can be done there, made, changed, archived, brought back."""

import uuid
from collections import Counter

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from partnerforms.documents.templates.logo import read_picture
from partnerforms.engine.answers import clean
from partnerforms.engine.model import LEVELS, Instrument
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance, organizations, records
from partnerforms.services import overview as lists
from partnerforms.services.access import NotThereError
from partnerforms.services.organizations import TreeError, find, trees
from partnerforms.services.people import of_organization as people_of
from partnerforms.web import house, security

organizations_pages = Blueprint("organizations", __name__)
organizations_pages.before_request(security.member_only)

_A_PAGE = 200
_AT_A_GLANCE = 5

# What is done at which field of a form when the tree does not take it.
_FIELDS = {"same_name": "name", "same_number": "number", "archived": "parent", "parent_archived": "parent"}


@organizations_pages.get("/organizations")
def overview() -> str:
    """The tree as far as it is seen; with words, a level or "archived" a list of what fits."""
    every = trees.tree(db.session(), security.reach())
    words, show = clean(request.args.get("words", ""))[:200], clean(request.args.get("show", ""))
    found = _fitting(every, words, show)
    skip = min(max(0, request.args.get("skip", 0, type=int)), len(every))
    shown = found[skip : skip + _A_PAGE]
    living = Counter(one.level for one in every if not one.archived)
    return render_template(
        "organizations/overview.html",
        nodes=shown,
        tops=_nested(shown),
        found=len(found),
        skip=skip,
        a_page=_A_PAGE,
        words=words,
        show=show,
        flat=bool(words or show),
        counts={level: living[level] for level in LEVELS},
        archived=sum(one.archived for one in every),
    )


def _fitting(every: list[trees.Node], words: str, show: str) -> list[trees.Node]:
    """Without words the top and what stands right below it: a state is long enough with its districts."""
    if show == "archived":
        return trees.search([one for one in every if one.archived], words)
    here = [one for one in every if not one.archived]
    if show in LEVELS:
        here = [one for one in here if one.level == show]
    elif not words:
        here = [one for one in here if one.depth < 2]
    return trees.search(here, words)


def _nested(nodes: list[trees.Node]) -> list[tuple[trees.Node | None, list[trees.Node]]]:
    """Each top with those right below it; None for the top of those that go on from the page before."""
    tops: list[tuple[trees.Node | None, list[trees.Node]]] = []
    for node in nodes:
        if not node.place:
            tops.append((node, []))
            continue
        if not tops:
            tops.append((None, []))
        tops[-1][1].append(node)
    return tops


@organizations_pages.get("/organizations/<uuid:organization_id>")
def page(organization_id: uuid.UUID) -> str:
    return _page(find(db.session(), security.reach(), organization_id), error="")


def _page(organization: Organization, error: str) -> str:
    session, reach, organization_id = db.session(), security.reach(), organization.id
    here, *lower = trees.tree(session, reach, within=organization_id)
    return render_template(
        "organizations/page.html",
        organization=organization,
        above=_above(organization),
        below=here.below,
        children=[one for one in lower if one.depth == 1],
        most=_A_PAGE,
        may=lambda ability: reach.can(ability, organization_id),
        levels=organizations.levels_below(organization.level),
        memberships=[one for one in people_of(session, organization) if one.accepted_at],
        records=lists.forms(session, [organization_id], _AT_A_GLANCE),
        surveys=lists.all_surveys(session, [organization_id], _AT_A_GLANCE),
        instruments=_instruments(organization),
        titles={one.id: house.instrument(one.id).title for one in house.library().instruments("record")},
        logo=inheritance.logo(organization) is not None,
        error=error,
    )


@organizations_pages.get("/organizations/<uuid:organization_id>/logo")
def logo(organization_id: uuid.UUID) -> Response:
    """The picture on this organization's documents, its own or one from above."""
    picture = inheritance.logo(find(db.session(), security.reach(), organization_id))
    if picture is None:
        raise NotThereError
    return Response(picture, mimetype=f"image/{read_picture(picture).extension}")


@organizations_pages.get("/organizations/<uuid:organization_id>/new")
def new(organization_id: uuid.UUID) -> str:
    parent = _arranged(organization_id)
    return _new_page(parent, {"level": "", "name": "", "number": ""}, error="")


@organizations_pages.post("/organizations/<uuid:organization_id>/new")
def create(organization_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    parent = _arranged(organization_id)
    typed = {name: clean(request.form.get(name, "")) for name in ("level", "name", "number")}
    fitting = organizations.levels_below(parent.level)
    level = fitting[0] if len(fitting) == 1 else typed["level"]
    try:
        made = organizations.create(
            db.session(), security.reach(), parent, level, typed["name"], typed["number"], house.now()
        )
    except TreeError as error:
        return _new_page(parent, typed, error.code), 422
    db.session.commit()
    return redirect(url_for("organizations.page", organization_id=made.id), 303)


@organizations_pages.get("/organizations/<uuid:organization_id>/edit")
def edit(organization_id: uuid.UUID) -> str:
    organization = _arranged(organization_id)
    typed = {
        "name": organization.name,
        "number": organization.number or "",
        "parent": str(organization.parent_id or ""),
    }
    return _edit_page(organization, typed, error="")


@organizations_pages.post("/organizations/<uuid:organization_id>/edit")
def save(organization_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """Name, number and place at once; all of it or nothing."""
    session, reach, now = db.session(), security.reach(), house.now()
    organization = _arranged(organization_id)
    typed = {name: clean(request.form.get(name, "")) for name in ("name", "number", "parent")}
    parents = organizations.parents_for(session, reach, organization)
    wanted = next((one for one in parents if str(one.id) == typed["parent"]), None)
    try:
        if typed["parent"] and parents and wanted is None:
            raise NotThereError
        if wanted is not None:
            organizations.move(session, reach, organization, wanted, now)
        organizations.rename(session, reach, organization, typed["name"], now)
        organizations.set_number(session, reach, organization, typed["number"], now)
    except TreeError as error:
        session.rollback()
        return _edit_page(_arranged(organization_id), typed, error.code), 422
    session.commit()
    return redirect(url_for("organizations.page", organization_id=organization_id), 303)


@organizations_pages.get("/organizations/<uuid:organization_id>/archive")
def archive(organization_id: uuid.UUID) -> str:
    """What archiving will do, with the button that does it."""
    return _archive_page(_arranged(organization_id), error="")


@organizations_pages.post("/organizations/<uuid:organization_id>/archive")
def archive_now(organization_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    organization = _arranged(organization_id)
    try:
        organizations.archive(db.session(), security.reach(), organization, house.now())
    except TreeError as error:
        return _archive_page(organization, error.code), 422
    db.session.commit()
    return redirect(url_for("organizations.page", organization_id=organization_id), 303)


@organizations_pages.post("/organizations/<uuid:organization_id>/restore")
def restore(organization_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    organization = _arranged(organization_id)
    try:
        organizations.restore(db.session(), security.reach(), organization, house.now())
    except TreeError as error:
        return _page(organization, error.code), 422
    db.session.commit()
    return redirect(url_for("organizations.page", organization_id=organization_id), 303)


def _arranged(organization_id: uuid.UUID) -> Organization:
    return find(db.session(), security.reach(), organization_id, "arrange")


def _above(organization: Organization) -> list[tuple[Organization, bool]]:
    """Those above it, the top first, and whether the person sees them."""
    above = [*inheritance.upward(organization)][:0:-1]
    return [(one, security.reach().can("see", one.id)) for one in above]


def _instruments(organization: Organization) -> list[Instrument]:
    """The forms that the person may begin here."""
    if not security.reach().can("fill", organization.id):
        return []
    return [house.instrument(one.id) for one in records.instruments_for(house.library(), organization)]


def _new_page(parent: Organization, typed: dict[str, str], error: str) -> str:
    levels = organizations.levels_below(parent.level)
    error = error if levels else ""  # the page says that nothing stands below a school
    return render_template(
        "organizations/new.html",
        parent=parent,
        levels=levels,
        typed=typed,
        error=error,
        field=_FIELDS.get(error, error),
    )


def _edit_page(organization: Organization, typed: dict[str, str], error: str) -> str:
    return render_template(
        "organizations/edit.html",
        organization=organization,
        parents=organizations.parents_for(db.session(), security.reach(), organization),
        typed=typed,
        error=error,
        field=_FIELDS.get(error, error),
    )


def _archive_page(organization: Organization, error: str) -> str:
    session = db.session()
    nodes = [one for one in trees.tree(session, security.reach(), within=organization.id) if not one.archived]
    return render_template(
        "organizations/archive.html",
        organization=organization,
        counts=Counter(one.level for one in nodes if one.id != organization.id),
        running=len(lists.running(session, [one.id for one in nodes], house.tools(), house.now(), limit=100)),
        error=error,
    )
