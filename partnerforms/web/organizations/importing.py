"""Organizations from a CSV file: asked for, read, previewed. `web.jobs` applies what was previewed."""

import uuid
from dataclasses import asdict

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import jobs, organizations
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations import importing, organization_rows
from partnerforms.web import house, security
from partnerforms.web.organizations import import_words

importing_pages = Blueprint("importing", __name__)
importing_pages.before_request(security.member_only)

LARGEST_FILE = 2 * 1024 * 1024


@importing_pages.get("/organizations/<uuid:organization_id>/import")
def ask(organization_id: uuid.UUID) -> str:
    """How the file must look, and where to give it."""
    return _page(_organization(organization_id))


@importing_pages.post("/organizations/<uuid:organization_id>/import")
def preview(organization_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """What the file would do, as a job that waits for a yes; or everything that is wrong with it."""
    here = _organization(organization_id)
    given = request.files.get("file")
    content = given.read(LARGEST_FILE + 1) if given else b""
    if given is None or not given.filename:
        return _page(here, unreadable="missing"), 422
    if len(content) > LARGEST_FILE:
        return _page(here, unreadable="too_large"), 422
    session, reach, now = db.session(), security.reach(), house.now()
    try:
        sheet = spreadsheets.read(content)
        table = organization_rows.table(
            sheet, import_words.headings(house.gettext), import_words.levels(house.gettext)
        )
        plan = importing.prepare(session, reach, here, table, now)
    except spreadsheets.UnreadableError as error:
        return _page(here, unreadable=error.code), 422
    except importing.BadRowsError as error:
        return _page(here, problems=problems_told([asdict(problem) for problem in error.problems])), 422
    filename = " ".join(clean(given.filename).split())[:200]
    asked = importing.kept(table, plan, filename)
    outcome = plan.outcome() | {"filename": filename, "unused": list(table.unused)}
    job = jobs.begin(session, reach, here.id, "import", asked, now, preview=True, outcome=outcome)
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


@importing_pages.get("/organizations/<uuid:organization_id>/organizations.csv")
def table(organization_id: uuid.UUID) -> Response:
    """What stands below the organization now, as a file that can be changed and imported again."""
    content = importing.download(
        db.session(),
        _organization(organization_id),
        import_words.headings(house.gettext),
        import_words.levels(house.gettext),
    )
    response = Response(content, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="organizations.csv")
    return response


def problems_told(problems: list[dict[str, object]]) -> list[dict[str, object]]:
    """Problems with the sentence for each and the name of its column."""
    columns = import_words.headings(house.gettext)
    return [
        {**one, "column": columns.get(str(one["column"]), ""), "text": import_words.problem(one, house.gettext)}
        for one in problems
    ]


def _organization(organization_id: uuid.UUID) -> Organization:
    return organizations.find(db.session(), security.reach(), organization_id, "arrange")


def _page(here: Organization, unreadable: str = "", problems: list[dict[str, object]] | None = None) -> str:
    return render_template(
        "importing/ask.html",
        organization=here,
        levels=organizations.levels_below(here.level),
        headings=import_words.headings(house.gettext),
        level_names=import_words.levels(house.gettext),
        unreadable=import_words.unreadable(unreadable, house.gettext) if unreadable else "",
        problems=problems or [],
        most_rows=organization_rows.MOST_ROWS,
    )
