"""The pages: thin blueprints over the services. A POST is one transaction that writes; its view commits once."""

import hashlib
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime
from flask import Flask, abort, request, url_for
from werkzeug.wrappers import Response

from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.web import (
    deliveries,
    errors,
    house,
    jobs,
    organizations,
    outbox,
    public,
    records,
    security,
    signin,
    surveys,
    workspace,
)
from partnerforms.web.deliveries import rules
from partnerforms.web.organizations import (
    assignments,
    audit,
    collecting,
    data,
    importing,
    language_preview,
    languages,
    organization_settings,
    own_templates,
    people,
    single_sign_on,
)
from partnerforms.web.public import invitation, kiosk
from partnerforms.web.public import preview as public_preview
from partnerforms.web.records import comparing, drafts
from partnerforms.web.signin import account, single
from partnerforms.web.surveys import (
    comments,
    follow_up,
    invitations,
    materials,
    opening,
    paper,
    paper_sheets,
    preview,
    reports,
    results,
    set_aside,
)


def register(app: Flask, built: house.House) -> None:
    """Put the blueprints, error pages, headers and template names into the application."""
    app.extensions[house.KEY] = built
    app.before_request(security.refuse_foreign_forms)
    app.before_request(_begin)
    app.after_request(security.add_headers)
    app.after_request(_read_whole)
    for blueprint in (
        public.public,
        kiosk.kiosk_pages,
        invitation.invitation_pages,
        public_preview.preview_pages,
        signin.signin_pages,
        single.single_pages,
        account.account_pages,
        single_sign_on.provider_pages,
        workspace.workspace,
        records.records_pages,
        drafts.drafts_pages,
        comparing.comparing_pages,
        surveys.surveys_pages,
        opening.opening_pages,
        reports.reports_pages,
        set_aside.set_aside_pages,
        invitations.invitations_pages,
        preview.preview_pages,
        materials.materials_pages,
        paper.paper_pages,
        paper_sheets.paper_sheet_pages,
        comments.comments_pages,
        follow_up.follow_up_pages,
        results.results_pages,
        deliveries.deliveries_pages,
        rules.rules_pages,
        organizations.organizations_pages,
        organization_settings.settings_pages,
        own_templates.own_template_pages,
        languages.languages_pages,
        language_preview.preview_pages,
        assignments.assignments_pages,
        jobs.jobs_pages,
        importing.importing_pages,
        collecting.collecting_pages,
        people.people_pages,
        audit.audit_pages,
        data.data_pages,
        data.erased_pages,
    ):
        app.register_blueprint(blueprint)
    if built.settings.demo:
        app.register_blueprint(outbox.outbox)
    errors.register(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        house.gettext, lambda one, many, n: house.gettext(one if n == 1 else many), newstyle=True
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(day=_day, moment=_moment, host=_host)
    app.context_processor(_names)


def _begin() -> None:
    """The transaction of a POST says at its start that it will write; the body is read before, from slow phones."""
    if request.method == "POST":
        if None in (*request.form, *request.files):
            abort(400)  # a field without a name: no browser sends such a form
        begin_writing(db.session)


def _read_whole(response: Response) -> Response:
    """Style sheets and scripts are read before they are compressed: the compressor would leave their file open."""
    if request.endpoint == "static":
        response.direct_passthrough = False
        response.make_sequence()
    return response


def _names() -> dict[str, object]:
    return {
        "asset": _asset,
        "language": house.language(),
        "catalogue": house.catalogue(),
        "proof": security.form_proof,
        "demo": house.settings().demo,
    }


@cache
def _version(filename: str) -> str:
    """Style sheets and scripts are cached for ever, under an address that changes with them."""
    return hashlib.sha256((Path(__file__).parents[1] / "static" / filename).read_bytes()).hexdigest()[:8]


def _asset(filename: str) -> str:
    return url_for("static", filename=filename, v=_version(filename))


def _day(value: date) -> str:
    return str(format_date(value, "long", locale=house.language().locale))


def _moment(value: datetime, zone: tzinfo | None = None) -> str:
    """A moment where an organization's people live, or where the program's do."""
    there = value.astimezone(zone or house.tools().zone)
    return str(format_datetime(there, "short", locale=house.language().locale))


def _host(address: str) -> str:
    """The host of an address, as people compare it."""
    return urlsplit(address).hostname or address
