"""Text as a UPS label can print it: Latin-1, no control characters, lines of at most 35 characters.

A control character in an address made UPS answer 200 with an empty body, so none may leave. Label languages are
Latin-1 by default; what Latin-1 cannot hold is transliterated where that is customary, and a problem otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from vendors.ups.codec.sheet import Sheet

LINE = 35
"""Characters of one address line or name; one more and UPS answers 120202."""

LINES = 3

_LETTERS = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...", "•": "-", "№": "No.",
    "€": "EUR", "™": "TM", "℅": "c/o", "⁄": "/",
    "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Ŧ": "T", "ŧ": "t",
    "Ŋ": "N", "ŋ": "n", "ĸ": "k", "ſ": "s", "ẞ": "SS", "Ə": "E", "ə": "e",
}  # fmt: skip


def printable(text: str, name: str, sheet: Sheet) -> str:
    """The text in Latin-1 with single spaces. Notes what was changed; a letter without a Latin form is a problem."""
    composed = unicodedata.normalize("NFC", text)
    tidy = "".join(_without_control(letter) for letter in composed)
    if tidy != composed:
        sheet.note(name, "control or invisible characters were removed")
    changed = "".join(_latin(letter) for letter in tidy)
    if changed != tidy:
        sheet.note(name, "letters that the label cannot print were transliterated")
    foreign = sorted({letter for letter in changed if ord(letter) > 255})
    if foreign:
        named = ", ".join(unicodedata.name(letter, f"U+{ord(letter):04X}").lower() for letter in foreign[:3])
        sheet.problem(name, f"holds letters that a UPS label cannot print ({named}); enter it in Latin letters")
    return " ".join(changed.split())


def _without_control(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cc":
        return " "
    return "" if kind in ("Cf", "Cs", "Co") else letter


def _latin(letter: str) -> str:
    if ord(letter) < 256:
        return letter
    if letter in _LETTERS:
        return _LETTERS[letter]
    if unicodedata.category(letter)[0] == "Z":
        return " "
    # A letter with marks is its base letter; compatibility forms (full width, ligatures) are their plain ones.
    pieces = unicodedata.normalize("NFKD", letter)
    plain = "".join(piece for piece in pieces if not unicodedata.combining(piece))
    plain = "".join(_LETTERS.get(piece, piece) for piece in plain)
    return plain if plain and all(ord(piece) < 256 for piece in plain) else letter


def wrapped(lines: Sequence[str], width: int = LINE, most: int = LINES) -> tuple[str, ...] | None:
    """The lines in at most `most` of `width` characters, every word kept in its order; None when they do not fit.

    Lines that fit stay as they are. Otherwise each is broken between words; if that gives too many, all are joined.
    """
    apart = _fill_each(lines, width)
    if apart is None or len(apart) <= most:
        return apart
    for separator in (", ", " "):
        joined = _fill(separator.join(lines), width)
        if joined is not None and len(joined) <= most:
            return joined
    return None


def _fill_each(lines: Iterable[str], width: int) -> tuple[str, ...] | None:
    parts = [_fill(line, width) for line in lines if line]
    if any(part is None for part in parts):
        return None
    return tuple(line for part in parts if part is not None for line in part)


def _fill(text: str, width: int) -> tuple[str, ...] | None:
    """Words into lines, first come first served; a word may be broken behind `-`, `/`, `,` or `;` only."""
    filled: list[str] = []
    for word in text.split():
        if filled and len(filled[-1]) + 1 + len(word) <= width:
            filled[-1] += f" {word}"
            continue
        pieces = [word] if len(word) <= width else re.findall(r"[^-/,;]*[-/,;]+|[^-/,;]+", word)
        for number, piece in enumerate(pieces):
            if len(piece) > width:
                return None
            if number and len(filled[-1]) + len(piece) <= width:
                filled[-1] += piece
            else:
                filled.append(piece)
    return tuple(filled)


def shortened(text: str, width: int, name: str, sheet: Sheet) -> str:
    """A description cut between words, with a note: for texts that help people and lead nothing anywhere."""
    if len(text) <= width:
        return text
    cut = text[: width + 1].rpartition(" ")[0] or text[:width]
    sheet.note(name, f"shortened from {len(text)} to {len(cut)} characters, UPS takes {width}")
    return cut
