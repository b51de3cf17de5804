"""Answers as the fields of a form, and texts that have broken forms elsewhere."""

from collections.abc import Mapping
from typing import Any

# What somebody types, and the words of it that must be in the document, on the page and in the mail.
HOSTILE = {
    "template tag": ("{{ 7*7 }} {% for x in y %}", "{{ 7*7 }} {% for x in y %}"),
    "xml": ("& < > \" ' &amp; <b>no</b> </w:t></w:r> ]]>", "& < > \" ' &amp; <b>no</b> </w:t></w:r> ]]>"),
    "emoji": ("👩‍👩‍👧 thanks 😀", "👩‍👩‍👧 thanks 😀"),
    "arabic": ("شكرا للمدرسة", "شكرا للمدرسة"),
    "chinese": ("谢谢老师 𠮷", "谢谢老师 𠮷"),
    "marks": ("Ana\u0301 e\u0301", "Aná é"),
    "controls": ("be\x00fo\x07re \x1b[31mred\x7f \x9d", "before [31mred"),
    "separators": ("one\u2028two\u2029three\x85four\x0bfive", "one two three four five"),
    "lines": ("first\r\nsecond\rthird\n\n\tfourth", "first second third fourth"),
    "non-characters": ("a\ufffeb\uffffc\ufdd0d", "abcd"),
    "bidi": ("\u202eevil\u202c \u200fx", "\u202eevil\u202c \u200fx"),
    "sql": ("'; DROP TABLE responses; --", "'; DROP TABLE responses; --"),
    "percent": ("100% %s %(x)s {0} {x}", "100% %s %(x)s {0} {x}"),
    "script": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "backslash": (r"C:\new \u0041 \0", r"C:\new \u0041 \0"),
}


def fields(raw: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Raw answers as the fields of the page that asks them."""
    found: dict[str, str | list[str]] = {}
    for name, value in raw.items():
        if isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
            for number, row in enumerate(value):
                found |= {f"q-{name}-{number}-{column}": cell for column, cell in row.items()}
        else:
            found[f"q-{name}"] = value
    return found


def as_lists(data: dict[str, Any]) -> dict[str, list[str]]:
    """Fields as a form of `pages` gives them back."""
    return {name: [value] if isinstance(value, str) else value for name, value in data.items()}
