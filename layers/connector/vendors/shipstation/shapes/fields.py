"""Reading single members of ShipStation's JSON. Absent, null, empty: None. A wrong type: ValueError, never a guess.

Error texts name the document and the member and never repeat a value, because a value may be personal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from vendors.shipstation.times import parse_day, parse_time

Document = Mapping[str, Any]
"""One JSON object."""

Value = TypeVar("Value")


def as_document(value: Any, what: str) -> Document:
    """The value as an object; `what` names it for the error, e.g. "order 140335319"."""
    if not isinstance(value, Mapping):
        raise ValueError(f"ShipStation {what} is not an object")
    return value


def child(document: Document, key: str, what: str) -> Document:
    """A nested object; an empty one when absent or null."""
    value = document.get(key)
    return {} if value is None else as_document(value, f"{what}: {key}")


def children(document: Document, key: str, what: str) -> tuple[Document, ...] | None:
    """A nested list of objects; None when absent or null, which means "not told", never "none"."""
    value = document.get(key)
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError(f"ShipStation {what}: {key} is not a list")
    return tuple(as_document(item, f"{what}: {key}") for item in value)


def text(document: Document, key: str, what: str) -> str | None:
    """A text; ids that come as numbers are taken as text."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"ShipStation {what}: {key} is not a text")


def whole(document: Document, key: str, what: str) -> int | None:
    """A whole number."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise ValueError(f"ShipStation {what}: {key} is not a whole number")


def amount(document: Document, key: str, what: str) -> Decimal | None:
    """A decimal number: money, weight or size. Numbers in quotes are accepted (a stored copy may hold them so)."""
    value = document.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"ShipStation {what}: {key} is not a number")
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"ShipStation {what}: {key} is not a number")
    return number


def flag(document: Document, key: str, what: str) -> bool | None:
    """true or false."""
    value = document.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"ShipStation {what}: {key} is neither true nor false")


def moment(document: Document, key: str, what: str) -> datetime | None:
    """An instant."""
    return _read(document, key, what, parse_time, "time")


def day(document: Document, key: str, what: str) -> date | None:
    """A calendar date."""
    return _read(document, key, what, parse_day, "date")


def needed(value: Value | None, key: str, what: str) -> Value:
    """The value, or an error because the document is useless without it."""
    if value is None:
        raise ValueError(f"ShipStation {what} has no {key}")
    return value


def _read(document: Document, key: str, what: str, read: Callable[[str], Value], word: str) -> Value | None:
    found = text(document, key, what)
    if found is None:
        return None
    try:
        return read(found)
    except ValueError as error:
        raise ValueError(f"ShipStation {what}: {key} is not a {word}") from error
