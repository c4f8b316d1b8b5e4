"""Reads one element by its type, as strict as the schema: order, presence, spelling, namespaces, attributes.

What comes out is plain: dicts by element name, lists for arrays, values for simple types. Nil, an empty array and an
element that was left out are all absent: GP treats the three as "not supplied".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from local.simulators.dynamics_gp import values
from local.simulators.dynamics_gp.schema import SHAPES, UNMODELLED, XSI, Field, fields, is_simple, lineage

_NIL = f"{{{XSI}}}nil"
_TYPE = f"{{{XSI}}}type"


class Misread(Exception):
    """The message is not what the schema says. `path` is where, in element names."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path


@dataclass(frozen=True)
class Rules:
    """`omissions`: missing required elements pass, as the real XmlSerializer lets them; the schema does not."""

    omissions: bool = False


def children(element: etree._Element, path: str) -> list[etree._Element]:
    """The child elements; refuses text between them, entities and processing instructions."""
    found = []
    for child in element:
        if isinstance(child, etree._Comment):
            continue
        if not isinstance(child.tag, str):
            raise Misread(path, "only elements and comments are allowed here")
        found.append(child)
    texts = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in texts):
        raise Misread(path, "has text where only elements are allowed")
    return found


def is_nil(element: etree._Element, path: str) -> bool:
    """Whether xsi:nil is true; a nil element must be empty."""
    given = element.get(_NIL)
    if given is None or given in ("false", "0"):
        return False
    if given not in ("true", "1"):
        raise Misread(path, f"xsi:nil is {given!r}")
    if len(element) or (element.text or "").strip():
        raise Misread(path, "is nil and has content")
    return True


def _attributes(element: etree._Element, path: str) -> None:
    strange = [name for name in element.attrib if name not in (_NIL, _TYPE)]
    if strange:
        raise Misread(path, f"has unknown attributes: {', '.join(map(str, strange))}")


def actual_type(element: etree._Element, declared: str, path: str) -> str:
    """The declared type, or the derived one that xsi:type names (a QName, resolved by its prefix)."""
    named = element.get(_TYPE)
    if named is None:
        if not is_simple(declared) and SHAPES[declared].abstract:
            raise Misread(path, f"the type {declared} is abstract: xsi:type is missing")
        return declared
    prefix, _, local = named.strip().rpartition(":")
    shape = SHAPES.get(local)
    if shape is None or element.nsmap.get(prefix or None) != shape.namespace:
        raise Misread(path, f"xsi:type {named!r} is no type of the schema")
    if declared not in lineage(local) or shape.abstract:
        raise Misread(path, f"xsi:type {named!r} cannot stand for {declared}")
    return local


def read(element: etree._Element, declared: str, path: str, rules: Rules) -> Any:
    """The value of an element that is not nil."""
    _attributes(element, path)
    if is_simple(declared):
        if any(not isinstance(child, etree._Comment) for child in element):
            raise Misread(path, "has elements where only text is allowed")
        try:
            return values.parse(declared, "".join(str(text) for text in element.itertext(with_tail=False)))
        except ValueError as error:
            raise Misread(path, str(error)) from error
    return read_sequence(element, fields(actual_type(element, declared, path)), path, rules)


def read_sequence(element: etree._Element, expected: tuple[Field, ...], path: str, rules: Rules) -> dict[str, Any]:
    """The children of a complex element in the order of the schema."""
    found: dict[str, Any] = {}
    position = 0
    seen: set[str] = set()
    for child in children(element, path):
        place = next((at for at, each in enumerate(expected) if child.tag == f"{{{each.namespace}}}{each.name}"), None)
        if place is None:
            raise Misread(path, f"the element {child.tag} is unknown here")
        field = expected[place]
        if field.name in seen:
            raise Misread(path, f"the element {field.name} is repeated")
        if place < position:
            raise Misread(path, f"the element {field.name} is out of the schema's order")
        position = place
        seen.add(field.name)
        value = _field(child, field, f"{path}/{field.name}", rules)
        if value is not None:
            found[field.name] = value
    missing = [each.name for each in expected if each.presence != "optional" and each.name not in seen]
    if missing and not rules.omissions:
        raise Misread(path, f"the required elements {', '.join(missing)} are missing")
    return found


def _field(child: etree._Element, field: Field, path: str, rules: Rules) -> Any:
    if field.type == UNMODELLED:
        raise Misread(path, "GP knows this element, the simulator does not model it")
    if is_nil(child, path):
        if field.presence != "nillable":
            raise Misread(path, "may not be nil")
        return None
    if not field.many:
        return read(child, field.type, path, rules)
    _attributes(child, path)
    return [_item(item, field, f"{path}[{at}]", rules) for at, item in enumerate(children(child, path))]


def _item(item: etree._Element, field: Field, path: str, rules: Rules) -> Any:
    if item.tag != f"{{{field.namespace}}}{field.type}":
        raise Misread(path, f"the element {item.tag} is not {field.type}")
    if is_nil(item, path):
        raise Misread(path, "is nil: an empty place in a list")
    return read(item, field.type, path, rules)
