"""Writes plain values as elements of their type: what is absent is left out, or nil where the schema wants it named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from local.simulators.dynamics_gp import values
from local.simulators.dynamics_gp.schema import GP, SHAPES, XSI, Field, fields, is_simple

KIND = "$type"
"""The key under which a value of an abstract type says what it is (`SalesItem`, `Kit`)."""


def write(parent: etree._Element, name: str, kind: str, value: Any, namespace: str = GP) -> etree._Element:
    """Adds `<name>` with a value of the type `kind` to the parent."""
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if is_simple(kind):
        element.text = values.render(value)
        return element
    actual = value.get(KIND, kind)
    if actual != kind:
        element.set(f"{{{XSI}}}type", actual)
    _fill(element, actual, value)
    return element


def write_list(parent: etree._Element, name: str, kind: str, rows: list[Any]) -> None:
    """Adds `<name>` with one `<kind>` for each row."""
    wrapper = etree.SubElement(parent, f"{{{GP}}}{name}")
    for row in rows:
        write(wrapper, kind, kind, row)


def _fill(element: etree._Element, kind: str, value: Mapping[str, Any]) -> None:
    names = {field.name for field in fields(kind)}
    strange = set(value) - names - {KIND}
    if strange:
        raise ValueError(f"{kind} has no element {', '.join(sorted(strange))}")
    for field in fields(kind):
        _element(element, field, value.get(field.name), kind)


def _element(element: etree._Element, field: Field, value: Any, kind: str) -> None:
    if value is None:
        if field.presence == "required":
            raise ValueError(f"{kind}.{field.name} must have a value")
        if field.presence == "nillable":
            nil = etree.SubElement(element, f"{{{field.namespace}}}{field.name}")
            nil.set(f"{{{XSI}}}nil", "true")
    elif field.many:
        wrapper = etree.SubElement(element, f"{{{field.namespace}}}{field.name}")
        for row in value:
            write(wrapper, field.type, field.type, row, field.namespace)
    else:
        write(element, field.name, field.type, value, field.namespace)


def namespace_of(kind: str) -> str:
    """Where elements inside a value of this type live."""
    return SHAPES[kind].namespace
