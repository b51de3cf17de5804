"""The command for somebody who has lost phone and recovery codes."""

from datetime import UTC, datetime

import click

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.services import second_factor, signin


@click.command(name="reset-second-factor")
@click.argument("address")
def reset_second_factor(address: str) -> None:
    """Turn off the second factor of the person with this ADDRESS, and sign them out. Make sure who asks for it."""
    with create_app().app_context():
        try:
            _reset(address)
        finally:
            db.session.remove()
            db.engine.dispose()
    click.echo(f"{address}: no second factor any more; signed out everywhere")


def _reset(address: str) -> None:
    begin_writing(db.session)
    session = db.session()
    person = signin.person_at(session, address)
    if person is None or not second_factor.is_on(session, person):
        raise click.ClickException(f"{address!r} has no second factor here")
    second_factor.turn_off(session, person, datetime.now(UTC), by=None)
    session.commit()
