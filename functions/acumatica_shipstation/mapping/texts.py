"""What a sales order shows of its parcels: one line for each, in a field of its own or in a block of the note."""

from __future__ import annotations

from collections.abc import Mapping

from acumatica_shipstation.parcels import Known
from connector import progress

BEGIN, END = "--- ShipStation ---", "--- end of ShipStation ---"
"""The block of an order's note that is ours; everything outside it belongs to people."""

LONGEST_FIELD = 255


def field_text(parcels: Mapping[str, Known]) -> str:
    """One line for a user-defined field: `ups 1Z... shipped 2026-03-06; fedex 77... void`."""
    return "; ".join(_words(known) for _, known in _sorted(parcels))[:LONGEST_FIELD]


def block(parcels: Mapping[str, Known]) -> str:
    """The block for the order's note; empty when there is nothing to say."""
    lines = [f"{_name(key)}: {_words(known)}" for key, known in _sorted(parcels)]
    return "\n".join([BEGIN, *lines, END]) if lines else ""


def with_block(note: str | None, text: str) -> str:
    """The note with our block replaced; what people wrote stays."""
    return progress.with_block(note, text, BEGIN, END)


def _sorted(parcels: Mapping[str, Known]) -> list[tuple[str, Known]]:
    return sorted(parcels.items(), key=lambda found: (len(found[0]), found[0]))


def _name(key: str) -> str:
    return f"Fulfilment {key[1:]}" if key.startswith("F") else f"Shipment {key}"


def _words(known: Known) -> str:
    state = "void" if known.voided else f"shipped {known.day}".strip()
    return " ".join(word for word in (known.carrier, known.tracking, state) if word)
