"""Reading single members of ShipBob's JSON. Absent, null, empty: None. A wrong type: ValueError, never a guess.

Error texts name the document and the member and never repeat a value, because a value may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, TypeVar

from vendors.shipbob.times import parse_day, parse_time

Document = Mapping[str, Any]
"""One JSON object."""

Value = TypeVar("Value")

_DIGITS = re.compile(r"-?\d{1,19}", re.ASCII)
_LARGEST = 2**63  # beyond any id or count


def as_document(value: Any, what: str) -> Document:
    """The value as an object; `what` names it for the error, e.g. "order 337200001"."""
    if not isinstance(value, Mapping):
        raise ValueError(f"ShipBob {what} is not an object")
    return value


def child(document: Document, key: str, what: str) -> Document:
    """A nested object; an empty one when absent or null."""
    value = document.get(key)
    return {} if value is None else as_document(value, f"{what}: {key}")


def children(document: Document, key: str, what: str) -> tuple[Document, ...]:
    """A nested list of objects; empty when absent or null."""
    value = document.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ValueError(f"ShipBob {what}: {key} is not a list")
    return tuple(as_document(item, f"{what}: {key}") for item in value)


def texts(document: Document, key: str, what: str) -> tuple[str, ...]:
    """A list of texts; empty when absent or null."""
    value = document.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"ShipBob {what}: {key} is not a list of texts")
    return tuple(value)


def text(document: Document, key: str, what: str) -> str | None:
    """A text exactly as it is, spaces included (SKUs are compared exactly); a bare number becomes text."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"ShipBob {what}: {key} is not a text")


def whole(document: Document, key: str, what: str) -> int | None:
    """A whole number; digits in quotes are accepted because the specification types many ids as strings."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, Decimal | float) and isfinite(value) and -_LARGEST < value < _LARGEST and value == int(value):
        return int(value)
    raise ValueError(f"ShipBob {what}: {key} is not a whole number")


def amount(document: Document, key: str, what: str) -> Decimal | None:
    """A decimal number: money, ounces or inches. Numbers in quotes are accepted (a stored copy may hold them so)."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"ShipBob {what}: {key} is not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"ShipBob {what}: {key} is not a number")
    return number


def flag(document: Document, key: str, what: str) -> bool | None:
    """true or false."""
    value = document.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"ShipBob {what}: {key} is neither true nor false")


def moment(document: Document, key: str, what: str) -> datetime | None:
    """An instant."""
    value = text(document, key, what)
    if value is None:
        return None
    try:
        return parse_time(value)
    except ValueError as error:
        raise ValueError(f"ShipBob {what}: {key} is not a time") from error


def day(document: Document, key: str, what: str) -> date | None:
    """A plain date."""
    value = text(document, key, what)
    if value is None:
        return None
    try:
        return parse_day(value)
    except ValueError as error:
        raise ValueError(f"ShipBob {what}: {key} is not a date") from error


def needed(value: Value | None, key: str, what: str) -> Value:
    """The value, or an error because the document is useless without it."""
    if value is None:
        raise ValueError(f"ShipBob {what} has no {key}")
    return value
