"""The pages of long work: progress while it runs, the file piece by piece, and nobody else's."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser import Browser, on_sqlite
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from world import World, address

from partnerforms.models import Job, JobChunk, Person
from partnerforms.server import mail_worker
from partnerforms.services import access, jobs

SignedIn = Callable[[str], Browser]
PIECES = [b"PK" + bytes(300_000), b"\xff" * 300_000, b"end"]


@pytest.fixture
def job(session: Session, world: World) -> Job:
    """A job of Maple's leader with a file of three pieces."""
    person = session.scalars(select(Person).where(Person.address == address("maple_leader"))).one()
    reach = access.reach(session, person)
    made = jobs.begin(session, reach, world.places["maple"], "documents", {"much": "x"}, world.began)
    made.state, made.finished_at = "done", world.began
    made.outcome = {"documents": 2, "organizations": 1, "form": "All forms"}
    made.filename, made.size = "Maple-School-2026-11-22.zip", sum(map(len, PIECES))
    session.add_all(JobChunk(job_id=made.id, number=n, content=piece) for n, piece in enumerate(PIECES))
    session.commit()
    return made


def put(session: Session, job: Job, **values: object) -> None:
    for name, value in values.items():
        setattr(job, name, value)
    session.commit()


def test_a_file_is_read_piece_by_piece_and_leaves_no_connection_open(
    signed_in: SignedIn, job: Job, session: Session, stage: Any
) -> None:
    browser, path = signed_in("maple_leader"), f"/jobs/{job.id}/file"
    browser.get(f"/jobs/{job.id}")
    session.rollback()
    engine = stage.engine
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    response = browser.client.get(path, buffered=False)
    assert response.headers["Content-Length"] == str(sum(map(len, PIECES)))
    assert response.headers["Content-Disposition"] == "attachment; filename=Maple-School-2026-11-22.zip"
    assert response.mimetype == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    got = []
    for piece in response.iter_encoded():
        got.append(piece)
        assert sum("job_chunks" in one for one in asked) <= len(got) + 1  # no more than the next piece is read ahead
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    event.remove(engine, "before_cursor_execute", note)
    assert b"".join(got) == b"".join(PIECES)
    response.close()


def test_a_file_that_is_removed_while_it_is_read_breaks_off(signed_in: SignedIn, job: Job, session: Session) -> None:
    response = signed_in("maple_leader").client.get(f"/jobs/{job.id}/file", buffered=False)
    pieces = response.iter_encoded()
    got = next(iter(pieces))
    jobs.drop(session, job)
    session.commit()
    with pytest.raises(RuntimeError, match="gone"):
        got += b"".join(pieces)
    response.close()


@on_sqlite
@pytest.mark.parametrize("state", ["previewed", "queued", "running", "failed"])
def test_there_is_no_file_before_the_end(state: str, signed_in: SignedIn, job: Job, session: Session) -> None:
    put(session, job, state=state)
    signed_in("maple_leader").get(f"/jobs/{job.id}/file", status=404)


def test_nobody_else_finds_a_job(signed_in: SignedIn, job: Job, session: Session) -> None:
    unknown = uuid.uuid4()
    put(session, job, state="previewed")
    for person in ("district_leader", "state_leader", "maple_member", "foreign_leader"):
        browser = signed_in(person)
        for path in ("", "/file"):
            answers = [browser.get(f"/jobs/{one}{path}", status=404).content for one in (job.id, unknown)]
            assert answers[0] == answers[1]
        for path in ("/approve", "/drop"):
            browser.post(f"/jobs/{job.id}{path}", {"proof": browser.proof}, status=404)
        assert str(job.id) not in browser.get("/jobs").text
    session.rollback()
    assert session.get_one(Job, job.id).state == "previewed"


@on_sqlite
def test_who_does_not_see_the_organization_any_more_does_not_find_its_job(
    signed_in: SignedIn, job: Job, session: Session
) -> None:
    browser = signed_in("maple_leader")
    assert str(job.id) in browser.get("/jobs").text
    session.delete(job.person.memberships[0])
    session.commit()
    browser.get(f"/jobs/{job.id}", status=404)
    browser.get(f"/jobs/{job.id}/file", status=404)
    assert str(job.id) not in browser.get("/jobs").text


@on_sqlite
def test_the_page_tells_how_far_it_is_and_where_to_find_it_again(
    signed_in: SignedIn, job: Job, session: Session
) -> None:
    browser = signed_in("maple_leader")
    put(session, job, state="queued", finished_at=None)
    page = browser.get(f"/jobs/{job.id}").page
    assert "It begins in a moment" in page.said_at("job")
    assert "value" not in page.element("progress").attrib
    put(session, job, state="running", done=40, total=200)
    page = browser.get(f"/jobs/{job.id}").page
    bar = page.element("progress")
    assert (bar.get("value"), bar.get("max")) == ("40", "200")
    assert "40 of 200" in page.text
    assert "You can leave this page" in page.text
    assert "/jobs" in page.links
    assert f"/jobs/{job.id}" in page.links  # to look again without a script
    start = browser.get("/").page
    assert {"/jobs", f"/jobs/{job.id}"} <= set(start.links)  # it is found again without its address
    assert "/jobs" not in signed_in("maple_member").get("/").page.links
    assert any("jobs.js" in script for script in page.scripts)
    assert not any(element.get("http-equiv") for element in page.root.iter("meta"))  # nothing moves by itself
    put(session, job, state="done", finished_at=job.created_at)
    page = browser.get(f"/jobs/{job.id}").page
    assert "2 documents" in page.text
    assert f"/jobs/{job.id}/file" in page.links
    assert not any("jobs.js" in script for script in page.scripts)


@on_sqlite
@pytest.mark.parametrize("kind", ["import", "documents", "juggling"])
@pytest.mark.parametrize("error", ["stopped", "unforeseen", "not_allowed"])
def test_the_page_tells_what_went_wrong(
    kind: str, error: str, signed_in: SignedIn, job: Job, session: Session
) -> None:
    put(session, job, kind=kind, state="failed", outcome={"error": error}, filename=None)
    browser = signed_in("maple_leader")
    text = browser.get(f"/jobs/{job.id}").page.text
    assert "Nothing was" in text
    assert "Download" not in text
    assert "Not done" in browser.get("/jobs").page.text


@on_sqlite
def test_a_job_is_approved_once_and_dropped_for_good(signed_in: SignedIn, job: Job, session: Session) -> None:
    outcome = {"counts": {"new": 1}, "changes": [], "invitations": [], "unused": [], "filename": "x.csv"}
    put(session, job, kind="import", state="previewed", outcome=outcome, filename=None)
    browser = signed_in("maple_leader")
    for _ in range(2):
        assert browser.post(f"/jobs/{job.id}/approve", {"proof": browser.proof}).location == f"/jobs/{job.id}"
        session.rollback()
        assert job.state == "queued"
    browser.post(f"/jobs/{job.id}/approve", {"proof": "x"}, status=400)
    assert "It is gone" in browser.follow(browser.post(f"/jobs/{job.id}/drop", {"proof": browser.proof})).page.text
    browser.post(f"/jobs/{job.id}/drop", {"proof": browser.proof}, status=404)
    session.rollback()
    assert session.scalars(select(JobChunk)).all() == []


def test_the_mail_worker_sweeps_out_old_jobs(app: Flask, job: Job, session: Session) -> None:
    put(session, job, finished_at=job.created_at - timedelta(hours=25))
    assert mail_worker(app).run_chores(datetime.now(UTC))
    assert session.scalars(select(Job)).all() == []
    assert session.scalars(select(JobChunk)).all() == []
