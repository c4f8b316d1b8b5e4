"""How long a text may be. GP cuts what is longer without a word, so it is checked before anything is sent.

From the Web Service Reference and, where that is silent, from the eConnect nodes that the service writes through. For
document numbers both differ (17 and 21): the smaller one holds here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LIMITS: Mapping[str, int] = {
    "sales document number": 17,
    "inventory document number": 17,
    "document type id": 15,
    "customer": 15,
    "customer name": 64,
    "purchase order number": 20,
    "batch": 15,
    "tracking number": 40,
    "item": 30,
    "site": 10,
    "unit of measure": 8,
    "shipping method": 15,
    "price level": 10,
    "user-defined text": 20,
    "ship-to name": 64,
    "contact person": 60,
    "address line": 60,
    "city": 35,
    "state": 29,
    "postal code": 10,
    "country": 60,
    "phone": 21,
}

MOST_DIGITS = 5
"""Digits behind the point in quantities and amounts."""


@dataclass(frozen=True)
class TooLong:
    """A text that GP would cut. `text` itself stays out of messages: it may be personal."""

    field: str
    length: int
    limit: int

    def __str__(self) -> str:
        return f"{self.field} has {self.length} characters, GP keeps {self.limit}"


class Checked:
    """Collects texts that are too long while a document is put together.

    `cut` names fields that may be shortened; every cut is noted.
    """

    def __init__(self, note: Callable[[str], None], cut: tuple[str, ...] = ()) -> None:
        self.problems: list[TooLong] = []
        self._note, self._cut = note, cut

    def text(self, field: str, value: str) -> str:
        """The text, tidied of characters that XML cannot carry. Longer than GP keeps: a problem, or cut with a note."""
        tidy = " ".join(plain(value).split())
        limit = LIMITS[field]
        if len(tidy) <= limit:
            return tidy
        if field in self._cut:
            self._note(f"{field} was shortened from {len(tidy)} to {limit} characters")
            return tidy[:limit].rstrip()
        self.problems.append(TooLong(field, len(tidy), limit))
        return tidy


def plain(text: str) -> str:
    """The text without characters that XML 1.0 forbids. Stored in GP they would make the document unreadable."""
    return "".join(letter for letter in text if _allowed(ord(letter)))


def _allowed(code: int) -> bool:
    if code in (0x09, 0x0A, 0x0D):
        return True
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
