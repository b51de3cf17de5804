"""Is a Word file that somebody uploaded fit to be a template? Everything that is wrong with it, at once.

`package` says what kind of file it is and looks at its parts, `relations` at what ties them together, `content` into
their XML, `fields` at what Word would work out; `answers` fills it. Nothing is repaired and nothing left out on the
quiet: a file is taken as it is, or refused with reasons. What is allowed is listed, all else is not.
"""

from collections.abc import Sequence

from partnerforms.documents.context import Reader, names
from partnerforms.documents.templates import Template, TemplateError, TemplateProblem, compile_template
from partnerforms.documents.templates.problems import PackageError
from partnerforms.documents.uploads import answers, content, package, relations
from partnerforms.documents.uploads.package import MOST_BYTES
from partnerforms.engine.model import Instrument

__all__ = ["MOST_BYTES", "check"]

_MOST_PROBLEMS = 100


def check(data: bytes, wanted: Sequence[tuple[Instrument, Reader]]) -> list[TemplateProblem]:
    """What keeps a file from being the template of an instrument; nothing when it may be used.

    `wanted` has the instrument in every language that it is complete in, with a reader of each, English first.
    """
    try:
        parts = package.read(data)
        kinds = package.kinds(parts)
    except PackageError as error:
        return [error.problem]
    scanned = content.check(parts, kinds)
    found = [*package.check(parts, kinds), *scanned.problems]
    if scanned.small_enough:
        found += relations.check(parts, kinds)
        found += _compiled(data, wanted, whole=not found)
    return list({repr(problem): problem for problem in found}.values())[:_MOST_PROBLEMS]


def _compiled(data: bytes, wanted: Sequence[tuple[Instrument, Reader]], whole: bool) -> list[TemplateProblem]:
    """What the compiler says. A file that is right so far is filled in every language too."""
    templates: dict[str, Template] = {}  # by direction: all else that a language changes cannot go wrong
    for instrument, reader in wanted:
        language = reader.language
        try:
            if language.direction not in templates:
                templates[language.direction] = compile_template(
                    data, names(instrument), file="", language=language.code, direction=language.direction
                )
        except TemplateError as error:
            return list(error.problems)
        template = templates[language.direction]
        if not whole:
            return []
        found = answers.missing(template, instrument, reader) if reader is wanted[0][1] else []
        if wrong := found or answers.lost(template, instrument, reader):
            return wrong
    return []
