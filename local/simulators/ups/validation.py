"""Hand-written checks of JSON values: small functions that are composed into the shape of one request body.

A check looks at a value and its path and yields what is wrong. Kinds: `unknown` (a member that UPS would ignore
without a word, or that this simulator does not know; only the strict option refuses it), `type` (the JSON type is
wrong: every scalar of Ship, Rating and Address Validation is a string, numbers included) and `rule` (anything else).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from local.simulators.checks import Check, Finding, each_item, each_member, rule, within


def text(
    shortest: int = 0, longest: int | None = None, choices: Collection[str] = (), pattern: str = "", explain: str = ""
) -> Check:
    """A string within its lengths (blanks alone do not count as text), out of `choices`, matching `pattern`."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield Finding(path, f"Invalid {path}: a JSON string is wanted", "type")
        elif shortest and (len(value) < shortest or not value.strip()):
            yield rule(path, f"Missing or invalid {path}: at least {shortest} characters")
        elif longest is not None and len(value) > longest:
            yield rule(path, f"Invalid {path}: {len(value)} characters, at most {longest}")
        elif choices and value not in choices:
            yield rule(path, f"Invalid {path}: '{value}' is not one of {', '.join(sorted(choices))}")
        elif pattern and not re.fullmatch(pattern, value):
            yield rule(path, explain or f"Invalid {path}: '{value}' does not have the form {pattern}")

    return look


def decimal_text(longest: int, lowest: str = "0") -> Check:
    """A number written as a string: digits with at most one point, above zero unless `lowest` is empty."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        found = list(text(1, longest, pattern=r"\d+(\.\d+)?|\.\d+")(value, path))
        yield from found
        if not found and lowest and float(value) <= float(lowest):
            yield rule(path, f"Invalid {path}: must be greater than {lowest}")

    return look


def presence(value: Any, path: str) -> Iterator[Finding]:
    """A presence flag: any string means true, also an empty one."""
    if not isinstance(value, str):
        yield Finding(path, f"Invalid {path}: an indicator is a JSON string, and its presence means true", "type")


def number(value: Any, path: str) -> Iterator[Finding]:
    """A JSON number (Time in Transit only)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Finding(path, f"Invalid {path}: a JSON number is wanted", "type")
    elif value <= 0:
        yield rule(path, f"Invalid {path}: must be greater than 0")


def whole(value: Any, path: str) -> Iterator[Finding]:
    """A JSON integer (Time in Transit only)."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield Finding(path, f"Invalid {path}: a JSON integer is wanted", "type")


def flag(value: Any, path: str) -> Iterator[Finding]:
    """true or false (Time in Transit only)."""
    if not isinstance(value, bool):
        yield Finding(path, f"Invalid {path}: true or false is wanted", "type")


def array(item: Check, fewest: int = 0, most: int | None = None) -> Check:
    """A list of items. Older versions took an object for a single item; v2409 documents a list, always."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(path, f"Invalid {path}: a JSON array is wanted", "type")
            return
        if len(value) < fewest:
            yield rule(path, f"Missing or invalid {path}: at least {fewest}")
        if most is not None and len(value) > most:
            yield rule(path, f"Invalid {path}: {len(value)} given, at most {most}")
        yield from each_item(value, path, item)

    return look


def record(members: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object: named members (letter case matters), those that must be there, and nothing else."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield Finding(path, f"Invalid {path or 'body'}: a JSON object is wanted", "type")
            return
        for place in (f"{within(path)}{name}" for name in required if name not in value):
            yield rule(place, f"Missing or invalid {place}")
        yield from each_member(value, path, members, _unknown)

    return look


def _unknown(place: str, name: str) -> str:
    return f"'{place}' is not known here: UPS would ignore it, or this simulator does not act on it"


def texts(limits: str) -> dict[str, Check]:
    """Several text members at once: `"Name 1-35, ShipperNumber 6-6"`."""
    found = {}
    for part in limits.split(","):
        name, span = part.split()
        shortest, longest = span.split("-")
        found[name] = text(int(shortest), int(longest))
    return found


def flags(names: str) -> dict[str, Check]:
    """Several presence flags at once."""
    return dict.fromkeys(names.split(), presence)


def strings(value: Any) -> Iterable[str]:
    """Every string in a document, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from strings(member)
