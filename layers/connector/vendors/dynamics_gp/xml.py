"""Builds and reads XML with lxml: elements in the order that GP's schema wants, answers by local name.

A template says which children an element has and in which order. Values are plain JSON: text, or an object, or a list.
lxml is loaded with the first message: who only knows of the pair (operator API, command line) does without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from vendors.dynamics_gp.limits import plain
from vendors.dynamics_gp.times import parse_day, parse_stamp

GP = "http://schemas.microsoft.com/dynamics/gp/2006/01"
DYNAMICS = "http://schemas.microsoft.com/dynamics/2006/01"
SECURITY = "http://schemas.microsoft.com/dynamics/security/2006/01"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

if TYPE_CHECKING:
    from lxml import etree

    Element = etree._Element


def lxml_etree() -> Any:
    """The library, loaded when it is first needed."""
    from lxml import etree

    return etree


Names: Any = {None: GP, "xsi": XSI}
"""Prefixes of what is built: GP's namespace has none."""


# ---- building ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A list: `item` is the name of each member's element."""

    item: str
    template: Template


@dataclass(frozen=True)
class Slot:
    """One child. `empty`: the schema wants it also without a value, as nil."""

    name: str
    empty: bool
    inside: Template | Listed | None


Template = tuple[Slot, ...]


def template(names: str, **inside: Template | Listed) -> Template:
    """A template from names in the schema's order; a `?` behind a name: must be there, as nil if need be."""
    slots = []
    for word in names.split():
        name = word.rstrip("?")
        slots.append(Slot(name, word.endswith("?"), inside.get(name)))
    unknown = set(inside) - {slot.name for slot in slots}
    if unknown:
        raise ValueError(f"template names no {', '.join(sorted(unknown))}")
    return tuple(slots)


def build(name: str, value: Mapping[str, Any], shape: Template, *, terse: bool = False) -> Element:
    """An element of GP's namespace. Raises ValueError for a member that the template does not know."""
    element: Element = lxml_etree().Element(f"{{{GP}}}{name}", nsmap=Names)
    _fill(element, value, shape, terse)
    return element


def _fill(element: Element, value: Mapping[str, Any], shape: Template, terse: bool) -> None:
    unknown = set(value) - {slot.name for slot in shape}
    if unknown:
        raise ValueError(f"{Node(element).name} has no {', '.join(sorted(unknown))}")
    for slot in shape:
        given = value.get(slot.name)
        if given is None:
            if slot.empty and not terse:
                _child(element, slot.name).set(f"{{{XSI}}}nil", "true")
            continue
        child = _child(element, slot.name)
        if isinstance(slot.inside, Listed):
            for member in given:
                _fill(_child(child, slot.inside.item), member, slot.inside.template, terse)
        elif slot.inside is not None:
            _fill(child, given, slot.inside, terse)
        else:
            child.text = plain(str(given))


def _child(parent: Element, name: str) -> Element:
    child: Element = lxml_etree().SubElement(parent, f"{{{GP}}}{name}")
    return child


def serialized(element: Element) -> bytes:
    """The element as a document, UTF-8."""
    return bytes(lxml_etree().tostring(element, xml_declaration=True, encoding="utf-8"))


# ---- reading ----------------------------------------------------------------------------------------------------


def parse(body: bytes) -> Node:
    """The root of a document. No entities, no network, no bombs. Raises ValueError; its text quotes nothing."""
    etree = lxml_etree()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise ValueError("the answer is not XML") from None
    tree: Any = root.getroottree()
    if tree.docinfo.doctype:
        raise ValueError("the answer is not plain XML")
    return Node(root)


@dataclass(frozen=True)
class Node:
    """An element read by local names: prefixes and namespaces of answers vary."""

    element: Element

    @property
    def name(self) -> str:
        """The local name; empty for comments."""
        tag: object = self.element.tag
        return tag.rpartition("}")[2] if isinstance(tag, str) else ""

    @property
    def type(self) -> str:
        """The local part of `xsi:type`; its prefix may be any, or none."""
        return (self.element.get(f"{{{XSI}}}type") or "").rpartition(":")[2].strip()

    @property
    def is_nil(self) -> bool:
        """Whether the element stands for nothing."""
        return (self.element.get(f"{{{XSI}}}nil") or "").strip() in ("true", "1")

    def children(self, name: str = "") -> Iterator[Node]:
        """The child elements, or those of a name."""
        for element in self.element:
            node = Node(element)
            if node.name and name in ("", node.name):
                yield node

    def find(self, *path: str) -> Node | None:
        """The first element under this path that is not nil."""
        node: Node = self
        for name in path:
            found = next(node.children(name), None)
            if found is None or found.is_nil:
                return None
            node = found
        return node

    def each(self, *path: str) -> Sequence[Node]:
        """All elements of the last name under the path before it; empty when there are none."""
        parent = self.find(*path[:-1])
        return [node for node in parent.children(path[-1]) if not node.is_nil] if parent is not None else []

    def text(self, *path: str) -> str:
        """The text, trimmed; empty when absent."""
        node = self.find(*path)
        return (node.element.text or "").strip() if node is not None else ""

    def needed(self, *path: str) -> str:
        """The text. Raises ValueError when it is absent."""
        found = self.text(*path)
        if not found:
            raise ValueError(f"{self.name} has no {'/'.join(path)}")
        return found

    def number(self, *path: str) -> Decimal | None:
        """A decimal number. Raises ValueError for anything else."""
        text = self.text(*path)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise ValueError(f"{self.name}/{'/'.join(path)} is not a number")
        return value

    def quantity(self, *path: str) -> Decimal:
        """A Quantity's or an amount's value; GP leaves out what is zero."""
        return self.number(*path, "Value") or Decimal(0)

    def flag(self, *path: str) -> bool:
        """A truth value; absent is false. Raises ValueError for anything else."""
        text = self.text(*path)
        if text not in ("", "true", "false", "1", "0"):
            raise ValueError(f"{self.name}/{'/'.join(path)} is neither true nor false")
        return text in ("true", "1")

    def stamp(self, *path: str) -> datetime | None:
        """A change stamp, UTC. Raises ValueError."""
        return parse_stamp(self.text(*path))

    def day(self, *path: str) -> date | None:
        """A date. Raises ValueError."""
        return parse_day(self.text(*path))
