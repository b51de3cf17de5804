"""What runs beside the pages."""

from dataclasses import replace
from pathlib import Path

from partnerforms import create_app
from partnerforms.extensions import db
from partnerforms.server import background
from partnerforms.settings import Mailbox, Settings


def test_returned_mail_is_read_when_there_is_a_mailbox(tmp_path: Path) -> None:
    settings = Settings(secret_key="x" * 32, database_url=f"sqlite:///{tmp_path}/test.sqlite")
    box = Mailbox("127.0.0.1", 993, "forms", "secret", "INBOX", tls=True)
    for one, works in (
        (settings, {"mail", "long work"}),
        (replace(settings, bounce_mailbox=box), {"mail", "long work", "returned mail"}),
    ):
        app = create_app(one)
        assert set(background(app)) == works
        with app.app_context():
            db.engine.dispose()
