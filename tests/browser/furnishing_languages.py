"""Languages in each state: begun and half done, published and then short of texts, right to left, with long texts."""

from browser import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session
from translating import every_text, somali
from world import World

from partnerforms.models import Translation
from partnerforms.services.tools import Tools

BAD_TRANSLATIONS = b"""
msgctxt "no.such.key"
msgid "Nothing"
msgstr "Nothing"

msgctxt "survey_families.school_welcome.label"
msgid ""
msgstr "<b>{name}</b>"
"""


def languages(session: Session, tools: Tools, world: World, things: dict[str, str]) -> None:
    texts = every_text(tools.library)
    pairs = {key: [asked.english, somali(asked.english)] for key, asked in texts.items()}
    half = dict(list(pairs.items())[::2])
    half["survey_families.school_welcome.label"] = ["Older", "Hore"]
    first = texts["survey_families.title"]
    half[first.key] = [first.english, "So: " + "dheer " * 60]
    row = session.scalars(select(Translation).where(Translation.organization_id == world.places["maple"])).one()
    row.draft = half
    pashto = {key: [english, "پښتو " * (1 + len(english) // 6)] for key, (english, _) in pairs.items()}
    # Where English texts have changed since: what was published is not whole any more.
    short = {
        key: ["Older", text] if key.endswith(".hint") else [english, text] for key, (english, text) in pairs.items()
    }
    for place, code, name, direction, draft, published in (
        ("maple", "ps", "پښتو", "rtl", pashto, None),
        ("district", "so", "Soomaali", "ltr", None, short),
    ):
        session.add(
            Translation(
                organization_id=world.places[place], language=code, name=name, direction=direction, locale=code,
                reviewed_by="Amina Warsame, 2026-02-03" if published else "", draft=draft, published=published,
                changed_at=world.began, published_at=world.began if published else None,
            )
        )  # fmt: skip


def looks(leader: Browser, world: World, things: dict[str, str]) -> None:
    """Where the drafts of Maple School can be looked at."""
    for name, code in (("look", "so"), ("look_ps", "ps")):
        links = leader.get(f"/organizations/{world.places['maple']}/languages/{code}").page.links
        found = next(link for link in links if link.startswith("/languages/"))
        things[name] = found.rpartition("/")[0]
