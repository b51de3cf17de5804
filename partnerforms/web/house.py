"""What every page needs of the application: its tools, its settings, the moment, and the reader's language."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flask import current_app, g, request

from partnerforms.engine.library import Library
from partnerforms.engine.model import Instrument
from partnerforms.engine.terms import Terms
from partnerforms.engine.texts import Catalogue, Language, preferred
from partnerforms.services.surveys.suspicion import Watch
from partnerforms.services.tools import Tools
from partnerforms.settings import Settings
from partnerforms.web.signin.throttle import Throttle

KEY = "partnerforms"
CHANCE = random.SystemRandom()
# Sign-in codes that may be asked for from one network address; a whole school sits behind one.
_ASKS, _ASK_SPAN = 300, timedelta(minutes=30)


@dataclass(frozen=True)
class House:
    """What `create_app` built once and every request uses."""

    settings: Settings
    tools: Tools
    askers: Throttle = field(default_factory=lambda: Throttle(_ASKS, _ASK_SPAN))
    watch: Watch = field(default_factory=Watch)


def house() -> House:
    found: House = current_app.extensions[KEY]
    return found


def settings() -> Settings:
    return house().settings


def tools() -> Tools:
    return house().tools


def library() -> Library:
    """Instruments and catalogues of this request: the program's, or those of the place it is about."""
    found: Library = g.get("library") or house().tools.library
    return found


def read_from(chosen: Library) -> None:
    """From here on this request speaks with the words of a place (`services.translations.library_for`)."""
    g.library = chosen


def now() -> datetime:
    """The moment of this request: the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment


def today() -> date:
    """The day of this request where the program's people live."""
    return tools().day(now())


def speak(offered: list[Language], wanted: str = "", body: bool = True) -> Language:
    """Choose the language of this page among those offered: asked for, else wanted, else the browser's.

    Without `body` a form is not looked at: perhaps it cannot be read.
    """
    by_code = {language.code: language for language in offered}
    given = request.values if body else request.args
    asked = given.get("switch") or given.get("lang") or ""
    g.language = (
        by_code.get(asked)
        or by_code.get(wanted)
        or preferred(request.headers.get("Accept-Language", ""), offered)
        or library().languages["en"]
    )
    return language()


def language() -> Language:
    """The language of this page."""
    chosen: Language = g.get("language") or library().languages["en"]
    return chosen


def catalogue() -> Catalogue:
    """The catalogue of this page's language."""
    return library().catalogues[language().code]


def instrument(instrument_id: str, terms: Terms = ()) -> Instrument:
    """An instrument in this page's language if it is complete in it, else in English, with the words of a place."""
    offered = {offer.code for offer in library().languages_of(instrument_id)}
    return library().instrument(instrument_id, language().code if language().code in offered else "en", terms)


def gettext(english: str) -> str:
    """A text of a page in its language."""
    return catalogue().gettext(english)
