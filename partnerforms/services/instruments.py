"""Keeps instruments as they were asked, so that old answers stay readable whatever the files say today."""

import hashlib

from sqlalchemy.orm import Session

from partnerforms.database import insert
from partnerforms.engine.library import Library
from partnerforms.models import InstrumentVersion


def keep(session: Session, library: Library, instrument_id: str) -> InstrumentVersion:
    """The kept version of an instrument as it is today, made when there is none yet."""
    frozen = library.freeze(instrument_id)
    digest = hashlib.sha256(frozen.encode()).hexdigest()
    values = {
        "digest": digest,
        "instrument": instrument_id,
        "version": library.instrument(instrument_id).version,
        "frozen": frozen,
    }
    # Two people may submit the first time at once; the second finds it there.
    session.execute(insert(session, InstrumentVersion).values(values).on_conflict_do_nothing())
    return session.get_one(InstrumentVersion, digest)
