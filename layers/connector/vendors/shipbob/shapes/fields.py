"""Reading single members of ShipBob's JSON: what `vendors.json_fields` says, and what ShipBob does otherwise."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from vendors.json_fields import Document, Fields
from vendors.shipbob.times import parse_day, parse_time

_FIELDS = Fields("ShipBob")

as_document, child, text = _FIELDS.as_document, _FIELDS.child, _FIELDS.text
amount, flag, needed = _FIELDS.amount, _FIELDS.flag, _FIELDS.needed

_DIGITS = re.compile(r"-?\d{1,19}", re.ASCII)
_LARGEST = 2**63  # beyond any id or count


def children(document: Document, key: str, what: str) -> tuple[Document, ...]:
    """A nested list of objects; empty when absent or null."""
    return _FIELDS.children(document, key, what) or ()


def texts(document: Document, key: str, what: str) -> tuple[str, ...]:
    """A list of texts; empty when absent or null."""
    value = document.get(key)
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _FIELDS.wrong(what, key, "not a list of texts")
    return tuple(value)


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
    raise _FIELDS.wrong(what, key, "not a whole number")


def moment(document: Document, key: str, what: str) -> datetime | None:
    """An instant."""
    return _FIELDS.read(document, key, what, parse_time, "time")


def day(document: Document, key: str, what: str) -> date | None:
    """A plain date."""
    return _FIELDS.read(document, key, what, parse_day, "date")
