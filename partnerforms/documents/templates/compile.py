"""A Word file with tags, compiled once and filled many times.

Compiling does all that needs Word's XML as a tree: it checks every tag and name, sets language and
direction, puts the logo in and cuts the text parts at their tags. What is left for filling is to write
bytes. `tags` says what a template may hold.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lxml.etree import _Element as Element

from partnerforms.documents.templates import direction as directions
from partnerforms.documents.templates import logo as logos
from partnerforms.documents.templates import package
from partnerforms.documents.templates.build import Builder
from partnerforms.documents.templates.markup import cut, cut_properties, parse, tidy, to_bytes
from partnerforms.documents.templates.nodes import Node, in_property, in_run, pieces, write
from partnerforms.documents.templates.problems import PackageError, TagError, TemplateError, TemplateProblem
from partnerforms.documents.templates.tags import Names, Tag

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_MAIN = f"{_WORD}document.main+xml"
_TEXTS = (_MAIN, *(f"{_WORD}{kind}+xml" for kind in ("header", "footer", "footnotes", "endnotes")))
_STYLES = f"{_WORD}styles+xml"
# Errors that stay true whatever the other tags say.
_SURE = ("unknown_near", "unknown_in", "unknown_in_near", "inside_text", "inside_list")
_PROPERTIES = "application/vnd.openxmlformats-package.core-properties+xml"


@dataclass(frozen=True)
class Template:
    """A compiled template. It never changes: threads may share one.

    `used` has the names it shows, as paths of the instrument (goals.activities.dates); `texts` the nodes of
    every part that depends on a context.
    """

    file: str
    used: frozenset[str]
    texts: Mapping[str, tuple[Node, ...]] = field(repr=False)
    writer: package.Writer = field(repr=False)

    def fill(self, context: Mapping[str, Any]) -> bytes:
        """The document for a context: texts, plain dicts and lists of plain dicts. What is missing is empty.

        `fill.fill` also reads the document back; use that one where somebody relies on it.
        """
        return self.writer.write({part: write(nodes, dict(context)) for part, nodes in self.texts.items()})

    def pieces(self, context: Mapping[str, Any]) -> list[bytes]:
        """What the texts of the document would be put together from, properties left out."""
        texts = [nodes for part, nodes in self.texts.items() if not part.startswith("docProps/")]
        return [piece for nodes in texts for piece in pieces(nodes, dict(context))]


def compile_template(
    data: bytes,
    names: Names,
    *,
    file: str,
    language: str = "en",
    direction: str = "ltr",
    logo: bytes | None = None,
) -> Template:
    """The template of a .docx. TemplateError, with all that was found, when anything would not come out right.

    `file` is what errors call it. `logo` is a PNG or JPEG (ValueError if not) for every picture whose
    alternative text is "logo". A file without styles or properties, which Word does not write, gets no
    language there.
    """
    picture = None if logo is None else logos.read_picture(logo)
    file_ = _File(file, data)
    texts = [name for name, kind in file_.kinds.items() if kind in _TEXTS]
    for name in texts:
        tidy(file_.root(name))
        if direction == "rtl":
            directions.turn(file_.root(name))
    if picture is not None:
        _place_logo(file_, texts, picture)
    _set_language(file_, language, direction)
    return _cut_all(file_, texts, Builder(names))


class _File:
    """A template while it is worked on: its parts, and the trees of those that were opened."""

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        try:
            self.parts = package.read(data)
        except PackageError as error:
            raise TemplateError(file, error.problem) from None
        self._roots: dict[str, Element] = {}
        self.kinds = self._kinds()

    def _kinds(self) -> dict[str, str]:
        """Part name to content type, of parts that there are. Exactly one is the main document."""
        declared = {
            (said.get("PartName") or "").removeprefix("/"): said.get("ContentType") or ""
            for said in self.root(package.TYPES)
        }
        kinds = {name: kind for name, kind in declared.items() if name in self.parts}
        if list(kinds.values()).count(_MAIN) != 1:
            raise TemplateError(self.file, TemplateProblem("not_docx"))
        return kinds

    def named(self, kind: str) -> list[str]:
        """The parts of one content type."""
        return [name for name, of in self.kinds.items() if of == kind]

    def root(self, name: str) -> Element:
        """The tree of a part. What is changed in it is in the template."""
        if name not in self._roots:
            with self.blamed(name):
                self._roots[name] = parse(self.parts[name].content())
        return self._roots[name]

    def put(self, name: str, content: bytes) -> None:
        """Give a part new content; a new part comes last."""
        self._roots.pop(name, None)
        self.parts[name] = package.pack_small(name, content)

    def close(self) -> dict[str, package.Part]:
        """All parts, with what was changed in their trees."""
        for name, root in list(self._roots.items()):
            self.put(name, to_bytes(root))
        return self.parts

    @contextmanager
    def blamed(self, part: str) -> Iterator[None]:
        """Say of an error in which file and part it is."""
        try:
            yield
        except TagError as error:
            raise TemplateError(self.file, error.of(part)) from None


def _set_language(file: _File, language: str, direction: str) -> None:
    for name in file.named(_STYLES):
        directions.set_language(file.root(name), language, direction)
        if direction == "rtl":
            directions.double_looks(file.root(name))
    for name in file.named(_PROPERTIES):
        directions.set_property(file.root(name), language)


def _place_logo(file: _File, texts: list[str], picture: logos.Picture) -> None:
    shown = [part for part in texts if logos.place(file.root(part), picture)]
    shown = [part for part in shown if logos.relations_of(part) in file.parts]
    if not shown:
        return
    for part in shown:
        logos.relate(file.root(logos.relations_of(part)), part, picture, file.root(part))
    logos.declare(file.root(package.TYPES), picture)
    file.put(picture.part, picture.data)
    wanted = logos.targets({name: file.root(name) for name in file.parts if name.endswith(".rels")})
    for name in [name for name in file.parts if name.startswith("word/media/") and name not in wanted]:
        del file.parts[name]


def _cut_all(file: _File, texts: list[str], builder: Builder) -> Template:
    """Cut text parts and properties at their tags. A part without any is finished here."""
    nodes: dict[str, tuple[Node, ...]] = {}
    properties = file.named(_PROPERTIES)
    wrong: list[TemplateProblem] = []
    for name in (*texts, *properties):
        with file.blamed(name):
            cuts, errors = cut_properties(file.root(name)) if name in properties else cut(file.root(name))
        written, more = builder.build(cuts, in_property if name in properties else in_run)
        if errors:  # what hangs on a tag that could not be read would be blamed without need
            more = [error for error in more if error.code in _SURE]
        wrong += [error.of(name) for error in (*errors, *more)]
        if any(isinstance(piece, Tag) for piece in cuts):
            nodes[name] = written
        elif not errors:
            file.put(name, write(written, {}))
    if wrong:
        raise TemplateError(file.file, *wrong)
    writer = package.Writer(file.close().values(), nodes.keys())
    return Template(file.file, frozenset(builder.used), nodes, writer)
