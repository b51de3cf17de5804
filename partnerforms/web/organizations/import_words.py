"""The words for a file of organizations: its headings, and a sentence for everything that can be wrong with it.

Each function takes `gettext`, so that the pages say it in the reader's language and the command in English.
"""

from collections.abc import Callable, Mapping
from typing import Any

Gettext = Callable[[str], str]


def headings(gettext: Gettext) -> dict[str, str]:
    """What stands above each column."""
    return {
        "level": gettext("Level"),
        "name": gettext("Name"),
        "number": gettext("Number"),
        "parent": gettext("Belongs to"),
        "leader_name": gettext("Leader name"),
        "leader_address": gettext("Leader mail address"),
        "coordinator_name": gettext("Coordinator name"),
        "coordinator_address": gettext("Coordinator mail address"),
    }


def levels(gettext: Gettext) -> dict[str, str]:
    """The levels as the page calls them, and a file may too."""
    return {"state": gettext("State"), "district": gettext("District"), "school": gettext("School")}


def unreadable(code: str, gettext: Gettext) -> str:
    """Why a file could not be read at all."""
    return {
        "missing": gettext("Choose a CSV file."),
        "too_large": gettext("The file is larger than 2 MB. Divide it into smaller ones."),
        "workbook": gettext("This is an Excel file. Open it in Excel and save it as “CSV UTF-8”."),
        "not_text": gettext("This is not a CSV file."),
        "empty": gettext("The file is empty."),
    }[code]


def problem(given: Mapping[str, Any], gettext: Gettext) -> str:
    """The sentence for one thing that is wrong with a file."""
    return _problems(gettext)[given["code"]].format(
        value=given["value"],
        more=levels(gettext)[given["more"]] if given["code"] == "other_level" else given["more"],
        heading=headings(gettext).get(given["column"], ""),
    )


def _problems(gettext: Gettext) -> dict[str, str]:
    return {
        "quotation_mark": gettext("A quotation mark begins here and does not end. From here on nothing was read."),
        "column_missing": gettext("The column “{heading}” is missing."),
        "column_twice": gettext("“{value}” and “{more}” are the same column."),
        "too_many_rows": gettext("The file has more than {more} rows. Divide it into smaller ones."),
        "no_rows": gettext("There are headings, but no rows."),
        "too_many_cells": gettext("There are more cells than headings: “{value}” stands too far right."),
        "missing": gettext("Nothing stands here."),
        "level_unknown": gettext("“{value}” is not a level. Write state, district or school."),
        "level_below": gettext("This level cannot stand below {more}."),
        "too_long": gettext("This is longer than {more} characters."),
        "number_twice": gettext("Line {more} has the same number."),
        "number_elsewhere": gettext("This number belongs to an organization that you do not arrange here."),
        "other_number": gettext("There is an organization of this name with another number: {more}."),
        "other_level": gettext("This organization is there already, as: {more}."),
        "same_name": gettext("An organization of this name is there already."),
        "same_name_in_file": gettext("Line {more} has the same name in the same place."),
        "is_here": gettext("This is {more} itself. Change it on its own page."),
        "archived": gettext("This organization is archived. Bring it back first."),
        "parent_archived": gettext("{more} is archived. Bring it back first."),
        "here_archived": gettext("{value} is archived. Bring it back first."),
        "parent_unknown": gettext("There is no organization of this name or number to belong to."),
        "parent_twice": gettext("Several organizations have this name. Write the number instead."),
        "address": gettext("This is not a mail address."),
        "address_missing": gettext("The mail address of {more} is missing."),
        "person_missing": gettext("The name for {more} is missing."),
        "address_full": gettext("One mailbox gets at most {more} invitations in a day."),
        "too_many_invitations": gettext("These would be {value} invitations; {more} in a day are the most."),
        "changed": gettext("Since the preview something has changed here, so that this row would do something else."),
    }
