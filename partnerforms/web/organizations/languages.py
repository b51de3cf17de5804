"""Languages of an organization: which there are, one downloaded, uploaded, looked at, published, taken back."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from partnerforms.database import begin_writing
from partnerforms.engine.answers import clean, read_date
from partnerforms.engine.texts import Language
from partnerforms.extensions import db
from partnerforms.models import Organization
from partnerforms.services import inheritance, organizations
from partnerforms.services.translations import keeping, locales, po, standings, workbook
from partnerforms.services.translations.checking import (
    MOST_BYTES,
    BadFileError,
    Problem,
    Row,
    UnreadableError,
    too_long,
    unfit,
)
from partnerforms.services.translations.standings import Standing
from partnerforms.web import house, security
from partnerforms.web.organizations import language_words
from partnerforms.web.organizations.language_preview import addresses, texts

languages_pages = Blueprint("languages", __name__, url_prefix="/organizations/<uuid:organization_id>")
languages_pages.before_request(security.member_only)

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_NAME = 60
_MOST_LOCALES = 40  # found by a search at once


@languages_pages.get("/languages")
def overview(organization_id: uuid.UUID) -> str:
    """Every language but English: where it comes from, whether it is whole, who has read it."""
    organization = _organization(organization_id)
    found = standings.standings(db.session(), organization, house.tools().library, texts())
    return render_template("languages/overview.html", organization=organization, standings=found)


@languages_pages.get("/new-language")
def new(organization_id: uuid.UUID) -> str:
    return _new_page(_organization(organization_id), _typed(request.args), {})


@languages_pages.post("/new-language")
def create(organization_id: uuid.UUID) -> Response | tuple[str, int]:
    """Begin a language that nobody has yet; it needs a code, a name and a direction."""
    organization = _organization(organization_id)
    typed = _typed(request.form)
    if request.form.get("do") == "find":
        return _new_page(organization, typed, {}), 200
    wrong = _wrong(typed, standings.standings(db.session(), organization, house.tools().library, texts()))
    if wrong:
        return _new_page(organization, typed, wrong), 422
    code = typed["code"].lower()
    locale = typed["locale"] or locales.own_locale(code) or "en"
    language = Language(code, typed["name"], typed["direction"], locale, (code,))
    keeping.begin(db.session(), security.reach(), organization, language, house.now())
    db.session.commit()
    return redirect(_home(organization_id, code, "begun"), 303)


@languages_pages.get("/languages/<code>")
def page(organization_id: uuid.UUID, code: str) -> str:
    """One language, and everything that can be done about it."""
    organization = _organization(organization_id)
    return _page(organization, _standing(organization, code))


@languages_pages.get("/languages/<code>/texts.xlsx")
def as_workbook(organization_id: uuid.UUID, code: str) -> Response:
    """Everything that respondents get, as an Excel workbook."""
    one = _standing(_organization(organization_id), code)
    rows = [(row, _where(row.key), note) for row, note, _ in _entries(one, empty_stale=True)]
    content = workbook.write(one.language, language_words.headings(house.gettext), one.language.name, rows)
    return send_file(BytesIO(content), mimetype=_EXCEL, as_attachment=True, download_name=f"texts-{code}.xlsx")


@languages_pages.get("/languages/<code>/texts.po")
def as_po(organization_id: uuid.UUID, code: str) -> Response:
    """The same as a PO file."""
    one = _standing(_organization(organization_id), code)
    rows = [(row, f"{_where(row.key)}\n{note}", before) for row, note, before in _entries(one, empty_stale=False)]
    content = po.write(one.language, rows)
    return send_file(
        BytesIO(content), mimetype="text/x-gettext-translation", as_attachment=True, download_name=f"{code}.po"
    )


@languages_pages.post("/languages/<code>")
def upload(organization_id: uuid.UUID, code: str) -> Response | tuple[str, int]:
    """Keep a file that is right as the draft; say everything that is wrong with one that is not."""
    organization = _organization(organization_id)
    one = _standing(organization, code)
    given = request.files.get("file")
    try:
        content, workbook_given = _given(given)
        db.session.rollback()  # nobody has to wait for the write lock while the file is looked at
        rows = workbook.read(content, _every_heading()) if workbook_given else po.read(content)
        begin_writing(db.session)
        organization = _organization(organization_id)
        one = _standing(organization, code)
        checked = keeping.checked_file(rows, one, house.tools().library)
    except UnreadableError as error:
        organization = _organization(organization_id)
        return _page(organization, _standing(organization, code), unreadable=error.code), 422
    except BadFileError as error:
        return _page(organization, one, problems=list(error.problems)), 422
    changed = keeping.upload(db.session(), security.reach(), organization, one, checked, house.now())
    db.session.commit()
    return redirect(_home(organization_id, code, "uploaded" if changed else "same", checked.gone), 303)


@languages_pages.post("/languages/<code>/publish")
def publish(organization_id: uuid.UUID, code: str) -> Response | tuple[str, int]:
    organization = _organization(organization_id)
    one = _standing(organization, code)
    try:
        keeping.publish(db.session(), security.reach(), one, house.now())
    except keeping.IncompleteError:
        return _page(organization, one, incomplete=True), 422
    db.session.commit()
    return redirect(_home(organization_id, code, "published"), 303)


@languages_pages.post("/languages/<code>/back")
def take_back(organization_id: uuid.UUID, code: str) -> Response:
    one = _standing(_organization(organization_id), code)
    keeping.take_back(db.session(), security.reach(), one, house.now())
    db.session.commit()
    return redirect(_home(organization_id, code, "back"), 303)


@languages_pages.post("/languages/<code>/discard")
def discard(organization_id: uuid.UUID, code: str) -> Response:
    one = _standing(_organization(organization_id), code)
    keeping.discard(db.session(), security.reach(), one, house.now())
    db.session.commit()
    return redirect(url_for("languages.overview", organization_id=organization_id), 303)


@languages_pages.post("/languages/<code>/reviewed")
def reviewed(organization_id: uuid.UUID, code: str) -> Response | tuple[str, int]:
    """Who has read the translation, and when; an empty name takes it back."""
    organization = _organization(organization_id)
    one = _standing(organization, code)
    name = " ".join(clean(request.form.get("name", "")).split())
    typed = clean(request.form.get("day", ""))
    day = read_date(typed)
    today = inheritance.day(organization, house.now(), house.tools())
    wrong = {
        "name": "name" if len(name) > _LONGEST_NAME or unfit(name) else "",
        "day": "day" if name and (day is None or day > today + timedelta(days=1)) else "",
    }
    if any(wrong.values()):
        return _page(organization, one, wrong_review=wrong, review=(name, typed)), 422
    keeping.reviewed(db.session(), security.reach(), one, name, day, house.now())
    db.session.commit()
    return redirect(_home(organization_id, code, "reviewed"), 303)


def _organization(organization_id: uuid.UUID) -> Organization:
    return organizations.find(db.session(), security.reach(), organization_id, "run")


def _standing(organization: Organization, code: str) -> Standing:
    return standings.standing(db.session(), organization, code, house.tools().library, texts())


def _home(organization_id: uuid.UUID, code: str, done: str, gone: int = 0) -> str:
    return url_for("languages.page", organization_id=organization_id, code=code, done=done, gone=gone or None)


def _where(key: str) -> str:
    return language_words.where(texts()[key], house.tools().library, house.gettext)


def _every_heading() -> list[dict[str, str]]:
    """The headings in each language in which a file may have been downloaded."""
    library = house.tools().library
    every = [library.catalogues[one.code].gettext for one in library.member_languages()]
    return [language_words.headings(gettext) for gettext in every]


def _entries(one: Standing, empty_stale: bool) -> list[tuple[Row, str, str]]:
    """The texts as they are downloaded, each with its note and, when that has changed, the English before.

    Where a file cannot say that a translation is in doubt, its row is empty and the note has the translation.
    """
    entries = []
    for number, asked in enumerate(texts().values(), 2):
        stale = one.stale.get(asked.key)
        text = stale[1] if stale and not empty_stale else one.next.get(asked.key, "")
        text = "" if stale and empty_stale else text
        note = language_words.note(asked, stale, house.gettext)
        entries.append((Row(number, asked.key, asked.english, text), note, stale[0] if stale else ""))
    return entries


def _given(given: FileStorage | None) -> tuple[bytes, bool]:
    """The content of the file and whether it is a workbook. UnreadableError when it is neither that nor a PO."""
    if given is None or not given.filename:
        raise UnreadableError("missing")
    content = given.read(MOST_BYTES + 1)
    given.close()
    if len(content) > MOST_BYTES:
        raise UnreadableError("too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError("old_workbook")
    if content.startswith(b"PK\3\4"):
        return content, True
    if given.filename.lower().endswith((".po", ".pot")):
        return content, False
    raise UnreadableError("kind")


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    found = {name: given.get(name, "") for name in ("code", "name", "direction", "locale", "words")}
    return {name: " ".join(clean(value).split())[:200] for name, value in found.items()}


def _wrong(typed: dict[str, str], there: list[Standing]) -> dict[str, str]:
    """What is wrong with a new language, by field."""
    names = {one.language.name.casefold() for one in there} | {"english"}
    reader = house.language().locale
    wrong = {}
    if not locales.is_code(typed["code"]):
        wrong["code"] = "code"
    elif typed["code"].lower() in {one.language.code for one in there}:
        wrong["code"] = "there"
    if not 0 < len(typed["name"]) <= _LONGEST_NAME or unfit(typed["name"]) or "<" in typed["name"]:
        wrong["name"] = "name"
    elif typed["name"].casefold() in names:
        wrong["name"] = "same_name"
    if typed["direction"] not in ("ltr", "rtl"):
        wrong["direction"] = "direction"
    if typed["locale"] and typed["locale"] not in locales.named(reader):
        wrong["locale"] = "locale"
    return wrong


def _new_page(organization: Organization, typed: dict[str, str], wrong: dict[str, str]) -> str:
    reader = house.language().locale
    found = locales.search(typed["words"], reader, _MOST_LOCALES)
    if typed["locale"] in locales.named(reader):
        found.setdefault(typed["locale"], locales.named(reader)[typed["locale"]])
    return render_template(
        "languages/new.html", organization=organization, typed=typed, wrong=wrong, locales=found, most=_MOST_LOCALES
    )


def _page(
    organization: Organization,
    one: Standing,
    unreadable: str = "",
    problems: list[Problem] | None = None,
    incomplete: bool = False,
    wrong_review: dict[str, str] | None = None,
    review: tuple[str, str] = ("", ""),
) -> str:
    told = [(problem, language_words.problem(problem, house.gettext)) for problem in problems or ()]
    name, _, day = one.row.reviewed_by.rpartition(", ") if one.row else ("", "", "")
    today = inheritance.day(organization, house.now(), house.tools())
    long = [one.texts[key] for key, text in one.own_next.items() if too_long(text, one.texts[key].english)]
    return render_template(
        "languages/page.html",
        organization=organization,
        one=one,
        where=lambda asked: _where(asked.key),
        unreadable=language_words.unreadable(unreadable, house.gettext) if unreadable else "",
        problems=told,
        incomplete=incomplete,
        long=long,
        review=review if wrong_review else (name, day or today.isoformat()),
        wrong_review=wrong_review or {},
        reviewer=(name, read_date(day)) if name else None,
        looks=addresses(organization, one.row) if one.row else None,
        lends=locales.named(house.language().locale).get(one.language.locale, one.language.locale),
        zone=inheritance.zone(organization, house.tools()),
        most=MOST_BYTES // 1_000_000,
    )
