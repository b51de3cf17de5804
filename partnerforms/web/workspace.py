"""The start page of a signed-in person, and the lists of all forms and surveys that they see."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from partnerforms.engine.answers import clean
from partnerforms.extensions import db
from partnerforms.services import jobs, organizations, overview, records
from partnerforms.services.deliveries import mailed, outbox
from partnerforms.services.organizations import assignments
from partnerforms.services.people import alone_in
from partnerforms.services.surveys import doubts
from partnerforms.web import house, security
from partnerforms.web.organizations import people

workspace = Blueprint("workspace", __name__)
workspace.before_request(security.member_only)

_A_PAGE = 50
_AT_A_GLANCE = 10
_WORKS = 3
_FURTHEST = 1_000_000  # no database counts farther than it can


@workspace.get("/")
def start() -> str:
    """What is due, what arrived, drafts to finish, surveys that run: of each what concerns this person."""
    session, reach, tools, now = db.session(), security.reach(), house.tools(), house.now()
    fills, runs, sees = reach.where("fill"), reach.where("run"), reach.where("see")
    filled = organizations.listed(session, fills)
    running = overview.running(session, sees, tools, now, _AT_A_GLANCE)
    given = assignments.of(session, runs)
    return render_template(
        "workspace/start.html",
        person=reach.person,
        invitations=people.waiting(),
        due=assignments.due(session, filled, tools, now),
        drafts=overview.drafts(session, fills, _AT_A_GLANCE),
        arrived=overview.arrived(session, sees, _AT_A_GLANCE),
        given=[(one, assignments.counts(session, one, tools)) for one in given],
        running=running,
        doubtful=doubts.waiting(session, reach, [one.survey.id for one in running]),
        begins=[
            (
                organization,
                [house.instrument(one.id) for one in records.instruments_for(house.library(), organization)],
            )
            for organization in filled
        ],
        new_places=organizations.listed(session, alone_in(session, reach.person, runs)),
        runs=organizations.listed(session, runs),
        mail=mailed.counts(session, reach.where("deliveries")) if reach.where("deliveries") else None,
        works=jobs.of_person(session, reach, _WORKS),
        queue=outbox.queue_state(session),
        titles=_titles(),
        languages=house.library().member_languages(),
    )


@workspace.get("/records")
def forms() -> str:
    """All forms that the person sees, to be searched."""
    words, instrument, state, skip = _asked("words"), _asked("form"), _asked("state"), _skip()
    if (instrument and instrument not in _titles()) or state not in ("", "draft", "submitted"):
        abort(404)
    sees = security.reach().where("see")
    found = overview.forms(
        db.session(), sees, _A_PAGE + 1, words=words, instrument=instrument, state=state, skip=skip
    )
    return render_template(
        "workspace/forms.html",
        records=found[:_A_PAGE],
        more=skip + _A_PAGE if len(found) > _A_PAGE else None,
        words=words,
        form=instrument,
        state=state,
        titles=_titles(),
    )


@workspace.get("/surveys")
def surveys() -> str:
    """All surveys that the person sees, to be searched."""
    words, skip = _asked("words"), _skip()
    found = overview.all_surveys(db.session(), security.reach().where("see"), _A_PAGE + 1, words=words, skip=skip)
    return render_template(
        "workspace/surveys.html",
        surveys=found[:_A_PAGE],
        more=skip + _A_PAGE if len(found) > _A_PAGE else None,
        words=words,
        runs=organizations.listed(db.session(), security.reach().where("run")),
    )


@workspace.post("/language")
def choose_language() -> Response:
    """From now on pages, documents and mail of this person are in the chosen language."""
    wanted = request.form.get("language", "")
    if wanted in [offered.code for offered in house.library().member_languages()]:
        security.reach().person.language = wanted
        db.session.commit()
    return redirect(url_for("workspace.start"), 303)


def _titles() -> dict[str, str]:
    return {one.id: house.instrument(one.id).title for one in house.library().instruments("record")}


def _asked(name: str) -> str:
    return clean(request.args.get(name, ""))[:200]


def _skip() -> int:
    return min(max(0, request.args.get("skip", 0, type=int)), _FURTHEST)
