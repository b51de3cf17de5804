"""What can be wrong with a template: a code, its figures, and where it is.

`TEMPLATE_PROBLEMS` has one sentence for each code, to be read behind the place: "main text, paragraph 2: …". A page
shows it in the reader's language under the key `templates.CODE`; errors of commands and the log say it in English.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEMPLATE_PROBLEMS = {
    # the file as a whole
    "empty": "the file is empty",
    "too_large_file": "the file is larger than {most} MB; make its pictures smaller (in Word: Compress Pictures)",
    "legacy_doc": 'this is a file of an old Word; in Word, save it as "Word Document (.docx)"',
    "password": "the file is protected with a password; remove the password in Word (File, Info, Protect Document)",
    "opendocument": 'this is an OpenDocument file; save it as "Word Document (.docx)"',
    "other_file": 'this is not a Word file; in Word, save it as "Word Document (.docx)"',
    "macro_file": 'this is a Word file with macros; in Word, save it as "Word Document (.docx)", which drops them',
    "template_file": 'this is a Word template (.dotx); in Word, save it as "Word Document (.docx)"',
    "incomplete_file": "the file is damaged or not complete; save it once more in Word and upload it again",
    "not_word": "this is not a Word file (.docx)",
    "not_docx": 'this is not a Word file; in Word, save it as "Word Document (.docx)"',
    "damaged": "{name} is damaged",
    "overlap": "two parts overlap",
    "too_many_parts": "it has more than {most} parts",
    "unpacks_large": "unpacked it is larger than {most} MB",
    "part_name": "a part has a name that Word does not write",
    "packed_small": "{name} is packed more than {most} times smaller than it is",
    "packed_oddly": "it is encrypted or packed in a way that Word does not use",
    "same_name": "two parts have the same name",
    # what a file may not bring along
    "macros": "it has macros; save it without them as a new Word Document (.docx)",
    "embedded": "a file or an object is embedded in it ({name}); delete it, or paste it as a picture",
    "activex": "it has ActiveX controls ({name}); delete them",
    "fonts": "fonts are embedded in it; in Word: File, Options, Save, do not embed fonts",
    "signed": "it is signed; remove the signature, which would not fit the filled document",
    "web_parts": "it holds something that opens a web page or an add-in ({name}); delete it",
    "chart": "it has a chart with data behind it ({name}); paste the chart as a picture",
    "media": "it holds sound or video ({name}); delete it",
    "unknown_part": "it holds something that a template may not have: {name}",
    "not_a_picture": "{name} says that it is a picture and is none",
    "svg": "the picture {name} loads something or runs a script; use a PNG picture",
    "attached_template": "it is tied to the template {target}; in Word: File, Options, Add-ins, Manage Templates, "
    "remove the path of the document template",
    "linked_picture": "a picture is linked and not in the file: {target}; insert the picture itself",
    "link": "a link leads to {target}; links may begin with http://, https:// and mailto: only",
    "external": "it loads something from outside of the file: {target}",
    "relation": "one part is tied to another in a way that a template may not have ({kind})",
    "field": "the field {field} is not allowed; delete it (in Word: Alt+F9 shows fields)",
    "merge_field": "this is a mail merge field; write the name in braces instead, such as {example}",
    "mail_merge": "it is set up for a mail merge; in Word: Mailings, Start Mail Merge, Normal Word Document",
    "included": "another file is included here; paste its content instead",
    "changes": "it has tracked changes ({count}); in Word: Review, Accept All Changes",
    "comments": "it has comments ({count}); in Word: Review, Delete All Comments",
    "bound": "this content control is tied to a property of the document, so Word would not show what is filled in; "
    "delete the content control and type the tag again",
    "schema": "it is tied to a schema outside of the file; remove the schema in Word",
    # how much there may be
    "too_large": "it is larger than {most} MB",
    "too_long": "it is too long or too complicated for a template; make it simpler, or paste it into a new document",
    "too_many_tags": "it has {count} tags; {most} are allowed",
    "grows": "filled with all the rows that people may enter, it would be larger than {most} MB; repeat less",
    # XML
    "not_xml": "it is not well-formed XML",
    "doctype": "it has a DOCTYPE, which Word does not write",
    "not_written_as_docx": 'it is not written as "Word Document (.docx)"; save it as that in Word',
    # tags
    "incomplete": "this looks like a tag but is not complete",
    "not_a_name": "between {opening} and {closing} stands one name, such as {example}",
    "reserved": '"{name}" is a word of the tag language; choose another name',
    "not_a_block": "a tag of this kind is one of {examples}, or the same with p for paragraphs",
    "in_property": "this tag cannot stand in this document property",
    "not_in_row": "a {example} tag must stand in a table row",
    "not_alone": "this tag must be alone in its row or paragraph, which goes when it is filled",
    "section_end": "a section ends at this paragraph; put the tag into another one",
    "nowhere": "this paragraph stands nowhere",
    "interrupted": "a tab, a line break, a field or a picture stands inside this tag",
    "not_in_text": "a tag cannot stand here ({element}), only in text",
    "once_in_loop": "a picture, note or comment cannot stand inside of a loop",
    "unclosed": "there is no {wanted} for it",
    "nothing_open": "there is nothing open that this {word} belongs to",
    "still_open": "{opener} is still open here",
    "closed_elsewhere": "it must stand in the same table, cell or text as {opener}",
    "two_else": "this if has two else",
    "too_deep": "blocks stand more than {most} deep in each other",
    "loop_in_loop": "inside of {outer} only its own lists can be gone through",
    # names
    "unknown": 'there is no "{name}"',
    "unknown_near": 'there is no "{name}"; did you mean "{nearest}"?',
    "unknown_in": 'there is no "{name}" in {where}',
    "unknown_in_near": 'there is no "{name}" in {where}; did you mean "{nearest}"?',
    "is_list": '"{name}" is a list; go through it with {example}',
    "is_group": '"{name}" is a group of names, such as "{example}"',
    "not_list": '"{name}" is not a list',
    "inside_list": '"{path}" is a list; there is no "{name}" inside of it',
    "inside_text": '"{path}" is a text; there is no "{name}" inside of it',
    "taken": '"{name}" already means something here; choose another name',
    # what it must show
    "not_shown": "the answer to this question is nowhere in the document; add {tag}",
    "not_shown_in_rows": "the answer to this question is nowhere in the document; "
    "add {tag} between {opening} and {closing}",
    "not_always_shown": "the answer to this question is left out when other questions have no answer; "
    "put {tag} where it does not depend on them",
    "lost": 'filled with sample answers, the document does not hold "{text}"',
}


def template_keys() -> dict[str, str]:
    """Key to English text of everything that is translated here."""
    return {f"templates.{code}": text for code, text in TEMPLATE_PROBLEMS.items()}


@dataclass(frozen=True)
class Place:
    """Where in a part: a paragraph or a property, and the words that stand there."""

    paragraph: int = 0
    shown: str = ""
    property: str = ""
    inside: str = ""

    def __str__(self) -> str:
        where = self.inside
        if self.paragraph:
            where = f"paragraph {self.paragraph}"
        elif self.property:
            where = f'property "{self.property}"'
        return f'{where}: "{self.shown}"' if self.shown else where


WHOLE = Place(inside="the whole part")


@dataclass(frozen=True)
class TemplateProblem:
    """One thing that keeps a file from being a template. Without a part it is about the file as a whole."""

    code: str
    part: str = ""
    place: Place = Place()
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The sentence in English."""
        return TEMPLATE_PROBLEMS[self.code].format_map(self.figures)


class TemplateError(ValueError):
    """A file that cannot serve as a template, with everything that was found; the text is about the first."""

    def __init__(self, file: str, *problems: TemplateProblem) -> None:
        self.file, self.problems = file, problems
        first = problems[0]
        self.part, self.place, self.reason = first.part, str(first.place), first.reason
        super().__init__(f"{', '.join(filter(None, (file, self.part, self.place)))}: {self.reason}")


class TagError(ValueError):
    """Something in one part of a template that cannot be understood: where, and why."""

    def __init__(self, code: str, place: Place, **figures: Any) -> None:
        super().__init__(code)
        self.code, self.place, self.figures = code, place, figures

    def of(self, part: str) -> TemplateProblem:
        """The problem, now that the part is known."""
        return TemplateProblem(self.code, part, self.place, self.figures)


class PackageError(ValueError):
    """These bytes are not a zip that is safe to read as a Word file."""

    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(TEMPLATE_PROBLEMS[code].format_map(figures))
        self.problem = TemplateProblem(code, figures=figures)
