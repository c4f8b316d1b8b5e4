"""Hand-written checks of JSON bodies, composed into the shape of one request.

Kinds of findings: `type` (the body does not bind: the whole request is refused with ModelState), `rule` (the bound
record breaks a rule: one order of a bulk call is refused) and `unknown` (a member that ShipStation passes over without
a word: it is written down as a strict violation).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from local.simulators.checks import Check, Finding, each_item, rule, within
from local.simulators.shipstation import pacific


def words(text: str) -> tuple[str, ...]:
    """Names separated by blanks."""
    return tuple(text.split())


def _unbound(value: Any, wanted: str, path: str) -> Finding:
    shown = json.dumps(value, ensure_ascii=False)[:80]
    return Finding(path, f"Error converting value {shown} to type '{wanted}'. Path '{path}'.\r\n", "type")


def text(longest: int | None = None, shortest: int = 0, pattern: str = "") -> Check:
    """A JSON string within its lengths, of that form."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield _unbound(value, "System.String", path)
        elif len(value) < shortest:
            yield rule(path, f"The {path} field is required.")
        elif longest is not None and len(value) > longest:
            yield rule(path, f"The field {path} must be a string with a maximum length of {longest}.")
        elif pattern and not re.fullmatch(pattern, value):
            yield rule(path, f"The field {path} is invalid: '{value[:40]}'.")

    return look


def choice(*allowed: str, name: str = "Enum") -> Check:
    """One word out of a closed list."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if value not in allowed:
            yield _unbound(value, f"SS.OpenApi.Models.{name}", path)

    return look


def whole(value: Any, path: str) -> Iterator[Finding]:
    """A JSON integer of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        yield _unbound(value, "System.Int64", path)


def number(lowest: float | None = None) -> Check:
    """A JSON number, not below `lowest`."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield _unbound(value, "System.Decimal", path)
        elif lowest is not None and value < lowest:
            yield rule(path, f"The field {path} must not be less than {lowest:g}.")

    return look


def flag(value: Any, path: str) -> Iterator[Finding]:
    """true or false."""
    if not isinstance(value, bool):
        yield _unbound(value, "System.Boolean", path)


def moment(value: Any, path: str) -> Iterator[Finding]:
    """A Pacific wall time with 0 to 7 digits of fraction; an offset behind it is passed over, and written down."""
    read = pacific.read_wall(value) if isinstance(value, str) else None
    if read is None:
        yield _unbound(value, "System.DateTime", path)
    elif read[1]:
        yield Finding(path, f"{path}: '{value}' has an offset, and Pacific wall time is wanted without one", "unknown")


def anything(value: Any, path: str) -> Iterator[Finding]:
    """A member that is read by nobody."""
    yield from ()


def free_object(value: Any, path: str) -> Iterator[Finding]:
    """An object whose members are read by nobody."""
    if not isinstance(value, dict):
        yield _unbound(value, "System.Object", path)


def array(item: Check) -> Check:
    """A list of items."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(path, f"Cannot deserialize the current JSON value into a collection. Path '{path}'.", "type")
            return
        yield from each_item(value, path, item)

    return look


def record(members: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object with these members. A required one that is missing or null breaks a rule."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, dict):
            word = "array" if isinstance(value, list) else "value"
            text = f"Cannot deserialize the current JSON {word} (e.g. [1,2,3]) into type 'object'. Path '{path}'."
            yield Finding(path, text, "type")
            return
        prefix = within(path)
        for name in required:
            if value.get(name) is None:
                yield rule(f"{prefix}{name}", f"The {name} field is required.")
        for name, member in value.items():
            if name not in members:
                yield Finding(f"{prefix}{name}", f"'{prefix}{name}' is unknown: ShipStation passes over it", "unknown")
            elif member is not None or name not in required:
                yield from members[name](member, f"{prefix}{name}")

    return look
