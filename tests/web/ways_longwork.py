"""Long work: imports, documents as one file, and the pages of jobs. A job is its person's alone."""

from sqlalchemy.orm import Session
from ways import Way
from world import World

from partnerforms.models import JobChunk, Person
from partnerforms.services import access, jobs
from partnerforms.services.tools import Tools

_DOCUMENTS = "/organizations/{maple}/documents"

WAYS = {
    ("importing.ask", "GET"): Way("GET", "/organizations/{maple}/import", "arrange"),
    ("importing.preview", "POST"): Way("POST", "/organizations/{maple}/import", "arrange"),
    ("importing.table", "GET"): Way("GET", "/organizations/{maple}/organizations.csv", "arrange"),
    ("collecting.ask", "GET"): Way("GET", _DOCUMENTS, "see"),
    ("collecting.begin", "POST"): Way("POST", _DOCUMENTS, "see", {"instrument": "", "since": "", "which": "latest"}),
    ("jobs.page", "GET"): Way("GET", "/jobs/{job}", "own", without=404),
    ("jobs.file", "GET"): Way("GET", "/jobs/{job}/file", "own", without=404),
    ("jobs.approve", "POST"): Way("POST", "/jobs/{job}/approve", "own", without=404),
    ("jobs.drop", "POST"): Way("POST", "/jobs/{job}/drop", "own", without=404, ends=True),
}


def make(session: Session, tools: Tools, world: World) -> dict[str, str]:
    """A job about Maple that somebody else began: nobody of the small world."""
    person = Person(address="gone@example.org", name="Gone", language="en")
    session.add(person)
    session.flush()
    reach = access.Reach(person, {})
    job = jobs.begin(session, reach, world.places["maple"], "documents", {}, world.began)
    job.state, job.filename, job.size = "done", "a-secret.zip", 2
    session.add(JobChunk(job_id=job.id, number=0, content=b"PK"))
    return {"job": str(job.id)}
