"""What a survey's address says once it has ended: what the people told, and what will be done."""

from collections.abc import Sequence

from flask import render_template, url_for

from partnerforms.engine import codes
from partnerforms.engine.disclosure import TooFew
from partnerforms.engine.report_texts import REPORT_WORDS
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import SurveyLink
from partnerforms.services.surveys import follow_ups
from partnerforms.web import house


def page(link: SurveyLink, languages: Sequence[Language]) -> str | None:
    """The page in the language of this request, None when nothing has been published."""
    found = follow_ups.told(db.session(), link, house.language().code, house.library().crosswalk)
    if found is None:
        return None
    code = codes.printed(link.code)
    here = {offered.code: url_for("public.survey", code=code, lang=offered.code) for offered in languages}
    return drawn(found, languages, here)


def drawn(found: follow_ups.Told, languages: Sequence[Language], addresses: dict[str, str]) -> str:
    """The page itself; `addresses` is where it is to be found in each language, by code."""
    text, language = found.texts.read_in(house.language().code)
    return render_template(
        "public/told.html",
        told=found,
        heard=None if isinstance(found.heard, TooFew) else found.heard,
        least=found.heard.least if isinstance(found.heard, TooFew) else 0,
        paragraphs=[part.strip() for part in text.split("\n\n") if part.strip()],
        bounds={name: house.catalogue().say(f"reports.{name}", REPORT_WORDS[name]) for name in ("under", "over")},
        written_in=house.library().languages.get(language, house.language()),
        languages=languages,
        addresses=addresses,
    )
