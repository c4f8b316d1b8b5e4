"""What is said to and read from JSON APIs alike: exact bodies out, understood answers in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply

Row = TypeVar("Row")
Parsed = TypeVar("Parsed")


def wire_json(body: Any) -> bytes:
    """The body as JSON. Decimals become numbers; one that a JSON number cannot carry exactly is a ValueError."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than a JSON number carries; round it in the mapping, with a note")
    return number


def many(parse: Callable[[Any], Parsed]) -> Callable[[Any], tuple[Parsed, ...]]:
    """A parser of a bare array."""

    def parse_all(value: Any) -> tuple[Parsed, ...]:
        if not isinstance(value, list):
            raise ValueError("not a list")
        return tuple(parse(item) for item in value)

    return parse_all


@dataclass(frozen=True)
class Answers:
    """Reads one vendor's good answers; `vendor` names it in the faults, as its fault table does."""

    vendor: str

    def readable(self, reply: Reply, purpose: str, parse: Callable[[Any], Parsed]) -> Parsed:
        """The parsed answer of a read. Raises VendorFault(UNAVAILABLE) with an alarm when it cannot be understood."""
        try:
            return parse(reply.json())
        except ValueError as error:
            raise self.unreadable(purpose, error, reply.status) from error

    def parsed(self, rows: Iterable[Row], purpose: str, parse: Callable[[Row], Parsed]) -> tuple[Parsed, ...]:
        """The rows of a page. Raises VendorFault(UNAVAILABLE) with an alarm when one cannot be understood."""
        try:
            return tuple(parse(row) for row in rows)
        except ValueError as error:
            raise self.unreadable(purpose, error) from error

    def unreadable(self, purpose: str, error: Exception, status: int | None = None) -> VendorFault:
        """The fault of a good answer to a read that cannot be understood: asked again later, and a person is told."""
        text = f"{purpose}: the answer cannot be read ({error}). It is asked again later; if it stays so, report it"
        return VendorFault(self.vendor, FaultKind.UNAVAILABLE, text, Executed.NO, status, alarm=True)
