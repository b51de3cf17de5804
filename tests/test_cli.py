"""The commands: fill and blank in every language, and plain words for what is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect
from word_reading import words_of

from partnerforms.cli import cli
from partnerforms.engine.model import Scale
from partnerforms.engine.samples import sample
from partnerforms.languages import read_library

LIBRARY = read_library()
EVERY = [
    (instrument_id, language.code)
    for instrument_id in LIBRARY.definitions
    for language in LIBRARY.languages_of(instrument_id)
]


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(cli, [str(argument) for argument in arguments])


def answers_in(folder: Path, content: Any) -> Path:
    file = folder / "answers.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


@pytest.mark.parametrize(("instrument_id", "language"), EVERY)
def test_fill_puts_every_answer_into_the_document(instrument_id: str, language: str, tmp_path: Path) -> None:
    instrument = LIBRARY.instrument(instrument_id, language)
    answers = answers_in(tmp_path, sample(instrument))
    out = tmp_path / "out.docx"
    result = run(
        "fill", instrument_id, answers, "-o", out, "--lang", language, "--organization", "Oak & Elm <School>"
    )
    assert (result.exit_code, result.output) == (0, f"{out}\n")
    words = words_of(out.read_bytes())
    assert " ".join(instrument.title.split()) in words
    assert "Oak & Elm <School>" in words
    assert "& <sample>" in words
    for item in instrument.items():
        if isinstance(item, Scale):
            assert " ".join(item.options[-1].label.split()) in words


@pytest.mark.parametrize(
    ("instrument_id", "language"), [*[one for one in EVERY if one[0] == "survey_families"], ("action_plan", "en")]
)
def test_blank_prints_the_paper_form(instrument_id: str, language: str, tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    result = run("blank", instrument_id, "-o", out, "--lang", language, "--organization", "Oak & Elm <School>")
    assert result.exit_code == 0, result.output
    instrument = LIBRARY.instrument(instrument_id, language)
    words = words_of(out.read_bytes())
    assert " ".join(instrument.title.split()) in words
    for item in instrument.items():
        assert " ".join(item.label.split()) in words


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "Expecting property name"),
        (b"", "Expecting value"),
        (b'{"school_year": "\xff"}', "can't decode byte 0xff"),
        (b"[" * 100_000, "recursion"),
        (b"[]", "must hold an object: item ids and their answers"),
        (b"null", "must hold an object: item ids and their answers"),
        (b'{"school_year": NaN}', "school_year: This answer has the wrong form."),
        ({}, "school_year: Answer this question."),
        ({"school_year": ["2026"]}, "school_year: This answer has the wrong form."),
        ({"school_year": "x" * 21}, "school_year: Use at most 20 characters; this has 21."),
        ({"scool_year": "2026"}, "scool_year: is not asked by action_plan"),
        ({"goals": "none"}, "goals: This answer has the wrong form."),
        ({"goals": [{"goal": "x", "gaol": "y"}]}, "goals[0].gaol: is not asked by action_plan"),
        (
            {"goals": [{"goal": "x", "activities": [{}, {"activity": "x", "types": ["none"]}]}]},
            "goals[0].activities[1].types: Choose one of the answers offered.",
        ),
        ({"seen_by": "faculty"}, "seen_by: This answer has the wrong form."),
    ],
)
def test_answers_that_do_not_fit_are_named_by_file_place_and_rule(content: Any, said: str, tmp_path: Path) -> None:
    answers, out = answers_in(tmp_path, content), tmp_path / "out.docx"
    result = run("fill", "action_plan", answers, "-o", out)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {answers}:")
    assert said in result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    assert not out.exists()


def test_every_wrong_answer_is_named_at_once(tmp_path: Path) -> None:
    answers = answers_in(tmp_path, {"a": 1, "b": 2, "school_year": 1.5, "seen_by": ["x"]})
    lines = run("fill", "action_plan", answers, "-o", tmp_path / "out.docx").output.splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["a", "b", "school_year", "goals", "seen_by"]


@pytest.mark.parametrize("command", ["fill", "blank"])
def test_an_instrument_or_language_that_is_not_there_is_named_with_those_that_are(
    command: str, tmp_path: Path
) -> None:
    files = [answers_in(tmp_path, {})] if command == "fill" else []
    wrong = run(command, "acton_plan", *files, "-o", tmp_path / "out.docx")
    assert wrong.exit_code == 1
    assert wrong.output.startswith("Error: 'acton_plan' is none of: action_plan, inventory, ")
    foreign = run(command, "survey_staff", *files, "-o", tmp_path / "out.docx", "--lang", "xx")
    known = ", ".join(LIBRARY.languages)
    assert (foreign.exit_code, foreign.output) == (1, f"Error: 'xx' is none of: {known}\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run("fill", "action_plan", tmp_path / "nothing.json", "-o", tmp_path / "out.docx")
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_the_tables_are_made_and_taken_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.sqlite"
    environment = {"PARTNERFORMS_DATABASE_URL": url, "PARTNERFORMS_SECRET_KEY": "x" * 32}
    assert run("db", "upgrade", **environment).exit_code == 0
    engine = create_engine(url)
    assert "responses" in inspect(engine).get_table_names()
    assert run("db", "downgrade", "base", **environment).exit_code == 0
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_sqlite_is_not_served_by_several_processes(tmp_path: Path) -> None:
    environment = {"PARTNERFORMS_DATABASE_URL": "sqlite:///x", "PARTNERFORMS_SECRET_KEY": "x" * 32}
    result = run("serve", "--processes", "2", **environment)
    assert (result.exit_code, result.output) == (
        1,
        "Error: SQLite is served by one process; use PostgreSQL for more\n",
    )


def test_settings_that_are_missing_are_lines_and_not_a_trace() -> None:
    command = [sys.executable, "-c", "from partnerforms.cli import main; main()", "db", "upgrade"]
    ended = subprocess.run(command, capture_output=True, text=True, env={})
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "PARTNERFORMS_SECRET_KEY: is missing (32 random characters or more)",
        "PARTNERFORMS_DATABASE_URL: is missing (where the data are)",
    ]


def test_the_commands_explain_themselves() -> None:
    shown = run("--help").output
    for command in ("blank", "check", "db", "demo", "fill", "serve", "worker"):
        assert command in shown
        assert run(command, "--help").exit_code == 0
    assert run("--version").output.startswith("cli, version") or "version" in run("--version").output
