"""Definitions to instruments: every rule of an instrument file is checked here, and named when it is broken."""

import re
from collections.abc import Callable
from typing import Any

from partnerforms.engine import model
from partnerforms.engine.load import Data, Definition, InstrumentError

Say = Callable[[str, str], str]

AUDIENCES = ("families", "students", "community", "staff", "district", "state")
STEPS = 5
# Names that documents and addresses of pages use themselves, so no item or section may take them.
_OF_DOCUMENTS = ("title", "intro", "version", "about", "words", "labels", "hints", "columns", "marks")
_OF_ROWS = ("entry", "number")
_OF_PAGES = ("check", "submit", "entries", "revisions", "compare")
RESERVED = frozenset({*_OF_DOCUMENTS, *_OF_ROWS, *_OF_PAGES})
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


def in_english(_key: str, english: str) -> str:
    """The `say` that leaves every text as it stands in the file."""
    return english


def build(definition: Definition, say: Say = in_english) -> model.Instrument:
    """The instrument of a definition; InstrumentError when a rule is broken.

    Every text passes through `say(key, english)` on the way. The identity gives English, a catalogue gives a
    translation, a recorder gives the list of keys: keys of translatable texts are made here and nowhere else.
    """
    return _Builder(definition, say).instrument()


class _Node:
    """A table of the file with its path: takes typed values out and complains about the rest."""

    def __init__(self, data: object, path: str, file: str) -> None:
        self.path, self.file = path, file
        if not isinstance(data, dict):
            raise InstrumentError(file, path, "must be a table")
        self._left: Data = dict(data)

    def fail(self, name: str, rule: str) -> InstrumentError:
        return InstrumentError(self.file, f"{self.path}.{name}" if self.path else name, rule)

    def take(self, name: str, kind: type, default: Any = None) -> Any:
        """The value of a name, of exactly this type. Without a default it must be there."""
        if name not in self._left:
            if default is None:
                raise self.fail(name, "is missing")
            return default
        value = self._left.pop(name)
        if type(value) is not kind:
            raise self.fail(name, f"must be {_KIND_NAMES[kind]}")
        if value == "" and default is None:
            raise self.fail(name, "must not be empty")
        if isinstance(value, str) and value != value.strip():
            raise self.fail(name, "must not begin or end with white space")
        return value

    def holds(self, name: str, kind: type = object) -> bool:
        """Is there a value of this name and type, not yet taken?"""
        return name in self._left and isinstance(self._left[name], kind)

    def children(self, name: str) -> list["_Node"]:
        """The tables of an array, each with its own path; at least one."""
        array = self.take(name, list)
        if not array:
            raise self.fail(name, "must not be empty")
        return [_Node(part, f"{self.path}.{name}[{i}]".lstrip("."), self.file) for i, part in enumerate(array)]

    def done(self) -> None:
        """Refuse what nobody asked for: a mistyped name must not be silently ignored."""
        for name in self._left:
            raise self.fail(name, "is not a known name here")


_KIND_NAMES = {str: "text", int: "a whole number", bool: "true or false", list: "an array", dict: "a table"}


