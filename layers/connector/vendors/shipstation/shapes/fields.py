"""Reading single members of ShipStation's JSON: what `vendors.json_fields` says, and what is ShipStation's own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from vendors.json_fields import Document, Fields
from vendors.shipstation.times import parse_day, parse_time

_FIELDS = Fields("ShipStation")

as_document, child, children, text = _FIELDS.as_document, _FIELDS.child, _FIELDS.children, _FIELDS.text
amount, flag, needed = _FIELDS.amount, _FIELDS.flag, _FIELDS.needed


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
    raise _FIELDS.wrong(what, key, "not a whole number")


def moment(document: Document, key: str, what: str) -> datetime | None:
    """An instant."""
    return _FIELDS.read(document, key, what, parse_time, "time")


def day(document: Document, key: str, what: str) -> date | None:
    """A calendar date."""
    return _FIELDS.read(document, key, what, parse_day, "date")
