"""Commands about forms and their Word documents: check, fill, print, list names, write templates, collect texts."""

import json
import sys
from pathlib import Path

import click

from partnerforms import checking, extraction
from partnerforms.documents import sheets, starter
from partnerforms.documents.context import listed
from partnerforms.documents.context import names as names_of
from partnerforms.documents.shelf import Shelf
from partnerforms.engine.answers import parse
from partnerforms.languages import read_library
from partnerforms.services import papers
from partnerforms.settings import checkout


@click.command()
def check() -> None:
    """Load every instrument, build each form, fill each template, in each language."""
    problems = checking.check_everything(read_library(), Shelf(checkout() / "docx_templates"), click.echo)
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


@click.command()
@click.argument("instrument")
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lang", default="en", help="Language of the document.")
@click.option("--organization", default="", help="Name of the organization.")
@click.option("--logo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PNG or JPEG.")
def fill(instrument: str, answers: Path, out: Path, lang: str, organization: str, logo: Path | None) -> None:
    """Fill the Word document of INSTRUMENT with the ANSWERS of a JSON file."""
    library = read_library()
    _known(instrument, list(library.definitions))
    _known(lang, [language.code for language in library.languages_of(instrument)])
    try:
        raw = json.loads(answers.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{answers}: {error}") from error
    if not isinstance(raw, dict):
        raise click.ClickException(f"{answers}: must hold an object: item ids and their answers")
    built = library.instrument(instrument, lang)
    reader = papers.reader(library, instrument, lang, blank="no_answer" if built.use == "survey" else "")
    parsed = parse(built, raw)
    wrong = [f"{_place(path)}: is not asked by {instrument}" for path in parsed.unknown]
    catalogue = library.catalogues[lang]
    wrong += [
        f"{_place(problem.path)}: {catalogue.problem(problem.code, problem.figures)}" for problem in parsed.problems
    ]
    if wrong:
        raise click.ClickException("\n".join([f"{answers}:", *wrong]))
    picture = logo.read_bytes() if logo else None
    shelf = Shelf(checkout() / "docx_templates")
    about = {"organization": organization}
    out.write_bytes(papers.fill_instrument(shelf, built, parsed.answers, about, reader, picture))
    click.echo(out)


@click.command()
@click.argument("instrument")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lang", default="en", help="Language of the form.")
@click.option("--organization", default="", help="Name of the organization.")
def blank(instrument: str, out: Path, lang: str, organization: str) -> None:
    """Print the empty form of INSTRUMENT for paper."""
    library = read_library()
    _known(instrument, list(library.definitions))
    _known(lang, [language.code for language in library.languages_of(instrument)])
    out.write_bytes(papers.blank_form(library, instrument, lang, organization))
    click.echo(out)


@click.command()
@click.argument("instrument")
def names(instrument: str) -> None:
    """List every name that a Word template of INSTRUMENT may use."""
    library = read_library()
    _known(instrument, list(library.definitions))
    for line in listed(names_of(library.instrument(instrument))):
        click.echo(line)


@click.command()
@click.argument("instruments", nargs=-1)
def templates(instruments: tuple[str, ...]) -> None:
    """Write the starter templates of INSTRUMENTS (all of them, and the answer sheets, when none is named)."""
    library, folder = read_library(), checkout() / "docx_templates"
    for name in instruments or [*library.definitions, sheets.NAME]:
        _known(name, [*library.definitions, sheets.NAME])
        content = sheets.build() if name == sheets.NAME else starter.build(library.instrument(name))
        (folder / f"{name}.docx").write_bytes(content)
        click.echo(folder / f"{name}.docx")


@click.command()
def texts() -> None:
    """Collect the texts of the pages for translators, and say what is not translated."""
    for line in extraction.update():
        click.echo(line)


def _known(name: str, names: list[str]) -> None:
    if name not in names:
        raise click.ClickException(f"{name!r} is none of: {', '.join(names)}")


def _place(path: tuple[str | int, ...]) -> str:
    """goals[0].activities[2].dates"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
