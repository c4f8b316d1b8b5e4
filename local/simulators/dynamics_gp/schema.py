"""The shapes of GP's messages: a small table language of our own, and the index of all types.

A table lists types. A head line is `[abstract] Name, Name < Base`, a name list may run over several lines. Indented
lines list the elements in the order of the schema, each `Element:Type` with a mark: none = may be left out,
`?` = must be there but may be nil, `!` = must be there with a value. `Type[]` is a wrapper around repeated `Type`
elements; `-` is an element that GP knows and this simulator does not model: it is refused with words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from local.simulators.dynamics_gp.enumerations import SPELLINGS
from local.simulators.dynamics_gp.types_common import COMMON
from local.simulators.dynamics_gp.types_inventory import INVENTORY
from local.simulators.dynamics_gp.types_masters import MASTERS
from local.simulators.dynamics_gp.types_sales import SALES

GP = "http://schemas.microsoft.com/dynamics/gp/2006/01"
DYNAMICS = "http://schemas.microsoft.com/dynamics/2006/01"
SECURITY = "http://schemas.microsoft.com/dynamics/security/2006/01"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

SCALARS = frozenset(("string", "decimal", "int", "short", "boolean", "dateTime", "guid"))
UNMODELLED = "-"

_DYNAMICS_TABLE = """
abstract Key
abstract OrganizationKey < Key
CompanyKey < OrganizationKey
    Id:int!
Context
    WorkOnBehalfOf:string OrganizationKey:OrganizationKey CultureName:string CurrencyType:CurrencyType!
    RoleKey:RoleKey TenantName:string
"""
_SECURITY_TABLE = """
RoleKey
    Id:string
"""


@dataclass(frozen=True)
class Field:
    """One element of a type. `presence` is optional, nillable or required; `many`: a wrapper with repeated elements."""

    name: str
    type: str
    presence: str
    many: bool
    namespace: str


@dataclass(frozen=True)
class Shape:
    """One complex type with its own elements (the base's come first, see `fields`)."""

    name: str
    namespace: str
    base: str | None
    abstract: bool
    own: tuple[Field, ...]


_PRESENCE = {"?": "nillable", "!": "required"}


def _field(token: str, namespace: str) -> Field:
    name, _, kind = token.partition(":")
    presence = _PRESENCE.get(kind[-1], "optional")
    if presence != "optional":
        kind = kind[:-1]
    many = kind.endswith("[]")
    return Field(name, kind.removesuffix("[]"), presence, many, namespace)


def _paragraphs(table: str) -> Iterator[tuple[str, str]]:
    """(head, body) of each entry of a table."""
    head, body = "", ""
    for line in table.strip().splitlines():
        if line.startswith("    "):
            body += f" {line.strip()}"
        elif head.endswith((",", " <")):
            head += f" {line}"
        else:
            if head:
                yield head, body
            head, body = line, ""
    yield head, body


def read_table(table: str, namespace: str) -> dict[str, Shape]:
    """The types of a table by name."""
    shapes: dict[str, Shape] = {}
    for head, body in _paragraphs(table):
        names, _, base = head.removeprefix("abstract ").partition(" < ")
        own = tuple(_field(token, namespace) for token in body.split())
        for name in names.split(", "):
            shapes[name] = Shape(name, namespace, base or None, head.startswith("abstract "), own)
    return shapes


SHAPES: dict[str, Shape] = {
    **read_table(_DYNAMICS_TABLE, DYNAMICS),
    **read_table(_SECURITY_TABLE, SECURITY),
    **read_table(COMMON, GP),
    **read_table(SALES, GP),
    **read_table(INVENTORY, GP),
    **read_table(MASTERS, GP),
}


@cache
def fields(name: str) -> tuple[Field, ...]:
    """All elements of a type in the schema's order: those of its base first."""
    shape = SHAPES[name]
    return ((*fields(shape.base), *shape.own)) if shape.base else shape.own


@cache
def lineage(name: str) -> tuple[str, ...]:
    """The type and its bases, nearest first."""
    base = SHAPES[name].base
    return (name, *lineage(base)) if base else (name,)


def is_simple(name: str) -> bool:
    """Whether values of the type are text: a scalar or an enumeration."""
    return name in SCALARS or name in SPELLINGS
