"""Personal invitations to a survey: a list of addresses is read and previewed, letters go out, numbers are told."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services import jobs, surveys
from partnerforms.services.jobs import spreadsheets
from partnerforms.services.organizations.organization_rows import Problem
from partnerforms.services.surveys import invitations
from partnerforms.services.surveys.invitations import mailing, uploading
from partnerforms.web import house, security
from partnerforms.web.organizations import import_words

invitations_pages = Blueprint("invitations", __name__)
invitations_pages.before_request(security.member_only)

LARGEST_FILE = 2 * 1024 * 1024


@invitations_pages.get("/surveys/<uuid:survey_id>/links/<uuid:link_id>/invitations")
def overview(survey_id: uuid.UUID, link_id: uuid.UUID) -> str:
    """The numbers of a link's invitations, and where its next list is given."""
    return _page(_link(survey_id, link_id))


@invitations_pages.post("/surveys/<uuid:survey_id>/links/<uuid:link_id>/invitations")
def preview(survey_id: uuid.UUID, link_id: uuid.UUID) -> Response | tuple[str, int]:
    """What a list would do, as a job that waits for a yes; or everything that is wrong with it."""
    link, session, now = _link(survey_id, link_id), db.session(), house.now()
    if mailing.why_not_invite(link, house.tools(), now):
        return _page(link), 422
    given = request.files.get("file")
    content = given.read(LARGEST_FILE + 1) if given else b""
    if given is None or not given.filename:
        return _page(link, unreadable="missing"), 422
    if len(content) > LARGEST_FILE:
        return _page(link, unreadable="too_large"), 422
    try:
        offered = invitations.languages(session, link, house.tools())
        rows = uploading.read(spreadsheets.read(content), _headings(), offered)
        plan = uploading.plan(session, link, rows, house.tools())
    except spreadsheets.UnreadableError as error:
        return _page(link, unreadable=error.code), 422
    except uploading.BadListError as error:
        return _page(link, problems=error.problems), 422
    outcome = plan.outcome() | {"survey": str(link.survey_id), "link": str(link.id), "audience": link.audience}
    asked = uploading.kept(link, plan)
    job = jobs.begin(
        session, security.reach(), link.organization_id, "invitations", asked, now, preview=True, outcome=outcome
    )
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


@invitations_pages.post("/surveys/<uuid:survey_id>/links/<uuid:link_id>/invitations/remind")
def remind(survey_id: uuid.UUID, link_id: uuid.UUID) -> Response | tuple[str, int]:
    """Begin the work of reminding all who have not answered."""
    link, session, now = _link(survey_id, link_id), db.session(), house.now()
    if mailing.why_not_remind(link, invitations.standing(session, link), house.tools(), now):
        return _page(link), 409
    asked = {"survey": str(link.survey_id), "link": str(link.id)}
    job = jobs.begin(session, security.reach(), link.organization_id, "reminders", asked, now)
    db.session.commit()
    return redirect(url_for("jobs.page", job_id=job.id), 303)


def _link(survey_id: uuid.UUID, link_id: uuid.UUID) -> SurveyLink:
    return surveys.find_own_link(db.session(), security.reach(), survey_id, link_id, "run")


def _page(link: SurveyLink, unreadable: str = "", problems: list[Problem] | None = None) -> str:
    tools, now = house.tools(), house.now()
    standing = invitations.standing(db.session(), link)
    last = standing.mailed_at
    return render_template(
        "surveys/invitations.html",
        link=link,
        standing=standing,
        cannot=mailing.why_not_invite(link, tools, now),
        cannot_remind=mailing.why_not_remind(link, standing, tools, now),
        remind_from=last + mailing.REMIND_EVERY if last else None,
        most=invitations.MOST,
        most_reminders=invitations.MOST_REMINDERS,
        headings=_headings(),
        languages=invitations.languages(db.session(), link, tools),
        unreadable=import_words.unreadable(unreadable, house.gettext) if unreadable else "",
        problems=[_told(problem) for problem in problems or ()],
    )


def _headings() -> dict[str, str]:
    return {"address": house.gettext("Mail address"), "language": house.gettext("Language")}


def _told(problem: Problem) -> dict[str, object]:
    """A problem with its sentence and the name of its column."""
    heading = _headings().get(problem.column, "")
    text = _problems()[problem.code].format(value=problem.value, more=problem.more, heading=heading)
    return {"line": problem.line, "column": heading, "value": problem.value if problem.line else "", "text": text}


def _problems() -> dict[str, str]:
    gettext = house.gettext
    return {
        "quotation_mark": gettext("A quotation mark begins here and does not end. From here on nothing was read."),
        "column_missing": gettext("The column “{heading}” is missing."),
        "column_twice": gettext("“{value}” and “{more}” are the same column."),
        "too_many_rows": gettext("The file has more than {more} rows. Divide it into smaller ones."),
        "no_rows": gettext("There are headings, but no rows."),
        "missing": gettext("Nothing stands here."),
        "address": gettext("This is not a mail address."),
        "language": gettext("The survey is not open in this language. Leave the cell empty for English."),
        "too_many": gettext("This group of people would have {value} invitations; {more} are the most."),
        "too_few": gettext(
            "New people in this list: {value}. At least {more} must be invited together, so that nobody is "
            "recognized. Give the address of the survey to the others."
        ),
    }
