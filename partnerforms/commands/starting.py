"""The command for the first start."""

from collections.abc import Callable

import click

from partnerforms import create_app, firststart
from partnerforms.engine.model import LEVELS
from partnerforms.services.people import memberships


def _name(text: str) -> str:
    try:
        return memberships.read_name(text)
    except memberships.RefusedError:
        raise click.BadParameter(f"enter a name of at most {memberships.LONGEST_NAME} characters") from None


def _address(text: str) -> str:
    try:
        return memberships.read_address(text)
    except memberships.RefusedError:
        raise click.BadParameter("enter a mail address, such as name@example.org") from None


def _level(text: str) -> str:
    if text.strip().lower() not in LEVELS:
        raise click.BadParameter("enter state, district or school")
    return text.strip().lower()


_QUESTIONS: dict[str, tuple[str, Callable[[str], str]]] = {
    "organization": ("Name of the organization at the top", _name),
    "level": ("Is it a state, a district or a school?", _level),
    "name": ("Name of its first leader", _name),
    "address": ("Mail address of this leader", _address),
}


@click.command()
@click.option("--organization", help="Name of the organization at the top.")
@click.option("--level", help="state, district or school.")
@click.option("--name", help="Name of its first leader.")
@click.option("--address", help="Mail address of this leader.")
def setup(**given: str | None) -> None:
    """Make the tables, the organization at the top and its first leader. Asks what is not given."""
    ready = {name: _checked(name, text) for name, text in given.items() if text is not None}
    app = create_app()
    try:
        firststart.make_tables(app)
        for name, (question, check) in _QUESTIONS.items():
            if name not in ready:
                ready[name] = click.prompt(question, value_proc=check)
        lines = firststart.begin(app, **ready)
    except firststart.StartedError:
        raise click.ClickException(
            "There is an organization already. Its leaders invite people and add organizations on the pages."
        ) from None
    for line in lines:
        click.echo(line)


def _checked(name: str, text: str) -> str:
    try:
        return _QUESTIONS[name][1](text)
    except click.BadParameter as error:
        error.param_hint = f"--{name}"
        raise