class _Builder:
    def __init__(self, definition: Definition, say: Say) -> None:
        self.file = definition.file
        self.root = _Node(definition.data, "", self.file)
        self.say = say
        self.option_lists: Data = self.root.take("options", dict, {})
        self.ids: set[str] = set()
        self.scales: list[model.Scale] = []
        self.name = definition.id

    def instrument(self) -> model.Instrument:
        root = self.root
        self.root.take("id", str)
        use = self._one_of(root, "use", ("survey", "record"))
        sections = tuple(self._section(node) for node in root.children("sections"))
        built = model.Instrument(
            id=self.name,
            version=root.take("version", int),
            use=use,
            title=self._text(root, "title", self.name),
            intro=self._text(root, "intro", self.name, ""),
            audience=self._one_of(root, "audience", AUDIENCES) if use == "survey" else "",
            level=self._one_of(root, "level", model.LEVELS) if use == "record" else "",
            sections=sections,
            starts=tuple(self._start(node) for node in root.children("starts")) if root.holds("starts") else (),
        )
        root.done()
        if use == "survey":
            self._check_scales()
        return built

    def _check_scales(self) -> None:
        """Results stand side by side under one row of headings, so a survey has one scale, of five steps."""
        for item in self.scales:
            if len(item.options) != STEPS or item.options != self.scales[0].options:
                raise InstrumentError(self.file, item.id, f"the scales of a survey must be one, of {STEPS} steps")

    def _one_of(self, node: _Node, name: str, allowed: tuple[str, ...]) -> str:
        value: str = node.take(name, str)
        if value not in allowed:
            raise node.fail(name, f"must be one of {', '.join(allowed)}")
        return value

    def _text(self, node: _Node, name: str, key: str, default: str | None = None) -> str:
        text: str = node.take(name, str, default)
        return self.say(f"{key}.{name}", text) if text else ""

    def _id(self, node: _Node, taken: set[str]) -> str:
        value: str = node.take("id", str)
        if not _ID.fullmatch(value):
            raise node.fail("id", f"{value!r} must be small letters, digits and _, beginning with a letter")
        if value in RESERVED:
            raise node.fail("id", f"{value!r} is a name that documents and pages use themselves")
        if value in taken:
            raise node.fail("id", f"{value!r} is used twice")
        taken.add(value)
        return value

    def _section(self, node: _Node) -> model.Section:
        section_id = self._id(node, self.ids)
        key = f"{self.name}.{section_id}"
        repeat = None
        if node.holds("repeat"):
            inner = _Node(node.take("repeat", dict), f"{node.path}.repeat", self.file)
            repeat = model.Repeat(self._text(inner, "entry", key), inner.take("most", int))
            inner.done()
        section = model.Section(
            id=section_id,
            title=self._text(node, "title", key),
            intro=self._text(node, "intro", key, ""),
            items=self._items(node),
            repeat=repeat,
        )
        node.done()
        return section

    def _items(self, node: _Node) -> tuple[model.Item, ...]:
        items: list[model.Item] = []
        for child in node.children("items"):
            item_id = self._id(child, self.ids)
            items.append(self._item(child, item_id, f"{self.name}.{item_id}"))
            child.done()
        return tuple(items)

    def _item(self, node: _Node, item_id: str, key: str) -> model.Item:
        kind = node.take("kind", str)
        asked = self._asked(node, item_id, key)
        if kind == "scale":
            options = self._named_list(node, "scale")
            if len(options) < 3:
                raise node.fail("scale", "needs at least two options and, last, the one for being unsure")
            item = model.Scale(
                **asked,
                options=options[:-1],
                unsure=options[-1],
                short=self._text(node, "short", key),
                responsibility=node.take("responsibility", str, ""),
            )
            self.scales.append(item)
            return item
        if kind == "table":
            taken: set[str] = set()
            return model.Table(
                **asked,
                row=self._text(node, "row", key),
                most=node.take("most", int, 50),
                columns=tuple(self._column(child, key, taken) for child in node.children("columns")),
            )
        return self._cell(node, kind, asked, key)

    def _column(self, node: _Node, key: str, taken: set[str]) -> model.Cell:
        column_id = self._id(node, taken)
        key = f"{key}.{column_id}"
        column = self._cell(node, node.take("kind", str), self._asked(node, column_id, key), key)
        node.done()
        return column

    def _cell(self, node: _Node, kind: str, asked: Data, key: str) -> model.Cell:
        match kind:
            case "choice":
                return model.Choice(**asked, options=self._options(node, key))
            case "choices":
                return model.Choices(
                    **asked, options=self._options(node, key), most=node.take("most", int, 0) or None
                )
            case "checks":
                return model.Checks(**asked, marks=self._named_list(node, "marks"))
            case "text":
                return model.Text(**asked, longest=node.take("longest", int, 200))
            case "paragraph":
                return model.Paragraph(**asked, longest=node.take("longest", int, 4000))
            case "number":
                return model.Number(
                    **asked,
                    least=node.take("least", int, 0),
                    greatest=node.take("greatest", int, 1_000_000_000),
                )
            case "money":
                return model.Money(**asked)
            case "date":
                return model.Date(**asked)
            case "email":
                return model.Email(**asked)
        raise node.fail("kind", f"{kind!r} is not a kind of item here")

    def _asked(self, node: _Node, item_id: str, key: str) -> Data:
        source = None
        if node.holds("source"):
            inner = _Node(node.take("source", dict), f"{node.path}.source", self.file)
            source = model.Source(inner.take("document", str), inner.take("position", str))
            inner.done()
        return {
            "id": item_id,
            "label": self._text(node, "label", key),
            "hint": self._text(node, "hint", key, ""),
            "required": node.take("required", bool, False),
            "source": source,
        }

    def _options(self, node: _Node, key: str) -> tuple[model.Option, ...]:
        """Options written at the item, the name of a list, or "scales": the scale items before this one."""
        if node.holds("options", str):
            return self._named_list(node, "options")
        return self._option_list(node.children("options"), key)

    def _named_list(self, node: _Node, name: str) -> tuple[model.Option, ...]:
        list_name = node.take(name, str)
        if list_name == "scales" and self.scales:
            return tuple(model.Option(item.id, item.short) for item in self.scales)
        if list_name not in self.option_lists:
            raise node.fail(name, f"there is no list of options named {list_name!r}")
        holder = _Node({"options": self.option_lists[list_name]}, f"options.{list_name}", self.file)
        return self._option_list(holder.children("options"), f"options.{list_name}")

    def _option_list(self, nodes: list[_Node], key: str) -> tuple[model.Option, ...]:
        options: list[model.Option] = []
        taken: set[str] = set()
        for node in nodes:
            option_id = self._id(node, taken)
            label: str = node.take("label", str)
            options.append(
                model.Option(option_id, self.say(f"{key}.{option_id}", label), node.take("symbol", str, ""))
            )
            node.done()
        if len({option.label for option in options}) < len(options):
            raise InstrumentError(self.file, nodes[0].path, "two options have the same label")
        return tuple(options)

    def _start(self, node: _Node) -> model.Start:
        start_id = self._id(node, set())
        start = model.Start(
            start_id, self._text(node, "title", f"{self.name}.starts.{start_id}"), node.take("answers", dict)
        )
        node.done()
        return start
