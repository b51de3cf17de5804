"""Collects the texts of the pages for translators: `partnerforms texts` runs it.

It writes public.pot, what respondents see, and members.pot, all other pages; brings the texts of both, of surveys,
messages and letters into the PO files of every language; and tells what is not translated yet. A language without
members.po and templates.po is for respondents only. Files name where a text stands, but no line and no date, so that
they change only when a text does.
"""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from partnerforms.documents.templates.problems import template_keys
from partnerforms.engine.library import Library, keys, message_keys
from partnerforms.engine.report_texts import activity_keys, report_keys
from partnerforms.languages import FOLDER, read_catalogue
from partnerforms.mail.letters import letter_keys
from partnerforms.settings import checkout

PAGES = {"public": "pages that respondents see", "members": "pages of people who sign in"}
KEYED = {
    "surveys": "the surveys",
    "messages": "messages, fixed words of documents, names of audiences",
    "letters": "letters",
    "reports": "reports, memos and compacts, and the activities they suggest",
    "templates": "what is said of Word templates",
}
FOR_MEMBERS = ("members", "templates")

# layout, fields and error pages are shared by everybody, so respondents need them too.
_PUBLIC = (
    "templates/public/",
    "templates/layout.html",
    "templates/fields.html",
    "templates/error.html",
    "partnerforms/web/public/",
    "partnerforms/web/errors.py",
)
# As the pages are rendered; a template that cannot be read stops the command instead of losing its texts.
_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
_MIME = """\
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def collect() -> dict[str, Catalog]:
    """The texts of today's pages by the names of PAGES. A text of both stands in public only."""
    found = {name: Catalog() for name in PAGES}
    for place, text in _texts():
        if place.startswith(_PUBLIC):
            found["public"].add(text, locations=[(place, 0)])
        elif text not in found["public"]:
            found["members"].add(text, locations=[(place, 0)])
    return found


def template(name: str, texts: Catalog) -> str:
    """The content of a .pot file."""
    about = f"# The texts of {PAGES[name]}. Made by `partnerforms texts`, not by hand.\n"
    return _po(f'{about}msgid ""\nmsgstr ""\n"Project-Id-Version: partnerforms\\n"\n{_MIME}', texts)


def update(folder: Path = FOLDER) -> list[str]:
    """Write all files anew; gives what there is to say about each. Translations of texts that are gone go too."""
    pages = collect()
    for name, texts in pages.items():
        (folder / f"{name}.pot").write_text(template(name, texts), encoding="utf-8")
    lines = [f"{name}.pot: {len(texts)} texts" for name, texts in pages.items()]
    wanted = {**pages, **keyed()}
    for language in sorted(path for path in folder.iterdir() if path.is_dir()):
        known = _known(language, wanted)
        for name, texts in _of(language, wanted).items():
            content = _po(_header(language, name), _translated(texts, known))
            (language / f"{name}.po").write_text(content, encoding="utf-8")
        for name, missing in untranslated(language, wanted).items():
            lines.append(f"{language.name}/{name}.po: {f'{len(missing)} not translated' if missing else 'complete'}")
            lines += [f"  {text}" for text in missing]
    return lines


def keyed() -> dict[str, Catalog]:
    """The texts that have a key, by the names of KEYED."""
    library = Library()
    surveys: dict[str, str] = {}
    for survey in library.instruments("survey"):
        surveys |= keys(library.definitions[survey.id])
    texts = {
        "surveys": surveys,
        "messages": message_keys(),
        "letters": letter_keys(),
        "reports": report_keys() | activity_keys(library),
        "templates": template_keys(),
    }
    found = {name: Catalog() for name in KEYED}
    for name, by_key in texts.items():
        for key, english in by_key.items():
            found[name].add(english, context=key)
    return found


def untranslated(language: Path, wanted: Mapping[str, Catalog]) -> dict[str, list[str]]:
    """By PO file, the texts and keys that a language's folder lacks. A fuzzy translation does not count."""
    catalogue = read_catalogue(language)
    return {
        name: [
            str(message.context or message.id)
            for message in texts
            if message.id
            and not (message.context in catalogue.by_key if message.context else str(message.id) in catalogue.by_text)
        ]
        for name, texts in _of(language, wanted).items()
    }


def _of(language: Path, wanted: Mapping[str, Catalog]) -> dict[str, Catalog]:
    """The files that a language has: one for respondents only lacks those of members."""
    return {
        name: texts for name, texts in wanted.items() if name not in FOR_MEMBERS or (language / f"{name}.po").exists()
    }


def _texts() -> Iterator[tuple[str, str]]:
    """Where it stands and what it says, for every text, public ones first and as they follow each other on a page."""
    package = Path(__file__).parent
    files = {f"partnerforms/{path.relative_to(package).as_posix()}": path for path in package.glob("web/**/*.py")}
    templates = checkout() / "templates"
    files |= {f"templates/{path.relative_to(templates).as_posix()}": path for path in templates.rglob("*.html")}
    for place in sorted(files, key=lambda place: (not place.startswith(_PUBLIC), place)):
        method, options = ("jinja2", _JINJA) if place.endswith(".html") else ("python", {})
        for _line, text, _comments, _context in sorted(
            extract_from_file(method, files[place], options=options), key=lambda found: found[0]
        ):
            # A plural is two texts here: the pages choose one of them and then look it up.
            for one in text if isinstance(text, tuple) else (text,):
                yield place, one


def _known(language: Path, names: Iterable[str]) -> dict[tuple[str, str], Message]:
    """What is translated in any file, by context and English: a text that moves keeps its translation."""
    found: dict[tuple[str, str], Message] = {}
    for path in (language / f"{name}.po" for name in names):
        if path.exists():
            with path.open("rb") as file:
                found |= {_identity(message): message for message in read_po(file) if message.id and message.string}
    return found


def _identity(message: Message) -> tuple[str, str]:
    return str(message.context or ""), str(message.id)


def _translated(texts: Catalog, known: Mapping[tuple[str, str], Message]) -> Catalog:
    """The texts with the translations that are known, and with what translators noted at them."""
    catalog = Catalog()
    for message in texts:
        if message.id:
            kept = known.get(_identity(message))
            catalog.add(
                message.id,
                kept.string if kept else "",
                message.locations,
                kept.flags if kept else (),
                user_comments=kept.user_comments if kept else (),
                context=message.context,
            )
    return catalog


def _header(language: Path, name: str) -> str:
    """The head of a PO file as it stands, or a new one."""
    path = language / f"{name}.po"
    if path.exists() and (head := path.read_text(encoding="utf-8").partition("\n\n")[0].rstrip()):
        return f"{head}\n"
    return (
        f"# Translations of partnerforms into {language.name}: {(PAGES | KEYED)[name]}.\n"
        "# Not yet reviewed by a native speaker.\n"
        f'msgid ""\nmsgstr ""\n"Project-Id-Version: partnerforms\\n"\n"Language: {language.name}\\n"\n{_MIME}'
    )


def _po(header: str, texts: Catalog) -> str:
    content = BytesIO()
    write_po(content, texts, width=0, omit_header=True, include_lineno=False)
    return f"{header}\n{content.getvalue().decode().strip()}\n"
