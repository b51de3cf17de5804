"""A list of addresses: read from a CSV file, checked row by row, and planned against what there is."""

import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partnerforms.engine.texts import Language, preferred
from partnerforms.models import Invitation, Survey, SurveyLink
from partnerforms.services.jobs.spreadsheets import Line, Sheet
from partnerforms.services.organizations.organization_rows import Problem
from partnerforms.services.people.memberships import RefusedError, read_address
from partnerforms.services.surveys import invitations
from partnerforms.services.surveys.invitations import MOST, stopping
from partnerforms.services.tools import Tools

MOST_ROWS = 2 * MOST  # families with several children stand in a list several times
MOST_FOR_ONE = 5  # surveys that one address is invited to and that are not closed, by everybody together

# What people write above a column, beside what the page's language says.
HEADINGS = {
    "address": (
        "address", "mail", "mail address", "email", "email address", "parent email", "guardian email",
        "contact email", "correo", "correo electrónico", "dirección de correo",
    ),
    "language": ("language", "lang", "home language", "preferred language", "idioma", "idioma preferido", "lengua"),
}  # fmt: skip


class BadListError(Exception):
    """Something is wrong with the list, so nobody of it is invited; `problems` names every place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Plan:
    """Whom a list would invite: address and language of each. The others are numbers: who stands in the list twice,
    is invited already, wants no mail, or is asked by many surveys now. `languages` are the names of theirs."""

    people: Sequence[tuple[str, str]]
    languages: Mapping[str, int]
    twice: int
    invited: int
    stopped: int
    full: int

    def outcome(self) -> dict[str, Any]:
        """What there is to tell of it, for a page: numbers."""
        left_out = {"twice": self.twice, "invited": self.invited, "stopped": self.stopped, "full": self.full}
        return {"count": len(self.people), "languages": dict(self.languages), "left_out": left_out}


def read(sheet: Sheet, headings: Mapping[str, str], offered: Sequence[Language]) -> list[tuple[str, str]]:
    """Address and language of each row. `headings` are the words of the reader's language for the columns.

    BadListError names all that is wrong. A row that says no language gets the first of those `offered`.
    """
    problems = [Problem(sheet.broken, "", "quotation_mark")] if sheet.broken is not None else []
    if not sheet.lines:
        raise BadListError(problems)
    head, *lines = sheet.lines
    places, wrong = _columns(head, headings)
    if len(lines) > MOST_ROWS:
        wrong.append(Problem(lines[MOST_ROWS].number, "", "too_many_rows", more=str(MOST_ROWS)))
    if not lines:
        wrong.append(Problem(head.number, "", "no_rows"))
    if wrong:
        raise BadListError(problems + wrong)
    words = _language_words(offered)
    rows = []
    for line in lines:
        address, language, bad = _row(line, places, words, offered)
        rows.append((address, language))
        problems += bad
    if problems:
        raise BadListError(problems)
    return rows


def plan(session: Session, link: SurveyLink, rows: Iterable[tuple[str, str]], tools: Tools) -> Plan:
    """Whom of these rows would be invited as things are now. BadListError when they are too few or too many."""
    given = list(rows)
    people = dict(reversed(given))  # of two languages for one address the first holds
    known = set(session.scalars(select(Invitation.address).where(Invitation.link_id == link.id)))
    invited = {one for one in people if known & {one, stopping.address_digest(one, tools.secret_key)}}
    stopped = stopping.stopped(session, link.organization, people, tools) - invited
    full = _full(session, people) - invited - stopped
    new = [(address, people[address]) for address in people if address not in invited | stopped | full]
    names = {one.code: one.name for one in invitations.languages(session, link, tools)}
    counted = Counter(names.get(language, language) for _, language in new)
    made = Plan(new, counted, len(given) - len(people), len(invited), len(stopped), len(full))
    there = session.scalar(select(func.count()).where(Invitation.link_id == link.id)) or 0
    if there + len(new) > MOST:
        raise BadListError([Problem(0, "", "too_many", str(there + len(new)), str(MOST))])
    if len(new) < link.minimum_n:
        raise BadListError([Problem(0, "", "too_few", str(len(new)), str(link.minimum_n))])
    return made


def kept(link: SurveyLink, made: Plan) -> dict[str, Any]:
    """What a job keeps of a preview until somebody says yes or it is forgotten."""
    return {"survey": str(link.survey_id), "link": str(link.id), "people": [list(one) for one in made.people]}


def restored(asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The rows of a preview again."""
    return [(address, language) for address, language in asked["people"]]


def link_of(asked: Mapping[str, Any]) -> tuple[uuid.UUID, uuid.UUID]:
    """The ids of the survey and of the link that a job is about."""
    return uuid.UUID(asked["survey"]), uuid.UUID(asked["link"])


def _full(session: Session, people: Mapping[str, str]) -> set[str]:
    """Who is asked by as many open surveys as one may be."""
    by_address = (
        select(Invitation.address)
        .join(Invitation.link)
        .join(SurveyLink.survey)
        .where(Survey.closed_at.is_(None), ~Invitation.used, Invitation.address.is_not(None))
        .group_by(Invitation.address)
        .having(func.count() >= MOST_FOR_ONE)
    )
    return {address for address in session.scalars(by_address) if address is not None and address in people}


def _columns(head: Line, headings: Mapping[str, str]) -> tuple[dict[str, int], list[Problem]]:
    known = {_key(word): column for column, words in HEADINGS.items() for word in (*words, headings[column])}
    places: dict[str, int] = {}
    problems = []
    for place, heading in enumerate(head.cells):
        column = known.get(_key(heading))
        if column in places:
            problems.append(Problem(head.number, column, "column_twice", heading, head.cells[places[column]]))
        elif column is not None and heading:
            places[column] = place
    if "address" not in places:
        problems.append(Problem(head.number, "address", "column_missing"))
    return places, problems


def _row(
    line: Line, places: Mapping[str, int], words: Mapping[str, str], offered: Sequence[Language]
) -> tuple[str, str, list[Problem]]:
    cells = {column: line.cells[place] for column, place in places.items() if place < len(line.cells)}
    address, said = cells.get("address", ""), cells.get("language", "")
    problems = []
    try:
        address = read_address(address)
    except RefusedError:
        code = "address" if address else "missing"
        problems.append(Problem(line.number, "address", code, address[:100]))
    language = words.get(_key(said)) if said else offered[0].code
    if language is None and (found := preferred(said.replace("_", "-"), offered)):
        language = found.code
    if language is None:
        problems.append(Problem(line.number, "language", "language", said[:100]))
    return address, language or "", problems


def _language_words(offered: Sequence[Language]) -> dict[str, str]:
    """What a list may say for each language: its code, its own name, and its names in English and Spanish."""
    found: dict[str, str] = {}
    for language in offered:
        names = [language.code, language.name]
        try:
            locale = Locale.parse(language.code.replace("-", "_"))
            names += [name for reader in ("en", "es") if (name := locale.get_language_name(reader))]
        except (UnknownLocaleError, ValueError):
            pass  # a language that a place has added, which CLDR does not know
        found |= {_key(name): language.code for name in names}
    return found


def _key(text: str) -> str:
    """Headings and languages without capitals, accents, spaces and signs."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if letter.isalnum())
