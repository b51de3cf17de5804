"""The command `partnerforms`: every command is a function of `partnerforms.commands`, listed here."""

import sys

import click

from partnerforms.commands import data, forms, importing, running, signing, starting
from partnerforms.documents.fill import LostWords
from partnerforms.documents.templates import TemplateError
from partnerforms.engine.load import InstrumentError
from partnerforms.settings import SettingsError


@click.group()
@click.version_option(package_name="partnerforms")
def cli() -> None:
    """Surveys, plans and filled Word documents for partnership programs."""


for command in (
    forms.check,
    forms.fill,
    forms.blank,
    forms.names,
    forms.templates,
    forms.texts,
    starting.setup,
    importing.import_,
    data.log,
    data.retain,
    data.export,
    data.erase,
    signing.sign_in_code,
    signing.reset_second_factor,
    running.database,
    running.serve,
    running.worker,
    running.demonstrate,
):
    cli.add_command(command)


def main() -> None:
    """The console script: an error that people can mend is a line, not a trace."""
    try:
        cli()
    except (SettingsError, InstrumentError, TemplateError, LostWords) as error:
        sys.exit(str(error))
