"""Rows of SuiteQL: every value is text, keys come in any letter case, a column that is NULL is absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row. `what` names it in errors."""

    values: Mapping[str, str]
    what: str = "row"

    def text(self, key: str) -> str:
        """The value; empty where NetSuite has none."""
        return self.values.get(key, "")

    def needed(self, key: str) -> str:
        """The value. Raises ValueError where there is none."""
        value = self.values.get(key, "")
        if not value:
            raise ValueError(f"NetSuite {self.what} has no {key}")
        return value

    def quantity(self, key: str) -> Decimal:
        """A number that must be there: a missing quantity must never become zero. Raises ValueError."""
        try:
            number = Decimal(self.needed(key))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValueError(f"NetSuite {self.what}: {key} is not a number")
        return number

    def flag(self, key: str) -> bool:
        """T or F; absent is F."""
        value = self.text(key)
        if value not in ("", "T", "F"):
            raise ValueError(f"NetSuite {self.what}: {key} is neither T nor F")
        return value == "T"


def rows_in(document: Any, what: str) -> tuple[tuple[Row, ...], bool]:
    """The rows of an answer and whether more follow. Raises ValueError."""
    if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
        raise ValueError("the answer has no items")
    more = document.get("hasMore")
    if not isinstance(more, bool):
        raise ValueError("the answer does not say whether more rows follow")
    return tuple(_row(item, what) for item in document["items"]), more


def _row(item: Any, what: str) -> Row:
    if not isinstance(item, Mapping):
        raise ValueError("a row is no object")
    values = {str(key).lower(): _text(value) for key, value in item.items() if key != "links" and value is not None}
    return Row(values, what)


def _text(value: Any) -> str:
    """Values are text by the documentation; a number or a truth value would be taken as what it says."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise ValueError("a value is neither text nor number")


def texts(rows: Iterable[Row], key: str) -> tuple[str, ...]:
    """One column of all rows."""
    return tuple(row.text(key) for row in rows)
