"""Commands for somebody who cannot sign in: no mail arrives, or phone and recovery codes are lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import click
from sqlalchemy.orm import Session

from partnerforms import create_app
from partnerforms.database import begin_writing
from partnerforms.extensions import db
from partnerforms.models import Person
from partnerforms.services import audit, signin
from partnerforms.services.signin import second_factor
from partnerforms.settings import Settings

_CODE_LIFE = timedelta(hours=1)


@click.command(name="sign-in-code")
@click.argument("address")
def sign_in_code(address: str) -> None:
    """Print a code for the person with this ADDRESS: it works once, in the next hour. For when no mail arrives."""
    settings = Settings.from_env()
    now = datetime.now(UTC)
    with _writing(settings) as session:
        person = _person(session, address)
        code = signin.issue(session, person, settings.secret_key, now, _CODE_LIFE)
        audit.note(session, "person.code_printed", None, None, now, person.name)
        typed = quote(person.address)
    click.echo(f"{settings.base_url}/sign-in?address={typed}")
    click.echo(code)


@click.command(name="reset-second-factor")
@click.argument("address")
def reset_second_factor(address: str) -> None:
    """Turn off the second factor of the person with this ADDRESS, and sign them out. Make sure who asks for it."""
    with _writing(Settings.from_env()) as session:
        person = _person(session, address)
        if not second_factor.is_on(session, person):
            raise click.ClickException(f"{address!r} has no second factor here")
        second_factor.turn_off(session, person, datetime.now(UTC), by=None)
    click.echo(f"{address}: no second factor any more; signed out everywhere")


def _person(session: Session, address: str) -> Person:
    person = signin.person_at(session, address)
    if person is None:
        raise click.ClickException(f"{address!r} has no account here")
    return person


@contextmanager
def _writing(settings: Settings) -> Iterator[Session]:
    with create_app(settings).app_context():
        try:
            begin_writing(db.session)
            yield db.session()
            db.session.commit()
        finally:
            db.session.remove()
            db.engine.dispose()
