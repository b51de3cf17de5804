"""Reads a page as strictly as nobody else does. `Page(html)` fails when the page breaks any rule of the house."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import html5lib

_LABELLED = ("input", "select", "textarea")
_UNLABELLED_TYPES = ("hidden", "submit", "button")


@dataclass
class Form:
    """A form as a browser would send it: what is filled in and ticked now, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def data(self) -> dict[str, list[str]]:
        """Name to values."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found

    def button(self, text: str) -> dict[str, str]:
        """What pressing the first button with this text adds."""
        for name, value, said in self.buttons:
            if text in said:
                return {name: value} if name else {}
        raise AssertionError(f"no button {text!r} among {[said for _, _, said in self.buttons]}")


class Page:
    """A page that keeps the rules."""

    def __init__(self, html: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(html)
        assert not parser.errors, [
            (error, details, html.splitlines()[place[0] - 1][:300]) for place, error, details in parser.errors[:3]
        ]
        self.parents = {child: parent for parent in self.root.iter() for child in parent}
        self.ids = [found for element in self.root.iter() if (found := element.get("id"))]
        self._check_document()
        self._check_scripts()
        self._check_references()
        self._check_fields()
        self.forms = [self._form(element) for element in self.root.iter("form")]
        self._check_forms()

    @property
    def title(self) -> str:
        return text(next(self.root.iter("title")))

    @property
    def h1(self) -> str:
        return text(next(self.root.iter("h1")))

    @property
    def text(self) -> str:
        return text(next(self.root.iter("body")))

    @property
    def language(self) -> str:
        return self.root.get("lang", "")

    @property
    def scripts(self) -> list[str]:
        return [element.get("src", "") for element in self.root.iter("script")]

    @property
    def links(self) -> list[str]:
        return [element.get("href", "") for element in self.root.iter("a")]

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Where each line of the error summary leads, and what it says."""
        return [
            (link.get("href", ""), text(line))
            for summary in self._summaries()
            for line in summary.iter("li")
            for link in line.iter("a")
        ]

    def form(self, action: str = "") -> Form:
        """The first form in which something is typed or ticked, or the one with this in its address."""
        for form in self.forms:
            if action in form.action and (action or form.action.endswith("/sign-out") is False):
                return form
        raise AssertionError(f"no form {action!r} among {[form.action for form in self.forms]}")

    def element(self, name: str) -> Element:
        return next(element for element in self.root.iter() if element.get("id") == name)

    def said_at(self, name: str) -> str:
        """The text of an element and of everything that describes it."""
        element = self.element(name)
        described = element.get("aria-describedby", "").split()
        return " ".join([text(element), *(text(self.element(other)) for other in described)])

    def _above(self, element: Element) -> Iterator[Element]:
        while element in self.parents:
            element = self.parents[element]
            yield element

    def _summaries(self) -> list[Element]:
        return [element for element in self.root.iter("div") if "errors" in element.get("class", "").split()]

    def _check_document(self) -> None:
        assert self.root.get("lang"), "no language"
        assert self.root.get("dir") in ("ltr", "rtl"), "no direction"
        assert len(list(self.root.iter("title"))) == 1
        assert self.title, "no title"
        headings = [element for element in self.root.iter() if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
        assert [heading.tag for heading in headings].count("h1") == 1, "not exactly one h1"
        assert all(text(heading) for heading in headings), "an empty heading"
        level = 0
        for heading in headings:
            here = int(heading.tag[1])
            assert here <= max(level, 1) + 1, f"heading {text(heading)!r} skips a level"
            level = here
        assert ("Error:" in self.title) == bool(self._summaries()), f"error in title and on page differ: {self.title}"
        assert len(list(self.root.iter("main"))) == 1
        for element in self.root.iter("a"):
            assert element.get("href"), "a link to nowhere"
            assert text(element) or element.get("aria-label"), f"a link without words: {element.attrib}"
            assert element.get("target") != "_blank" or "noopener" in element.get("rel", "")
        for element in self.root.iter("button"):
            assert text(element) or element.get("aria-hidden") == "true", "a button without words"
        for element in self.root.iter("img"):
            assert element.get("alt") is not None, "a picture without words"
        for element in self.root.iter("nav"):
            assert element.get("aria-label"), "a nav without a name"

    def _check_scripts(self) -> None:
        for element in self.root.iter("script"):
            assert element.get("src", "").startswith("/static/"), "a script that is not a file of ours"
            assert "defer" in element.attrib, "a script that keeps the page waiting"
            assert not element.text, "an inline script"
        for element in self.root.iter():
            assert element.tag not in ("style", "iframe", "object"), f"<{element.tag}>"
            for name, value in element.attrib.items():
                assert name != "style", "inline style"
                assert not name.startswith("on"), f"inline script {name}"
                assert not value.strip().lower().startswith("javascript:"), value

    def _check_references(self) -> None:
        twice = [name for name, times in Counter(self.ids).items() if times > 1]
        assert not twice, f"ids used twice: {twice}"
        known = set(self.ids)
        for element in self.root.iter():
            names = [
                *element.get("aria-describedby", "").split(),
                *element.get("aria-labelledby", "").split(),
                *element.get("for", "").split(),
                *element.get("form", "").split(),
            ]
            if element.get("href", "").startswith("#"):
                names.append(element.get("href", "")[1:])
            missing = [name for name in names if name not in known]
            assert not missing, f"<{element.tag}> refers to {missing}, which is not there"

    def _check_fields(self) -> None:
        labels = {element.get("for"): text(element) for element in self.root.iter("label")}
        for element in self.root.iter():
            if element.tag not in _LABELLED or element.get("type") in _UNLABELLED_TYPES:
                continue
            name = element.get("name")
            assert name, f"a field without a name: {element.attrib}"
            around = [text(above) for above in self._above(element) if above.tag == "label"]
            assert labels.get(element.get("id")) or "".join(around), f"{name} has no label"
            if element.get("type") == "radio":
                assert any(above.tag == "fieldset" for above in self._above(element)), f"{name} is in no fieldset"
        for element in self.root.iter("fieldset"):
            assert len(element), "an empty fieldset"
            assert element[0].tag == "legend", "a fieldset without a legend"
            assert text(element[0]), "an empty legend"
        hidden = [e for e in self.root.iter() if e.get("aria-hidden") == "true" and e.tag in ("a", "button", "input")]
        assert all(element.get("tabindex") == "-1" for element in hidden), "hidden and yet in the tab order"

    def _check_forms(self) -> None:
        signed_in = any(form.action.endswith("/sign-out") for form in self.forms)
        for form in self.forms:
            assert form.action.startswith("/"), f"a form that goes to {form.action!r}"
            names = [name for name, _ in form.fields]
            if form.method == "post" and signed_in:
                assert names.count("proof") == 1, f"the form to {form.action} has no proof"

    def _form(self, element: Element) -> Form:
        form = Form(element.get("action", ""), element.get("method", "get").lower())
        inside = list(element.iter())
        if name := element.get("id"):
            inside += [other for other in self.root.iter() if other.get("form") == name]
        for one in inside:
            name = one.get("name", "")
            if one.tag == "button":
                form.buttons.append((name, one.get("value", ""), text(one)))
            elif one.tag == "textarea":
                form.fields.append((name, one.text or ""))
            elif one.tag == "select":
                chosen = [o for o in one.iter("option") if "selected" in o.attrib] or list(one.iter("option"))[:1]
                form.fields += [(name, option.get("value", text(option))) for option in chosen]
            elif one.tag == "input" and (one.get("type") not in ("radio", "checkbox") or "checked" in one.attrib):
                form.fields.append((name, one.get("value", "")))
        return form


def text(element: Element) -> str:
    """All words in an element."""
    return " ".join("".join(element.itertext()).split())
