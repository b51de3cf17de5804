"""Small random states with a survey over several publications, and what the program shows of them.

Everybody answers with an option that names their atom: their school, and whether their sheet was mailed. So what is
shown tells by itself of whom it is made, and the attack has to believe nothing that the program says of itself.
"""

import json
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from partnerforms.engine.disclosure import TooFew, least
from partnerforms.models import InstrumentVersion, Organization, Response, Survey, SurveyLink
from partnerforms.services.surveys import publishing, results
from partnerforms.services.surveys.opening import free_codes

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = date(2026, 11, 22)
AUDIENCES = ("families", "students", "staff")
ITEMS = {"everybody": 1.0, "most": 0.7, "few": 0.25}  # item -> how many of a hundred answer it
Atom = tuple[int, bool, int]  # school, its sheet was mailed, publication
MOST_SCHOOLS = 20
STEPS = ("lowest", "low", "middle", "high", "highest")
RESPONSIBILITIES = ("school.welcome", "school.communicate", "school.partners")
View = tuple[uuid.UUID, int]  # of a place, after a publication


@dataclass
class Someone:
    """A respondent: which items they answer, with which batch their sheet left, whether they are set aside."""

    key: str
    items: list[str]
    batch: int | None = None
    aside: bool = False
    kept: bool = False


@dataclass
class State:
    """A state in the database: what there really is (`sizes`), and what is shown of it (`views`)."""

    survey: Survey
    places: list[uuid.UUID]
    schools: list[uuid.UUID]
    above: dict[uuid.UUID, uuid.UUID | None]
    sizes: dict[tuple[str, str], Counter[Atom]] = field(default_factory=dict)
    views: dict[tuple[str, str], dict[View, Counter[Atom]]] = field(default_factory=dict)
    rounds: int = 0
    waiting: dict[uuid.UUID, list[Someone]] = field(default_factory=dict)
    left: Counter[tuple[str, str, int, bool]] = field(default_factory=Counter)


def twin(item: str) -> str:
    """The rating by those who answer an item."""
    return f"rated {item}".replace(" ", "_")


def build(
    session: Session,
    rng: random.Random,
    deliveries: Sequence[str],
    audiences: int,
    districts: int = 4,
    schools: int = 5,
) -> State:
    """A state of at most so many districts with at most so many schools each, and a survey of all schools, each of
    which asks at least so many audiences."""
    top = uuid.uuid4()
    rows: list[dict[str, Any]] = [{"id": top, "level": "state", "name": "State", "parent_id": None}]
    for _ in range(rng.randint(1, districts)):
        district = uuid.uuid4()
        rows.append({"id": district, "level": "district", "name": "District", "parent_id": top})
        for _ in range(rng.randint(1, schools)):
            rows.append({"id": uuid.uuid4(), "level": "school", "name": "School", "parent_id": district})
    session.execute(insert(Organization), rows)
    survey = Survey(
        organization_id=top, title="Attacked", opens_on=DAY, closes_on=DAY, closed_at=NOW, languages=["en"]
    )
    session.add(survey)
    session.flush()
    found = [row["id"] for row in rows if row["level"] == "school"]
    asked = [
        (school, audience)
        for school in found
        for audience in rng.sample(AUDIENCES, rng.randint(audiences, len(AUDIENCES)))
    ]
    codes = free_codes(session, rng, len(asked))
    links = [
        {
            "id": uuid.uuid4(), "survey_id": survey.id, "organization_id": school, "audience": audience,
            "code": code, "instrument_digest": _digest(audience, len(found)),
            "minimum_n": least(audience, None), "delivery": rng.choice(deliveries),
        }
        for (school, audience), code in zip(asked, codes, strict=True)
    ]  # fmt: skip
    session.execute(insert(SurveyLink), links)
    return State(survey, [row["id"] for row in rows], found, {row["id"]: row["parent_id"] for row in rows})


def keep_instruments(session: Session, rated: bool = False) -> None:
    """The surveys of all audiences, for so many schools: three items with an option for each atom of a publication.

    Pages and reports show ratings above all, so each item has a twin that the same people rate, and who answers most
    also says what to work on first.
    """
    for audience, schools in product(AUDIENCES, range(1, MOST_SCHOOLS + 1)):
        names = [_option(school, mailed) for school in range(schools) for mailed in (True, False)]
        options = [{"id": name, "label": name} for name in names]
        items: list[dict[str, Any]] = [
            {"id": item, "kind": "choice", "label": item, "options": options} for item in ITEMS
        ]
        if rated:
            items += [
                {
                    "id": twin(item), "kind": "scale", "label": twin(item), "short": twin(item),
                    "scale": "steps",
                    "responsibility": responsibility,
                }
                for item, responsibility in zip(ITEMS, RESPONSIBILITIES, strict=True)
            ]  # fmt: skip
            items.append({"id": "first", "kind": "choices", "label": "first", "options": "scales"})
        definition = {
            "id": f"survey_{audience}", "version": 1, "use": "survey", "audience": audience, "title": "Attacked",
            "sections": [{"id": "all", "title": "All", "items": items}],
            "options": {"steps": [{"id": step, "label": step} for step in (*STEPS, "unsure")]},
        }  # fmt: skip
        frozen = json.dumps({"definition": definition, "texts": {}})
        digest = _digest(audience, schools)
        session.add(InstrumentVersion(digest=digest, instrument=f"survey_{audience}", version=1, frozen=frozen))
    session.flush()


def _digest(audience: str, schools: int) -> str:
    return f"attacked {audience} {schools}"


