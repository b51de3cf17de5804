"""An export: all that an organization has, no more than may leave the house, and harmless in a spreadsheet."""

import csv
import io
import json
import random
import zipfile
from datetime import datetime
from typing import Any

import pytest
from outbox_helpers import NOW, writing
from planting import document, plant
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partnerforms.models import Organization, Person, Record, Response, ResultGroup, Survey, SurveyLink
from partnerforms.services.data import exporting

IN_TABLES = [
    "-terms", "-leader", "-member", "-issuer", "-client", "-assignment", "-draft", "-draft-words", "-plan",
    "-revision", "-version", "-survey", "-mail", "-entry",
]  # fmt: skip
NEVER = [
    "-code", "-sso", "-session", "-sealed", "-factor", "-recovery", "-subject", "-linkcode", "-tail-", "-lease",
    "-chunk", "-job", "-change",
]  # fmt: skip


@pytest.fixture
def planted(engine: Engine) -> Engine:
    with writing(engine) as session:
        plant(session, "qzxq", NOW)
        plant(session, "other", NOW)
    return engine


def export(engine: Engine, name: str = "District of qzxq", seed: int = 1) -> zipfile.ZipFile:
    pieces: list[bytes] = []
    with Session(engine) as session:
        wanted = session.scalar(select(Organization.id).where(Organization.name == name))
    assert wanted
    with Session(engine) as session:
        exporting.export(session, wanted, pieces.append, random.Random(seed), NOW)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    return archive


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    content = archive.read(f"csv/{name}.csv")
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def data(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(f"json/{name}.json"))


def words_in(archive: zipfile.ZipFile) -> str:
    return "\n".join(
        [*archive.namelist(), *(archive.read(name).decode(errors="replace") for name in archive.namelist())]
    )


def test_all_of_it_is_there_and_nothing_of_others_or_secret(planted: Engine) -> None:
    words = words_in(export(planted))
    assert [one for one in IN_TABLES if f"qzxq{one}" not in words] == []
    assert [one for one in NEVER if f"qzxq{one}" in words.replace("qzxq-code-mail", "")] == []
    assert "other-" not in words
    assert "of other" not in words


def test_results_are_shares_as_everywhere_and_never_counts(planted: Engine) -> None:
    figures = {"answered": 11, "unsure": 1, "counts": {"well": 11, "a_little": 0}}
    with writing(planted) as session:
        for group in session.scalars(select(ResultGroup)):
            group.n, group.items = 12, {"school_welcome": figures, "comment": {**figures, "answered": 0, "unsure": 0}}
    (told,) = data(export(planted), "results")
    assert told["items"] == {
        "school_welcome": {"answered": 12, "shares": {"well": "92 %", "a_little": "< 5 %", "unsure": "8 %"}},
        "comment": {"answered": 0},
    }


def test_csv_and_json_say_the_same_and_json_says_all(planted: Engine) -> None:
    archive = export(planted)
    names = {name.partition("/")[2].partition(".")[0] for name in archive.namelist() if name.startswith("csv/")}
    assert names == {name[5:-5] for name in archive.namelist() if name.startswith("json/")}
    for name in names:
        assert len(rows(archive, name)) == len(data(archive, name)), name
    (revision,) = data(archive, "revisions")
    assert revision["answers"] == {"goal": "qzxq-revision"}
    (asked,) = data(archive, "instruments_as_asked")
    assert (asked["asked"], asked["asked_as"]["tag"]) == (revision["asked"], "qzxq-version")
    assert {one["title"]: one["draft"] for one in data(archive, "records")}["qzxq-draft"] == {
        "school_year": "qzxq-draft-words"
    }
    (told,) = rows(archive, "revisions")
    assert (told["number"], told["document"]) == ("1", "documents/School-of-qzxq/qzxq-plan-document.docx")
    assert archive.read(told["document"]) == b"PK qzxq-plan-document"
    assert datetime.fromisoformat(told["submitted_at"]) == NOW.replace(tzinfo=None)
    assert archive.read("templates/District-of-qzxq/action_plan.docx") == b"PK qzxq-template"
    assert archive.read("logos/School-of-qzxq.jpg") == b"qzxq-logo"


def test_answers_leave_in_batches_in_no_order_with_comments_apart(planted: Engine) -> None:
    archive = export(planted)
    name = "answers/School-of-qzxq-qzxq-survey-families"
    answers = archive.read(f"{name}.csv").decode("utf-8-sig").splitlines()
    assert len(answers) == 13
    assert not [line for line in answers if "qzxq" in line]
    comments = archive.read(f"{name}-comments.csv").decode("utf-8-sig").splitlines()[1:]
    numbers = [int(line.rpartition("-")[2]) for line in comments]
    assert sorted(numbers) == list(range(12))
    assert numbers != sorted(numbers)
    assert numbers != [
        int(one[1].rpartition("-")[2]) for one in json.loads(export(planted, seed=2).read(f"{name}.json"))["comments"]
    ]
    told = json.loads(archive.read(f"{name}.json"))
    assert told["answers"] == [{"school_welcome": "well"}] * 12
    assert archive.read("answer_sheets/School-of-qzxq/qzxq-sheet.docx") == b"PK qzxq-sheet"
    assert {row["document"] for row in rows(archive, "deliveries")} == {
        "", "documents/School-of-qzxq/qzxq-plan-document.docx"
    }, "the moment of a mail must not tell when somebody answered"  # fmt: skip
    day = NOW.date().isoformat()
    assert day not in archive.read(f"{name}.csv").decode()


