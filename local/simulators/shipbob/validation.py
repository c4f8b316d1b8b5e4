"""Hand-written checks of JSON values: small functions that are composed into the shape of one request body.

A check looks at a value and its path and yields what is wrong. Kinds: `unknown` (a member that ShipBob would
ignore without a word; only the strict option refuses it), `type` (the JSON type is wrong), `rule` (anything else).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from local.simulators.checks import Check, Finding, each_item, each_member, rule, within
from local.simulators.shipbob.formats import read_moment

INT32 = 2_147_483_647
INT64 = 9_223_372_036_854_775_807


def label(path: str) -> str:
    """The last part of a path as ShipBob's texts name it: `address1` -> `Address1`."""
    last = re.sub(r"\[\d+\]$", "", path.rsplit(".", 1)[-1])
    return "".join(word[:1].upper() + word[1:] for word in last.split("_"))


def _wrong_type(path: str, wanted: str) -> Finding:
    return Finding(path, f"The value could not be converted to {wanted}.", "type")


def text(
    shortest: int = 0,
    longest: int | None = None,
    choices: Collection[str] = (),
    pattern: str = "",
    explain: str = "",
) -> Check:
    """A string within its lengths, out of `choices` when given, matching `pattern` when given."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, str):
            yield _wrong_type(path, "System.String")
        elif shortest and not value.strip():
            yield rule(path, f"The {label(path)} field is required.")
        elif longest is not None and len(value) > longest:
            yield rule(path, f"The field {label(path)} must be a string with a maximum length of {longest}.")
        elif choices and value not in choices:
            yield rule(path, f"The value '{value}' is not one of {', '.join(choices)}.")
        elif pattern and not re.fullmatch(pattern, value):
            yield rule(path, explain or f"The field {label(path)} must match '{pattern}'.")

    return look


def whole(lowest: int = -INT32 - 1, highest: int = INT32, choices: Collection[int] = ()) -> Check:
    """An integer written without a fraction; true and false are no numbers."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield _wrong_type(path, "System.Int32" if highest <= INT32 else "System.Int64")
        elif not lowest <= value <= highest:
            yield rule(path, f"The field {label(path)} must be between {lowest} and {highest}.")
        elif choices and value not in choices:
            yield rule(path, f"The value {value} is not one of {', '.join(map(str, choices))}.")

    return look


def number(lowest: Decimal | None = None) -> Check:
    """A JSON number, whole or with a fraction."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            yield _wrong_type(path, "System.Double")
        elif lowest is not None and Decimal(value) < lowest:
            yield rule(path, f"The field {label(path)} must be at least {lowest}.")

    return look


def flag(value: Any, path: str) -> Iterator[Finding]:
    """true or false."""
    if not isinstance(value, bool):
        yield _wrong_type(path, "System.Boolean")


def moment(value: Any, path: str) -> Iterator[Finding]:
    """An ISO 8601 date-time with an offset."""
    if not isinstance(value, str):
        yield _wrong_type(path, "System.DateTimeOffset")
        return
    try:
        read_moment(value)
    except ValueError:
        yield _wrong_type(path, "System.DateTimeOffset")


def email(value: Any, path: str) -> Iterator[Finding]:
    """Something at something."""
    if not isinstance(value, str):
        yield _wrong_type(path, "System.String")
    elif not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        yield rule(path, f"The {label(path)} field is not a valid e-mail address.")


def array(item: Check, fewest: int = 0, most: int | None = None) -> Check:
    """A list of items."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield _wrong_type(path, "System.Collections.Generic.List")
            return
        if len(value) < fewest:
            yield rule(path, f"The field {label(path)} must hold at least {fewest} item(s).")
        if most is not None and len(value) > most:
            yield rule(path, f"The field {label(path)} may hold at most {most} item(s).")
        yield from each_item(value, path, item)

    return look


def record(members: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object: named members (letter case matters), those that must be there, and nothing else."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield _wrong_type(path, "an object")
            return
        for name in required:
            if name not in value:
                yield rule(f"{within(path)}{name}", f"The {label(name)} field is required.")
        yield from each_member(value, path, members, _unknown)

    return look


def _unknown(place: str, name: str) -> str:
    return f"'{name}' is no member of this request; ShipBob would ignore it."