def run(
    session: Session,
    state: State,
    rng: random.Random,
    rounds: int,
    look: Callable[[], None] = lambda: None,
    rated: bool = False,
) -> None:
    """So many times: people answer, sheets leave, results are published and read; sometimes a school moves.

    Whoever wants to `look` may do so after each time.
    """
    links = list(state.survey.links)
    for state.rounds in range(1, rounds + 1):
        for (audience, item, school, mailed), count in state.left.items():
            state.sizes[audience, item][school, mailed, state.rounds - 1] -= count
        for link in links:
            state.waiting[link.id] = _mailed(link, state.waiting.get(link.id, []) + _people(rng), state.rounds, rng)
        _keep(session, state, links, rng if rated else None)
        publishing.publish(session, state.survey, rng, NOW)
        _forget_counted(session, state)
        _read(session, state)
        look()
        if rng.random() < 0.2:
            _move(session, state, rng)


def _people(rng: random.Random) -> list[Someone]:
    """A third of the cells has nobody, a third 1 to 9; some are set aside until somebody looks, after the close."""
    return [
        Someone(f"{rng.getrandbits(128):032x}", [item for item, part in ITEMS.items() if rng.random() < part])
        for _ in range(rng.choice([0, rng.randint(1, 9), rng.randint(10, 25)]))
    ]


def _mailed(link: SurveyLink, people: list[Someone], number: int, rng: random.Random) -> list[Someone]:
    """What has become of the sheets when a survey closes; a few of those mailed one by one could not be made."""
    for one in people:
        one.aside = not one.kept and rng.random() < 0.03
    ready = [one for one in people if not one.batch and not one.aside]
    for one in ready:
        leaves = rng.random() < 0.95 if link.delivery == "each" else len(ready) >= link.minimum_n
        one.batch = number if leaves else None
    return people


def _keep(session: Session, state: State, links: Sequence[SurveyLink], rating: random.Random | None) -> None:
    """Everybody who may be counted now says so by their answers, as an attacker who knows them all would see it."""
    numbers = {school: number for number, school in enumerate(state.schools)}
    new, changed = [], []
    for link in links:
        school = numbers[link.organization_id]
        for one in state.waiting[link.id]:
            if not one.aside:
                for item in one.items:
                    sizes = state.sizes.setdefault((link.audience, item), Counter())
                    sizes[school, bool(one.batch), state.rounds] += 1
            answers: dict[str, Any] = dict.fromkeys(one.items, _option(school, bool(one.batch)))
            if rating:
                answers |= {twin(item): rating.choice([*STEPS, "unsure"]) for item in one.items}
                answers |= {"first": [twin(rating.choice(list(ITEMS)))]} if "most" in one.items else {}
            row = {
                "key": one.key, "answers": answers,
                "batch": one.batch, "set_aside": "too_many" if one.aside else None,
            }  # fmt: skip
            if one.kept:
                changed.append(row)
            else:
                new.append({**row, "link_id": link.id, "day": DAY, "language": "en", "channel": "link"})
            one.kept = True
    if new:
        session.execute(insert(Response.__table__), new)
    if changed:
        session.execute(update(Response), changed)


def _forget_counted(session: Session, state: State) -> None:
    """Who still waits is `left` over: an atom of the next time, and after the last time people to be found."""
    query = select(Response.key).where(Response.link_id.in_(state.waiting), Response.counted_in.is_(None))
    waits = set(session.scalars(query))
    state.waiting = {link: [one for one in people if one.key in waits] for link, people in state.waiting.items()}
    numbers = {school: number for number, school in enumerate(state.schools)}
    state.left = Counter(
        (link.audience, item, numbers[link.organization_id], bool(one.batch))
        for link in state.survey.links
        for one in state.waiting[link.id]
        if not one.aside
        for item in one.items
    )


def _move(session: Session, state: State, rng: random.Random) -> None:
    districts = [place for place in state.places if place not in state.schools and state.above[place]]
    school, district = rng.choice(state.schools), rng.choice(districts)
    session.execute(update(Organization).where(Organization.id == school).values(parent_id=district))


def _read(session: Session, state: State) -> None:
    """What the widest reader sees after a publication: of everything, whatever is new since the one before."""
    shown = results.published(session, state.survey)
    for audience in shown.audiences():
        for place in shown.above:
            view = shown.view(place, audience)
            if isinstance(view, TooFew):
                continue
            assert view.n == view.items["everybody"].answered
            for item, one in view.items.items():
                if item not in ITEMS:
                    continue
                views = state.views.setdefault((audience, item), {})
                seen = Counter(views.get((place, state.rounds - 1), {}))
                before: Counter[tuple[int, bool]] = Counter()
                for (school, mailed, _), count in seen.items():
                    before[school, mailed] += count
                for option, count in one.counts.items():
                    if new := count - before[_atom(option)] if count else 0:
                        assert new > 0, "what was published stays"
                        seen[*_atom(option), state.rounds] = new
                views[place, state.rounds] = seen
    for views in state.views.values():  # what was not published anew is shown as before
        for place in state.places:
            if (place, state.rounds - 1) in views:
                views.setdefault((place, state.rounds), views[place, state.rounds - 1])


def _option(school: int, mailed: bool) -> str:
    return f"s{school}{'m' if mailed else 'r'}"


def _atom(option: str) -> tuple[int, bool]:
    return int(option[1:-1]), option.endswith("m")


def up(state: State, place: uuid.UUID | None) -> Iterator[uuid.UUID]:
    """A place and those above it."""
    while place is not None:
        yield place
        place = state.above[place]
