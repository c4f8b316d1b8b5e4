"""Text of simple types to Python values and back. Dates are naive: GP's wire knows no time zones."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from local.simulators.dynamics_gp.enumerations import SPELLINGS

NO_DATE = datetime(1900, 1, 1)  # noqa: DTZ001 - "no date" of the vendor, without zone on its wire
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_INTEGER = re.compile(r"[+-]?\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RANGES = {"int": 2**31, "short": 2**15}

Scalar = str | int | bool | Decimal | datetime


def _integer(kind: str, text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -_RANGES[kind] <= int(text) < _RANGES[kind]:
        raise ValueError(f"{text!r} is no {kind}")
    return int(text)


def _date(text: str) -> datetime:
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no date and time without zone (YYYY-MM-DDThh:mm:ss)")
    return datetime.fromisoformat(text[:26])


def parse(kind: str, text: str) -> Scalar:
    """The value of an element's text; raises ValueError with words for the caller."""
    if kind == "string":
        return text
    text = text.strip()
    if kind in _RANGES:
        return _integer(kind, text)
    if kind == "boolean":
        if text not in ("true", "false", "1", "0"):
            raise ValueError(f"{text!r} is no boolean")
        return text in ("true", "1")
    if kind == "dateTime":
        return _date(text)
    if kind == "decimal":
        if not _DECIMAL.fullmatch(text):
            raise ValueError(f"{text!r} is no decimal")
        return Decimal(text)
    if kind == "guid":
        if not _GUID.fullmatch(text):
            raise ValueError(f"{text!r} is no guid")
        return text.lower()
    if text not in SPELLINGS[kind]:
        raise ValueError(f"{text!r} is not one of {', '.join(SPELLINGS[kind])}")
    return text


def _fraction(moment: datetime) -> str:
    """Fractions as XmlSerializer writes them: without trailing zeros (`.45`), or nothing."""
    return f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""


def render(value: Scalar) -> str:
    """The text of a value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S") + _fraction(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
