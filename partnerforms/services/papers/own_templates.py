"""An organization's own Word templates: uploaded and tried, used from a moment on, taken back.

What an organization uses also serves everybody below it that uses none of its own. The shipped template serves
wherever nobody does, and whenever an own one fails.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session, undefer

from partnerforms.documents import uploads
from partnerforms.documents.context import Reader, context
from partnerforms.documents.fill import fill
from partnerforms.documents.shelf import OwnFile
from partnerforms.documents.templates import TemplateError, TemplateProblem
from partnerforms.documents.uploads import answers
from partnerforms.engine.answers import parse
from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument
from partnerforms.engine.samples import sample
from partnerforms.models import Organization, OwnTemplate
from partnerforms.services import audit, inheritance
from partnerforms.services.access import NotThereError, Reach
from partnerforms.services.tools import Tools

_MOST_KEPT = 20  # of one organization and instrument


class RefusedError(Exception):
    """The file cannot serve as a template; `problems` says why."""

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def instruments_of(library: Library, organization: Organization) -> list[Instrument]:
    """The instruments whose documents an organization may give another look: its own, those below, and surveys."""
    return [*library.records_from(organization.level), *library.instruments("survey")]


def check(library: Library, instrument_id: str, content: bytes) -> list[TemplateProblem]:
    """Everything that keeps a file from being the template of an instrument. It may take a second or two."""
    wanted = [
        (library.instrument(instrument_id, language.code), _reader(library, instrument_id, language.code))
        for language in library.languages_of(instrument_id)
    ]
    return uploads.check(content, wanted)


def upload(
    session: Session,
    reach: Reach,
    organization: Organization,
    instrument: Instrument,
    filename: str,
    content: bytes,
    now: datetime,
) -> OwnTemplate:
    """Keep a file that `check` found nothing wrong with, to be looked at and used. It takes the place of one that
    was uploaded and never used."""
    reach.require("run", organization.id)
    _hold(session, organization.id)
    kept = history(session, organization.id, instrument.id)
    unused = [one for one in kept if one.used_from is None]
    ended = [one for one in kept if one.used_until is not None]
    for one in (*unused, *ended[_MOST_KEPT - 1 :]):
        session.delete(one)
    template = OwnTemplate(
        organization_id=organization.id,
        instrument=instrument.id,
        filename=filename,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=reach.person.id,
        uploaded_at=now,
    )
    session.add(template)
    audit.note(session, "template.uploaded", reach.person, organization.id, now, instrument.title, filename=filename)
    session.flush()
    return template


def use(session: Session, reach: Reach, template: OwnTemplate, instrument: Instrument, now: datetime) -> None:
    """Fill documents with it from now on; what was used before ends. Using what is used changes nothing."""
    reach.require("run", template.organization_id)
    _hold(session, template.organization_id)
    session.refresh(template)
    if template.used_from is not None and template.used_until is None:
        return
    for other in history(session, template.organization_id, template.instrument):
        if other.used_from is not None and other.used_until is None:
            other.used_until = now
    template.used_from, template.used_until = now, None
    audit.note(
        session,
        "template.used",
        reach.person,
        template.organization_id,
        now,
        instrument.title,
        filename=template.filename,
    )
    session.flush()


def take_back(
    session: Session, reach: Reach, organization: Organization, instrument: Instrument, now: datetime
) -> None:
    """Go back to the template from above or the shipped one. Nothing happens where no own one is used."""
    reach.require("run", organization.id)
    _hold(session, organization.id)
    for one in history(session, organization.id, instrument.id):
        if one.used_from is not None and one.used_until is None:
            one.used_until = now
            audit.note(
                session,
                "template.taken_back",
                reach.person,
                organization.id,
                now,
                instrument.title,
                filename=one.filename,
            )
    session.flush()


def in_use(organization: Organization, instrument_id: str) -> OwnTemplate | None:
    """The template that the organization or the nearest one above it uses; None where the shipped one serves."""
    return all_in_use(organization, [instrument_id]).get(instrument_id)


def all_in_use(organization: Organization, instrument_ids: Sequence[str]) -> dict[str, OwnTemplate]:
    """The same for several instruments, by id."""
    session = object_session(organization)
    if session is None:
        raise ValueError("this organization is not of a session")
    upward = [here.id for here in inheritance.upward(organization)]
    query = select(OwnTemplate).where(
        OwnTemplate.organization_id.in_(upward),
        OwnTemplate.instrument.in_(instrument_ids),
        OwnTemplate.used_from.is_not(None),
        OwnTemplate.used_until.is_(None),
    )
    nearest_last = sorted(session.scalars(query), key=lambda one: upward.index(one.organization_id), reverse=True)
    return {one.instrument: one for one in nearest_last}


def history(session: Session, organization_id: uuid.UUID, instrument_id: str) -> list[OwnTemplate]:
    """Every template that an organization uploaded for an instrument and still has, the latest first."""
    query = select(OwnTemplate).where(
        OwnTemplate.organization_id == organization_id, OwnTemplate.instrument == instrument_id
    )
    return list(session.scalars(query.order_by(OwnTemplate.uploaded_at.desc(), OwnTemplate.id)))


def find(
    session: Session, reach: Reach, organization_id: uuid.UUID, instrument_id: str, template_id: uuid.UUID
) -> OwnTemplate:
    """One template of an organization, content included. NotThereError when it has none such."""
    reach.require("run", organization_id)
    template = session.get(OwnTemplate, template_id, options=[undefer(OwnTemplate.content)])
    if template is None or (template.organization_id, template.instrument) != (organization_id, instrument_id):
        raise NotThereError
    return template


def file_of(template: OwnTemplate) -> OwnFile:
    """The file as the shelf takes it: read only when it is not yet compiled."""
    return OwnFile(template.sha256, lambda: template.content)


def problems_today(tools: Tools, template: OwnTemplate) -> list[TemplateProblem]:
    """What keeps a template from serving the instrument as it is today; it may have got new questions."""
    instrument = tools.library.instrument(template.instrument)
    reader = _reader(tools.library, template.instrument, "en")
    try:
        compiled = tools.shelf.template(instrument, reader.language, None, file_of(template))
    except TemplateError as error:
        return list(error.problems)
    return answers.missing(compiled, instrument, reader)


def sample_document(
    tools: Tools,
    organization: Organization,
    template: OwnTemplate,
    language: str,
    about: Mapping[str, str],
    word: str,
) -> bytes:
    """The template filled with sample answers, which say `word` and their question. TemplateError, LostWords."""
    complete = [one.code for one in tools.library.languages_of(template.instrument)]
    reader = _reader(tools.library, template.instrument, language if language in complete else "en")
    terms = inheritance.terms(organization)
    instrument = tools.library.instrument(template.instrument, reader.language.code, terms)
    texts = context(instrument, parse(instrument, sample(instrument, word)).answers, about, reader)
    logo = inheritance.logo(organization)
    return fill(tools.shelf.template(instrument, reader.language, logo, file_of(template)), texts, ())


def _reader(library: Library, instrument_id: str, language: str) -> Reader:
    return Reader(library.languages[language], library.catalogues[language].words())


def _hold(session: Session, organization_id: uuid.UUID) -> None:
    """Two leaders who press at once come one after the other."""
    # Rows that only refer to the organization may be written meanwhile.
    query = select(Organization.id).where(Organization.id == organization_id)
    session.execute(query.with_for_update(key_share=True))
