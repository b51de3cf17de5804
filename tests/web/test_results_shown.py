"""What page, CSV, XLSX, Word and the told page really show of random states is read back, compared, and attacked."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest
from attacking import leaks
from browser import Answer, Browser, on_sqlite
from documents.report_reading import told
from results_reading import ANSWERED, WHO, Figure, lists_of, of_csv, of_page, of_report, of_xlsx
from small_states import (
    AUDIENCES,
    ITEMS,
    NOW,
    RESPONSIBILITIES,
    STEPS,
    Atom,
    State,
    build,
    keep_instruments,
    run,
    twin,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_results_attack import plain
from word_reading import rows_of
from world import World, address

from partnerforms.engine import disclosure
from partnerforms.engine.disclosure import Share, TooFew, share, shares
from partnerforms.engine.gaps import favorable
from partnerforms.engine.tally import Tally
from partnerforms.models import FollowUp, Membership, Organization, Person
from partnerforms.services.surveys import DELIVERIES, publishing, results
from partnerforms.services.tools import Tools

pytestmark = on_sqlite

States = Callable[..., Iterator["Reader"]]
STATES, PARTS = 12, 2
_TYPED = {"contact": "Somebody", "changes": "", "meeting": ""}
_TWINS = dict(zip(ITEMS, RESPONSIBILITIES, strict=True))


class Reader:
    """Reads what is shown of a state as the leader of its top. `read` is for the attack: of whom each figure is."""

    def __init__(self, session: Session, browser: Browser, tools: Tools, state: State) -> None:
        self.session, self.browser, self.state = session, browser, state
        self.names = {one: tools.library.catalogues["en"].audience(one) for one in AUDIENCES}
        self.titles = {item: tools.library.responsibilities[name].title for item, name in _TWINS.items()}
        self.read: State = replace(state, views={})
        self.pages: dict[uuid.UUID, Counter[Figure]] = {}
        self.views: dict[uuid.UUID, dict[str, Tally | TooFew]] = {}

    def look(self) -> None:
        """After a publication page and CSV of every place tell the same, and all that the one function says."""
        self.session.commit()
        self.views = self._views()
        for place, views in self.views.items():
            page = self.pages[place] = of_page(self._get(place).page, [*self.names.values()])
            assert page == of_csv(self._get(place, ".csv").content)
            assert without_ideas(page) == Counter(self._expected(place, views))
            self._remember(place, page)

    def look_at_files(self, chance: random.Random) -> None:
        """XLSX and all documents of a place have the figures of its page."""
        place, page = chance.choice([*self.pages.items()])
        assert of_xlsx(self._get(place, ".xlsx").content) == page
        report = of_report(self._document(place, "report"), [*self.names.values()])
        few = {(who, row) for who, row, head, one in page if who and head == ANSWERED and not one.isdigit()}
        assert report == {one for one in page if in_report(one) and one[:2] not in few}
        form = self.browser.get(f"/surveys/{self.state.survey.id}/memo?place={place}").page.form("/memo")
        memo = self.browser.send(form, _TYPED, status=200).content
        assert of_report(memo, ()) == {one for one in report if one[2] == ANSWERED}
        assert all(headings == (WHO,) for headings, _, _, _ in told(memo))
        self._look_at_compact(place)

    def _look_at_compact(self, place: uuid.UUID) -> None:
        rows = {row[0]: row[1] for row in rows_of(self._document(place, "compact")) if len(row) == 3}
        views = self.views[place]
        for item, title in self.titles.items():
            good = {self.names[audience]: good_in(view, item) for audience, view in views.items()}
            assert rows[title] == ("".join(f"{name}: {one}" for name, one in good.items() if one) or "–")

    def look_at_told(self) -> None:
        """The address of each audience tells of the whole survey, as the place that opened it has published."""
        top = self.state.places[0]
        self.session.add(
            FollowUp(
                survey_id=self.state.survey.id, organization_id=top, language="en", text="We will.",
                published_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
        self.session.commit()
        for audience, view in self.views[top].items():
            link = next(link for link in self.state.survey.links if link.audience == audience)
            number, lists = lists_of(self.browser, f"/s/{link.code}")
            if isinstance(view, TooFew):
                assert (number, lists) == ("", [])
                continue
            assert number == str(view.n)
            chosen = shares(view.items["first"].counts, view.items["first"].answered) if "first" in view.items else {}
            may = {(twin(item), str(good_in(view, item))) for item in ITEMS}
            assert {*lists} <= may | {(name, str(one)) for name, one in chosen.items()}

    def _views(self) -> dict[uuid.UUID, dict[str, Tally | TooFew]]:
        """What the one function says of each place and audience that was asked there or below."""
        shown = results.published(self.session, self.state.survey)
        asked = {
            (place, link.audience)
            for link in self.state.survey.links
            for place in publishing.upward(shown.above, link.organization_id)
        }
        return {
            place: {one: shown.view(place, one) for one in shown.audiences() if (place, one) in asked}
            for place in shown.above
        }

    def _expected(self, place: uuid.UUID, views: dict[str, Tally | TooFew]) -> Iterator[Figure]:
        yield from self._of_all(views)
        higher = publishing.upward(publishing.places_above(self.session, self.state.survey), place)[1:]
        heard = [audience for audience, view in views.items() if isinstance(view, Tally)]
        # A column for each place above that has anything to be compared with; a school that moved may find nothing.
        beside = [
            here for here in higher if any(good_in(self.views[here][one], item) for one in heard for item in ITEMS)
        ]
        for audience, view in views.items():
            if isinstance(view, Tally):
                name, least = self.names[audience], f"fewer than {disclosure.least(audience, None)}"
                yield from of_ratings(name, view, least)
                yield from of_choices(name, view, least)
                yield from self._of_first(name, view)
                for item, here in product(ITEMS, [place, *beside] if beside else []):
                    called = self.session.get_one(Organization, here).name
                    yield name, twin(item), called, said(good_in(self.views[here][audience], item))

    def _of_all(self, views: dict[str, Tally | TooFew]) -> Iterator[Figure]:
        for audience, view in views.items():
            number = str(view.n) if isinstance(view, Tally) else f"fewer than {view.least}"
            yield "", self.names[audience], ANSWERED, number
            yield "", self.names[audience], "People asked", "–"
        for item, title in self.titles.items():
            seen = {one: good_in(view, item) for one, view in views.items() if isinstance(view, Tally)}
            known = [good.percent for good in seen.values() if good]
            if len(known) > 1:
                yield "", title, "Gap in points", str(max(known) - min(known))
                for audience, good in seen.items():
                    yield "", title, self.names[audience], said(good)

    def _of_first(self, name: str, view: Tally) -> Iterator[Figure]:
        first = view.items.get("first")
        for item, title in self.titles.items():
            if first and twin(item) in view.items:
                chosen = share(first.counts[twin(item)], first.answered)
                if chosen.bound != "under":
                    yield name, title, "Chosen by", str(chosen)
                    yield name, title, "Rated well or very well", said(good_in(view, item))

    def _remember(self, place: uuid.UUID, page: Counter[Figure]) -> None:
        """Every number of answers that the page tells, and of whom it is by the shares that stand beside it."""
        for audience, item in self.state.views:
            rows = {row: one for who, row, head, one in page if who == self.names[audience] and head == ANSWERED}
            numbers = {one for row, one in rows.items() if row.startswith((f"{item} – ", twin(item)))}
            if any(one.isdigit() for one in numbers):
                view = self.state.views[audience, item][place, self.state.rounds]
                assert numbers == {str(view.total())}
                self.read.views.setdefault((audience, item), {})[place, self.state.rounds] = view

    def _get(self, place: uuid.UUID, file: str = "") -> Answer:
        return self.browser.get(f"/surveys/{self.state.survey.id}/results{file}?place={place}")

    def _document(self, place: uuid.UUID, kind: str) -> bytes:
        return self.browser.get(f"/surveys/{self.state.survey.id}/{kind}.docx?place={place}&language=en").content


def of_ratings(name: str, view: Tally, least: str) -> Iterator[Figure]:
    for item in ITEMS:
        one = view.items.get(twin(item))
        whole = one.answered + one.unsure if one else 0
        yield name, twin(item), ANSWERED, str(whole or least)
        counts = {**one.counts, "unsure": one.unsure} if one else {}
        for step in (*STEPS, "unsure"):
            yield name, twin(item), step, str(share(counts[step], whole)) if whole else "–"
        assert whole == (view.items[item].answered if item in view.items else 0), "twins are answered by the same"


def of_choices(name: str, view: Tally, least: str) -> Iterator[Figure]:
    options = view.items["everybody"].counts
    for item in ITEMS:
        one = view.items.get(item)
        for option in options:
            yield name, f"{item} – {option}", ANSWERED, str(one.answered) if one else least
            yield name, f"{item} – {option}", "Share", str(share(one.counts[option], one.answered)) if one else "–"


def good_in(view: Tally | TooFew, item: str) -> Share | None:
    return favorable(view.items[twin(item)]) if isinstance(view, Tally) and twin(item) in view.items else None


def said(one: Share | None) -> str:
    return str(one or "–")


def without_ideas(page: Counter[Figure]) -> Counter[Figure]:
    return Counter({one: number for one, number in page.items() if one[2] != "Activities that help"})


def in_report(one: Figure) -> bool:
    """The report has the ratings and what is made of them, and no line for what is not shown here."""
    who, _, head, value = one
    told_there = head not in ("Share", "Activities that help") and not (who and head == ANSWERED)
    return told_there and value.removeprefix("< ").removeprefix("> ")[:1].isdigit()


def at_first(state: State) -> dict[tuple[str, str, uuid.UUID], Counter[Atom]]:
    """What is shown after the first publication. Later a district whose schools have moved away has no page."""
    return {
        (*key, place): view
        for key, views in state.views.items()
        for (place, publication), view in views.items()
        if publication == 1
    }


@pytest.fixture
def states(session: Session, signed_in: Callable[[str], Browser], tools: Tools, world: World) -> States:
    leader = session.scalars(select(Person).where(Person.address == address("state_leader"))).one()
    keep_instruments(session, rated=True)

    def read(seed: int, number: int, deliveries: Sequence[str] = DELIVERIES, rounds: int = 2) -> Iterator[Reader]:
        rng = random.Random(seed)
        for _ in range(number):
            state = build(session, rng, deliveries, 2, districts=2, schools=2)
            session.add(
                Membership(
                    person_id=leader.id, organization_id=state.places[0], role="leader", accepted_at=world.began
                )
            )
            reader = Reader(session, signed_in("state_leader"), tools, state)
            run(session, state, rng, rng.randint(1, rounds), reader.look, rated=True)
            session.rollback()  # a school that moved after the last look
            yield reader

    return read


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_leaks_from_what_pages_and_files_show(states: States, part: int) -> None:
    chance = random.Random(part)
    for reader in states(part, STATES // PARTS):
        reader.look_at_files(chance)
        reader.look_at_told()
        assert at_first(reader.read) == at_first(reader.state)
        assert leaks(replace(reader.state, views=reader.read.views)) == []


def test_the_attack_on_pages_finds_what_a_plain_threshold_gives_away(
    states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (disclosure, publishing):
        monkeypatch.setattr(module, "gather", plain)
    assert any(leaks(replace(reader.state, views=reader.read.views)) for reader in states(7, 3, ["at_close"], 1))
