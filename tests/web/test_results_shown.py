"""What page, CSV, XLSX, Word and the told page really show of random states is read back, compared, and attacked."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from attacking import leaks
from browser import Browser, on_sqlite
from results_reading import Figure, lists_of, of_csv, of_page, of_report, of_xlsx
from small_states import ITEMS, NOW, STEPS, State, build, keep_instruments, run, twin
from sqlalchemy import select
from sqlalchemy.orm import Session
from word_reading import rows_of
from world import World, address

from partnerforms.engine.disclosure import TooFew, share
from partnerforms.engine.gaps import favorable
from partnerforms.engine.tally import Tally
from partnerforms.models import FollowUp, Membership, Person, SurveyLink
from partnerforms.services.surveys import DELIVERIES, results
from partnerforms.services.surveys.results import Published
from partnerforms.services.tools import Tools

pytestmark = on_sqlite

STATES, PARTS = 16, 4
_IN_REPORT = {*STEPS, "unsure"}  # heads of the tables of ratings
_TYPED = {"contact": "Somebody", "changes": "", "meeting": ""}


class Reader:
    """Reads everything that is shown of a state as the leader of its top, and what the program's function says."""

    def __init__(self, session: Session, browser: Browser, tools: Tools, state: State) -> None:
        self.session, self.browser, self.state = session, browser, state
        self.names = {one: tools.library.catalogues["en"].audience(one) for one in ("families", "students", "staff")}
        self.read: dict[tuple[str, str], dict[tuple[uuid.UUID, int], Counter[tuple[int, bool, int]]]] = {}

    def look(self) -> None:
        """After a publication: page and CSV of every place tell the same, and what the one function says."""
        self.session.commit()
        shown = results.published(self.session, self.state.survey)
        for place in shown.above:
            page = of_page(self._get(place, "").page, [*self.names.values()])
            assert page == of_csv(self._get(place, ".csv").content)
            assert of_ratings(page) == self._said(shown, place)
            self._keep(shown, place, page)
        self.session.rollback()

    def _get(self, place: uuid.UUID, file: str):  # type: ignore[no-untyped-def]
        return self.browser.get(f"/surveys/{self.state.survey.id}/results{file}?place={place}")
