"""Reading single members of a vendor's JSON. Absent, null, empty: None. A wrong type: ValueError, never a guess.

Error texts name the vendor, the document and the member and never repeat a value, because a value may be personal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

Document = Mapping[str, Any]
"""One JSON object."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Fields:
    """The readers of one vendor's documents. `what` names the document for the error, e.g. "order 337200001"."""

    vendor: str

    def as_document(self, value: Any, what: str) -> Document:
        """The value as an object."""
        if not isinstance(value, Mapping):
            raise ValueError(f"{self.vendor} {what} is not an object")
        return value

    def child(self, document: Document, key: str, what: str) -> Document:
        """A nested object; an empty one when absent or null."""
        value = document.get(key)
        return {} if value is None else self.as_document(value, f"{what}: {key}")

    def children(self, document: Document, key: str, what: str) -> tuple[Document, ...] | None:
        """A nested list of objects; None when absent or null, which means "not told", never "none"."""
        value = document.get(key)
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise self.wrong(what, key, "not a list")
        return tuple(self.as_document(item, f"{what}: {key}") for item in value)

    def text(self, document: Document, key: str, what: str) -> str | None:
        """A text exactly as it is, spaces included (SKUs are compared exactly); a bare number becomes text."""
        value = document.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self.wrong(what, key, "not a text")

    def amount(self, document: Document, key: str, what: str) -> Decimal | None:
        """A decimal number: money, weight or size. Numbers in quotes are accepted (a stored copy may hold them so)."""
        value = document.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise self.wrong(what, key, "not a number")
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.wrong(what, key, "not a number")
        return number

    def flag(self, document: Document, key: str, what: str) -> bool | None:
        """true or false."""
        value = document.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(what, key, "neither true nor false")

    def read(
        self, document: Document, key: str, what: str, parse: Callable[[str], Value], word: str
    ) -> Value | None:
        """A text in a form of the vendor's, such as its times; `word` names the form for the error."""
        found = self.text(document, key, what)
        if found is None:
            return None
        try:
            return parse(found)
        except ValueError as error:
            raise self.wrong(what, key, f"not a {word}") from error

    def needed(self, value: Value | None, key: str, what: str) -> Value:
        """The value, or an error because the document is useless without it."""
        if value is None:
            raise ValueError(f"{self.vendor} {what} has no {key}")
        return value

    def wrong(self, what: str, key: str, why: str) -> ValueError:
        """The error about one member; the caller raises it."""
        return ValueError(f"{self.vendor} {what}: {key} is {why}")
