"""What the demo's school asked last year: closed, with answers that could be real, comments, and what it told people.

The answers are drawn with a fixed seed, so every demo has the same ones.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from partnerforms.engine.library import thaw
from partnerforms.engine.model import Choices, Instrument, Scale
from partnerforms.models import Organization, Person, Survey
from partnerforms.services import access
from partnerforms.services.surveys import answering, comments, follow_ups, mailing, opening
from partnerforms.services.surveys.planning import A_YEAR
from partnerforms.services.tools import Tools

_OPEN_FOR = timedelta(days=20)
_ASKED = {"families": 212, "students": 148, "community": 30, "staff": 34}
# How many answered in which language, and how: over the link, on a tablet at family night, on paper.
_ANSWERED: Mapping[str, Sequence[tuple[str, answering.Channel, int]]] = {
    "families": [
        ("en", "link", 41),
        ("es", "link", 26),
        ("en", "kiosk", 15),
        ("es", "paper", 11),
        ("ar", "link", 10),
    ],
    "students": [("en", "link", 83), ("es", "link", 19)],
    "community": [("en", "link", 14)],
    "staff": [("en", "link", 29)],
}
# What they think of it, on a scale around 0; how each audience sees it otherwise than the rest.
_OPINION = {
    "school.welcome": 0.8,
    "school.student_goals": -0.2,
    "school.communicate": 0.1,
    "school.advocates": -0.6,
    "school.partners": -0.9,
    "school.community": 0.3,
    "family.home_learning": 0.7,
    "family.attendance": 0.6,
    "student.learning": 0.2,
    "student.organization": -0.7,
    "student.improvement_team": -1.0,
    "community.network": -0.3,
}
_SEEN_BY = {"families": 0.0, "students": -0.2, "community": 0.2, "staff": 0.3}
_SEEN_OTHERWISE = {
    ("staff", "school.communicate"): 0.9,
    ("staff", "school.partners"): 0.7,
    ("staff", "family.home_learning"): -1.1,
    ("staff", "family.teachers"): -0.7,
    ("students", "school.welcome"): -0.4,
}
_UNSURE, _SKIPPED, _NO_CHOICE = 0.06, 0.04, 0.15
_WITHHELD = "The teacher in the room next to the library should retire."
_COMMENTS = {
    "families": [
        ("en", _WITHHELD),
        ("en", "The front office is always kind. Thank you!"),
        ("en", "Please tell us earlier about meetings. I work evenings and cannot change my hours in two days."),
        ("en", "I would like to know who decides about new programs, and how we can have a say."),
        ("es", "Me gustaría que las reuniones tuvieran siempre un intérprete."),
        ("es", "La noche de matemáticas fue muy buena para toda la familia."),
        ("ar", "نتمنى أن تصلنا الرسائل باللغة العربية أيضًا."),
    ],
    "students": [
        ("en", "We could help plan the science fair."),
        ("en", "I like that the teachers say hello at the door in the morning."),
    ],
    "staff": [("en", "We need time to call families during the school day.")],
}
_TOLD = {
    "en": "Thank you! You told us that you feel welcome, and that you want a bigger part in decisions.\n\n"
    "This is what we will do:\n"
    "- From October on, two families from each grade sit on the school council.\n"
    "- We tell you about each meeting two weeks ahead, by text message and on paper.\n"
    "- An interpreter is at every family meeting. Tell the office which language you need.",
    "es": "¡Gracias! Nos dijeron que se sienten bienvenidos y que quieren participar más en las decisiones.\n\n"
    "Esto es lo que haremos:\n"
    "- Desde octubre, dos familias de cada grado forman parte del consejo escolar.\n"
    "- Avisamos de cada reunión con dos semanas de anticipación, por mensaje de texto y en papel.\n"
    "- En cada reunión de familias hay un intérprete. Digan en la oficina qué idioma necesitan.",
    "ar": "شكرًا لكم! قلتم لنا إنكم تشعرون بالترحيب، وإنكم تريدون دورًا أكبر في القرارات.\n\n"
    "هذا ما سنفعله:\n"
    "- ابتداءً من أكتوبر تشارك عائلتان من كل صف في مجلس المدرسة.\n"
    "- نخبركم بكل اجتماع قبل أسبوعين، برسالة نصية وعلى الورق.\n"
    "- يحضر مترجم كل اجتماع للعائلات. أخبروا مكتب المدرسة باللغة التي تحتاجونها.",
}


def last_year(
    session: Session, chair: Person, school: Organization, title: str, tools: Tools, now: datetime
) -> Survey:
    """The survey of a year ago under this title, with its results, comments and follow-up."""
    chance = random.Random("Maple")  # noqa: S311  the same answers in every demo
    reach = access.reach(session, chair)
    opened = datetime.combine((now - A_YEAR).date(), time(hour=17), UTC)
    closed = opened + _OPEN_FOR
    plan = opening.Plan(title, tools.day(opened), tools.day(closed), dict.fromkeys(_ASKED, "at_close"))
    # The codes of its links are drawn where nobody can guess them.
    survey = opening.open_survey(session, reach, school, plan, tools, random.SystemRandom(), opened)
    for link in survey.links:
        link.people = _ASKED[link.audience]
        instrument = thaw(link.version.frozen)
        for language, channel, number in _ANSWERED[link.audience]:
            sets = [_answers(instrument, link.audience, chance) for _ in range(number)]
            if channel == "link":
                written = [text for code, text in _COMMENTS.get(link.audience, ()) if code == language]
                for one, text in zip(sets, written, strict=False):
                    one["comment"] = text
            answering.receive_together(session, link, sets, language, channel, tools, chance, opened)
    opening.close(session, survey, tools, chance, closed, chair)
    publication = mailing.next_waiting(session, ())
    if publication is not None:
        mailing.finish(session, publication.id, closed)  # its reports would have been mailed a year ago
    _read_comments(session, reach, survey, closed)
    seen = follow_ups.texts(session, survey, school.id).mark
    follow_ups.save(session, reach, survey, school, _TOLD, seen, closed + timedelta(days=14), publish=True)
    return survey


def _answers(instrument: Instrument, audience: str, chance: random.Random) -> dict[str, Any]:
    """What one person answers: some are more content than others, and who chooses what to work on first chooses what
    they like least."""
    answers: dict[str, Any] = {}
    felt: dict[str, float] = {}
    mood = _SEEN_BY[audience] + chance.gauss(0, 0.5)
    for item in instrument.items():
        if isinstance(item, Scale):
            opinion = _OPINION.get(item.responsibility, 0) + _SEEN_OTHERWISE.get((audience, item.responsibility), 0)
            felt[item.id] = mood + opinion + chance.gauss(0, 0.9)
            middle = len(item.options) // 2
            chosen = item.options[min(max(middle + round(felt[item.id]), 0), len(item.options) - 1)]
            if item.required or chance.random() >= _SKIPPED:
                answers[item.id] = item.unsure.id if chance.random() < _UNSURE else chosen.id
        elif isinstance(item, Choices) and chance.random() >= _NO_CHOICE:
            options = {option.id for option in item.options}
            answers[item.id] = sorted(options & set(felt), key=lambda one: felt[one])[: item.most]
    return answers


def _read_comments(session: Session, reach: access.Reach, survey: Survey, now: datetime) -> None:
    """Somebody has released all comments but one, which speaks of a person."""
    keys: dict[comments.Verdict, list[str]] = {"released": [], "withheld": []}
    for heap in comments.heaps(session, reach, survey, "waiting"):
        for key, text in heap.texts.items():
            keys["withheld" if text == _WITHHELD else "released"].append(key)
    for verdict, some in keys.items():
        comments.decide(session, reach, survey, some, verdict, now)