@pytest.mark.parametrize(
    ("delivery", "closed", "mailed", "there"),
    [
        ("batches", True, 12, 12), ("batches", False, 12, 0), ("at_close", True, 15, 15), ("at_close", False, 0, 0),
        ("each", True, 15, 15), ("each", False, 0, 0),
    ],
)  # fmt: skip
def test_what_may_leave_is_what_was_or_would_be_mailed(
    delivery: str, closed: bool, mailed: int, there: int, planted: Engine
) -> None:
    with writing(planted) as session:
        link = session.scalars(select(SurveyLink).where(SurveyLink.code == "qzxq-linkcode")).one()
        link.delivery, link.survey.closed_at = delivery, NOW if closed else None
        responses = session.scalars(select(Response).where(Response.link_id == link.id)).all()
        for number, response in enumerate(responses):
            response.batch = 1 if number < mailed else None
    archive = export(planted)
    found = [name for name in archive.namelist() if name.startswith("answers/") and name.endswith("families.csv")]
    lines = archive.read(found[0]).decode("utf-8-sig").splitlines()[1:] if found else []
    assert len(lines) == there
    assert bool([line for line in lines if "qzxq-" in line]) == (delivery == "each" and closed)
    assert bool([name for name in archive.namelist() if "qzxq-sheet" in name]) == closed


def test_too_few_answers_do_not_leave(planted: Engine) -> None:
    with writing(planted) as session:
        link = session.scalars(select(SurveyLink).where(SurveyLink.code == "qzxq-linkcode")).one()
        for response in session.scalars(select(Response).where(Response.link_id == link.id)).all()[:7]:
            session.delete(response)  # as retention does, a batch at a time
    assert not [name for name in export(planted).namelist() if name.startswith("answers/")]


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '"=1', "a\n=1", "a,=1", "a;=1", "'=1"]


def test_no_cell_is_a_formula(planted: Engine) -> None:
    with writing(planted) as session:
        plan = session.scalars(select(Record).where(Record.title == "qzxq-plan")).one()
        school, person = plan.organization_id, plan.created_by
        for text in HOSTILE:
            session.add(
                Record(
                    organization_id=school, instrument="x", title=text, draft={}, created_by=person, created_at=NOW,
                    changed_at=NOW,
                )
            )  # fmt: skip
    archive = export(planted)
    titles = [row["title"] for row in rows(archive, "records")]
    for text in HOSTILE:
        cell = f"'{text}" if text[0] in "=+-@\t\r" else text
        assert cell in titles
    for name in archive.namelist():
        if name.endswith(".csv"):
            cells = [
                cell
                for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""))
                for cell in row
            ]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], name
    assert set(HOSTILE) <= {one["title"] for one in data(archive, "records")}, "JSON has them as they are"


def test_names_that_are_no_file_names(planted: Engine) -> None:
    with writing(planted) as session:
        for organization in session.scalars(select(Organization)):
            if "qzxq" in organization.name:
                organization.name = "../../etc/\x07passwd\u202e" if organization.level == "school" else "مدرسة"
        session.scalars(select(Survey).where(Survey.title == "qzxq-survey")).one().title = "..\\..\\x"
    archive = export(planted, "مدرسة")
    for name in archive.namelist():
        assert name.isascii()
        assert name.isprintable()
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert "\\" not in name
        assert name.count("/") <= 2


def test_one_document_at_a_time_is_in_memory(planted: Engine) -> None:
    """What is written comes in pieces while documents are read, never all at the end."""
    big = 200_000
    with writing(planted) as session:
        school = session.scalars(select(Organization).where(Organization.name == "School of qzxq")).one()
        for number in range(20):
            made = document(session, school.id, f"qzxq-{number}", NOW)
            made.content = random.Random(number).randbytes(big)
    sizes: list[int] = []
    reports: list[tuple[int, int]] = []
    with Session(planted) as session:
        wanted = session.scalar(select(Organization.id).where(Organization.name == "District of qzxq"))
    assert wanted
    with Session(planted) as session:
        exporting.export(
            session,
            wanted,
            lambda piece: sizes.append(len(piece)),
            random.Random(1),
            NOW,
            lambda *how: reports.append(how),
        )
        assert not [one for one in session.identity_map.values() if isinstance(one, Person)]
    assert max(sizes) < 2 * big
    assert sum(sizes) > 20 * big
    assert reports[0][0] == 0
    assert reports[-1][0] == reports[-1][1] == 24
