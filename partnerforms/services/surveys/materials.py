"""What is printed for a link of a survey: a flyer for the door, slips to hand out, the form for those who write."""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from babel.dates import format_date
from sqlalchemy.orm import Session

from partnerforms.documents.blank import Twin, blank
from partnerforms.documents.context import Reader
from partnerforms.documents.flyer import flyer
from partnerforms.documents.invitations import Invitation
from partnerforms.documents.slips import slips
from partnerforms.engine import codes
from partnerforms.engine.library import Library, thaw
from partnerforms.engine.texts import Catalogue, Language
from partnerforms.models import Survey, SurveyLink
from partnerforms.services import inheritance, papers, surveys, translations
from partnerforms.services.jobs.archives import Archive
from partnerforms.services.jobs.collecting import folder, safe
from partnerforms.services.tools import Tools

Kind = Literal["flyer", "slips", "paper"]
KINDS: tuple[Kind, ...] = ("flyer", "slips", "paper")


def make(library: Library, link: SurveyLink, kind: Kind, language: Language, tools: Tools) -> bytes:
    """One of them as a .docx, in one of those of the link."""
    catalogue = library.catalogues[language.code]
    words, logo = catalogue.words(), inheritance.logo(link.organization)
    if kind == "paper":
        instrument = thaw(link.version.frozen, language.code)
        twin = Twin(codes.printed(link.code), _give_back(link, language, words), _seen_by(link, words))
        return blank(instrument, Reader(language, words), link.organization.name, twin, logo)
    invitation = _invitation(library, link, language, catalogue, tools)
    return {"flyer": flyer, "slips": slips}[kind](invitation, language, words, logo)


def filename(link: SurveyLink, kind: Kind, language: Language) -> str:
    """What it is called: "Maple-School-families-flyer-es.docx"."""
    return papers.filename(link.organization.name, link.audience, kind, language.code)


def _invitation(
    library: Library, link: SurveyLink, language: Language, catalogue: Catalogue, tools: Tools
) -> Invitation:
    instrument = thaw(link.version.frozen, language.code)
    words, code = catalogue.words(), codes.printed(link.code)
    address = f"{tools.base_url}/s/{code}"
    days = {"first": _day(link.survey.opens_on, language), "last": _day(link.survey.closes_on, language)}
    return Invitation(
        place=link.organization.name,
        audience=catalogue.audience(link.audience),
        title=instrument.title,
        intro=instrument.intro,
        when=words["answer_between"].format_map(days),
        seen_by=_seen_by(link, words),
        address=address.removeprefix("https://"),  # a browser tries it by itself, and less is to be typed
        code=code,
        target=f"{address}?lang={language.code}",
        others=" · ".join(one.name for one in surveys.languages(library, link) if one.code != language.code),
    )


def _seen_by(link: SurveyLink, words: Mapping[str, str]) -> str:
    return words[f"sees_{link.delivery}"].format_map({"place": link.organization.name, "least": link.minimum_n})


def _give_back(link: SurveyLink, language: Language, words: Mapping[str, str]) -> str:
    figures = {"place": link.organization.name, "last": _day(link.survey.closes_on, language)}
    return words["give_back"].format_map(figures)


def _day(day: date, language: Language) -> str:
    return str(format_date(day, "long", locale=language.locale))


@dataclass(frozen=True)
class Choice:
    """Which materials of a survey: of these audiences, in these languages, of these kinds."""

    audiences: Collection[str]
    languages: Collection[str]
    kinds: Collection[str]

    def kept(self) -> dict[str, list[str]]:
        """In a form that a job can keep."""
        return {name: list(chosen) for name, chosen in asdict(self).items()}


def count(links: Collection[SurveyLink], choice: Choice) -> int:
    """How many files a choice is, at most: a language that a place lacks makes none."""
    asked = sum(link.audience in choice.audiences for link in links)
    return asked * len(choice.languages) * len(choice.kinds)


def write(
    session: Session,
    survey: Survey,
    links: Collection[SurveyLink],
    choice: Choice,
    names: Mapping[str, str],
    out: Callable[[bytes], object],
    tools: Tools,
    now: datetime,
) -> Iterator[int]:
    """Give the bytes of a ZIP to `out`; yields after each file how many there are. One is in memory at a time.

    A folder for each district and in it one for each school. `names` says what files of a kind and for an audience
    are called, in the language of whoever asked for them.
    """
    libraries: dict[uuid.UUID, Library] = {}
    asked = [link for link in links if link.audience in choice.audiences]
    folders = {link.organization_id: folder(link.organization, survey.organization_id) for link in asked}
    asked.sort(key=lambda link: (folders[link.organization_id], link.audience))
    done = 0
    with Archive(out, now.astimezone(inheritance.zone(survey.organization, tools))) as archive:
        for link in asked:
            place = link.organization
            if place.id not in libraries:
                libraries = {place.id: translations.library_for(session, place, tools)}
            library = libraries[place.id]
            for language in surveys.languages(library, link):
                for kind in KINDS:
                    if language.code in choice.languages and kind in choice.kinds:
                        name = f"{safe(names[link.audience])}-{safe(names[kind])}-{language.code}.docx"
                        content = make(library, link, kind, language, tools)
                        archive.add("/".join((*folders[place.id], name)), content)
                        done += 1
                        yield done
