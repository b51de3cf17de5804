"""The words of files of translations: headings, where a text shows, notes, and a sentence for everything wrong.

Each function takes `gettext`, so that page and file say it in the reader's language.
"""

from collections.abc import Callable

from partnerforms.engine.library import Library
from partnerforms.services.translations.checking import MOST_BYTES, MOST_ROWS, Problem, most
from partnerforms.services.translations.texts import Asked

Gettext = Callable[[str], str]


def headings(gettext: Gettext) -> dict[str, str]:
    """What stands above each column of a workbook."""
    return {
        "key": gettext("Key (do not change)"),
        "where": gettext("Where it shows"),
        "english": gettext("English (do not change)"),
        "text": gettext("Translation"),
        "note": gettext("Note"),
    }


def where(asked: Asked, library: Library, gettext: Gettext) -> str:
    """Where a text shows."""
    parts = {
        "title": gettext("Title"),
        "intro": gettext("Introduction"),
        "label": gettext("Question"),
        "hint": gettext("Help for a question"),
        "short": gettext("Short name of a question, in choices and results"),
        "options": gettext("Answer to choose"),
    }
    match asked.group:
        case "surveys":
            survey = asked.place[0]
            about = library.instrument(survey).title if survey else gettext("All surveys")
            return f"{about}: {parts.get(asked.place[1], gettext('Answer to choose'))}"
        case "pages":
            return _pages(gettext).get(asked.place[0].rpartition("/")[2], gettext("Pages of the survey"))
        case "reports":
            return gettext("Reports of results (needed only for reports in this language)")
        case "letters":
            return gettext("Letter: subject") if asked.place[-1] == "subject" else gettext("Letter")
    return {
        "problems": gettext("Message about an answer"),
        "documents": gettext("Word documents and paper forms"),
        "audiences": gettext("Who is asked"),
        "responsibilities": gettext("Results: name of a responsibility"),
    }.get(asked.place[0], gettext("Messages and documents"))


def _pages(gettext: Gettext) -> dict[str, str]:
    return {
        "survey.html": gettext("Survey page"),
        "privacy.html": gettext("Survey page: what happens with the answers"),
        "thanks.html": gettext("Page after Send"),
        "code.html": gettext("Page to type a code"),
        "not_open.html": gettext("Page of a survey that is not open"),
        "error.html": gettext("Page when something went wrong"),
        "fields.html": gettext("Around the questions"),
        "layout.html": gettext("All pages"),
    }


def note(asked: Asked, stale: tuple[str, str] | None, gettext: Gettext) -> str:
    """What a translator should know of a text."""
    told = [gettext("At most about %(most)s characters.") % {"most": most(asked.english)}]
    if "{" in asked.english or "%(" in asked.english:
        told.append(
            gettext("Leave what stands in braces or behind a percent sign as it is: something is put in there.")
        )
    if stale:
        told.append(gettext("Needs review: the English text has changed."))
        told.append(gettext("Before: %(english)s") % {"english": stale[0]})
        told.append(gettext("Translation before: %(text)s") % {"text": stale[1]})
    return "\n".join(told)


def unreadable(code: str, gettext: Gettext) -> str:
    """Why a file could not be read at all."""
    return {
        "missing": gettext("Choose a file."),
        "too_large": gettext("The file is larger than %(most)s MB."),
        "kind": gettext("This is neither an Excel workbook (.xlsx) nor a PO file (.po)."),
        "old_workbook": gettext("This is a workbook of an old kind, or one with a password. Save it as .xlsx."),
        "damaged": gettext("The file is damaged or was not made by a spreadsheet program."),
        "unpacks_large": gettext("Unpacked, the file is much too large for a list of texts."),
        "odd_parts": gettext("The workbook holds macros, links to other files or the like. Save it without them."),
        "no_headings": gettext("No sheet has the columns key, English and translation with the headings they had."),
        "no_rows": gettext("No texts are in the file."),
        "too_many_rows": gettext("The file has more than %(rows)s rows."),
        "not_utf8": gettext("The PO file is not in UTF-8. Save it in UTF-8."),
        "not_po": gettext("This is not a sound PO file."),
    }[code] % {"most": MOST_BYTES // 1_000_000, "rows": MOST_ROWS}


def problem(one: Problem, gettext: Gettext) -> str:
    """The sentence for one thing that is wrong with a text."""
    return {
        "no_key": gettext("The key is missing."),
        "unknown_key": gettext(
            "There is no text with this key. Take the key from a new download, or remove the row."
        ),
        "twice": gettext("This key stands in row {more} already."),
        "formula": gettext("The cell is a formula. Write the text itself."),
        "not_text": gettext("The cell is a number, a date or the like. Format it as text."),
        "plural": gettext("Plural forms are not used here. Write one text."),
        "too_long": gettext("The text is longer than {more} characters."),
        "unfit": gettext(
            "A mark that cannot be seen is in the text, such as one that turns the direction. Remove it."
        ),
        "html": gettext("HTML is not allowed: write no < and no codes such as &nbsp;."),
        "placeholder_missing": gettext("This is missing from the text: {more}"),
        "placeholder_unknown": gettext("This is not in the English text: {more}"),
        "stray_mark": gettext("One of these marks stands alone, where nothing can be put in: {more}"),
        "alike": gettext("Two answers would be the same, so nobody could tell them apart. The other one is: {more}"),
    }[one.code].replace("{more}", one.more)
