"""The demo's mail in the browser: the .eml files that the worker wrote, with their attachments."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from flask import Blueprint, abort, render_template
from werkzeug.wrappers import Response

from partnerforms.web import house
from partnerforms.web.public import word_file

outbox = Blueprint("outbox", __name__)

_SHOWN = 100


@outbox.get("/outbox")
def overview() -> str:
    house.speak(house.library().member_languages())
    paths = sorted(house.settings().outbox_folder.glob("*.eml"), reverse=True)[:_SHOWN]
    return render_template("outbox/overview.html", mails=[(path.stem, _mail(path)) for path in paths])


@outbox.get("/outbox/<name>")
def mail(name: str) -> str:
    house.speak(house.library().member_languages())
    message = _mail(_path(name))
    body = message.get_body(("plain",))
    return render_template(
        "outbox/mail.html",
        name=name,
        message=message,
        body=body.get_content() if body else "",
        attachments=[part.get_filename() for part in message.iter_attachments()],
    )


@outbox.get("/outbox/<name>/<int:number>")
def attachment(name: str, number: int) -> Response:
    parts = list(_mail(_path(name)).iter_attachments())
    if number >= len(parts):
        abort(404)
    return word_file(parts[number].get_content(), parts[number].get_filename() or "document.docx")


def _path(name: str) -> Path:
    """The file with this name, if it is one of the outbox and nothing else."""
    for path in house.settings().outbox_folder.glob("*.eml"):
        if path.stem == name:
            return path
    abort(404)


def _mail(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=default).parsebytes(path.read_bytes())
